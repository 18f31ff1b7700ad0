"""An archive as JSON Lines and back: nothing that the archive was told is left out.

The first line says what the file is; each other line is one article with its versions, with where it was read, and with
its passages and vectors, so that it comes back without being encoded again.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np

from rag.errors import ArticleUnreadable
from rag.progress import Done, Progress
from rag.store import Exported, Store, exported
from rag.types import Article, PublishedDate, Span

FORMAT = "nutgraf-archive-1"
_REQUIRED = ("id", "title", "text", "content_hash", "origin")
_OPTIONAL = ("source", "url", "author", "language")
# Of a vector's length, rounding to float16 included.
_MOST_LENGTH = 1.01
MADE_BY = ("encoder", "dimension", "chunking")


def export(store: Store, file: BinaryIO, progress: Progress) -> int:
    """Write every article to `file`, by id; return how many. Equal archives give equal bytes. Raises: OSError."""
    _write(file, {"format": FORMAT, **{name: store.setting(name) for name in MADE_BY}})
    total = store.count_articles()
    for number, article in enumerate(store.each_article(), start=1):
        _write(file, _record(exported(store, article)))
        progress(Done(number / max(total, number), number))
    return total


def header(line: bytes) -> dict[str, str]:
    """What the first line says that the vectors were made by. Raises: ArticleUnreadable."""
    told = _parsed(line, 1)
    if told.get("format") != FORMAT:
        raise ArticleUnreadable(
            f"its first line does not say {FORMAT}", "only what `nutgraf export` wrote can be imported"
        )
    if not str(told.get("dimension") or 0).isdecimal():
        raise ArticleUnreadable(f"its dimension is {told['dimension']!r}", "it was changed since it was written")
    return {name: str(told[name]) for name in MADE_BY if told.get(name)}


def records(file: BinaryIO, dimension: int) -> Iterator[Exported]:
    """Yield what stands after the first line, with vectors of that dimension. Raises: ArticleUnreadable, naming the
    line.
    """
    seen: set[str] = set()
    for number, line in enumerate(file, start=2):
        told = _parsed(line, number)
        try:
            one = _exported(told, dimension)
            if one.article.id in seen:
                raise ValueError(f"{one.article.id} stands in the file twice")
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
            raise ArticleUnreadable(
                f"its line {number} is no article of an export: {type(error).__name__}: {error}",
                "the lines before it were imported",
            ) from error
        seen.add(one.article.id)
        yield one


def _record(one: Exported) -> dict[str, Any]:
    vectors = np.ascontiguousarray(one.vectors.astype("<f2"))
    return {
        **_told(one.article),
        "versions": [_told(version) for version in one.versions],
        "readings": [list(reading) for reading in one.readings],
        "story": one.story,
        "passages": [list(span) for span in one.spans],
        "vectors": base64.b64encode(vectors.tobytes()).decode(),
    }


def _exported(told: dict[str, Any], dimension: int) -> Exported:
    article = _article(told)
    spans = tuple(Span(int(start), int(end)) for start, end in told["passages"])
    if any(not 0 <= span.start <= span.end <= len(article.text) for span in spans):
        raise ValueError("a passage stands outside its text")
    flat = np.frombuffer(base64.b64decode(told["vectors"], validate=True), dtype="<f2").astype(np.float32)
    if len(flat) != len(spans) * dimension:
        raise ValueError(f"its vectors hold {len(flat)} numbers, not {len(spans)} times {dimension}")
    vectors = flat.reshape(len(spans), dimension)
    # Written so that NaN, which is less than nothing, is refused too.
    if not (np.linalg.norm(vectors, axis=1) < _MOST_LENGTH).all():
        raise ValueError("one of its vectors is none: NaN, infinite or longer than 1")
    return Exported(
        article=article,
        versions=tuple(_article(version) for version in told["versions"]),
        readings=tuple((_text(origin), _text(content_hash)) for origin, content_hash in told["readings"]),
        story=None if told["story"] is None else _text(told["story"]),
        spans=spans,
        vectors=vectors,
    )


def _text(value: object) -> str:
    """The value, where it is text that can be stored. Raises: TypeError, ValueError."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    value.encode()
    return value


def _told(article: Article) -> dict[str, Any]:
    return {
        "id": article.id,
        "title": article.title,
        "text": article.text,
        "content_hash": article.content_hash,
        "source": article.source,
        "published": str(article.published) if article.published else None,
        "url": article.url,
        "author": article.author,
        "language": article.language,
        "origin": article.origin,
        "told_by": dict(article.told_by),
    }


def _article(told: dict[str, Any]) -> Article:
    optional: dict[str, Any] = {name: None if told[name] is None else _text(told[name]) for name in _OPTIONAL}
    published = told["published"]
    return Article(
        **{name: _text(told[name]) for name in _REQUIRED},
        **optional,
        published=None if published is None else PublishedDate.parse(_text(published)),
        told_by=tuple(sorted((_text(name), _text(value)) for name, value in told["told_by"].items())),
    )


def _write(file: BinaryIO, told: dict[str, Any]) -> None:
    file.write(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def _parsed(line: bytes, number: int) -> dict[str, Any]:
    hint = "the lines before it were imported"
    try:
        told = json.loads(line)
    except ValueError as error:
        raise ArticleUnreadable(f"its line {number} is not JSON: {error}", hint) from error
    if not isinstance(told, dict):
        raise ArticleUnreadable(f"its line {number} is no object", hint)
    return told
