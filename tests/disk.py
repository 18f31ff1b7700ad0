"""What other users of the machine could open, and a disk that is full."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def open_to_others(*paths: Path) -> list[str]:
    """The files and folders at and under `paths` that others can open; what is inside a closed folder is closed."""
    found = []
    for path in paths:
        if path.stat().st_mode & 0o077:
            found += [path.name, *open_to_others(*(path.iterdir() if path.is_dir() else ()))]
    return found


@contextmanager
def no_umask() -> Iterator[None]:
    """Take away what usually keeps new files from others: only the modes they are created with are left."""
    before = os.umask(0)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def full_disk(max_bytes: int) -> Iterator[None]:
    """Let no file grow beyond `max_bytes`, here and in new child processes. The error is "File too large"."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
