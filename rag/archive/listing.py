"""The list of all articles: in part, sorted, by their titles. The texts of those that are passed over are not read."""

from __future__ import annotations

from typing import Literal

from rag.archive import rows
from rag.archive.database import Database
from rag.types import Article

# What is not known comes last. `+`: of the rowids, an index is read, and not the table with its texts.
_ORDERS = {
    "id": "id",
    "newest": "published DESC, id",
    "title": "title COLLATE NOCASE, id",
    "outlet": "source IS NULL, source COLLATE NOCASE, published DESC, id",
    "added": "+rowid DESC",
}
Sort = Literal["id", "newest", "title", "outlet", "added"]


def articles(database: Database, titled: str, limit: int, skip: int, sort: Sort) -> tuple[Article, ...]:
    """At most `limit` articles, -1 for all, after the first `skip`, whose titles hold `titled` in any case."""
    order, (fits, values) = _ORDERS[sort], _titled(titled)
    chosen = f"SELECT rowid FROM articles WHERE {fits} ORDER BY {order} LIMIT ? OFFSET ?"
    query = f"SELECT {rows.OF_ARTICLE} FROM articles a WHERE rowid IN ({chosen}) ORDER BY {order}"
    return tuple(rows.article(row) for row in database.rows(query, *values, limit, skip))


def count(database: Database, titled: str) -> int:
    """How many articles there are whose titles hold `titled` in any case."""
    fits, values = _titled(titled)
    return int(database.rows(f"SELECT count(*) FROM articles WHERE {fits}", *values)[0][0])


def _titled(titled: str) -> tuple[str, tuple[str, ...]]:
    return ("instr(lower(title), lower(?))", (titled,)) if titled else ("TRUE", ())
