"""The metadata of a web page, each field from its most trusted place: JSON-LD, then OpenGraph and meta, then markup."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from rag.reading import language, masthead
from rag.reading.draft import host, page_address, site

if TYPE_CHECKING:
    from lxml.html import HtmlElement

Node = Mapping[str, Any]
# Values of a field, best first, each with the place it comes from.
Candidates = Iterator[tuple[str, str]]

_AUTHOR_METAS = """author article:author og:article:author byl dc.creator dcterms.creator citation_author
 sailthru.author parsely-author""".split()
_SOURCE_METAS = ("application-name", "dc.publisher", "dcterms.publisher", "publisher", "twitter:site")
_TITLE_METAS = ("og:title", "twitter:title", "dc.title", "citation_title", "headline")
_BYLINES = (
    ("itemprop author", './/*[@itemprop="author"]'),
    ("link rel=author", './/a[contains(concat(" ", @rel, " "), " author ")]'),
    ("the byline", './/*[contains(@class, "byline") or contains(@class, "author-name") or contains(@class, "Byline")]'),
)
_RIGHTS_PATH = ".//text()[contains(., '©') or contains(., 'opyright')][not(ancestor::script or ancestor::style)]"
_RIGHTS = re.compile(r"^.*?(?:©|copyright)(?:\W|copyright|\d{4})*", re.IGNORECASE)
_MAX_HOME_LINKS = 20
_BODY_PATH = ".//body//text()[normalize-space()][not(ancestor::script or ancestor::style or ancestor::a)]"
_EDGE_TEXTS = 3
# A host is no name: what a feed or the outlet's table says is better.
HOST = "the host of the address"
_BY = re.compile(r"^(?:written\s+|posted\s+)?by\s*:?\s+", re.IGNORECASE)
_NOT_A_NAME = re.compile(
    r"https?:|www\.|@|\d{2}:\d{2}|\b(?:admin|administrator|webmaster|null|undefined|n/a)\b", re.IGNORECASE
)
_MAX_NAME_CHARS = 120
_MAX_TITLE_CHARS = 300
# Search engines read 110 characters of a headline, so some pages cut theirs.
_CUT_HEADLINE_CHARS = 100
_TITLE_SEPARATOR = re.compile(r"\s+[|–—·•»:-]+\s+")


class Page:
    """A parsed page with its metas, JSON-LD and address; `address` is where it was fetched or saved from."""

    def __init__(self, tree: HtmlElement, address: str | None) -> None:
        self.tree = tree
        self.address = address if page_address(address) else None
        self._site = site(address)
        self._metas: dict[str, list[str]] = {}
        for meta in tree.iter("meta"):
            name = meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv") or ""
            if content := " ".join((meta.get("content") or "").split()):
                self._metas.setdefault(name.strip().lower(), []).append(content)
        scripts = (node for node in tree.iter("script") if "ld+json" in (node.get("type") or "").lower())
        self.json_ld = JsonLd(node.text or "" for node in scripts)
        self.url, self.url_told_by = next(self._urls(), ("", ""))
        self.article = self._own_article()

    def metas(self, *names: str) -> Candidates:
        """Yield the contents of the metas with these names, by name in the given order."""
        for name in names:
            yield from ((content, name if ":" in name else f"meta {name}") for content in self._metas.get(name, ()))

    def _own_article(self) -> Node:
        """Return the JSON-LD of the page's own article, not of one that it links to."""
        own, articles = page_address(self.url), self.json_ld.articles
        for node in articles:
            if own and _node_url(node) and page_address(_join(self.url, _node_url(node))) == own:
                return node
        unplaced = [node for node in articles if not own or not page_address(_node_url(node))]
        # Some pages give their article the address of the site, or an address from before a move.
        return next(iter(unplaced or (articles if len(articles) == 1 else ())), {})

    def _urls(self) -> Candidates:
        base = next((node.get("href") for node in self.tree.iter("base") if node.get("href")), None)
        base = _join(self.address or "", base or "")
        links = (node for node in self.tree.iter("link") if "canonical" in (node.get("rel") or "").lower().split())
        found = [(node.get("href") or "", "link rel=canonical") for node in links]
        found += self.metas("og:url")
        if not self.address:
            found += [(_node_url(node), "JSON-LD url") for node in self.json_ld.articles[:1]]
            found += self.metas("twitter:url", "parsely-link")
        for href, where in found:
            url = _join(base, href.strip())
            # A page may not claim an address on another site.
            if page_address(url) and (not self._site or site(url) == self._site):
                yield url, where
        if self.address:
            yield self.address, "the address it was read from"


def extract(page: Page) -> tuple[dict[str, str], dict[str, str]]:
    """Return title, source, url, author and language, as far as they are known, and where each comes from."""
    candidates = {
        "title": _titles(page),
        "source": _sources(page),
        "author": _authors(page),
        "language": _languages(page),
    }
    found = {field: next((pair for pair in pairs if pair[0]), None) for field, pairs in candidates.items()}
    if page.url:
        found["url"] = (page.url, page.url_told_by)
    known = {field: pair for field, pair in found.items() if pair}
    return {field: value for field, (value, _) in known.items()}, {field: where for field, (_, where) in known.items()}


def _titles(page: Page) -> Candidates:
    headings = [text for node in page.tree.iter("h1") if (text := _text(node))]
    for headline in texts(page.article.get("headline")):
        start = headline.rstrip("….")
        is_cut = start != headline or len(headline) >= _CUT_HEADLINE_CHARS
        longer = (text for text in headings if is_cut and text.startswith(start) and len(text) > len(start))
        yield _without_site(next(longer, headline), page), "JSON-LD headline"
    for title, where in page.metas(*_TITLE_METAS):
        yield _without_site(title, page), where
    if len(headings) == 1 and len(headings[0]) <= _MAX_TITLE_CHARS:
        yield headings[0], "the h1"
    for name in texts(page.article.get("name")):
        yield name, "JSON-LD name"
    for node in page.tree.iter("title"):
        yield _without_site(_text(node), page), "the title element"
    yield from ((text, "the h1") for text in headings)


def _sources(page: Page) -> Candidates:
    own_host = host(page.url) if page.url else ""
    found = list(page.metas("og:site_name"))
    found += [(name, "JSON-LD publisher") for name in page.json_ld.names(page.article.get("publisher"))[:1]]
    found += [(name, "JSON-LD WebSite") for name in page.json_ld.names(list(page.json_ld.sites))[:1]]
    found += page.metas(*_SOURCE_METAS)
    told = [pair for pair in found if not pair[0].startswith(("http", "@", "www.")) and len(pair[0]) <= _MAX_NAME_CHARS]
    told += _shown_names(page, own_host)
    if told and not any(word in own_host for word in re.findall(r"\w{2,}", told[0][0].lower())):
        # Some sites name the section first: the name that spells their address is the outlet's.
        told.sort(key=lambda pair: not masthead.spells(pair[0], own_host))
    yield from told
    if own_host:
        yield own_host, HOST


def _shown_names(page: Page, own_host: str) -> Candidates:
    """Yield names at the end of the title and after a copyright that the host spells or the link to the start shows."""
    title = next((_text(node) for node in page.tree.iter("title")), "")
    heading = next((text for node in page.tree.iter("h1") if (text := _text(node)) and text in title), "")
    beside = [_TITLE_SEPARATOR.split(title)[-1], *(title.split(heading) if heading else ())]
    ends = [name for part in beside if (name := part.strip(" |–—·•«»:-")) and name != title]
    homes = page.tree.xpath(".//a[@href='/' or @rel='home']")[:_MAX_HOME_LINKS]
    shown = {masthead.letters(_text(node) or next(iter(node.xpath(".//img/@alt")), "")) for node in homes}
    if not own_host:
        # Without an address: the name in the first or last lines of the page.
        texts = [text for part in page.tree.xpath(_BODY_PATH) if (text := " ".join(str(part).split()))]
        edges = [text[:_MAX_TITLE_CHARS] for text in (*texts[:_EDGE_TEXTS], *texts[-_EDGE_TEXTS:])]
        shown |= {
            masthead.letters(name)
            for text in edges
            for name in (text, masthead.leading_name(text))
            if len(name.split()) > 1
        }
    for name in ends:
        if masthead.letters(name) in shown - {""} or masthead.spells(name, own_host):
            yield name, "the end of the title"
    for text in page.tree.xpath(_RIGHTS_PATH)[:_MAX_HOME_LINKS]:
        name = masthead.leading_name(_RIGHTS.sub("", " ".join(str(text).split())[:_MAX_TITLE_CHARS]))
        if name and masthead.spells(name, own_host):
            yield name, "the copyright"


def _authors(page: Page) -> Candidates:
    for field in ("author", "creator"):
        yield _join_names(page.json_ld.names(page.article.get(field))), f"JSON-LD {field}"
    for name in _AUTHOR_METAS:
        found = list(page.metas(name))
        yield _join_names(content for content, _ in found), found[0][1] if found else ""
    for where, path in _BYLINES:
        names = [_byline_name(node) for node in page.tree.xpath(path)[:20]]
        yield _join_names([name for name in names if 2 < len(name) <= _MAX_NAME_CHARS][:5]), where


def _languages(page: Page) -> Candidates:
    yield language.code(page.tree.get("lang") or page.tree.get("xml:lang")) or "", "html lang"
    for name in texts(page.article.get("inLanguage")):
        yield language.code(name) or "", "JSON-LD inLanguage"
    for name, where in page.metas("og:locale", "content-language", "language", "dc.language"):
        yield language.code(name) or "", where


def _join_names(names: Iterable[str]) -> str:
    bare = dict.fromkeys(_BY.sub("", name).strip(" ,;|") for name in names)
    return ", ".join(name for name in bare if name and len(name) <= _MAX_NAME_CHARS and not _NOT_A_NAME.search(name))


def _byline_name(node: HtmlElement) -> str:
    """Return the name in a byline, without a role or a date in an element beside it."""
    named = node.get("content") or next((_text(name) for name in node.xpath('.//*[@itemprop="name"]')), "")
    pieces = (" ".join(str(text).split()) for text in node.itertext())
    return named or next((piece for piece in pieces if len(piece) > 2 and not _BY.fullmatch(f"{piece} ")), "")


def _without_site(title: str, page: Page) -> str:
    """Remove the site's name that many pages append to the title: `Rain falls | Tarn Post`."""
    parts = _TITLE_SEPARATOR.split(title)
    if len(parts) < 2:
        return title
    names = [name for name, _ in page.metas("og:site_name", "application-name")]
    names += page.json_ld.names(page.article.get("publisher"))
    if page.url:
        names.append(host(page.url).split(".")[0])
    last = _site_key(parts[-1])
    if last and any(_site_key(name) in (last, f"the{last}") for name in names):
        return title[: title.rindex(parts[-1])].rstrip(" |–—·•»:-")
    return title


def _site_key(name: str) -> str:
    return re.sub(r"\W|\.com", "", name.lower())


def _text(node: HtmlElement) -> str:
    return " ".join(str(node.text_content()).split())


def _join(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:
        return ""


# JSON-LD (https://schema.org/Article)

_ARTICLE_TYPE = re.compile(r"(?:\w*Article|\w*Posting|\w*Report|Review\w*|Report|Recipe)")
_COMMENT_MARKS = re.compile(
    r"\A\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*.*?\*/)?\s*(.*?)\s*(?:-->|//\s*\]\]>|\]\]>|;)?\s*\Z", re.DOTALL
)
_MAX_NODES = 2_000


class JsonLd:
    """The JSON-LD nodes of a page, by type."""

    def __init__(self, scripts: Iterable[str]) -> None:
        nodes = [node for script in scripts for node in _nodes(_load(script))][:_MAX_NODES]
        self._by_id = {str(node["@id"]): node for node in nodes if "@id" in node and len(node) > 2}
        self.articles = tuple(node for node in nodes if any(map(_ARTICLE_TYPE.fullmatch, _types(node))))
        self.pages = tuple(node for node in nodes if "WebPage" in _types(node))
        self.sites = tuple(node for node in nodes if "WebSite" in _types(node))

    def names(self, value: object) -> tuple[str, ...]:
        """Return the names in a value: a text, a node with a name, a reference to a node, or a list of these."""
        if isinstance(value, list):
            return tuple(dict.fromkeys(name for item in value[:50] for name in self.names(item)))
        if isinstance(value, dict):
            node = value if "name" in value else self._by_id.get(str(value.get("@id")), {})
            return tuple(texts(node.get("name")))
        return tuple(texts(value))


def texts(value: object) -> Iterator[str]:
    """Yield the texts of a JSON-LD value that is one text or a list; double escapes are undone."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str) and (text := " ".join(html.unescape(item).split())):
            yield text


def _types(node: Node) -> tuple[str, ...]:
    return tuple(name.rpartition("/")[2] for name in texts(node.get("@type")))


def _node_url(node: Node) -> str:
    for value in (node.get("url"), node.get("mainEntityOfPage")):
        value = value.get("@id") or value.get("url") if isinstance(value, dict) else value
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def _load(script: str) -> object:
    bare = _COMMENT_MARKS.sub(r"\1", script)
    for text in (bare, html.unescape(bare)):
        try:
            return json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _nodes(loaded: object) -> Iterator[Node]:
    """Yield the nodes in document order, outer before inner; what is nested in an article is about something else."""
    pending = [loaded]
    for _ in range(_MAX_NODES):
        if not pending:
            return
        value = pending.pop()
        if isinstance(value, list):
            pending.extend(reversed(value))
        elif isinstance(value, dict):
            if "@type" in value:
                yield value
            inner = ("@graph", "mainEntity", "publisher", "author", "isPartOf")
            pending.extend(value[key] for key in reversed(inner) if isinstance(value.get(key), (list, dict)))
