"""One SQLite file: opened, migrated, read and written in whole transactions."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from rag.archive import schema
from rag.errors import ArchiveCorrupt, ArchiveError, ArchiveLocked

_BUSY_SECONDS = 10
_PAUSE_SECONDS = 0.01
_MOST_DAMAGE_LINES = 20
RESTORE = "restore it from a copy, or `nutgraf import` an export into another --archive"


class Database:
    """The connection to one archive's database. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Open or create the database. Raises: ArchiveError, ArchiveCorrupt."""
        self.path = path
        self._lock = threading.RLock()
        with ExitStack() as until_open:
            try:
                self._db = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False, isolation_level=None)
                until_open.callback(self._db.close)
                version = self._known_version()
                self._keep_a_log()
                self._db.execute("PRAGMA foreign_keys = ON")
                self._db.execute("PRAGMA synchronous = FULL")
                self._migrate(version)
            except sqlite3.DatabaseError as error:
                raise _archive_error(path, error) from error
            until_open.pop_all()

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Every row that `query` gives. Raises: ArchiveError."""
        with self._lock:
            try:
                return self._db.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise _archive_error(self.path, error) from error
            except UnicodeDecodeError as error:
                raise ArchiveCorrupt(f"{self.path} is damaged: {error}", RESTORE) from error

    def write(self, query: str, *values: object) -> int:
        """Run one statement within `writing`; return the id of the row it inserted, where it inserted one."""
        return int(self._db.execute(query, values).lastrowid or 0)

    def write_all(self, query: str, rows: Iterable[tuple[object, ...]]) -> int:
        """Run one statement for each of `rows` within `writing`; return how many rows it touched."""
        return self._db.executemany(query, rows).rowcount

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: all of it, or nothing. Raises: ArchiveError."""
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

    def damage(self) -> tuple[str, ...]:
        """What SQLite's own checks find wrong, a line each: broken pages, broken references."""
        pages = [str(row[0]) for row in self.rows(f"PRAGMA integrity_check({_MOST_DAMAGE_LINES})")]
        broken = self.rows('SELECT "table", count(*), parent FROM pragma_foreign_key_check GROUP BY 1, 3')
        references = [f"{count} rows of {table} belong to no row of {parent}" for table, count, parent in broken]
        return tuple([line for line in pages if line != "ok"] + references)

    def _known_version(self) -> int:
        """The schema's version; nothing is written to a file that is not ours. Raises: ArchiveError."""
        # One statement, so that another process that makes this archive now is seen before or after, not between.
        version, tables = self._db.execute(
            "SELECT (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_master)"
        ).fetchone()
        if tables and not version:
            raise ArchiveCorrupt(f"{self.path} is another program's database", "name another --archive")
        if version > len(schema.MIGRATIONS):
            raise ArchiveError(
                f"{self.path} was made by a newer nutgraf (schema {version}; this one knows {len(schema.MIGRATIONS)})",
                "upgrade nutgraf",
            )
        return int(version)

    def _keep_a_log(self) -> None:
        """Write ahead to a log, so that readers need not wait."""
        # SQLite waits for another writer, though not where several turn a new file to this at once: it refuses them.
        last = time.monotonic() + _BUSY_SECONDS
        while True:
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if not _is_busy(error) or time.monotonic() > last:
                    raise
                time.sleep(_PAUSE_SECONDS)
            else:
                return

    def _migrate(self, version: int) -> None:
        for number, migration in enumerate(schema.MIGRATIONS[version:], start=version + 1):
            # Guarded, so that two processes that open a new archive at once do not both migrate it.
            self._db.execute("BEGIN IMMEDIATE")
            if int(self._db.execute("PRAGMA user_version").fetchone()[0]) < number:
                for statement in migration.split(";"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {number}")
            self._db.execute("COMMIT")


def _archive_error(path: Path, error: sqlite3.Error) -> ArchiveError:
    text = str(error)
    if _is_busy(error):
        return ArchiveLocked(f"{path} is being written by another process", "wait for it, then try again")
    if "readonly" in text or "unable to open" in text:
        return ArchiveError(f"{path} cannot be opened: {text}", "check that the folder exists and is writable")
    if "full" in text:
        return ArchiveError(f"{path} cannot grow: {text}", "free some disk space; nothing was lost")
    if "disk I/O" in text:
        return ArchiveError(f"{path} cannot be read or written: {text}", "check the disk; the archive may be whole")
    return ArchiveCorrupt(f"{path} is damaged or no archive: {text}", RESTORE)


def _is_busy(error: sqlite3.Error) -> bool:
    return "locked" in str(error) or "busy" in str(error)
