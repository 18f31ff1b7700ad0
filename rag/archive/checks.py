"""What can be wrong in a database that SQLite finds whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from rag.archive.store import Store
from rag.errors import ArchiveCorrupt
from rag.reading.draft import is_intact
from rag.types import Article


def as_read(articles: Iterable[Article]) -> None:
    """Raises: ArchiveCorrupt, where one of `articles` is not what was read."""
    for article in articles:
        if not is_intact(article):
            raise ArchiveCorrupt(
                f"the article {article.id!r} is not what was read: it was changed in the database",
                f"nutgraf remove {article.id}, and ingest it again; `nutgraf doctor` names every such article",
            )


def without_passages(store: Store) -> tuple[str, ...]:
    """The ids of the articles that have words but no passage, ascending: no search finds them."""
    query = (
        "SELECT id, text FROM articles a WHERE NOT EXISTS (SELECT 1 FROM passages WHERE article_id = a.id) ORDER BY id"
    )
    return tuple(article_id for article_id, text in store.database.rows(query) if text.strip())


def misfits(store: Store) -> int:
    """How many passages stand outside their text, or have a vector of another size than the others."""
    query = (
        "SELECT count(*) FROM passages p JOIN articles a ON a.id = p.article_id WHERE p.start < 0 "
        'OR p."end" < p.start OR p."end" > length(a.text) '
        "OR length(p.vector) <> 2 * (SELECT value FROM settings WHERE name = 'dimension')"
    )
    return int(store.database.rows(query)[0][0])


def broken_vectors(store: Store) -> int:
    """How many vectors are not finite or not of length 1; all must have one size."""
    _, vectors = store.vectors()
    norms = np.linalg.norm(vectors, axis=1) if len(vectors) else np.zeros(0)
    with np.errstate(invalid="ignore"):
        return int((~(np.abs(norms - 1.0) < 0.01)).sum())


def count_staged(store: Store) -> int:
    """How many articles a conversion that was broken off has staged."""
    return int(store.database.rows("SELECT count(DISTINCT article_id) FROM staged")[0][0])


def all_versions(store: Store) -> Iterator[Article]:
    """Yield every text that an article had before."""
    articles = store.database.rows("SELECT DISTINCT article_id FROM versions ORDER BY article_id")
    for (article_id,) in articles:
        yield from store.versions(article_id)
