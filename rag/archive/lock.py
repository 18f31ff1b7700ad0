"""The write lock of an archive: one writer at a time, across processes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from rag.errors import ArchiveError, ArchiveLocked
from rag.private_files import atomic_write

_TIMEOUT_SECONDS = 5.0


class ArchiveLock:
    """The write lock of the archive in `folder`. The lock of a dead process is released."""

    def __init__(self, folder: Path) -> None:
        # Reentrant for the thread that holds it; another thread waits.
        self._lock = FileLock(folder / "write.lock", mode=0o600)
        self._folder = folder
        self._record_file = folder / "write.lock.json"

    @contextmanager
    def hold(self, task: str) -> Iterator[None]:
        """Hold the lock for `task`, such as "adding articles".

        Raises: ArchiveLocked, naming the holder, if the lock is not free within seconds; ArchiveError.
        """
        try:
            self._lock.acquire(timeout=_TIMEOUT_SECONDS)
        except Timeout as error:
            raise ArchiveLocked(
                f"{self._folder} is being written by {self.holder()}", "wait until it is done, then try again"
            ) from error
        except OSError as error:
            raise ArchiveError(
                f"{self._folder} cannot be written: {error.strerror}",
                "check its permissions and the disk space",
            ) from error
        try:
            self._record(task)
            yield
        finally:
            self._lock.release()

    @contextmanager
    def try_hold(self, task: str) -> Iterator[bool]:
        """Hold the lock for `task` if it is free and the folder is writable; yield whether it is held."""
        try:
            self._lock.acquire(blocking=False)
        except (Timeout, OSError):
            yield False
            return
        try:
            self._record(task)
            yield True
        finally:
            self._lock.release()

    def _record(self, task: str) -> None:
        """Write down who holds the lock and why; a nested task keeps the outer record."""
        if self._lock.lock_counter == 1:
            with suppress(OSError), atomic_write(self._record_file) as file:
                file.write(json.dumps({"process": os.getpid(), "task": task}).encode())

    def holder(self) -> str:
        """Describe the process that holds the lock."""
        try:
            record = json.loads(self._record_file.read_text())
            return f"process {record['process']} ({record['task']})"
        except (OSError, ValueError, KeyError, TypeError):
            return "another process"
