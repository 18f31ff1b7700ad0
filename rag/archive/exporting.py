"""An archive as JSON Lines and back: nothing that the archive was told is left out.

The first line says what the file is; each other line is one article with its versions, with where it was read, and with
its passages and vectors, so that it comes back without being encoded again.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from reprlib import repr as _short
from typing import Any, BinaryIO

import numpy as np

from rag.archive import Exported, Store, check, checks, exported
from rag.errors import ArchiveCorrupt, ArticleUnreadable
from rag.progress import Done, Progress
from rag.types import Article, PublishedDate, Span

FORMAT = "nutgraf-archive-1"
_REQUIRED = ("id", "title", "text", "content_hash", "origin")
_OPTIONAL = ("source", "url", "author", "language")
# What the vectors were made by, and how the first line writes it.
MADE_BY = {"encoder": r"\S.*", "dimension": r"[1-9]\d{0,4}", "chunking": r"[\w-]+/[1-9]\d{0,4}"}
_NOTHING = "nothing was imported: give what `nutgraf export` wrote"
_PAIR = 2


def export(store: Store, file: BinaryIO, progress: Progress) -> int:
    """Write every article to `file`, by id; return how many. Equal archives give equal bytes.

    Raises: OSError, ArchiveCorrupt, naming an article that is not what was read.
    """
    _write(file, {"format": FORMAT, **{name: store.setting(name) for name in MADE_BY}})
    total, dimension = store.count_articles(), store.number("dimension")
    for number, article in enumerate(store.each_article(), start=1):
        _write(file, _record(_whole(store, article, dimension)))
        progress(Done(number / max(total, number), number))
    return total


def header(line: bytes) -> dict[str, str]:
    """What the first line says that the vectors were made by; {} of an empty archive. Raises: ArticleUnreadable."""
    if not line:
        raise ArticleUnreadable("the file is empty", _NOTHING)
    told = _parsed(line, 1)
    if told.get("format") != FORMAT:
        raise ArticleUnreadable(f"its first line does not say {FORMAT}", _NOTHING)
    if all(told.get(name) is None for name in MADE_BY):
        return {}
    for name, form in MADE_BY.items():
        value = told.get(name)
        if not isinstance(value, str) or not re.fullmatch(form, value, re.ASCII):
            raise ArticleUnreadable(f"its first line gives the {name} {_short(value)}", _NOTHING)
    return {name: told[name] for name in MADE_BY}


def records(file: BinaryIO, dimension: int) -> Iterator[Exported]:
    """Yield what stands after the first line, each wholly checked, with vectors of that dimension.

    Raises: ArticleUnreadable, naming the line, the field and its value.
    """
    seen: set[str] = set()
    for number, line in enumerate(file, start=2):
        told = _parsed(line, number)
        try:
            one = _exported(told, dimension)
            check(one, dimension)
            if one.article.id in seen:
                raise ValueError(f"{one.article.id} stands in the file twice")
        except ValueError as error:
            raise ArticleUnreadable(f"its line {number} is no article of an export: {error}") from error
        seen.add(one.article.id)
        yield one


def _whole(store: Store, article: Article, dimension: int) -> Exported:
    """All of an article, where an import would take it. Raises: ArchiveCorrupt."""
    try:
        one = exported(store, article)
        checks.as_read((article, *one.versions))
        check(one, dimension)
    except (ArchiveCorrupt, ValueError) as error:
        latest = store.article(article.id)
        if latest != article:
            # Changed while the export runs.
            return _whole(store, latest, dimension)
        if isinstance(error, ArchiveCorrupt):
            raise
        raise ArchiveCorrupt(
            f"the article {article.id!r} cannot be exported: {error}",
            f"nutgraf convert --again, or nutgraf remove {article.id} and ingest it again",
        ) from error
    return one


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
    spans = tuple(_span(pair) for pair in _listed(told, "passages"))
    content = _text("vectors", _of(told, "vectors"))
    try:
        flat = np.frombuffer(base64.b64decode(content, validate=True), dtype="<f2").astype(np.float32)
    except ValueError as error:
        raise ValueError(f"its vectors are {_short(content)}: {error}") from error
    if len(flat) != len(spans) * dimension:
        raise ValueError(f"its vectors hold {len(flat)} numbers, not {len(spans)} times {dimension}")
    return Exported(
        article=_article(told),
        versions=tuple(_article(version) for version in _listed(told, "versions")),
        readings=tuple(_reading(pair) for pair in _listed(told, "readings")),
        story=_text_or_none("story", _of(told, "story")),
        spans=spans,
        vectors=flat.reshape(len(spans), dimension),
    )


def _span(pair: object) -> Span:
    # Of true and false, too, Python would make offsets.
    if not isinstance(pair, list) or [type(offset) for offset in pair] != [int, int]:
        raise ValueError(f"its passages hold {_short(pair)}, which is no start and end")
    return Span(*pair)


def _reading(pair: object) -> tuple[str, str]:
    if not isinstance(pair, list) or len(pair) != _PAIR:
        raise ValueError(f"its readings hold {_short(pair)}, which is no place and content_hash")
    return _text("readings", pair[0]), _text("readings", pair[1])


def _of(told: object, name: str) -> object:
    """A field of an object. Raises: ValueError."""
    if not isinstance(told, dict):
        raise ValueError(f"{_short(told)} stands where an object should")
    if name not in told:
        raise ValueError(f"it has no {name}")
    return told[name]


def _listed(told: dict[str, Any], name: str) -> list[object]:
    value = _of(told, name)
    if not isinstance(value, list):
        raise ValueError(f"its {name} are {_short(value)}, which is no list")
    return value


def _text(name: str, value: object) -> str:
    """The value, where it is text that can be stored. Raises: ValueError."""
    if not isinstance(value, str):
        raise ValueError(f"its {name} is {_short(value)}, which is no text")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"its {name} is {_short(value)}, which holds half a character") from error
    return value


def _text_or_none(name: str, value: object) -> str | None:
    return None if value is None else _text(name, value)


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


def _article(told: object) -> Article:
    published = _text_or_none("published", _of(told, "published"))
    told_by = _of(told, "told_by")
    if not isinstance(told_by, dict):
        raise ValueError(f"its told_by is {_short(told_by)}, which is no object")
    required = {name: _text(name, _of(told, name)) for name in _REQUIRED}
    optional: dict[str, Any] = {name: _text_or_none(name, _of(told, name)) for name in _OPTIONAL}
    try:
        day = None if published is None else PublishedDate.parse(published)
    except ValueError as error:
        raise ValueError(f"its published is {_short(published)}: {error}") from error
    pairs = sorted((_text("told_by", name), _text("told_by", value)) for name, value in told_by.items())
    return Article(**required, **optional, published=day, told_by=tuple(pairs))


def _write(file: BinaryIO, told: dict[str, Any]) -> None:
    file.write(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def _parsed(line: bytes, number: int) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except ValueError as error:
        raise ArticleUnreadable(f"its line {number} is not JSON: {error}", _NOTHING) from error
    except RecursionError as error:
        raise ArticleUnreadable(f"its line {number} is nested too deeply", _NOTHING) from error
    if not isinstance(told, dict):
        raise ArticleUnreadable(f"its line {number} is no object", _NOTHING)
    return told
