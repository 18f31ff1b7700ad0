"""The archive's database: SQLite holds the truth, and everything else is derived from it."""

from __future__ import annotations

from rag.store.database import Database
from rag.store.staging import Staging
from rag.store.store import Made, Store, as_stored

__all__ = ["Database", "Made", "Staging", "Store", "as_stored"]
