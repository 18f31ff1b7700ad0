"""Web pages, and pages saved whole: the article's text without what stands around it, and what the page tells of it."""

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
from rag.reading import metadata, page_dates
from rag.reading.charsets import decode_page
from rag.reading.draft import Draft

if TYPE_CHECKING:
    from lxml.etree import _Element
    from lxml.html import HtmlElement

PAGE_BYTES = 20_000_000

_SAVED_FROM = re.compile(
    r"<!--\s*(?:saved from url=\(\d+\)|page saved with singlefile\s+url:\s*)(https?://[^\s>]+)", re.I
)
_HEAD_CHARS = 4_096
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
# What nobody sees, and what hides words in a text or changes its order. Joiners stay: emoji and Persian need them.
_UNSEEN = dict.fromkeys(
    [0xAD, 0x200B, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xE0000, 0xE0080)]
)
_BLOCKS = frozenset("p head quote list item table row div code".split())
_TITLE_PARAGRAPHS = 3
_MOST_ATTRIBUTES = 200
# Measured on news pages; anything from 100 characters and 0.3 to 200 and 0.6 reads as well.
_LONG_PARAGRAPH_CHARS = 150
_LEAST_SHARE = 0.4
_LINK_CHARS = 20
_MOST_LINKED = 0.6
_WEIGHED_CHARS, _WEIGHED_LINKS = 20_000, 2_000


def parse_page(content: bytes, address: str | None = None, charset: str | None = None) -> Draft:
    """Read the article of a page. Its `text` is empty where the page has none.

    `address` is where the page was fetched, and `charset` what HTTP said. Raises: ArticleUnreadable.
    """
    text = decode_page(content, charset)
    if address is None and (saved := _SAVED_FROM.search(text[:_HEAD_CHARS])):
        address = saved[1]
    tree = _parsed(text)
    page = metadata.Page(tree, address)
    told, told_by = metadata.tell(page)
    if found := page_dates.published(page):
        told_by["published"] = found[1]
    title = _seen(told.get("title", ""))
    return Draft(
        title=title,
        text=_without_title(body_text(tree), title),
        source=told.get("source"),
        published=found[0] if found else None,
        url=told.get("url"),
        author=told.get("author"),
        language=told.get("language"),
        told_by=told_by,
    )


def parse_file(file: BinaryIO) -> Iterator[Draft]:
    """Read a page that was saved as a file."""
    yield parse_page(file.read())


def parse_fetched(file: BinaryIO, address: str, charset: str | None) -> Iterator[Draft]:
    """Read a page that was fetched at `address`; `charset` is what HTTP said."""
    yield parse_page(file.read(), address, charset)


def parse_saved(file: BinaryIO) -> Iterator[Draft]:
    """Read a page that was saved with all its parts (MHTML, RFC 2557). Raises: ArticleUnreadable."""
    message = message_from_binary_file(file, policy=policy.default)
    parts = [part for part in message.walk() if part.get_content_type() in ("text/html", "application/xhtml+xml")]
    start = message.get_param("start")
    main = next((part for part in parts if start and part.get("Content-ID", "").strip() == start), None)
    main = main or next(iter(parts), None)
    content = main.get_payload(decode=True) if main else None
    if main is None or not isinstance(content, bytes):
        raise ArticleUnreadable("it holds no web page", "save the page again, as a web page in a single file")
    yield parse_page(content, _location(message, main), main.get_content_charset())


def html_text(html: str) -> str:
    """The article's text in a piece of HTML; empty where there is none."""
    return body_text(_parsed(html)) if html.strip() else ""


def body_text(tree: HtmlElement) -> str:
    """The text of a page's article, a blank line between its paragraphs.

    Precision first: a sentence that is not the article's must not be quoted from it. Where that leaves out most of the
    page's long paragraphs it was too strict, and the longer of two readings is the article.
    """
    precise = _extracted(tree, precise=True)
    paragraphs = {str(node.text_content()) for node in tree.iter("p")}
    shown = sum(len(text) for text in paragraphs if len(text) >= _LONG_PARAGRAPH_CHARS)
    if not precise or len(precise) < _LEAST_SHARE * shown:
        precise = max(precise, _extracted(tree, precise=False), key=len)
    return "" if _is_list_of_links(tree, precise) else precise


def _is_list_of_links(tree: HtmlElement, text: str) -> bool:
    """Whether most of a text is what links of the page say: a front page, a list of results."""
    flat = " ".join(text[:_WEIGHED_CHARS].split())
    links = dict.fromkeys(" ".join(str(node.text_content()).split()) for node in tree.iter("a"))
    weighed = [link for link in islice(links, _WEIGHED_LINKS) if len(link) >= _LINK_CHARS and link in flat]
    return sum(map(len, weighed)) > _MOST_LINKED * len(flat)


def _extracted(tree: HtmlElement, *, precise: bool) -> str:
    from trafilatura import bare_extraction

    # It warns of each page without an article.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    found = bare_extraction(tree, include_comments=False, favor_precision=precise, output_format="xml")
    return "" if found is None or isinstance(found, dict) else _paragraphs(found.body)


def _location(message: EmailMessage, main: EmailMessage) -> str | None:
    told = (main.get("Content-Location"), message.get("Snapshot-Content-Location"), message.get("Content-Location"))
    return next((str(url).strip() for url in told if url and str(url).strip().startswith("http")), None)


def _parsed(text: str) -> HtmlElement:
    from lxml.etree import LxmlError
    from lxml.html import HtmlElement, HTMLParser, document_fromstring

    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    try:
        tree = document_fromstring(_CONTROLS.sub("", text).encode("utf-8", "replace"), parser=parser)
    except (LxmlError, ValueError) as error:
        raise ArticleUnreadable(f"it is no web page: {' '.join(str(error).split())}") from error
    # What asks for scripts is no article; "until-found" is shown by the browser's own search.
    for node in list(tree.iter()):
        # To look one up among many takes as long as there are many.
        if len(node.attrib) > _MOST_ATTRIBUTES:
            node.attrib.clear()
        unseen = node.tag == "noscript" or node.get("hidden", "until-found") != "until-found"
        if isinstance(node, HtmlElement) and unseen and node.tag not in ("html", "body"):
            node.drop_tree()
    return tree


def _paragraphs(body: _Element) -> str:
    parts: list[str] = []
    _collect(body, parts)
    paragraphs = ("\n".join(_seen(line) for line in block.split("\v")).strip() for block in "".join(parts).split("\f"))
    return "\n\n".join(paragraph for paragraph in paragraphs if re.search(r"\w", paragraph))


def _collect(element: _Element, parts: list[str]) -> None:
    """Append an element's text; a form feed parts paragraphs, a vertical tab lines."""
    edge = "\f" if element.tag in _BLOCKS else "\v" if element.tag == "lb" else ""
    parts.extend((edge, element.text or ""))
    for child in element:
        _collect(child, parts)
    parts.extend((" \t " if element.tag == "cell" else edge, element.tail or ""))


def _seen(text: str) -> str:
    """The text as it is seen: no characters without a shape, and one space where there are many."""
    return " ".join(text.translate(_UNSEEN).split())


def _without_title(text: str, title: str) -> str:
    """The text without its title, where it begins with it."""
    paragraphs = text.split("\n\n")
    for at, paragraph in enumerate(paragraphs[:_TITLE_PARAGRAPHS]):
        if title and _letters(paragraph) == _letters(title):
            return "\n\n".join(paragraphs[:at] + paragraphs[at + 1 :])
    return text


def _letters(text: str) -> str:
    return re.sub(r"\W", "", unicodedata.normalize("NFKC", text).casefold())
