"""What a page tells of its article, and where: JSON-LD, then OpenGraph and meta, then its markup and its address.

The order within a field is the order of trust. The date is told in `page_dates`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from rag.reading import language
from rag.reading.identity import page_address
from rag.reading.jsonld import Linked, Node, address_of, texts

if TYPE_CHECKING:
    from lxml.html import HtmlElement

Told = Iterator[tuple[str, str]]

_AUTHOR_METAS = """author article:author og:article:author byl dc.creator dcterms.creator citation_author
 sailthru.author parsely-author""".split()
_SOURCE_METAS = ("application-name", "dc.publisher", "dcterms.publisher", "publisher", "twitter:site")
_BYLINES = (
    ("itemprop author", './/*[@itemprop="author"]'),
    ("link rel=author", './/a[contains(concat(" ", @rel, " "), " author ")]'),
    ("the byline", './/*[contains(@class, "byline") or contains(@class, "author-name") or contains(@class, "Byline")]'),
)
_BY = re.compile(r"^(?:written\s+|posted\s+)?by\s*:?\s+", re.IGNORECASE)
_NO_NAME = re.compile(
    r"https?:|www\.|@|\d{2}:\d{2}|\b(?:admin|administrator|webmaster|null|undefined|n/a)\b", re.IGNORECASE
)
_NAME_CHARS = 120
_TITLE_CHARS = 300
_HEADLINE_CHARS = 100
_SITE_AFTER = re.compile(r"\s+[|–—·•»:-]+\s+")
# A phone's or a fast page's address on the same site.
_ALIAS = re.compile(r"^(?:www|m|mobile|amp)\.")


class Page:
    """A parsed page and what stands in its head, read once."""

    def __init__(self, tree: HtmlElement, address: str | None) -> None:
        self.tree = tree
        self.address = address if page_address(address) else None
        self.metas: dict[str, list[str]] = {}
        for meta in tree.iter("meta"):
            name = meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv") or ""
            if content := " ".join((meta.get("content") or "").split()):
                self.metas.setdefault(name.strip().lower(), []).append(content)
        scripts = (node for node in tree.iter("script") if "ld+json" in (node.get("type") or "").lower())
        linked = Linked(node.text or "" for node in scripts)
        self.linked = linked
        self.url, self.url_told_by = next(self._urls(), ("", ""))
        self.article = self._own(linked.articles)

    def _own(self, articles: tuple[Node, ...]) -> Node:
        """The node of the page's own article, not of one that it links to."""
        own = page_address(self.url)
        for node in articles:
            if own and page_address(urljoin(self.url, address_of(node) or "")) == own and address_of(node):
                return node
        unplaced = [node for node in articles if not own or not page_address(address_of(node))]
        # Some pages give their article the address of the site, or of the page before it was moved.
        return next(iter(unplaced or (articles if len(articles) == 1 else ())), {})

    def first(self, *names: str) -> Told:
        """Yield what the metas of these names say, by name in the given order."""
        for name in names:
            yield from ((content, name if ":" in name else f"meta {name}") for content in self.metas.get(name, ()))

    def _urls(self) -> Told:
        base = next((node.get("href") for node in self.tree.iter("base") if node.get("href")), None)
        base = _joined(self.address or "", base or "")
        told = [(node.get("href"), "link rel=canonical") for node in self.tree.iter("link") if _is_canonical(node)]
        told += self.first("og:url")
        if not self.address:
            told += [(address_of(node), "JSON-LD url") for node in self.linked.articles[:1]]
            told += self.first("twitter:url", "parsely-link")
        for href, where in told:
            url = _joined(base, (href or "").strip())
            if page_address(url) and (not self.address or _host(url) == _host(self.address)):
                yield url, where
        if self.address:
            yield self.address, "the address it was read from"


def tell(page: Page) -> tuple[dict[str, str], dict[str, str]]:
    """Return what is told of title, source, url, author, language, and where each was told."""
    fields: dict[str, Callable[[Page], Told]] = {
        "title": _titles,
        "source": _sources,
        "author": _authors,
        "language": _languages,
    }
    found = {field: next((pair for pair in teller(page) if pair[0]), None) for field, teller in fields.items()}
    if page.url:
        found["url"] = (page.url, page.url_told_by)
    told = {field: pair for field, pair in found.items() if pair}
    return {field: value for field, (value, _) in told.items()}, {field: where for field, (_, where) in told.items()}


def _titles(page: Page) -> Told:
    headings = [text for node in page.tree.iter("h1") if (text := _shown(node))]
    for headline in texts(page.article.get("headline")):
        # Some are cut off, by the page or at the 110 characters that a search engine reads.
        cut = headline.rstrip("….")
        open_end = cut != headline or len(headline) >= _HEADLINE_CHARS
        longer = (text for text in headings if text.startswith(cut) and len(text) > len(cut) and open_end)
        whole = next(longer, headline)
        yield _without_site(whole, page), "JSON-LD headline"
    for title, where in page.first("og:title", "twitter:title", "dc.title", "citation_title", "headline"):
        yield _without_site(title, page), where
    if len(headings) == 1 and len(headings[0]) <= _TITLE_CHARS:
        yield headings[0], "the h1"
    for name in texts(page.article.get("name")):
        yield name, "JSON-LD name"
    for node in page.tree.iter("title"):
        yield _without_site(_shown(node), page), "the title element"
    yield from ((text, "the h1") for text in headings)


def _sources(page: Page) -> Told:
    told = list(page.first("og:site_name"))
    told += [(name, "JSON-LD publisher") for name in page.linked.names(page.article.get("publisher"))[:1]]
    told += [(name, "JSON-LD WebSite") for name in page.linked.names(list(page.linked.sites))[:1]]
    for name, where in [*told, *page.first(*_SOURCE_METAS)]:
        if not name.startswith(("http", "@", "www.")) and len(name) <= _NAME_CHARS:
            yield name, where
    if page.url:
        yield _host(page.url), "the host of the address"


def _authors(page: Page) -> Told:
    for field in ("author", "creator"):
        yield _joint(page.linked.names(page.article.get(field))), f"JSON-LD {field}"
    for name in _AUTHOR_METAS:
        found = list(page.first(name))
        yield _joint(tuple(content for content, _ in found)), found[0][1] if found else ""
    for where, path in _BYLINES:
        found_names = [_named(node) for node in page.tree.xpath(path)[:20]]
        yield _joint(tuple(name for name in found_names if 2 < len(name) <= _NAME_CHARS)[:5]), where


def _languages(page: Page) -> Told:
    yield language.code(page.tree.get("lang") or page.tree.get("xml:lang")) or "", "html lang"
    for name in texts(page.article.get("inLanguage")):
        yield language.code(name) or "", "JSON-LD inLanguage"
    for name, where in page.first("og:locale", "content-language", "language", "dc.language"):
        yield language.code(name) or "", where


def _joint(names: tuple[str, ...]) -> str:
    bare = (_BY.sub("", name).strip(" ,;|") for name in names)
    return ", ".join(
        dict.fromkeys(name for name in bare if name and len(name) <= _NAME_CHARS and not _NO_NAME.search(name))
    )


def _named(node: HtmlElement) -> str:
    """The name in a byline, without the role or the date that stands in an element of its own beside it."""
    inner = node.xpath('.//*[@itemprop="name"]')
    told = node.get("content") or next((_shown(name) for name in inner), "")
    pieces = (" ".join(str(text).split()) for text in node.itertext())
    return told or next((piece for piece in pieces if len(piece) > 2 and not _BY.fullmatch(f"{piece} ")), "")


def _without_site(title: str, page: Page) -> str:
    """The title without the site's name that many pages put after it: `Rain falls | Tarn Post`."""
    parts = _SITE_AFTER.split(title)
    if len(parts) < 2:
        return title
    names = [name for name, _ in page.first("og:site_name", "application-name")]
    names += page.linked.names(page.article.get("publisher"))
    if page.url:
        names.append(_host(page.url).split(".")[0])
    last = re.sub(r"\W|\.com", "", parts[-1].lower())
    if any(last and re.sub(r"\W|\.com", "", name.lower()) in (last, f"the{last}") for name in names):
        return title[: title.rindex(parts[-1])].rstrip(" |–—·•»:-")
    return title


def _shown(node: HtmlElement) -> str:
    return " ".join(str(node.text_content()).split())


def _is_canonical(node: HtmlElement) -> bool:
    return "canonical" in (node.get("rel") or "").lower().split()


def _joined(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:
        return ""


def _host(url: str) -> str:
    return _ALIAS.sub("", (urlsplit(url).hostname or "").lower())
