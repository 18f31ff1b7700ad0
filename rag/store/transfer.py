"""Articles out of one archive and into another, with all that the archive knows of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rag import copies
from rag.store import rows, stories
from rag.store.store import Store
from rag.types import Article, Span


class Exported(NamedTuple):
    """An article, the texts it had before (the oldest first), where it was read and with which hash, its story, its
    passages and their vectors: `(passages, dim)` float32.
    """

    article: Article
    versions: tuple[Article, ...]
    readings: tuple[tuple[str, str], ...]
    story: str | None
    spans: tuple[Span, ...]
    vectors: npt.NDArray[np.float32]


def exported(store: Store, article: Article) -> Exported:
    """What the archive knows of one of its articles."""
    return Exported(
        article,
        store.versions(article.id),
        store.readings(article.id),
        store.stories([article.id]).get(article.id),
        *store.cuts(article.id),
    )


def restore(store: Store, items: Sequence[Exported], settings: dict[str, str]) -> list[tuple[int, ...]]:
    """Write what was exported, all or nothing; return the passage ids of each article.

    What stands under the same id becomes a version, where it says something else.
    """
    bands = [copies.bands(one.article) for one in items]
    with store.changing():
        store.set(settings)
        made = []
        for one, theirs in zip(items, bands, strict=True):
            made.append(store.write_article(one.article, one.spans, one.vectors))
            stories.sign(store.database, one.article.id, theirs)
            _add_history(store, one)
        return made


def _add_history(store: Store, one: Exported) -> None:
    database, article_id = store.database, one.article.id
    known = {one.article.content_hash} | {version.content_hash for version in store.versions(article_id)}
    for version in one.versions:
        if version.content_hash not in known:
            database.write(
                f"INSERT INTO versions (article_id, number, {rows.COLUMNS}) "
                f"VALUES (?, (SELECT count(*) + 1 FROM versions WHERE article_id = ?), {rows.MARKS})",
                *(article_id, article_id, *rows.values(version)),
            )
    readings = [(origin, article_id, content_hash) for origin, content_hash in one.readings]
    database.write_all("INSERT OR REPLACE INTO readings VALUES (?, ?, ?)", readings)
    database.write("UPDATE articles SET story = ? WHERE id = ?", one.story, article_id)
