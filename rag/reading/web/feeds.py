"""Feeds (RSS, RDF, Atom, JSON Feed) and sitemaps: recognize them by their content, and list their pages."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import parseaddr
from typing import Any
from urllib.parse import urljoin
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler, feature_namespaces

import defusedxml
import defusedxml.sax
import feedparser  # type: ignore[import-untyped]
from lxml import etree

from rag.errors import ArticleUnreadable
from rag.reading import language
from rag.reading.dates import iso_date, mail_date, valid_date
from rag.reading.draft import Draft
from rag.reading.encodings import decode_page
from rag.reading.web.fetch import read_body
from rag.types import PublishedDate, Rejection

_SNIFF_BYTES = 65_536
_KINDS = {"rss": "feed", "rdf": "feed", "feed": "feed", "urlset": "sitemap", "sitemapindex": "index"}
_HINT_FIELDS = ("title", "source", "published", "author", "language")


@dataclass(frozen=True, slots=True)
class Entry:
    """A page that a feed or a sitemap lists, with what it says of the page as `hint`.

    `feed` is the address of the feed or sitemap. `carried` is the feed's own copy of the whole text, if it has one. An
    entry that is not `linked` has no page, and its address only names it.
    """

    address: str
    feed: str
    hint: Draft
    carried: bytes = b""
    carried_type: str = "text/html"
    linked: bool = True


def kind(content: bytes) -> str | None:
    """Return `feed`, `json feed`, `sitemap` or `index` (of sitemaps); None for anything else.

    Names and media types are unreliable, so only the content counts.
    """
    start = content[:_SNIFF_BYTES].lstrip()
    if start.startswith((b"{", b"\xef\xbb\xbf{")):
        return "json feed" if _load_json_feed(content) else None
    try:
        events = etree.iterparse(
            io.BytesIO(start), events=("start",), recover=True, resolve_entities=False, no_network=True, huge_tree=False
        )
        root = next((str(element.tag) for _, element in events), "")
    except etree.XMLSyntaxError:
        return None
    return _KINDS.get(root.rpartition("}")[2].lower())


def _hint(draft: Draft, where: str) -> Draft:
    return replace(draft, told_by={name: where for name in _HINT_FIELDS if getattr(draft, name)})


def _join(address: str, link: str) -> str:
    try:
        return urljoin(address, link)
    except ValueError:
        return link


# Feeds

# feedparser takes seconds for this much, and seconds more for every 100,000 elements.
_MAX_FEED_BYTES = 5_000_000
_MAX_ELEMENTS = 100_000
_XML_DECLARATION = re.compile(r"\s*<\?xml\b[^>]{0,200}?\?>")
# Without entities of its own, as in old RSS.
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]{0,500}>")
_CDATA_OR_AMPERSAND = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?:(\w+);|(?!#\d+;|#x[0-9a-fA-F]+;))", re.DOTALL)
_RECOVERING_PARSER = etree.XMLParser(
    recover=True, resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_pis=True
)
_XML_ENTITIES = ("amp", "lt", "gt", "quot", "apos")
# In these, feedparser takes an item's only date for that of an update.
_ONE_DATE_VERSIONS = ("rss10", "rss090")


def parse_feed(content: bytes, charset: str | None, address: str) -> Iterator[Entry]:
    """Yield the entries of the feed at `address`, in its order. Raises: ArticleUnreadable."""
    if len(content) > _MAX_FEED_BYTES:
        size, limit = len(content) / 1e6, _MAX_FEED_BYTES / 1e6
        raise ArticleUnreadable(f"the feed has {size:.1f} MB; the limit is {limit:g} MB")
    if feed := _load_json_feed(content):
        yield from (_json_entry(feed, entry, address) for entry in feed["items"] if isinstance(entry, dict))
        return
    xml = _well_formed(_repair(decode_page(content, charset)).encode("utf-8", "replace"))
    try:
        parsed = feedparser.parse(
            io.BytesIO(xml),
            response_headers={"content-type": "application/xml; charset=utf-8", "content-location": address},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    # feedparser fails on misplaced elements, such as an item in a link.
    except (ArithmeticError, LookupError, ValueError, TypeError, AttributeError) as error:
        raise ArticleUnreadable(f"the feed has misplaced elements: {error!r}") from error
    yield from (_xml_entry(parsed, entry, address) for entry in parsed.entries)


def _repair(text: str) -> str:
    """Escape bare `&`, the most common error, and remove the DTD and the XML declaration, which no longer applies."""

    def escape(match: re.Match[str]) -> str:
        name = match[1]
        if match[0].startswith("<") or name in _XML_ENTITIES:
            return match[0]
        return html.escape(html.unescape(match[0])) if name else "&amp;"

    bare = _DOCTYPE.sub("", _XML_DECLARATION.sub("", text, count=1), count=1)
    return _CDATA_OR_AMPERSAND.sub(escape, bare).lstrip()


def _well_formed(xml: bytes) -> bytes:
    """Return the feed as well-formed XML; malformed parts are repaired or dropped.

    feedparser's own parser for malformed XML must not see it: hostile text keeps it busy for minutes.
    Raises: ArticleUnreadable, also for XML entities.
    """
    if _xml_error(xml):
        try:
            root = etree.fromstring(xml, _RECOVERING_PARSER)
        except etree.XMLSyntaxError:
            root = None
        xml = b"" if root is None else etree.tostring(root, encoding="utf-8")
        if error := _xml_error(xml):
            raise ArticleUnreadable(f"the feed is not well-formed XML: {error}")
    return xml


class _ElementCounter(ContentHandler):
    """Raises: ArticleUnreadable, for more elements than a feed has."""

    def __init__(self) -> None:
        super().__init__()
        self._left = _MAX_ELEMENTS

    def startElementNS(self, name: object, qname: object, attrs: object) -> None:  # noqa: ARG002, N802
        self._left -= 1
        if self._left < 0:
            raise ArticleUnreadable(f"the feed has more than {_MAX_ELEMENTS:,} elements")


def _xml_error(xml: bytes) -> str | None:
    """Return what feedparser's strict parser would reject. Raises: ArticleUnreadable, for XML entities."""
    parser = defusedxml.sax.make_parser()
    parser.setFeature(feature_namespaces, 1)
    parser.setContentHandler(_ElementCounter())
    try:
        parser.parse(io.BytesIO(xml))
    except defusedxml.DefusedXmlException as error:
        raise ArticleUnreadable("the feed declares XML entities, which no feed needs and an attack does") from error
    except SAXParseException as error:
        return f"{error.getMessage()} in line {error.getLineNumber()}"
    return None


def _xml_entry(parsed: Mapping[str, Any], entry: Mapping[str, Any], address: str) -> Entry:
    feed, version = parsed["feed"], parsed["version"]
    date = "updated" if version in _ONE_DATE_VERSIONS and not entry.get("published") else "published"
    outlet = _plain_text((entry.get("source") or {}).get("title")) or _plain_text(feed.get("title"))
    draft = Draft(
        title=_plain_text(entry.get("title")),
        text="",
        source=outlet or None,
        published=_published(str(entry.get(date) or ""), entry.get(f"{date}_parsed")),
        author=_authors(entry, version),
        language=language.code(feed.get("language")),
    )
    content = (entry.get("content") or [{}])[0]
    return _entry(
        draft,
        address,
        link=str(entry.get("link") or "").strip(),
        entry_id=entry.get("id"),
        text=str(content.get("value") or ""),
        is_plain=content.get("type") == "text/plain",
    )


def _authors(entry: Mapping[str, Any], version: str) -> str | None:
    authors = entry.get("authors", ())
    names = [str(author.get("name") or "").strip() for author in authors]
    written = str(entry.get("author") or "")
    if version.startswith("rss") and len(authors) == 1 and "@" in written:
        # `jane@paper.example (Jane Doe)`: with a long top-level domain, feedparser cuts the name wrong.
        names = [parseaddr(written)[0]]
    return ", ".join(filter(None, names)) or None


def _published(text: str, parsed: Sequence[int] | None) -> PublishedDate | None:
    """Return the day as written, in the outlet's time zone; feedparser's only if the format is unusual."""
    if re.match(r"\s*\d{4}(?:-|\s*$)", text):
        return iso_date(text)
    return mail_date(text) or (valid_date(*parsed[:3]) if parsed else None)


def _load_json_feed(content: bytes) -> dict[str, Any] | None:
    """Return the content as a JSON Feed (https://jsonfeed.org), if it is one."""
    try:
        feed = json.loads(content)
    except (ValueError, RecursionError):
        return None
    is_feed = isinstance(feed, dict) and str(feed.get("version", "")).startswith("https://jsonfeed.org/version/")
    return feed if is_feed and isinstance(feed.get("items"), list) else None


def _json_entry(feed: Mapping[str, Any], entry: Mapping[str, Any], address: str) -> Entry:
    authors = entry.get("authors") or [entry.get("author")]
    names = [str(author.get("name") or "").strip() for author in authors if isinstance(author, dict)]
    draft = Draft(
        title=_plain_text(entry.get("title")),
        text="",
        source=_plain_text(feed.get("title")) or None,
        published=iso_date(str(entry.get("date_published") or "")),
        author=", ".join(filter(None, names)) or None,
        language=language.code(entry.get("language") or feed.get("language")),
    )
    rich = entry.get("content_html")
    return _entry(
        draft,
        address,
        link=str(entry.get("url") or entry.get("external_url") or ""),
        entry_id=entry.get("id"),
        text=str(rich or entry.get("content_text") or ""),
        is_plain=not rich,
    )


def _entry(draft: Draft, address: str, *, link: str, entry_id: object, text: str, is_plain: bool) -> Entry:
    if not text.strip():
        text = ""
    elif not is_plain:
        title = html.escape(draft.title)
        head = f'<!doctype html><html><head><meta charset="utf-8"><title>{title}</title></head><body><article>'
        text = f"{head}{text}</article></body></html>"
    return Entry(
        _join(address, link or f"#{entry_id or ''}"),
        address,
        _hint(draft, "the feed"),
        carried=text.encode("utf-8", "replace"),
        carried_type="text/plain" if is_plain else "text/html",
        linked=bool(link),
    )


def _plain_text(title: object) -> str:
    bare = html.unescape(re.sub(r"</?[a-zA-Z][^<>]*>", "", str(title or "")))
    return " ".join(bare.split())


# Sitemaps (https://www.sitemaps.org) with their extension for news

# The protocol's own limits.
_MAX_ADDRESSES = 50_000
_MAX_SITEMAP_BYTES = 50_000_000
_GZIP_MAGIC = b"\x1f\x8b"


def gunzip(content: bytes) -> bytes:
    """Decompress a sitemap, if it is gzipped. Raises: ArticleUnreadable."""
    return read_body([content], "gzip", _MAX_SITEMAP_BYTES) if content.startswith(_GZIP_MAGIC) else content


def parse_sitemap(content: bytes, address: str) -> Iterator[Entry | Rejection]:
    """Yield what the sitemap, or the index of sitemaps, at `address` lists, and a rejection where it breaks off."""
    count = 0
    try:
        for _, element in etree.iterparse(
            io.BytesIO(content.lstrip()),
            events=("end",),
            resolve_entities=False,
            no_network=True,
            huge_tree=False,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
        ):
            if _local_name(element) not in ("url", "sitemap"):
                continue
            if count == _MAX_ADDRESSES:
                yield Rejection(address, f"it lists more than {_MAX_ADDRESSES:,} addresses; only these were used")
                return
            count += 1
            yield _sitemap_entry(element, address)
            # Free what was read: a sitemap may have a million elements.
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        yield Rejection(address, f"the sitemap is damaged after {count:,} addresses: {error.msg}")


def _sitemap_entry(element: etree._Element, address: str) -> Entry:
    values: dict[str, str] = {}
    for part in element.iter():
        parent = part.getparent()
        # Pictures and videos in an entry have elements of the same names.
        if parent is element or (parent is not None and _local_name(parent) in ("news", "publication")):
            values.setdefault(_local_name(part), (part.text or "").strip())
    draft = Draft(
        title=values.get("title", ""),
        text="",
        source=values.get("name") or None,
        published=iso_date(values.get("publication_date", "")),
        language=language.code(values.get("language")),
    )
    return Entry(_join(address, values["loc"]) if values.get("loc") else "", address, _hint(draft, "the sitemap"))


def _local_name(element: etree._Element) -> str:
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""
