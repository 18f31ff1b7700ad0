"""Turn files into articles: `find` the files, `read` each. One module for each family of formats."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from rag.errors import ArticleUnreadable
from rag.reading import apart, epub, identity, markdown, office, packed, pdf, plain, rtf, tables
from rag.reading.apart import close
from rag.reading.draft import Draft, Format, Unread
from rag.reading.files import Upload, check_size, decode, find, opened
from rag.types import Article, Rejection

__all__ = ["FORMATS", "Upload", "close", "find", "read"]

_TEXT_BYTES = 5_000_000
_RTF_BYTES = 50_000_000
_DOCUMENT_BYTES = 200_000_000
_TABLE_BYTES = 2_000_000_000
_PACKED_BYTES = 10_000_000_000
_UNSOUND = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
FORMATS: dict[str, Format] = {
    ".txt": Format(lambda file: iter([plain.parse(decode(file.read()))]), _TEXT_BYTES),
    ".md": Format(lambda file: iter([markdown.parse(decode(file.read()))]), _TEXT_BYTES),
    ".csv": Format(tables.parse_csv, _TABLE_BYTES),
    ".tsv": Format(tables.parse_csv, _TABLE_BYTES),
    ".jsonl": Format(tables.parse_jsonl, _TABLE_BYTES),
    ".ndjson": Format(tables.parse_jsonl, _TABLE_BYTES),
    ".pdf": Format(pdf.parse, _DOCUMENT_BYTES, apart=True),
    ".docx": Format(office.parse_docx, _DOCUMENT_BYTES, apart=True),
    ".odt": Format(office.parse_odt, _DOCUMENT_BYTES, apart=True),
    ".epub": Format(epub.parse, _DOCUMENT_BYTES, apart=True),
    ".rtf": Format(rtf.parse, _RTF_BYTES, apart=True),
    ".zip": Format(lambda file: packed.parse_zip(file, _limit, _drafts), _PACKED_BYTES),
    ".tar": Format(lambda file: packed.parse_tar(file, _limit, _drafts), _PACKED_BYTES),
    ".tar.gz": Format(lambda file: packed.parse_tar(file, _limit, _drafts), _PACKED_BYTES),
    ".tgz": Format(lambda file: packed.parse_tar(file, _limit, _drafts), _PACKED_BYTES),
}
FORMATS |= {
    f"{ending}.gz": packed.gunzipped(FORMATS[ending])
    for ending in (".txt", ".md", ".html", ".htm", ".csv", ".tsv", ".jsonl", ".ndjson")
    if ending in FORMATS
}


def read(item: Path | Upload) -> Iterator[Article | Rejection]:
    """Yield every article of a file, and a line for what in it cannot be read.

    An article's id is made of its address or of where it stands, so that an edit keeps the id.
    """
    try:
        if isinstance(item, Upload):
            yield from _articles(item.name, f"upload:{item.name}", io.BytesIO(item.content), len(item.content))
            return
        path = item.resolve()
        with opened(path) as (file, size):
            yield from _articles(path.name, str(path), file, size)
    except ArticleUnreadable as error:
        yield Rejection(item.name if isinstance(item, Upload) else str(item), str(error))


def _articles(name: str, origin: str, file: BinaryIO, size: int) -> Iterator[Article | Rejection]:
    for draft in _drafts(name, file, size):
        at = f"{origin}!{draft.member}" if draft.member else origin
        if isinstance(draft, Unread):
            yield Rejection(f"{at}#{draft.key}" if draft.key else at, draft.reason)
        elif not draft.text:
            yield Rejection(f"{at}#{draft.key}" if draft.key else at, "no article text in it")
        else:
            yield _article(draft, draft.member.rpartition("/")[2] or name, at)


def _drafts(name: str, file: BinaryIO, size: int) -> Iterator[Draft | Unread]:
    """Raises: ArticleUnreadable."""
    check_size(size, _limit(name))
    ending = _ending(name)
    form = FORMATS[ending]
    yield from map(_sound, apart.parse(ending, file) if form.apart else form.parse(file))


def _sound(draft: Draft | Unread) -> Draft | Unread:
    """The same without what no archive and no screen takes: control characters and halves of surrogate pairs."""
    texts = {name: text for name in draft.__slots__ if isinstance(text := getattr(draft, name), str)}
    if not any(map(_UNSOUND.search, texts.values())):
        return draft
    sound: dict[str, Any] = {name: _UNSOUND.sub("", text) for name, text in texts.items()}
    return replace(draft, **sound)


def _limit(name: str) -> int:
    """How many bytes a file of that name may have. Raises: ArticleUnreadable."""
    ending = _ending(name)
    if ending not in FORMATS:
        raise ArticleUnreadable(
            f"a file {ending or 'without an ending'} is not read yet", f"readable: {' '.join(sorted(FORMATS))}"
        )
    return FORMATS[ending].max_bytes


def _ending(name: str) -> str:
    """The ending in small letters, with the one before it where both tell the format: `.tar.gz`."""
    # A name need not be text: Linux takes any bytes.
    endings = Path(name.encode("utf-8", "replace").decode().lower()).suffixes
    both = "".join(endings[-2:])
    return both if both in FORMATS else "".join(endings[-1:])


def _article(draft: Draft, name: str, origin: str) -> Article:
    stem = name.encode("utf-8", "replace").decode()[: len(name) - len(_ending(name))]
    draft = replace(draft, title=draft.title or re.sub(r"[-_\s]+", " ", stem).strip())
    return Article(
        id=identity.article_id(draft, name, origin),
        title=draft.title,
        text=draft.text,
        content_hash=identity.content_hash(draft),
        source=draft.source,
        published=draft.published,
        url=draft.url,
        author=draft.author,
        language=draft.language,
        origin=f"{origin}#{draft.key}" if draft.key else origin,
        told_by=tuple(sorted(draft.told_by.items())),
    )
