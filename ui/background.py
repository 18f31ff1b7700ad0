"""Work in a thread of its own, so that no click and no rerun of a page breaks it off."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod

from rag import NutgrafError

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
