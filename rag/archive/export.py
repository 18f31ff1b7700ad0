"""Export and import of a whole archive as JSON Lines.

The first line names the format and how vectors were made. Each other line is an article with its older versions, its
origins, its story, and its passages with their vectors, so that an import need not embed it again.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Sequence
from reprlib import repr as short
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from rag.archive import schema, stories
from rag.archive.articles import Embedded, Store, require_intact
from rag.contract import article_json
from rag.errors import ArchiveCorrupt, ArticleUnreadable
from rag.progress import Done, Progress
from rag.reading.draft import is_id, is_intact
from rag.reading.encodings import one_line
from rag.stored import field, parse_article
from rag.types import Article, Span

FORMAT = "nutgraf-archive-1"
# The fields of the first line that say how vectors were made, and their form.
_MADE_BY = {"encoder": r"\S.*", "dimension": r"[1-9]\d{0,4}", "chunking": r"[\w-]+/[1-9]\d{0,4}"}
_SINGLE_LINE = ("title", "source", "url", "author", "language", "candidate")
# Allowed deviation of a vector's length from 1, including rounding to float16.
_LENGTH_TOLERANCE = 0.01
_NOTHING = "nothing was imported: give a file that `nutgraf export` wrote"


class Record(NamedTuple):
    """Everything an archive knows about an article.

    `versions` are older texts, oldest first; `readings` are origins with the content hash read there.
    """

    content: Embedded
    versions: tuple[Article, ...]
    readings: tuple[tuple[str, str], ...]
    story: str | None

    @property
    def article(self) -> Article:
        return self.content.article


def export(store: Store, file: BinaryIO, progress: Progress) -> int:
    """Write every article to `file`, by id; return how many. Equal archives give equal bytes.

    Raises: OSError; ArchiveCorrupt, naming an article that is not what was read.
    """
    _write(file, {"format": FORMAT, **{name: store.setting(name) for name in _MADE_BY}})
    total, dimension = store.count_articles(), store.number("dimension")
    for number, article in enumerate(store.each_article(), start=1):
        _write(file, _record_json(_checked_record(store, article, dimension)))
        progress(Done(number / max(total, number), number))
    return total


def read_header(line: bytes) -> dict[str, str]:
    """Return how the vectors of an export were made; {} for an empty archive. Raises: ArticleUnreadable."""
    if not line:
        raise ArticleUnreadable("the file is empty", _NOTHING)
    data = _parse_line(line, 1)
    if data.get("format") != FORMAT:
        raise ArticleUnreadable(f"its first line does not say {FORMAT}", _NOTHING)
    if all(data.get(name) is None for name in _MADE_BY):
        return {}
    for name, form in _MADE_BY.items():
        value = data.get(name)
        if not isinstance(value, str) or not re.fullmatch(form, value, re.ASCII):
            raise ArticleUnreadable(f"its first line gives the {name} {short(value)}", _NOTHING)
    return {name: data[name] for name in _MADE_BY}


def read_records(file: BinaryIO, dimension: int) -> Iterator[Record]:
    """Yield the records after the first line, fully checked, with vectors of `dimension`.

    Raises: ArticleUnreadable, naming the line, the field and its value.
    """
    seen: set[str] = set()
    for number, line in enumerate(file, start=2):
        data = _parse_line(line, number)
        try:
            record = _parse_record(data, dimension)
            check(record, dimension)
            if record.article.id in seen:
                raise ValueError(f"{record.article.id} is in the file twice")
        except ValueError as error:
            raise ArticleUnreadable(f"its line {number} is not an exported article: {error}") from error
        seen.add(record.article.id)
        yield record


def store_records(store: Store, records: Sequence[Record], settings: dict[str, str]) -> list[tuple[int, ...]]:
    """Store exported articles, all or none; return the passage ids of each.

    If an article with that id exists and differs, it is kept as a version: the caller asks for that.
    """
    bands = [stories.bands(record.article) for record in records]
    with store.new_generation():
        store.save_settings(settings)
        passage_ids = []
        for record, own_bands in zip(records, bands, strict=True):
            passage_ids.append(store.write_article(*record.content))
            stories.sign(store.database, record.article.id, own_bands)
            _write_history(store, record)
            # The story that the file names is a claim.
            stories.join(store.database, record.article, own_bands)
        return passage_ids


def check(record: Record, dimension: int) -> None:
    """Raises: ValueError, naming the field, if the record is not one that an archive would hold."""
    article, spans, vectors = record.content
    _check_article(article)
    for version in record.versions:
        if version.id != article.id:
            raise ValueError(f"one of its versions has the id {short(version.id)}")
        _check_article(version)
    for origin, content_hash in record.readings:
        if not re.fullmatch(r"[0-9a-f]{64}", content_hash):
            raise ValueError(f"its readings give {short(origin)} the content_hash {short(content_hash)}")
    if record.story is not None and not is_id(record.story):
        raise ValueError(f"its story is {short(record.story)}, which is not an id")
    _check_spans(article.text, spans)
    _check_vectors(vectors, len(spans), dimension)


def _check_article(article: Article) -> None:
    if not is_id(article.id):
        raise ValueError(f"its id is {short(article.id)}, not one such as storm-0123456789ab")
    for name in _SINGLE_LINE:
        value = getattr(article, name)
        if value and one_line(value) != value:
            raise ValueError(f"its {name} has a line break: {short(value)}")
    if not is_intact(article):
        raise ValueError(f"its content_hash {short(article.content_hash)} does not match its content")


def _check_spans(text: str, spans: Sequence[Span]) -> None:
    """Raises: ValueError, if passages overlap, lie outside the text or leave out a word."""
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
    # Negated so that NaN fails too.
    wrong = np.flatnonzero(~(np.abs(lengths - 1) < _LENGTH_TOLERANCE))
    if len(wrong):
        raise ValueError(f"its vectors must have length 1, but number {wrong[0] + 1} has {lengths[wrong[0]]:g}")


def _checked_record(store: Store, article: Article, dimension: int) -> Record:
    """The record of an article, if an import would accept it. Raises: ArchiveCorrupt."""
    try:
        record = Record(
            store.embedded(article),
            store.versions(article.id),
            store.readings(article.id),
            store.stories([article.id]).get(article.id),
        )
        require_intact((article, *record.versions))
        check(record, dimension)
    except (ArchiveCorrupt, ValueError) as error:
        latest = store.article(article.id)
        if latest != article:  # changed during the export
            return _checked_record(store, latest, dimension)
        if isinstance(error, ArchiveCorrupt):
            raise
        raise ArchiveCorrupt(
            f"the article {article.id!r} cannot be exported: {error}",
            f"run nutgraf convert --again, or nutgraf articles remove {article.id} and ingest it again",
        ) from error
    return record


def _write_history(store: Store, record: Record) -> None:
    database, article_id = store.database, record.article.id
    known = {record.article.content_hash} | {version.content_hash for version in store.versions(article_id)}
    for version in record.versions:
        if version.content_hash not in known:
            database.write(
                f"INSERT INTO versions (article_id, number, {schema.COLUMNS}) "
                f"VALUES (?, (SELECT count(*) + 1 FROM versions WHERE article_id = ?), {schema.PLACEHOLDERS})",
                *(article_id, article_id, *schema.article_values(version)),
            )
    # A place that another article was read from stays with it.
    database.write_all(
        "INSERT INTO readings VALUES (?, ?, ?) ON CONFLICT (origin) DO UPDATE SET content_hash = excluded.content_hash "
        "WHERE article_id = excluded.article_id",
        [(origin, article_id, content_hash) for origin, content_hash in record.readings],
    )


# JSON


def _write(file: BinaryIO, data: dict[str, Any]) -> None:
    file.write(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def _record_json(record: Record) -> dict[str, Any]:
    vectors = b"".join(map(schema.vector_blob, record.content.vectors))
    return {
        **article_json(record.article, with_text=True),
        "versions": [article_json(version, with_text=True) for version in record.versions],
        "readings": [list(reading) for reading in record.readings],
        "story": record.story,
        "passages": [list(span) for span in record.content.spans],
        "vectors": base64.b64encode(vectors).decode(),
    }


def _parse_line(line: bytes, number: int) -> dict[str, Any]:
    try:
        data = json.loads(line)
        # SQLite stores no lone surrogates, which JSON can escape.
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise ArticleUnreadable(f"its line {number} holds a lone surrogate: {error}", _NOTHING) from error
    except ValueError as error:
        raise ArticleUnreadable(f"its line {number} is not JSON: {error}", _NOTHING) from error
    except RecursionError as error:
        raise ArticleUnreadable(f"its line {number} is nested too deeply", _NOTHING) from error
    if not isinstance(data, dict):
        raise ArticleUnreadable(f"its line {number} is not an object", _NOTHING)
    return data


def _parse_record(data: dict[str, Any], dimension: int) -> Record:
    """Raises: ValueError."""
    spans = tuple(map(_parse_span, field(data, "passages", list)))
    encoded = field(data, "vectors", str)
    try:
        flat = np.frombuffer(base64.b64decode(encoded, validate=True), dtype="<f2").astype(np.float32)
    except ValueError as error:
        raise ValueError(f"its vectors is {short(encoded)}: {error}") from error
    if len(flat) != len(spans) * dimension:
        raise ValueError(f"its vectors hold {len(flat)} numbers, not {len(spans)} times {dimension}")
    return Record(
        Embedded(parse_article(data), spans, flat.reshape(len(spans), dimension)),
        versions=tuple(map(parse_article, field(data, "versions", list))),
        readings=tuple(map(_parse_reading, field(data, "readings", list))),
        story=field(data, "story", str, optional=True),
    )


def _parse_span(pair: object) -> Span:
    # By type: isinstance would accept true and false as offsets.
    if not isinstance(pair, list) or [type(offset) for offset in pair] != [int, int]:
        raise ValueError(f"its passages hold {short(pair)}, which is not a start and an end")
    return Span(*pair)


def _parse_reading(pair: object) -> tuple[str, str]:
    if not isinstance(pair, list) or [type(part) for part in pair] != [str, str]:
        raise ValueError(f"its readings hold {short(pair)}, which is not an origin and a content_hash")
    return pair[0], pair[1]
