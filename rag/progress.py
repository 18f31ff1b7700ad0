"""Progress of long tasks."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Done(NamedTuple):
    """How far a task is: `share`, 0 to 1, and the number of `things` done (articles read, passages indexed)."""

    share: float
    things: int


Progress = Callable[[Done], None]


def ignore(_done: Done | str) -> None:
    """Report to nobody."""


class Steps:
    """Progress of a run over `items` whose contents are read one by one and stored in batches.

    Only what is stored counts as done: reading takes the smaller part of the time.
    """

    def __init__(self, progress: Progress, items: int) -> None:
        self._progress = progress
        self._items = max(items, 1)
        self._finished = 0
        self._within = 0.0
        self._read = 0
        self._stored = Done(0.0, 0)

    def within(self, share: float) -> None:
        """Set how much of the current item is read, 0 to 1."""
        self._within = min(share, 1.0)

    def read_one(self) -> None:
        """Count one more thing that was read."""
        self._read += 1

    def finish_item(self) -> None:
        """Mark the current item as read to its end."""
        self._finished += 1
        self._within = 0.0

    def storing(self, part: float) -> None:
        """Report that `part`, 0 to 1, of the current batch is stored."""
        share = (self._finished + self._within) / self._items
        self._progress(
            Done(
                self._stored.share + part * (share - self._stored.share),
                self._stored.things + int(part * (self._read - self._stored.things)),
            )
        )

    def stored(self) -> None:
        """Report that everything read so far is stored."""
        self._stored = Done((self._finished + self._within) / self._items, self._read)
        self._progress(self._stored)
