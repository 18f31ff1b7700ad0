"""Jobs in threads of their own, so that neither a click nor a rerun nor a reload of a page interrupts them.

A job is registered under a key. Every tab finds it there and shows it until it ends.
"""

from __future__ import annotations

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rag import NutgrafError

# Reloading a page takes less.
_ABANDONED_SECONDS = 10.0
_registering = threading.Lock()
_log = logging.getLogger(__name__)
_Kind = TypeVar("_Kind", bound="Job")


class Job(ABC):
    """One piece of work in a thread. Pages read its attributes at any time; only its thread writes them.

    An error ends it and stands in `problem`.
    """

    def __init__(self, name: str) -> None:
        """`name` is the thread's."""
        self.problem: NutgrafError | None = None
        self._stop = threading.Event()
        self._connections: tuple[Callable[[], bool], ...] = ()
        self._connected_at = time.monotonic()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @abstractmethod
    def _work(self) -> None:
        """Do the work; call `_notify` when there is something new to show, and check `stopping` often."""

    def _failed(self, problem: NutgrafError) -> None:
        """Record why it failed. An override must call this one."""
        self.problem = problem

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end early; what it has done so far stays."""
        self._stop.set()
        self._notify()

    def watch(self, connected: Callable[[], bool]) -> None:
        """Add a tab that waits for this job; once no tab that waits is connected, `_should_stop` is true."""
        self._connected_at = time.monotonic()
        self._connections = (*self._connections, connected)

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    @property
    def ended(self) -> bool:
        """Whether it was started and no longer runs."""
        return self._thread.ident is not None and not self.running

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    def wait(self, seconds: float) -> None:
        """Return at the next change, at the end, or after `seconds`."""
        with self._changed:
            if self.running:
                self._changed.wait(seconds)

    def _should_stop(self) -> bool:
        """Whether to end: asked to, or abandoned. Called often, so connections are looked up once a second."""
        now = time.monotonic()
        if now - self._connected_at > 1.0 and any(connected() for connected in self._connections):
            self._connected_at = now
        if self._connections and now - self._connected_at > _ABANDONED_SECONDS:
            self._stop.set()
        return self.stopping

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _run(self) -> None:
        try:
            self._work()
        except NutgrafError as error:
            self._failed(error)
        except Exception:  # noqa: BLE001
            # A thread that dies silently would leave its page waiting forever.
            _log.exception("%s failed", self._thread.name)
            self._failed(NutgrafError("Something went wrong.", "Try again. The log has the details."))
        finally:
            self._notify()


class Watched(NamedTuple):
    """A job, the place on the page where it is shown, and the function that draws it there."""

    job: Job
    place: DeltaGenerator
    draw: Callable[[], None]


@st.cache_resource(show_spinner=False)
def registry() -> dict[str, Job]:
    """Return the jobs of all tabs, by key."""
    return {}


def find(key: str, kind: type[_Kind]) -> _Kind | None:
    """Return the job of this kind that runs under `key`, or ended there and was not dismissed."""
    job = registry().get(key)
    return job if isinstance(job, kind) else None


def begin(key: str, job: Job) -> bool:
    """Start `job` under `key`; return False, and do not start it, where another one runs there.

    Ended jobs of the same kind are forgotten. Those of other kinds are still to be reported on their pages.
    """
    jobs = registry()
    with _registering:
        before = jobs.get(key)
        if before is not None and before.running:
            return False
        for name in [name for name, other in tuple(jobs.items()) if type(other) is type(job) and other.ended]:
            jobs.pop(name, None)
        # Started before it is registered: a job that is found and does not run counts as ended.
        job.start()
        jobs[key] = job
    return True


def dismiss(key: str, job: Job) -> None:
    """Forget `job`; if it runs, it runs on. A newer job under the same key stays."""
    with _registering:
        if registry().get(key) is job:
            registry().pop(key)


def follow(watched: Sequence[Watched]) -> None:
    """Redraw running jobs at each change; when all have ended, rerun the whole page."""
    while running := [one for one in watched if one.job.running]:
        for one in running:
            with one.place.container():
                one.draw()
        running[0].job.wait(1.0)
    if watched:
        st.rerun()
