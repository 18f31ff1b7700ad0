"""One writer at a time for an archive, across processes; who waits is told who writes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from rag.errors import ArchiveError, ArchiveLocked

_WAIT_SECONDS = 5.0


class ArchiveLock:
    """The write lock of the archive in `folder`. A process that dies lets go of it."""

    def __init__(self, folder: Path) -> None:
        # One object: a thread that holds the lock may take it again, another thread may not.
        self._lock = FileLock(folder / "write.lock")
        self._folder = folder
        self._holder = folder / "write.lock.json"

    @contextmanager
    def hold(self, task: str) -> Iterator[None]:
        """Hold the lock while `task` (such as "adding articles") is done.

        Raises: ArchiveLocked, naming the holder, when it is not free within seconds.
        """
        try:
            self._lock.acquire(timeout=_WAIT_SECONDS)
        except Timeout as error:
            raise ArchiveLocked(
                f"{self._folder} is being written by {self.who()}", "wait for it to end, then try again"
            ) from error
        except OSError as error:
            raise ArchiveError(
                f"{self._folder} cannot be written: {error.strerror}", "check the folder's permissions"
            ) from error
        try:
            self._say(task)
            yield
        finally:
            self._lock.release()

    @contextmanager
    def try_hold(self, task: str) -> Iterator[bool]:
        """Hold the lock for `task` if it is free and the folder can be written; give whether it is held."""
        try:
            self._lock.acquire(blocking=False)
        except (Timeout, OSError):
            yield False
            return
        try:
            self._say(task)
            yield True
        finally:
            self._lock.release()

    def _say(self, task: str) -> None:
        """Leave word of who holds the lock and why; a task within another is the other's."""
        if self._lock.lock_counter == 1:
            with suppress(OSError):
                self._holder.write_text(json.dumps({"process": os.getpid(), "task": task}))

    def who(self) -> str:
        """Who holds the lock, as far as they said."""
        try:
            holder = json.loads(self._holder.read_text())
            return f"process {holder['process']} ({holder['task']})"
        except (OSError, ValueError, KeyError, TypeError):
            return "another process"
