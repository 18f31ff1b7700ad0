"""Work in a thread of its own, so that no click and no rerun of a page breaks it off."""

from __future__ import annotations

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable

from rag import NutgrafError

# A page that is loaded again takes less, and what nobody waits for holds up those who wait.
_ALONE_SECONDS = 10.0
_log = logging.getLogger(__name__)


class Background(ABC):
    """One piece of work under way. Pages read its attributes at any time; only its thread writes them.

    A page that shows it waits for the next change: `while work.running: show(work); work.wait(1.0)`. Whatever it
    fails of stands in `problem` once it has ended.
    """

    def __init__(self, name: str) -> None:
        """`name` is the thread's."""
        self.problem: NutgrafError | None = None
        self._stopped = threading.Event()
        self._watchers: tuple[Callable[[], bool], ...] = ()
        self._watched = time.monotonic()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @abstractmethod
    def _work(self) -> None:
        """Do it, calling `_tell` whenever there is something new to show, and asking `stopping` often."""

    def _failed(self, problem: NutgrafError) -> None:
        """Keep why it failed; whoever overrides it does that, too."""
        self.problem = problem

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end early; what it has done so far stays."""
        self._stopped.set()
        self._tell()

    def watch(self, watching: Callable[[], bool]) -> None:
        """Have somebody wait for it for as long as `watching()`; once nobody does, `_stop_now` stops it."""
        self._watched = time.monotonic()
        self._watchers = (*self._watchers, watching)

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    @property
    def ended(self) -> bool:
        """Whether it was started, and runs no more."""
        return self._thread.ident is not None and not self.running

    @property
    def stopping(self) -> bool:
        return self._stopped.is_set()

    def wait(self, seconds: float) -> None:
        """Return at the next change, at the end, or after `seconds`."""
        with self._changed:
            if self.running:
                self._changed.wait(seconds)

    def _stop_now(self) -> bool:
        """Whether it is to end. Asked often: who watches is looked up where the last look is a second old."""
        now = time.monotonic()
        if now - self._watched > 1.0 and any(watching() for watching in self._watchers):
            self._watched = now
        if self._watchers and now - self._watched > _ALONE_SECONDS:
            self._stopped.set()
        return self.stopping

    def _tell(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _run(self) -> None:
        try:
            self._work()
        except NutgrafError as error:
            self._failed(error)
        except Exception:  # noqa: BLE001
            # The last resort: a dead thread would leave the page waiting for ever.
            _log.exception("%s broke off", self._thread.name)
            self._failed(NutgrafError("this broke off unexpectedly", "try again; the log has the details"))
        finally:
            self._tell()
