"""What other users of the machine could open."""

from __future__ import annotations

import os
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
