"""A fair queue for what can serve only one at a time."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_POLL_SECONDS = 0.05


class Turns:
    """First come, first served; whoever waits sees the place and can leave."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queue: deque[object] = deque()

    @contextmanager
    def take(self, stopped: Callable[[], bool], waiting: Callable[[int], None]) -> Iterator[bool]:
        """Wait for the turn and hold it; give False where `stopped()` came first.

        `waiting(place)` is called at every change of place; 1 is next in line.
        """
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
        try:
            yield self._wait(ticket, stopped, waiting)
        finally:
            with self._changed:
                self._queue.remove(ticket)
                self._changed.notify_all()

    def _wait(self, ticket: object, stopped: Callable[[], bool], waiting: Callable[[int], None]) -> bool:
        told = 0
        while not stopped():
            with self._changed:
                place = self._queue.index(ticket)
                if place == 0:
                    return True
                if place == told:
                    self._changed.wait(_POLL_SECONDS)
            if place != told:
                told = place
                waiting(place)
        return False
