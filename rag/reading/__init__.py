"""Turn files and web addresses into articles: `find` the items, `read` each."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from rag.errors import ArticleUnreadable
from rag.reading import language, metadata
from rag.reading.dates import is_far_ahead
from rag.reading.draft import (
    READ_ERRORS,
    Draft,
    IdentityRegistry,
    Unreadable,
    content_hash,
    escape_name,
    failure_reason,
    host,
    rejection,
    site,
)
from rag.reading.encodings import escape_surrogates, visible_line
from rag.reading.files import FORMATS, Address, Item, Upload, find, open_item, parse, suffix
from rag.reading.masthead import letters, spells
from rag.reading.sandbox import close
from rag.reading.web import Page, Policy
from rag.types import Article, Rejection

__all__ = ["FORMATS", "Address", "Item", "Policy", "Upload", "close", "find", "read"]

_SUFFIXES = {
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
# Servers send these where they do not know better: the name and the content decide.
_VAGUE_TYPES = frozenset({"", "application/octet-stream", "binary/octet-stream", "text/xml", "application/xml"})
_HINT_FIELDS = ("title", "source", "published", "author", "language")


def read(
    item: Item, policy: Policy | None = None, progress: Callable[[float], None] = lambda _share: None
) -> Iterator[Article | Rejection]:
    """Yield every article of a file or at an address, and a rejection for each part that cannot be read.

    Ids derive from places in files or from the addresses of what a site itself serves, so an edited article keeps its
    id. `policy` limits the use of the network. `progress` is called before each article with the share of the item read
    so far, 0 to 1. Parsers run in subprocesses that are reused until `close`.
    """
    ids = IdentityRegistry()
    if isinstance(item, Address):
        yield from _read_address(item.url, policy or Policy(), progress, ids)
    else:
        yield from _read_file(item, progress, ids)


def _read_file(
    item: Path | Upload, progress: Callable[[float], None], ids: IdentityRegistry
) -> Iterator[Article | Rejection]:
    try:
        name = f"upload:{item.name}" if isinstance(item, Upload) else str(item.resolve())
        origin = escape_name(name)
        with open_item(item) as (file, size):
            for draft in parse(item.name, file, size):
                progress(file.tell() / max(size, 1))
                yield _article(draft, item.name, origin, ids)
    except READ_ERRORS as error:
        yield rejection(item.name if isinstance(item, Upload) else str(item), failure_reason(error))


def _read_address(
    url: str, policy: Policy, progress: Callable[[float], None], ids: IdentityRegistry
) -> Iterator[Article | Rejection]:
    # Imported here: most runs never use the network.
    from rag.reading.web.crawl import crawl

    for page in crawl(url, policy, lambda done, total: progress(done / max(total, 1))):
        if isinstance(page, Rejection):
            yield rejection(page.path, page.reason)
            continue
        try:
            name, file = _file_name(page), io.BytesIO(page.content)
            for draft in parse(name, file, len(page.content), page.address, page.charset):
                yield _article(_attributed(_with_hint(draft, page), page), name, page.address, ids)
        except READ_ERRORS as error:
            yield rejection(page.address, failure_reason(error))


def _article(draft: Draft | Unreadable, name: str, origin: str, ids: IdentityRegistry) -> Article | Rejection:
    origin = f"{origin}!{escape_name(draft.member)}" if draft.member else origin
    place = f"{origin}#{draft.key}" if draft.key else origin
    if isinstance(draft, Unreadable):
        return rejection(place, draft.reason)
    if not draft.text:
        return rejection(place, "no article text in it")
    try:
        return _identified(draft, draft.member.rpartition("/")[2] or name, origin, ids)
    except READ_ERRORS as error:
        return rejection(place, failure_reason(error))


def _identified(draft: Draft, name: str, origin: str, ids: IdentityRegistry) -> Article:
    """Complete a draft with an id, a title and a language; its metadata become single lines of visible characters."""
    stem = name.encode("utf-8", "replace").decode()[: len(name) - len(suffix(name))]
    told_by = {field: visible_line(where) for field, where in draft.told_by.items()}
    draft = replace(
        draft,
        title=visible_line(draft.title) or visible_line(re.sub(r"[-_\s]+", " ", stem)) or "Untitled",
        source=visible_line(draft.source or "") or None,
        url=visible_line(draft.url or "", "") or None,
        author=visible_line(draft.author or "") or None,
        candidate=visible_line(draft.candidate or "") or None,
    )
    if draft.published and is_far_ahead(draft.published):
        draft = replace(draft, published=None)
        told_by.pop("published", None)
    if draft.source or letters(draft.candidate or "") == letters(draft.author or ""):
        draft = replace(draft, candidate=None)
    if not draft.language and (detected := language.detect(draft.text)):
        draft = replace(draft, language=detected)
        told_by["language"] = "the text itself"
    hashed = content_hash(draft)
    article_id, key = ids.assign(draft, name, origin, hashed)
    return Article(
        id=article_id,
        title=draft.title,
        text=draft.text,
        content_hash=hashed,
        source=draft.source,
        published=draft.published,
        url=draft.url,
        author=draft.author,
        language=draft.language,
        origin=escape_surrogates(f"{origin}#{key}" if key else origin),
        told_by=tuple(sorted(told_by.items())),
        candidate=draft.candidate,
    )


def _file_name(page: Page) -> str:
    """Name a fetched page as a file of its format. Raises: ArticleUnreadable."""
    path = PurePosixPath(unquote(urlsplit(page.address).path))
    if page.media_type in _SUFFIXES:
        return f"{path.stem or 'page'}{_SUFFIXES[page.media_type]}"
    if page.media_type in _VAGUE_TYPES and path.suffix.lower() in FORMATS:
        return f"{path.stem}{path.suffix.lower()}"
    if page.media_type in _VAGUE_TYPES and b"<html" in page.content[:2_000].lower():
        return f"{path.stem or 'page'}.html"
    raise ArticleUnreadable(f"its media type, {page.media_type or 'not stated'}, is not one of an article")


def _with_hint(draft: Draft | Unreadable, page: Page) -> Draft | Unreadable:
    """Add what the feed says of the page where the page is silent; the feed wins where the text is the feed's own."""
    if isinstance(draft, Unreadable):
        return draft
    hint = page.hint or Draft("", "")
    feed_wins = "text" in hint.told_by
    values: dict[str, Any] = {}
    told_by = dict(draft.told_by)
    for name in _HINT_FIELDS:
        value = getattr(hint, name)
        is_silent = not getattr(draft, name) or told_by.get(name) == metadata.HOST
        if value and (feed_wins or is_silent):
            values[name] = value
            told_by[name] = hint.told_by.get(name, "the feed")
    if feed_wins:
        told_by["text"] = hint.told_by["text"]
    return replace(draft, **values, told_by=told_by)


def _attributed(draft: Draft | Unreadable, page: Page) -> Draft | Unreadable:
    """Give a fetched article an address of the site that served it, and that site as its outlet if it names another.

    Anybody can serve a page that names the address of another site. What only a feed has, has no address.
    """
    if isinstance(draft, Unreadable):
        return draft
    told_by = dict(draft.told_by)
    source, url = draft.source, draft.url
    if site(url) not in ("", site(page.address)):
        source, told_by["source"] = host(page.address), f"the host that served it, which names {url}"
    elif not source:
        source, told_by["source"] = host(page.address), "the host of the address"
    elif source != host(page.address) and not spells(source, host(page.address)):
        # Anybody can take a name; the host is known.
        told_by["source"] = f"{told_by.get('source', 'the article')}, at {host(page.address)}"
    if "#" in page.address:
        url, _ = None, told_by.pop("url", "")
    elif site(url) != site(page.address):
        url, told_by["url"] = page.address, "the address it was read from"
    return replace(draft, source=source, url=url, told_by=told_by)
