"""Read what the network brings: each page by what it is, with what its feed told of it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

from rag.errors import ArticleUnreadable
from rag.reading.draft import Draft, Unread
from rag.reading.formats import FORMATS, drafts
from rag.reading.lines import BROKEN, broken
from rag.reading.policy import Policy
from rag.types import Rejection

if TYPE_CHECKING:
    from rag.reading.web import Page

_ENDINGS = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "multipart/related": ".mhtml",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "application/rtf": ".rtf",
    "text/rtf": ".rtf",
    "application/epub+zip": ".epub",
    "message/rfc822": ".eml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.oasis.opendocument.text": ".odt",
}
# What servers say who do not know; the name and the content decide.
_VAGUE = frozenset({"", "application/octet-stream", "binary/octet-stream", "text/xml", "application/xml"})
_FIELDS = ("title", "source", "published", "url", "author", "language")


class Fetched(NamedTuple):
    """What a fetched file holds; `name` and `origin` are what a file on this machine would have."""

    draft: Draft | Unread
    name: str
    origin: str


def read(url: str, policy: Policy, moved: Callable[[float], None]) -> Iterator[Fetched | Rejection]:
    """Yield what stands at an address: a page, or the pages of a feed or a sitemap."""
    # Imported here: most runs ask nothing of the network.
    from rag.reading import web

    for page in web.gather(url, policy, lambda done, total: moved(done / max(total, 1))):
        if isinstance(page, Rejection):
            yield page
            continue
        try:
            yield from _read(page)
        except ArticleUnreadable as error:
            yield Rejection(page.address, str(error))
        except BROKEN as error:
            yield Rejection(page.address, str(broken(error)))


def _read(page: Page) -> Iterator[Fetched]:
    stem, at = _named(page)
    file = io.BytesIO(page.content)
    for draft in drafts(f"{stem}{at}", file, len(page.content), page.address, page.charset):
        told = draft if isinstance(draft, Unread) else _with_hint(draft, page)
        yield Fetched(told, f"{stem}{at}", page.address)


def _named(page: Page) -> tuple[str, str]:
    """The name of a fetched file without its ending, and the ending of its format. Raises: ArticleUnreadable."""
    path = PurePosixPath(unquote(urlsplit(page.address).path))
    if page.media_type in _ENDINGS:
        return path.stem or "page", _ENDINGS[page.media_type]
    if page.media_type in _VAGUE and path.suffix.lower() in FORMATS:
        return path.stem, path.suffix.lower()
    if page.media_type in _VAGUE and b"<html" in page.content[:2_000].lower():
        return path.stem or "page", ".html"
    raise ArticleUnreadable(f"its media type is {page.media_type or 'not told'}, which is no article")


def _with_hint(draft: Draft, page: Page) -> Draft:
    """The draft, with what it does not tell filled in from the feed; where it is the feed's own text, the feed wins."""
    hint = page.hint or Draft("", "")
    values: dict[str, Any] = {}
    told_by = dict(draft.told_by)
    feed_wins = "text" in hint.told_by
    for name in _FIELDS:
        told = getattr(hint, name)
        if told and (feed_wins or not getattr(draft, name)):
            values[name] = told
            told_by[name] = hint.told_by.get(name, "the feed")
    if feed_wins:
        told_by["text"] = hint.told_by["text"]
    if not (draft.url or values.get("url")) and "#" not in page.address:
        values["url"] = page.address
        told_by["url"] = "the address it was read from"
    return replace(draft, **values, told_by=told_by)
