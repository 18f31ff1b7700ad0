"""Tell a feed or a sitemap from a page, by its content: names and media types lie."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

from rag.reading.dates import checked
from rag.reading.draft import Draft
from rag.types import PublishedDate

_SNIFF_BYTES = 65_536
_ROOTS = {"rss": "feed", "rdf": "feed", "feed": "feed", "urlset": "sitemap", "sitemapindex": "index"}
_ISO_DAY = re.compile(r"\s*(\d{4})(?:-(\d\d)(?:-(\d\d)(?!\d))?)?(?=$|[T\s])")


@dataclass(frozen=True, slots=True)
class Listed:
    """A page that a feed or a sitemap lists; one that is not `linked` has no page, and an address only to name it.

    `carried` is the whole text as the feed itself has it, where it has it.
    """

    address: str
    hint: Draft
    carried: bytes = b""
    carried_type: str = "text/html"
    linked: bool = True


def kind(content: bytes) -> str | None:
    """`feed`, `json feed`, `sitemap` or `index` (of sitemaps); None for what lists nothing."""
    start = content[:_SNIFF_BYTES].lstrip()
    if start.startswith((b"{", b"\xef\xbb\xbf{")):
        return "json feed" if json_feed(content) else None
    try:
        events = etree.iterparse(
            io.BytesIO(start), events=("start",), recover=True, resolve_entities=False, no_network=True, huge_tree=False
        )
        root = next((str(element.tag) for _, element in events), "")
    except etree.XMLSyntaxError:
        return None
    return _ROOTS.get(root.rpartition("}")[2].lower())


def json_feed(content: bytes) -> dict[str, Any] | None:
    """The content as a JSON Feed (https://jsonfeed.org), if it is one."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    told = isinstance(found, dict) and str(found.get("version", "")).startswith("https://jsonfeed.org/version/")
    return found if told and isinstance(found.get("items"), list) else None


def iso_date(text: str) -> PublishedDate | None:
    """The day of an ISO 8601 time as it is written, or as much of the day as is; None for another form."""
    match = _ISO_DAY.match(text)
    if not match:
        return None
    return checked(*(int(part or 0) for part in match.groups()))


def told(who: str, draft: Draft) -> Draft:
    """The draft, with `who` as the teller of every field that it has."""
    fields = ("title", "source", "published", "author", "language")
    return Draft(
        title=draft.title,
        text="",
        source=draft.source,
        published=draft.published,
        author=draft.author,
        language=draft.language,
        told_by={name: who for name in fields if getattr(draft, name)},
    )
