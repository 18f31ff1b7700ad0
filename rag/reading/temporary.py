"""Temporary files. Where none can be written, the reason names their folder instead of the article."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from rag.errors import ArticleUnreadable

_SPOOL_BYTES = 16_000_000


@contextmanager
def spool() -> Iterator[IO[bytes]]:
    """Open an unnamed file that is kept in memory while it is small. Write to it and `seek` within `writing`."""
    file = tempfile.SpooledTemporaryFile(_SPOOL_BYTES)  # noqa: SIM115
    try:
        yield file
    finally:
        # Closing fails again where writing has.
        with suppress(OSError):
            file.close()


@contextmanager
def writing() -> Iterator[None]:
    """Report an OSError of the `with` block as one of the folder for temporary files. Raises: ArticleUnreadable."""
    try:
        yield
    except OSError as error:
        where = f" to {tempfile.tempdir}" if tempfile.tempdir else ""
        raise ArticleUnreadable(
            f"no temporary file can be written{where}: {error.strerror or error}",
            "free some space there, or set TMPDIR to another folder",
        ) from error
