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
    """Tells `progress` how far a run over `items` is, where things are read first and put away together later.

    What is only read does not count as done: that takes the least of the time.
    """

    def __init__(self, progress: Progress, items: int) -> None:
        self._progress = progress
        self._items = max(items, 1)
        self._finished = 0
        self._within = 0.0
        self._read = 0
        self._done = Done(0.0, 0)

    def within(self, share: float) -> None:
        """The share of the present item that is read."""
        self._within = min(share, 1.0)

    def read_one(self) -> None:
        """One thing more is read."""
        self._read += 1

    def finished_item(self) -> None:
        """The present item is read to its end."""
        self._finished += 1
        self._within = 0.0

    def putting_away(self, part: float) -> None:
        """So much, 0 to 1, of all that was read is put away."""
        share = (self._finished + self._within) / self._items
        self._progress(
            Done(
                self._done.share + part * (share - self._done.share),
                self._done.things + int(part * (self._read - self._done.things)),
            )
        )

    def put_away(self) -> None:
        """All that was read is put away."""
        self._done = Done((self._finished + self._within) / self._items, self._read)
        self._progress(self._done)
