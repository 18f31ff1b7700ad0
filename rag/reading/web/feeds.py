"""Feeds: RSS, RDF and Atom by feedparser, JSON Feed by hand."""

from __future__ import annotations

import codecs
import html
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from email.utils import parseaddr, parsedate_tz
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
from rag.reading.dates import UNTOLD_YEAR, checked
from rag.reading.draft import Draft
from rag.reading.web.listing import Listed, iso_date, json_feed, told
from rag.types import PublishedDate

# feedparser takes seconds for as much, and as long again for every 100,000 elements.
_MOST_BYTES = 5_000_000
_MOST_ELEMENTS = 100_000
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]{0,200}?\?>")
# One without entities of its own, as old RSS has it.
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]{0,500}>")
_DECLARED = re.compile(rb"""\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*["']([\w.-]+)""")
_CDATA_OR_AMPERSAND = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?:(\w+);|(?!#\d+;|#x[0-9a-fA-F]+;))", re.DOTALL)
_RECOVERING = etree.XMLParser(
    recover=True, resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_pis=True
)
_XML_NAMES = ("amp", "lt", "gt", "quot", "apos")
# In these the date of an item has one name only, which feedparser takes for that of an update.
_ONE_DATE = ("rss10", "rss090")


def parse(content: bytes, charset: str | None, address: str) -> Iterator[Listed]:
    """Yield the entries of the feed at `address`, in its order. Raises: ArticleUnreadable."""
    if len(content) > _MOST_BYTES:
        raise ArticleUnreadable(
            f"the feed has {len(content) / 1e6:.1f} MB, and a feed has at most {_MOST_BYTES / 1e6:g}"
        )
    if found := json_feed(content):
        yield from (_from_json(found, entry, address) for entry in found["items"] if isinstance(entry, dict))
        return
    encoded = _well_formed(_mended(_decoded(content, charset)).encode("utf-8", "replace"))
    parsed = _parsed(encoded, address)
    yield from (_from_xml(parsed, entry, address) for entry in parsed.entries)


def _parsed(encoded: bytes, address: str) -> Any:  # noqa: ANN401
    """What feedparser makes of well-formed XML in UTF-8. Raises: ArticleUnreadable."""
    try:
        return feedparser.parse(
            io.BytesIO(encoded),
            response_headers={"content-type": "application/xml; charset=utf-8", "content-location": address},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    # It stumbles over elements where they do not belong, such as an item in a link.
    except (ArithmeticError, LookupError, ValueError, TypeError, AttributeError) as error:
        raise ArticleUnreadable(f"the feed's elements stand where they do not belong: {error!r}") from error


def _decoded(content: bytes, charset: str | None) -> str:
    """Text by its byte order mark, the server's charset, the XML declaration or UTF-8: the first that fits."""
    declared = _DECLARED.match(content[:300])
    marked = next((name for mark, name in _BOMS if content.startswith(mark)), None)
    for name in (marked, charset, declared[1].decode() if declared else None, "utf-8"):
        try:
            if name:
                return content.decode(name)
        except (ValueError, LookupError):
            continue
    return content.decode("utf-8", "replace")


def _mended(text: str) -> str:
    """Without its XML declaration, which no longer holds, and its DTD; with bare `&`, the commonest fault, mended."""

    def mend(match: re.Match[str]) -> str:
        name = match[1]
        if match[0].startswith("<") or name in _XML_NAMES:
            return match[0]
        return html.escape(html.unescape(match[0])) if name else "&amp;"

    bare = _DOCTYPE.sub("", _DECLARATION.sub("", text, count=1), count=1)
    return _CDATA_OR_AMPERSAND.sub(mend, bare).lstrip()


def _well_formed(encoded: bytes) -> bytes:
    """The feed as XML that a strict parser takes; what is not well-formed is mended or left out.

    feedparser's own parser for broken XML must not see it: hostile text keeps that busy for minutes.
    Raises: ArticleUnreadable, also for XML entities.
    """
    if _fault(encoded):
        try:
            root = etree.fromstring(encoded, _RECOVERING)
        except etree.XMLSyntaxError:
            root = None
        encoded = b"" if root is None else etree.tostring(root, encoding="utf-8")
        if fault := _fault(encoded):
            raise ArticleUnreadable(f"the feed is not well-formed XML: {fault}")
    return encoded


class _Counting(ContentHandler):
    """Raises: ArticleUnreadable, for more elements than a feed has."""

    def __init__(self) -> None:
        super().__init__()
        self._left = _MOST_ELEMENTS

    def startElementNS(self, name: object, qname: object, attrs: object) -> None:  # noqa: ARG002, N802
        self._left -= 1
        if self._left < 0:
            raise ArticleUnreadable(f"the feed has more than {_MOST_ELEMENTS:,} elements")


def _fault(encoded: bytes) -> str | None:
    """What the parser that feedparser uses would not take. Raises: ArticleUnreadable, for XML entities."""
    parser = defusedxml.sax.make_parser()
    parser.setFeature(feature_namespaces, 1)
    parser.setContentHandler(_Counting())
    try:
        parser.parse(io.BytesIO(encoded))
    except defusedxml.DefusedXmlException as error:
        raise ArticleUnreadable("the feed declares XML entities, which no feed needs and an attack does") from error
    except SAXParseException as error:
        return f"{error.getMessage()} in line {error.getLineNumber()}"
    return None


def _from_xml(parsed: Mapping[str, Any], entry: Mapping[str, Any], address: str) -> Listed:
    feed = parsed["feed"]
    told_at, told_parsed = entry.get("published"), entry.get("published_parsed")
    if not told_at and parsed["version"] in _ONE_DATE:
        told_at, told_parsed = entry.get("updated"), entry.get("updated_parsed")
    outlet = _text((entry.get("source") or {}).get("title")) or _text(feed.get("title"))
    draft = Draft(
        title=_text(entry.get("title")),
        text="",
        source=outlet or None,
        published=_published(str(told_at or ""), told_parsed),
        author=_authors(entry, parsed["version"]),
        language=language.code(feed.get("language")),
    )
    whole = (entry.get("content") or [{}])[0]
    plain = whole.get("type") == "text/plain"
    link = str(entry.get("link") or "").strip()
    return Listed(
        _joined(address, link or f"#{entry.get('id') or ''}"),
        told("the feed", draft),
        carried=_page(str(whole.get("value") or ""), draft, plain=plain),
        carried_type="text/plain" if plain else "text/html",
        linked=bool(link),
    )


def _authors(entry: Mapping[str, Any], version: str) -> str | None:
    authors = entry.get("authors", ())
    names = [str(author.get("name") or "").strip() for author in authors]
    written = str(entry.get("author") or "")
    if version.startswith("rss") and len(authors) == 1 and "@" in written:
        # `jane@paper.example (Jane Doe)`, of which feedparser cuts the name wrong where the domain's end is a long one.
        names = [parseaddr(written)[0]]
    return ", ".join(filter(None, names)) or None


def _from_json(feed: Mapping[str, Any], entry: Mapping[str, Any], address: str) -> Listed:
    authors = entry.get("authors") or [entry.get("author")]
    names = [str(one.get("name") or "").strip() for one in authors if isinstance(one, dict)]
    draft = Draft(
        title=_text(entry.get("title")),
        text="",
        source=_text(feed.get("title")) or None,
        published=iso_date(str(entry.get("date_published") or "")),
        author=", ".join(filter(None, names)) or None,
        language=language.code(entry.get("language") or feed.get("language")),
    )
    rich, plain = entry.get("content_html"), entry.get("content_text")
    link = str(entry.get("url") or entry.get("external_url") or "")
    return Listed(
        _joined(address, link or f"#{entry.get('id') or ''}"),
        told("the feed", draft),
        carried=_page(str(rich or plain or ""), draft, plain=not rich),
        carried_type="text/html" if rich else "text/plain",
        linked=bool(link),
    )


def _joined(address: str, link: str) -> str:
    try:
        return urljoin(address, link)
    except ValueError:
        return link


def _published(text: str, parsed: Sequence[int] | None) -> PublishedDate | None:
    """The day as the outlet writes it, in its own time zone; by feedparser only where the form is neither usual one."""
    if re.match(r"\s*\d{4}(?:-|\s*$)", text):
        return iso_date(text)
    if UNTOLD_YEAR.search(text):
        return None
    usual = parsedate_tz(text)
    if usual:
        return checked(*usual[:3])
    return checked(*parsed[:3]) if parsed else None


def _text(title: object) -> str:
    """A title as people read it: without markup and line breaks."""
    bare = html.unescape(re.sub(r"</?[a-zA-Z][^<>]*>", "", str(title or "")))
    return " ".join(bare.split())


def _page(whole: str, draft: Draft, *, plain: bool) -> bytes:
    """What the feed carries of a page, as a document of its own."""
    if not whole.strip():
        return b""
    if plain:
        return whole.encode("utf-8", "replace")
    title = html.escape(draft.title)
    document = f'<!doctype html><html><head><meta charset="utf-8"><title>{title}</title></head><body><article>'
    return f"{document}{whole}</article></body></html>".encode("utf-8", "replace")
