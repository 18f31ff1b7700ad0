"""Web pages, fetched or saved: the article's text without what surrounds it, and its metadata."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterator
from email import message_from_binary_file, policy
from email.message import EmailMessage
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

from rag.errors import ArticleUnreadable
from rag.reading import metadata, publication_date, visibility
from rag.reading.draft import Draft
from rag.reading.encodings import INVISIBLE, decode_page

if TYPE_CHECKING:
    from lxml.etree import _Element
    from lxml.html import HtmlElement

MAX_BYTES = 20_000_000

_SAVED_FROM = re.compile(
    r"<!--\s*(?:saved from url=\(\d+\)|page saved with singlefile\s+url:\s*)(https?://[^\s>]+)", re.I
)
_HEAD_CHARS = 4_096
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_BLOCKS = frozenset("p head quote list item table row div code".split())
_TITLE_PARAGRAPHS = 3
_MAX_ATTRIBUTES = 200
# Measured on news pages; anything from 100 characters and 0.3 to 200 and 0.6 does as well.
_LONG_PARAGRAPH_CHARS = 150
_MIN_SHARE = 0.4
_MIN_LINK_CHARS = 20
_MAX_LINKED_SHARE = 0.6
_SAMPLED_CHARS, _SAMPLED_LINKS = 20_000, 2_000


def parse(content: bytes, address: str | None = None, charset: str | None = None) -> Draft:
    """Parse a page; `text` is empty where it holds no article.

    `address` is where it was fetched, `charset` what HTTP named. Raises: ArticleUnreadable.
    """
    text = decode_page(content, charset)
    if address is None and (saved := _SAVED_FROM.search(text[:_HEAD_CHARS])):
        address = saved[1]
    tree = _parse_tree(text)
    page = metadata.Page(tree, address)
    fields, told_by = metadata.extract(page)
    published = publication_date.published(page)
    if published:
        told_by["published"] = published[1]
    title = _clean(fields.get("title", ""))
    return Draft(
        title=title,
        text=_without_title(_article_text(tree), title),
        source=fields.get("source"),
        published=published[0] if published else None,
        url=fields.get("url"),
        author=fields.get("author"),
        language=fields.get("language"),
        told_by=told_by,
    )


def parse_file(file: BinaryIO, address: str | None = None, charset: str | None = None) -> Iterator[Draft]:
    """Yield the article of a page, saved or fetched."""
    yield parse(file.read(), address, charset)


def parse_mhtml(file: BinaryIO) -> Iterator[Draft]:
    """Yield the article of a page saved in a single file (MHTML, RFC 2557). Raises: ArticleUnreadable."""
    message = message_from_binary_file(file, policy=policy.default)
    pages = [part for part in message.walk() if part.get_content_type() in ("text/html", "application/xhtml+xml")]
    start = message.get_param("start")
    main = next((page for page in pages if start and page.get("Content-ID", "").strip() == start), None)
    main = main or next(iter(pages), None)
    content = main.get_payload(decode=True) if main else None
    if main is None or not isinstance(content, bytes):
        raise ArticleUnreadable("it holds no web page", "save the page again as a single file")
    yield parse(content, _saved_address(message, main), main.get_content_charset())


def fragment_text(html: str) -> str:
    """Return the article's text in a piece of HTML; empty where there is none."""
    return _article_text(_parse_tree(html)) if html.strip() else ""


def _article_text(tree: HtmlElement) -> str:
    """Return the article's text without what no reader sees; the whole of it where that would leave none."""
    return _main_text(visibility.without_hidden(tree)) or _main_text(tree)


def _main_text(tree: HtmlElement) -> str:
    """Return the text of the main part of a page, a blank line between its paragraphs.

    Extraction favors precision: a sentence from elsewhere must not be quoted as the article's. Where that drops most
    of the page's long paragraphs it was too strict, and the longer of two extractions is used.
    """
    precise = _extract(tree, precise=True)
    paragraphs = {str(node.text_content()) for node in tree.iter("p")}
    total = sum(len(text) for text in paragraphs if len(text) >= _LONG_PARAGRAPH_CHARS)
    if not precise or len(precise) < _MIN_SHARE * total:
        precise = max(precise, _extract(tree, precise=False), key=len)
    return "" if _is_list_of_links(tree, precise) else precise


def _is_list_of_links(tree: HtmlElement, text: str) -> bool:
    """Return whether a text consists mostly of link texts, as on a front page or in search results."""
    flat = " ".join(text[:_SAMPLED_CHARS].split())
    links = dict.fromkeys(" ".join(str(node.text_content()).split()) for node in tree.iter("a"))
    linked = [link for link in islice(links, _SAMPLED_LINKS) if len(link) >= _MIN_LINK_CHARS and link in flat]
    return sum(map(len, linked)) > _MAX_LINKED_SHARE * len(flat)


def _extract(tree: HtmlElement, *, precise: bool) -> str:
    from trafilatura import bare_extraction

    # It warns about every page without an article.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    found = bare_extraction(tree, include_comments=False, favor_precision=precise, output_format="xml")
    return "" if found is None or isinstance(found, dict) else _paragraphs(found.body)


def _saved_address(message: EmailMessage, main: EmailMessage) -> str | None:
    urls = (main.get("Content-Location"), message.get("Snapshot-Content-Location"), message.get("Content-Location"))
    return next((str(url).strip() for url in urls if url and str(url).strip().startswith("http")), None)


def _parse_tree(text: str) -> HtmlElement:
    from lxml.etree import LxmlError
    from lxml.html import HtmlElement, HTMLParser, document_fromstring

    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    try:
        tree = document_fromstring(_CONTROLS.sub("", text).encode("utf-8", "replace"), parser=parser)
    except (LxmlError, ValueError) as error:
        raise ArticleUnreadable(f"it is not a web page: {' '.join(str(error).split())}") from error
    # `noscript` is not the article's text; hidden "until-found" is shown by the browser's search.
    for node in list(tree.iter()):
        # Looking up an attribute takes time linear in their number.
        if len(node.attrib) > _MAX_ATTRIBUTES:
            node.attrib.clear()
        hidden = node.tag == "noscript" or node.get("hidden", "until-found") != "until-found"
        if isinstance(node, HtmlElement) and hidden and node.tag not in ("html", "body"):
            node.drop_tree()
    return tree


def _paragraphs(body: _Element) -> str:
    parts: list[str] = []
    _collect(body, parts)
    paragraphs = ("\n".join(_clean(line) for line in block.split("\v")).strip() for block in "".join(parts).split("\f"))
    return "\n\n".join(paragraph for paragraph in paragraphs if re.search(r"\w", paragraph))


def _collect(element: _Element, parts: list[str]) -> None:
    """Append an element's text; a form feed separates paragraphs, a vertical tab lines."""
    edge = "\f" if element.tag in _BLOCKS else "\v" if element.tag == "lb" else ""
    parts.extend((edge, element.text or ""))
    for child in element:
        _collect(child, parts)
    parts.extend((" \t " if element.tag == "cell" else edge, element.tail or ""))


def _clean(text: str) -> str:
    """Remove invisible characters and collapse whitespace."""
    return " ".join(text.translate(INVISIBLE).split())


def _without_title(text: str, title: str) -> str:
    """Remove the title from the first paragraphs of the text."""
    paragraphs = text.split("\n\n")
    for at, paragraph in enumerate(paragraphs[:_TITLE_PARAGRAPHS]):
        if title and _letters(paragraph) == _letters(title):
            return "\n\n".join(paragraphs[:at] + paragraphs[at + 1 :])
    return text


def _letters(text: str) -> str:
    return re.sub(r"\W", "", unicodedata.normalize("NFKC", text).casefold())
