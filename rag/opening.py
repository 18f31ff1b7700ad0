"""An archive's folder before the archive is opened, and what lies in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rag import doctor
from rag.doctor import Finding
from rag.errors import ArchiveCorrupt, ArchiveError
from rag.search.indexes import VECTORS
from rag.settings import Settings

_DATABASE = "archive.sqlite3"


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield what is good, what mends itself and what needs a hand in `settings.archive`. Raises: ArchiveError."""
    return doctor.examine(settings, settings.archive / _DATABASE)


def exists(settings: Settings) -> bool:
    """Whether there is an archive in `settings.archive`. Raises: ArchiveError."""
    try:
        if settings.archive.is_file():
            raise ArchiveError(f"{settings.archive} is a file", "name the archive's folder with --archive")
        return (settings.archive / _DATABASE).is_file()
    except OSError as error:
        raise ArchiveError(
            f"{settings.archive} cannot be opened: {error.strerror}", "name another --archive"
        ) from error


def database(folder: Path) -> Path:
    """Make the folder of an archive where there is none; return its database, which may be still to be begun.

    Raises: ArchiveError; ArchiveCorrupt, for an empty database whose indexes are there: SQLite would begin anew in it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArchiveError(f"{folder} cannot be made: {error.strerror}", "name another --archive") from error
    database = folder / _DATABASE
    if database.is_file() and not database.stat().st_size and (folder / VECTORS).exists():
        raise ArchiveCorrupt(
            f"{database} is empty, and an archive was there", "restore it from a copy, or name another --archive"
        )
    return database


def disk_bytes(folder: Path) -> int:
    """What an archive takes on the disk, its indexes included."""
    return sum(_size(file) for file in folder.rglob("*"))


def _size(file: Path) -> int:
    """Bytes of a file; 0 for a folder, and for a file that a writer has just removed."""
    try:
        return file.stat().st_size if file.is_file() else 0
    except OSError:
        return 0
