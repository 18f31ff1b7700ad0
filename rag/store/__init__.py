"""The archive's database: SQLite holds the truth, and everything else is derived from it."""

from __future__ import annotations

from rag.store import checks, filters
from rag.store.chats import Chats
from rag.store.database import RESTORE, Database
from rag.store.listing import Sort
from rag.store.removal import Removed, put_back, removable
from rag.store.rows import as_stored
from rag.store.staging import Staging
from rag.store.store import Made, Store
from rag.store.transfer import Exported, check, exported, restore

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
