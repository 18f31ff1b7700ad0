"""The archive: SQLite holds everything that was read; the search indexes are derived from it."""

from __future__ import annotations

from rag.archive.articles import MADE_BY, Embedded, Removed, Sort, Store, Stored, require_intact
from rag.archive.chats import Chats
from rag.archive.database import Database, archive_exists
from rag.archive.lock import ArchiveLock
from rag.archive.schema import as_stored

__all__ = [
    "MADE_BY",
    "ArchiveLock",
    "Chats",
    "Database",
    "Embedded",
    "Removed",
    "Sort",
    "Store",
    "Stored",
    "archive_exists",
    "as_stored",
    "require_intact",
]
