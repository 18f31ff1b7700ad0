"""Which formats are read, and by what: one entry for each ending of a file's name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from rag.errors import ArticleUnreadable
from rag.reading import apart, epub, mail, markdown, office, packed, pages, pdf, plain, rtf, tables
from rag.reading.draft import Draft, Format, Unread
from rag.reading.files import check_size, decode

_TEXT_BYTES = 5_000_000
_RTF_BYTES = 50_000_000
_DOCUMENT_BYTES = 200_000_000
_TABLE_BYTES = 2_000_000_000
_PACKED_BYTES = 10_000_000_000
_UNSOUND = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
_PAGE = Format(pages.parse_file, pages.PAGE_BYTES, apart=True, parse_at=pages.parse_fetched)
_SAVED_PAGE = Format(pages.parse_saved, pages.PAGE_BYTES, apart=True)
_TAR = Format(lambda file: packed.parse_tar(file, limit, drafts), _PACKED_BYTES)
FORMATS: dict[str, Format] = {
    ".txt": Format(lambda file: iter([plain.parse(decode(file.read()))]), _TEXT_BYTES),
    ".md": Format(lambda file: iter([markdown.parse(decode(file.read()))]), _TEXT_BYTES),
    **dict.fromkeys((".html", ".htm", ".xhtml"), _PAGE),
    **dict.fromkeys((".mhtml", ".mht"), _SAVED_PAGE),
    ".eml": Format(mail.parse_file, mail.MESSAGE_BYTES, apart=True),
    ".mbox": Format(mail.parse_box, mail.BOX_BYTES),
    ".csv": Format(tables.parse_csv, _TABLE_BYTES),
    ".tsv": Format(tables.parse_csv, _TABLE_BYTES),
    ".jsonl": Format(tables.parse_jsonl, _TABLE_BYTES),
    ".ndjson": Format(tables.parse_jsonl, _TABLE_BYTES),
    ".pdf": Format(pdf.parse, _DOCUMENT_BYTES, apart=True),
    ".docx": Format(office.parse_docx, _DOCUMENT_BYTES, apart=True),
    ".odt": Format(office.parse_odt, _DOCUMENT_BYTES, apart=True),
    ".epub": Format(epub.parse, _DOCUMENT_BYTES, apart=True),
    ".rtf": Format(rtf.parse, _RTF_BYTES, apart=True),
    ".zip": Format(lambda file: packed.parse_zip(file, limit, drafts), _PACKED_BYTES),
    **dict.fromkeys((".tar", ".tar.gz", ".tgz"), _TAR),
}
FORMATS |= {
    f"{ending}.gz": packed.gunzipped(FORMATS[ending])
    for ending in (".txt", ".md", ".html", ".htm", ".mbox", ".csv", ".tsv", ".jsonl", ".ndjson")
}


def drafts(
    name: str, file: BinaryIO, size: int, address: str | None = None, charset: str | None = None
) -> Iterator[Draft | Unread]:
    """Yield what a file of that name holds; `address` and `charset` where it was fetched, and what HTTP said.

    Raises: ArticleUnreadable.
    """
    check_size(size, limit(name))
    at = ending(name)
    form = FORMATS[at]
    if form.apart:
        found = apart.parse(at, file, address, charset)
    elif address and form.parse_at:
        found = form.parse_at(file, address, charset)
    else:
        found = form.parse(file)
    first = next(found, None)
    if first is None:
        raise ArticleUnreadable("there is no article in it")
    yield from map(_sound, chain([first], found))


def limit(name: str) -> int:
    """How many bytes a file of that name may have. Raises: ArticleUnreadable."""
    at = ending(name)
    if at not in FORMATS:
        plain = sorted(known for known in FORMATS if known == ".tar.gz" or not known.endswith(".gz"))
        raise ArticleUnreadable(
            f"a file {at or 'without an ending'} is not read yet", f"readable: {' '.join(plain)}, and .gz of some"
        )
    return FORMATS[at].max_bytes


def ending(name: str) -> str:
    """The ending in small letters, with the one before it where both tell the format: `.tar.gz`."""
    # A name need not be text: Linux takes any bytes.
    endings = Path(name.encode("utf-8", "replace").decode().lower()).suffixes
    both = "".join(endings[-2:])
    return both if both in FORMATS else "".join(endings[-1:])


def _sound(draft: Draft | Unread) -> Draft | Unread:
    """The same without what no archive and no screen takes: control characters and halves of surrogate pairs."""
    texts = {name: value for name in draft.__slots__ if isinstance(value := getattr(draft, name), str)}
    if not any(map(_UNSOUND.search, texts.values())):
        return draft
    sound: dict[str, Any] = {name: _UNSOUND.sub("", text) for name, text in texts.items()}
    return replace(draft, **sound)
