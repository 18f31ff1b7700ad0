"""How far a long task is, for whoever shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Done(NamedTuple):
    """`share` is 0 to 1; `things` is how many were done: articles read, passages indexed."""

    share: float
    things: int


Progress = Callable[[Done], None]


def ignore(_done: Done) -> None:
    """Progress that nobody watches."""


class Steps:
    """Tells `progress` how far a run over `items` files is, each of which may hold many articles."""

    def __init__(self, progress: Progress, items: int) -> None:
        self._progress = progress
        self._items = max(items, 1)
        self._finished = 0
        self._within = 0.0
        self._articles = 0

    def within(self, share: float) -> None:
        """The share of the present item that is read."""
        self._within = min(share, 1.0)

    def did_one(self) -> None:
        """One article more is done."""
        self._articles += 1
        self._tell()

    def finished_item(self) -> None:
        self._finished += 1
        self._within = 0.0
        self._tell()

    def _tell(self) -> None:
        self._progress(Done((self._finished + self._within) / self._items, self._articles))
