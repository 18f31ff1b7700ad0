"""Turn files into articles: `find` the files, `read` each. One module for each family of formats."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from rag.errors import ArticleUnreadable
from rag.reading import identity, language, mail, markdown, pages, plain
from rag.reading.draft import Draft, Format, Unread
from rag.reading.files import Upload, check_size, decode, find, opened
from rag.types import Article, Rejection

__all__ = ["FORMATS", "Upload", "find", "read"]

_TEXT_BYTES = 5_000_000
FORMATS: dict[str, Format] = {
    ".txt": Format(lambda file: iter([plain.parse(decode(file.read()))]), _TEXT_BYTES),
    ".md": Format(lambda file: iter([markdown.parse(decode(file.read()))]), _TEXT_BYTES),
    **dict.fromkeys((".html", ".htm", ".xhtml"), Format(pages.parse_file, pages.PAGE_BYTES, apart=True)),
    ".eml": Format(mail.parse_file, mail.MESSAGE_BYTES, apart=True),
    ".mbox": Format(mail.parse_box, mail.BOX_BYTES),
    **dict.fromkeys((".mhtml", ".mht"), Format(pages.parse_saved, pages.PAGE_BYTES, apart=True)),
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
    # A name need not be text: Linux takes any bytes.
    ending = Path(name.encode("utf-8", "replace").decode()).suffix
    form = FORMATS.get(ending.lower())
    if form is None:
        raise ArticleUnreadable(
            f"a file {ending or 'without an ending'} is not read yet", f"readable: {' '.join(sorted(FORMATS))}"
        )
    check_size(size, form.max_bytes)
    for draft in form.parse(file):
        if isinstance(draft, Unread):
            yield Rejection(f"{origin}#{draft.key}", draft.reason)
        elif not draft.text:
            yield Rejection(f"{origin}#{draft.key}" if draft.key else origin, "no article text in it")
        else:
            yield _article(draft, name, origin)


def _article(draft: Draft, name: str, origin: str) -> Article:
    stem = Path(name.encode("utf-8", "replace").decode()).stem
    draft = replace(draft, title=draft.title or re.sub(r"[-_\s]+", " ", stem).strip())
    if not draft.language and (told := language.tell(draft.text)):
        draft = replace(draft, language=told, told_by={**draft.told_by, "language": language.TOLD_BY})
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
