"""Atomic replacement of files that only their owner can open."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO

if sys.platform != "win32":
    import fcntl

_LEFTOVERS = ".nutgraf-*.tmp"
# A younger file may be one whose writer has not locked it yet.
_MIN_LEFTOVER_SECONDS = 60


@contextmanager
def atomic_write(path: Path, mode: int = 0o600) -> Iterator[BinaryIO]:
    """Replace `path` as a whole or not at all: write to a temporary file, flush, rename. Raises: OSError.

    A new file gets `mode`, less the umask. A file of the same owner and group is replaced by one of its own mode, so
    that it stays shared if it was. A link is replaced, not followed.
    """
    if path.exists() and not path.is_file():
        # As root even a device such as /dev/null could be replaced.
        raise FileExistsError(errno.EEXIST, "it is not a file", str(path))
    remove_leftovers(path.parent)
    temporary = path.parent / _LEFTOVERS.replace("*", secrets.token_hex(8))
    # Exclusive: a file or link that somebody has put there is an error.
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(temporary, flags, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            _try_lock(file)
            yield file
            file.flush()
            os.fsync(file.fileno())
            _copy_mode(path, temporary)
            if sys.platform == "win32":
                file.close()  # no open file is renamed there; elsewhere the lock must last until it is
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files that killed processes have left in `folder`."""
    for leftover in folder.glob(_LEFTOVERS):
        with suppress(OSError):
            about = leftover.lstat()
            if not stat.S_ISREG(about.st_mode) or time.time() - about.st_mtime < _MIN_LEFTOVER_SECONDS:
                continue
            with leftover.open("rb") as file:
                abandoned = _try_lock(file)
            if abandoned:
                leftover.unlink()


def _try_lock(file: IO[bytes]) -> bool:
    """Lock a file until it is closed or its process dies; return whether no other process holds it."""
    # Windows needs no lock: it removes no open file. Some network file systems have none: then nothing is removed.
    if sys.platform != "win32":
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True


def _copy_mode(old: Path, new: Path) -> None:
    # There may be no old file, and some file systems have no modes.
    with suppress(OSError):
        before, now = old.lstat(), new.lstat()
        if stat.S_ISREG(before.st_mode) and (before.st_uid, before.st_gid) == (now.st_uid, now.st_gid):
            new.chmod(before.st_mode & 0o777)
