"""The archive's database: SQLite holds the truth, and everything else is derived from it."""

from __future__ import annotations

from rag.store import checks
from rag.store.database import Database
from rag.store.staging import Staging
from rag.store.store import Made, Store, as_stored
from rag.store.transfer import Exported, exported, restore

__all__ = ["Database", "Exported", "Made", "Staging", "Store", "as_stored", "checks", "exported", "restore"]
