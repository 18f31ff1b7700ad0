"""Articles out of one archive and into another, with all that the archive knows of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from reprlib import repr as _short
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rag.archive import copies, rows, stories
from rag.archive.store import Store
from rag.reading.draft import is_id, is_intact
from rag.reading.encodings import one_line
from rag.types import Article, Span

_SHOWN_ON_A_LINE = ("title", "source", "url", "author", "language")
# Of a vector's length, rounding to float16 included.
_NEAR_LENGTH_1 = 0.01


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


def check(one: Exported, dimension: int) -> None:
    """Raises: ValueError, naming the field, where an archive would not hold what was read, or not find it."""
    _check_article(one.article)
    for version in one.versions:
        if version.id != one.article.id:
            raise ValueError(f"one of its versions has the id {_short(version.id)}")
        _check_article(version)
    for origin, content_hash in one.readings:
        if not re.fullmatch(r"[0-9a-f]{64}", content_hash):
            raise ValueError(f"its readings give {_short(origin)} the content_hash {_short(content_hash)}")
    if one.story is not None and not is_id(one.story):
        raise ValueError(f"its story is {_short(one.story)}, which is no id")
    _check_spans(one.article.text, one.spans)
    _check_vectors(one.vectors, len(one.spans), dimension)


def _check_article(article: Article) -> None:
    if not is_id(article.id):
        raise ValueError(f"its id is {_short(article.id)}, and not one such as storm-0123456789ab")
    for name in _SHOWN_ON_A_LINE:
        value = getattr(article, name)
        if value and one_line(value) != value:
            raise ValueError(f"its {name} has a line break: {_short(value)}")
    if not is_intact(article):
        raise ValueError(f"its content_hash {_short(article.content_hash)} is not that of what it says")


def _check_spans(text: str, spans: Sequence[Span]) -> None:
    """Raises: ValueError, where passages overlap, stand outside their text or leave a word out."""
    at = 0
    for start, end in spans:
        if not at <= start < end <= len(text):
            raise ValueError(f"its passages are out of order or outside its text: [{start}, {end}]")
        if text[at:start].strip():
            raise ValueError(f"its passages leave out {at} to {start}")
        at = end
    if text[at:].strip():
        raise ValueError(f"its passages leave out {at} to {len(text)}")


def _check_vectors(vectors: npt.NDArray[np.float32], count: int, dimension: int) -> None:
    if len(vectors) != count or (count and vectors.shape[1] != dimension):
        raise ValueError(f"its vectors hold {vectors.size} numbers, not {count} times {dimension}")
    lengths = np.linalg.norm(vectors, axis=1)
    # Written so that NaN, which is less than nothing, is refused too.
    wrong = np.flatnonzero(~(np.abs(lengths - 1) < _NEAR_LENGTH_1))
    if len(wrong):
        raise ValueError(f"its vectors must be of length 1, and number {wrong[0] + 1} is of {lengths[wrong[0]]:g}")


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
