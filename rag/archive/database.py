"""The SQLite database of an archive: opened, migrated, read, and written in transactions."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from rag.archive import schema
from rag.errors import ArchiveCorrupt, ArchiveError, ArchiveLocked
from rag.private_files import make_folder, remove_leftovers
from rag.settings import Settings

# The files in an archive's folder. The indexes are derived from the database.
DATABASE, VECTORS, LEXICAL = "archive.sqlite3", "vectors.faiss", "lexical"
_BUSY_SECONDS = 10
_RETRY_SECONDS = 0.01
# Even to read, SQLite needs some room beside the database, for the index of its log.
_MIN_FREE_BYTES = 100_000
_MAX_DAMAGE_LINES = 20
RESTORE = "restore it from a backup, or `nutgraf import` an export into another --archive"


def archive_exists(settings: Settings) -> bool:
    """Whether `settings.archive` holds an archive, or what is left of one. Raises: ArchiveError."""
    try:
        if settings.archive.is_file():
            raise ArchiveError(f"{settings.archive} is a file", "name the archive's folder with --archive")
        return (settings.archive / DATABASE).is_file() or _has_index(settings.archive)
    except OSError as error:
        raise ArchiveError(
            f"{settings.archive} cannot be opened: {error.strerror}", "name another --archive"
        ) from error


def prepare_folder(folder: Path) -> Path:
    """Create an archive's folder if needed; return the path of its database.

    Raises: ArchiveError; ArchiveCorrupt, if the database is lost but an index exists: SQLite would start a new one.
    """
    try:
        make_folder(folder)
    except OSError as error:
        raise ArchiveError(f"{folder} cannot be created: {error.strerror}", "name another --archive") from error
    remove_leftovers(folder)
    database = folder / DATABASE
    if _has_index(folder) and not (database.is_file() and database.stat().st_size):
        state = "empty" if database.is_file() else "missing"
        raise ArchiveCorrupt(
            f"{database} is {state}, but there was an archive", "restore it from a backup, or name another --archive"
        )
    return database


def _has_index(folder: Path) -> bool:
    return any((folder / name).exists() for name in (VECTORS, f"{VECTORS}.json", LEXICAL))


def disk_bytes(folder: Path) -> int:
    """The size of an archive on disk, including its indexes."""
    total = 0
    for file in folder.rglob("*"):
        # A writer may remove a file meanwhile.
        with suppress(OSError):
            total += file.stat().st_size if file.is_file() else 0
    return total


class Database:
    """A connection to the database of one archive. Thread-safe."""

    def __init__(self, path: Path) -> None:
        """Open or create the database. Raises: ArchiveError, ArchiveCorrupt."""
        self.path = path
        self._lock = threading.RLock()
        # SQLite says what is wrong with the path, and gives its journals the mode of the database.
        with suppress(OSError):
            if not path.exists():
                path.touch(0o600)
        with ExitStack() as until_open:
            try:
                self._db = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False, isolation_level=None)
                until_open.callback(self._db.close)
                version = self._known_version()
                self._use_wal()
                self._db.execute("PRAGMA foreign_keys = ON")
                self._db.execute("PRAGMA synchronous = FULL")
                # What is deleted is overwritten, so that its text is not left in the file.
                self._db.execute("PRAGMA secure_delete = ON")
                self._migrate(version)
                self._empty_log(wait=False)
            except sqlite3.DatabaseError as error:
                raise _archive_error(path, error) from error
            until_open.pop_all()

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return all rows of a query. Raises: ArchiveError."""
        with self._lock:
            try:
                return self._db.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise _archive_error(self.path, error) from error
            except UnicodeDecodeError as error:
                raise ArchiveCorrupt(f"{self.path} is damaged: {error}", RESTORE) from error

    def write(self, query: str, *values: object) -> int:
        """Run one statement within `transaction`; return the id of the inserted row, if any."""
        return int(self._db.execute(query, values).lastrowid or 0)

    def write_all(self, query: str, rows: Iterable[tuple[object, ...]]) -> int:
        """Run one statement for each of `rows` within `transaction`; return how many rows it changed."""
        return self._db.executemany(query, rows).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all writes in the block, or none. Raises: ArchiveError."""
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                raise _archive_error(self.path, error) from error
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    def forget(self) -> None:
        """Empty the write-ahead log, which still holds what was deleted.

        Raises: ArchiveError, if another process reads for too long, or on a full disk. The next one to open the
        database empties the log.
        """
        with self._lock:
            try:
                is_empty, problem, remedy = self._empty_log(), "another process is reading", "close the other process"
            except sqlite3.Error as error:
                is_empty, problem, remedy = False, str(error), "free some disk space"
        if not is_empty:
            raise ArchiveError(
                f"it is deleted, but what was deleted is still in the log of {self.path}: {problem}",
                f"{remedy}; the log is emptied when the archive is next opened or the next chat is deleted",
            )

    def _empty_log(self, *, wait: bool = True) -> bool:
        """Return whether the write-ahead log is empty now; another process that reads or writes prevents it."""
        if wait:
            (is_busy, _, _) = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not is_busy
        self._db.execute("PRAGMA busy_timeout = 0")
        try:
            with suppress(sqlite3.OperationalError):
                return self._empty_log()
            return False
        finally:
            self._db.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")

    def damage(self) -> tuple[str, ...]:
        """Return the findings of SQLite's own checks, one line each: broken pages and broken references."""
        pages = [str(row[0]) for row in self.rows(f"PRAGMA integrity_check({_MAX_DAMAGE_LINES})")]
        broken = self.rows('SELECT "table", count(*), parent FROM pragma_foreign_key_check GROUP BY 1, 3')
        references = [f"{count} rows of {table} refer to no row of {parent}" for table, count, parent in broken]
        return tuple([line for line in pages if line != "ok"] + references)

    def _known_version(self) -> int:
        """Return the schema version, or refuse a file that is not ours. Raises: ArchiveError."""
        # One statement: another process may be creating this archive right now.
        version, tables = self._db.execute(
            "SELECT (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_master)"
        ).fetchone()
        if tables and not version:
            raise ArchiveCorrupt(f"{self.path} is the database of another program", "name another --archive")
        if version > len(schema.MIGRATIONS):
            raise ArchiveError(
                f"{self.path} was made by a newer nutgraf (schema {version}; this one knows {len(schema.MIGRATIONS)})",
                "upgrade nutgraf",
            )
        return int(version)

    def _use_wal(self) -> None:
        """Switch to a write-ahead log, so that readers never wait for a writer."""
        # SQLite's busy timeout does not apply when several connections switch a new file at once: retry.
        last = time.monotonic() + _BUSY_SECONDS
        while True:
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if not _is_busy(error) or time.monotonic() > last:
                    raise
                time.sleep(_RETRY_SECONDS)
            else:
                return

    def _migrate(self, version: int) -> None:
        for number, migration in enumerate(schema.MIGRATIONS[version:], start=version + 1):
            # Check the version again inside the transaction: two processes may open a new archive at once.
            self._db.execute("BEGIN IMMEDIATE")
            if int(self._db.execute("PRAGMA user_version").fetchone()[0]) < number:
                for statement in migration.split(";"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {number}")
            self._db.execute("COMMIT")


def _archive_error(path: Path, error: sqlite3.Error) -> ArchiveError:
    text = str(error)
    if "closed database" in text:
        return ArchiveError(f"{path} has been closed", "open the archive again")
    if _is_busy(error):
        return ArchiveLocked(f"{path} is being written by another process", "wait for it, then try again")
    if "full" in text:
        return ArchiveError(f"{path} cannot grow: {text}", "free some disk space; nothing is lost")
    if ("disk I/O" in text or "unable to open" in text) and _is_full(path):
        return ArchiveError(
            f"{path} cannot be used: its disk is full ({text})", "free some disk space; nothing is lost"
        )
    if "readonly" in text or "unable to open" in text:
        return ArchiveError(f"{path} cannot be opened: {text}", "check that the folder exists and is writable")
    if "disk I/O" in text:
        return ArchiveError(
            f"{path} cannot be read or written: {text}", "check the disk; the archive itself may be intact"
        )
    return ArchiveCorrupt(f"{path} is damaged or not an archive: {text}", RESTORE)


def _is_full(path: Path) -> bool:
    with suppress(OSError):
        return shutil.disk_usage(path.parent).free < _MIN_FREE_BYTES
    return False


def _is_busy(error: sqlite3.Error) -> bool:
    return "locked" in str(error) or "busy" in str(error)
