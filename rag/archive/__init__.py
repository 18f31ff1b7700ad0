"""The archive's database: SQLite holds the truth, and everything else is derived from it."""

from __future__ import annotations

from rag.archive import checks, filters
from rag.archive.chats import Chats
from rag.archive.database import RESTORE, Database
from rag.archive.listing import Sort
from rag.archive.removal import Removed, put_back, removable
from rag.archive.rows import as_stored
from rag.archive.staging import Staging
from rag.archive.store import Made, Store
from rag.archive.transfer import Exported, check, exported, restore

__all__ = [
    "RESTORE",
    "Chats",
    "Database",
    "Exported",
    "Made",
    "Removed",
    "Sort",
    "Staging",
    "Store",
    "as_stored",
    "check",
    "checks",
    "exported",
    "filters",
    "put_back",
    "removable",
    "restore",
]
