"""What an archive knows of one article, row by row: taken before it is removed, and put back as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.archive import stories
from rag.archive.database import Database
from rag.archive.store import Store
from rag.errors import IndexOutdated, InputError
from rag.types import Article, Span

_MADE_BY = ("encoder", "dimension", "chunking")
Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Removed:
    """An article that was removed, with all that the archive knew of it.

    `spans` are its passages and `vectors` theirs, `(passages, dim)` float32.
    """

    article: Article
    spans: tuple[Span, ...]
    vectors: npt.NDArray[np.float32]
    made_by: tuple[str | None, ...]
    story: str | None
    row: tuple[Any, ...]
    versions: Rows
    readings: Rows
    passages: Rows
    signatures: Rows


def removable(store: Store, article_id: str) -> Removed:
    """All of an article that is still there. Raises: ArticleUnknown."""
    article = store.article(article_id)
    found = store.database.rows
    return Removed(
        article,
        *store.cuts(article_id),
        made_by=_made_by(store),
        story=store.stories([article_id]).get(article_id),
        row=found("SELECT rowid, * FROM articles WHERE id = ?", article_id)[0],
        versions=found("SELECT * FROM versions WHERE article_id = ?", article_id),
        readings=found("SELECT * FROM readings WHERE article_id = ?", article_id),
        passages=found("SELECT * FROM passages WHERE article_id = ?", article_id),
        signatures=found("SELECT number, bands FROM signatures WHERE article_id = ?", article_id),
    )


def put_back(store: Store, removed: Removed) -> tuple[int, ...]:
    """Write all of an article again, under the old numbers where they are free; return the ids of its passages.

    Raises: InputError, where it is there again; IndexOutdated, where the archive was converted since.
    """
    article_id, database = removed.article.id, store.database
    if database.rows("SELECT 1 FROM articles WHERE id = ?", article_id):
        raise InputError(f"the article {article_id!r} is in the archive again", "nothing was changed")
    if _made_by(store) != removed.made_by:
        raise IndexOutdated(
            f"the archive was converted since {article_id!r} was removed", "add it again from where it was read"
        )
    with store.changing():
        _insert_article(database, removed.row)
        # Of a place that has been read again since, the newer reading stands.
        for table, rows in (("versions", removed.versions), ("readings", removed.readings)):
            for row in rows:
                database.write(f"INSERT OR IGNORE INTO {table} VALUES ({_marks(row)})", *row)
        for row in removed.passages:
            database.write(f"INSERT INTO passages VALUES ({_marks(row)})", *row)
        _sign(database, removed)
    return tuple(int(row[0]) for row in removed.passages)


def _made_by(store: Store) -> tuple[str | None, ...]:
    return tuple(map(store.setting, _MADE_BY))


def _insert_article(database: Database, row: tuple[Any, ...]) -> None:
    rowid, *values = row
    (names,) = database.rows("SELECT group_concat(name) FROM pragma_table_info('articles')")[0]
    free = "(SELECT ? WHERE NOT EXISTS (SELECT 1 FROM articles WHERE rowid = ?))"
    query = f"INSERT INTO articles (rowid, {names}) VALUES ({free}, {_marks(values)})"
    database.write(query, rowid, rowid, *values)


def _sign(database: Database, removed: Removed) -> None:
    """Give the article its bands again, and its story: signing forgets that."""
    article_id = removed.article.id
    for number, content in removed.signatures:
        stories.sign(database, article_id, np.frombuffer(content, dtype="<i8").tolist(), number)
    database.write("UPDATE articles SET story = ? WHERE id = ?", removed.story, article_id)


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))
