"""Which articles tell one story: copies and near-copies, found when an article is put."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from rag.archive import copies, rows
from rag.archive.database import Database
from rag.reports import Copy
from rag.types import Article

# A phrase that every notice of an outlet begins with puts thousands into one band; the newest few stand for them.
_MOST_SHARED = 1_000
_CANDIDATES = 20


def sign(database: Database, article_id: str, bands: Sequence[int], number: int | None = None) -> None:
    """Give a stored article its bands, under `number` where that is free, and no story yet."""
    leave(database, article_id)
    content = np.array(bands, dtype="<i8").tobytes()
    free = "(SELECT ? WHERE NOT EXISTS (SELECT 1 FROM signatures WHERE number = ?))"
    query = f"INSERT INTO signatures (number, article_id, bands) VALUES ({free}, ?, ?)"
    number = database.write(query, number, number, article_id, content)
    database.write_all("INSERT OR IGNORE INTO bands VALUES (?, ?)", [(band, number) for band in bands])


def join(database: Database, article: Article, bands: Sequence[int]) -> Copy | None:
    """Give a stored article the story of the one that it is most similar to; return that one, if any."""
    found = _most_similar(database, article, bands)
    if found:
        database.write("UPDATE articles SET story = coalesce(story, id) WHERE id = ?", found.of)
        query = "UPDATE articles SET story = (SELECT story FROM articles WHERE id = ?) WHERE id = ?"
        database.write(query, found.of, article.id)
    return found


def leave(database: Database, article_id: str) -> None:
    """Forget the bands and the story of an article."""
    for number, content in database.rows("SELECT number, bands FROM signatures WHERE article_id = ?", article_id):
        bands = np.frombuffer(content, dtype="<i8").tolist()
        database.write_all("DELETE FROM bands WHERE band = ? AND number = ?", [(band, number) for band in bands])
    database.write("DELETE FROM signatures WHERE article_id = ?", article_id)
    database.write("UPDATE articles SET story = NULL WHERE id = ?", article_id)


def _most_similar(database: Database, article: Article, bands: Sequence[int]) -> Copy | None:
    best: Copy | None = None
    for other in _candidates(database, bands):
        if other.id == article.id:
            continue
        similarity = copies.similarity(article, other)
        if similarity >= copies.SIMILAR and (best is None or similarity > best.similarity):
            best = Copy(article.id, other.id, similarity)
    return best


def _candidates(database: Database, bands: Sequence[int]) -> list[Article]:
    """The articles that share most bands, at most `_CANDIDATES`, the oldest first among equals."""
    marks = ", ".join("?" * len(bands))
    query = f"SELECT number FROM bands WHERE band IN ({marks}) ORDER BY number DESC LIMIT ?"
    shared = Counter(row[0] for row in database.rows(query, *bands, _MOST_SHARED))
    numbers = sorted(shared, key=lambda number: (-shared[number], number))[:_CANDIDATES]
    query = f"SELECT {rows.OF_ARTICLE} FROM articles a JOIN signatures s ON s.article_id = a.id WHERE s.number = ?"
    return [rows.article(row) for number in numbers for row in database.rows(query, number)]
