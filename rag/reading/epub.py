"""E-books: each document of the spine is an article, as the chapters of a book and the stories of an issue are."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote

from rag.errors import ArticleUnreadable
from rag.reading import language, plain, zipped
from rag.reading.dates import read_date
from rag.reading.draft import Draft, Unread
from rag.types import PublishedDate

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from lxml.html import HtmlElement

_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_PAGES = ("application/xhtml+xml", "text/html")
_MOST_DOCUMENTS = 20_000
_BLOCKS = frozenset("p h1 h2 h3 h4 h5 h6 li blockquote td th div section article pre dt dd figcaption body".split())
_LEFT_OUT = frozenset("script style head nav svg".split())


@dataclass(frozen=True, slots=True)
class _Book:
    """What the package says; `documents` are the names of the spine's members, in reading order."""

    title: str
    author: str | None
    published: PublishedDate | None
    language: str | None
    documents: tuple[str, ...]


def parse(file: BinaryIO) -> Iterator[Draft | Unread]:
    """Yield the documents of the spine that hold text; the key is a document's name. Raises: ArticleUnreadable."""
    read = 0
    with zipped.opened(file, "e-book") as archive:
        book, names = _book(archive), frozenset(archive.namelist())
        for href in book.documents:
            try:
                page = archive.read(href) if href in names else None
                draft = _draft(page, href, book) if page is not None else Unread(href, "it is not in the book")
            except zipped.BROKEN as error:
                yield Unread(href, f"it cannot be read: {' '.join(str(error).split())[:200]}")
                continue
            if draft is not None:
                read += isinstance(draft, Draft)
                yield draft
    if not read:
        raise ArticleUnreadable("there is no text in it")


def _book(archive: zipfile.ZipFile) -> _Book:
    from defusedxml.ElementTree import fromstring

    container = fromstring(archive.read("META-INF/container.xml"))
    root = next(node for node in container.iter() if node.tag.endswith("}rootfile"))
    at = root.attrib["full-path"]
    package = fromstring(archive.read(at))
    items = {item.get("id"): item for item in package.iter(f"{_OPF}item")}
    spine = [items.get(ref.get("idref")) for ref in package.iter(f"{_OPF}itemref") if ref.get("linear") != "no"]
    hrefs = [
        posixpath.normpath(posixpath.join(posixpath.dirname(at), unquote(item.get("href", ""))))
        for item in spine
        if item is not None and item.get("media-type") in _PAGES and "nav" not in item.get("properties", "").split()
    ]
    tongue = language.code(_first(package, "language"))
    return _Book(
        title=_first(package, "title") or "",
        author=", ".join(filter(None, (_said(node) for node in package.iter(f"{_DC}creator")))) or None,
        published=_published(package, tongue),
        language=tongue,
        documents=tuple(dict.fromkeys(hrefs))[:_MOST_DOCUMENTS],
    )


def _first(package: Element, name: str) -> str | None:
    return next(filter(None, (_said(node) for node in package.iter(f"{_DC}{name}"))), None)


def _said(node: Element) -> str:
    return " ".join("".join(node.itertext()).split())


def _published(package: Element, tongue: str | None) -> PublishedDate | None:
    """The book's date; EPUB 2 says of a date whether it is that of the publication or of the file."""
    for node in package.iter(f"{_DC}date"):
        if node.get(f"{_OPF}event", "publication") == "publication":
            told = _said(node)
            if re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2]))?", told):
                return PublishedDate.parse(told)
            if found := read_date(told, tongue):
                return found
    return None


def _draft(page: bytes, href: str, book: _Book) -> Draft | None:
    """The article of one document; None where it holds no words, as a cover does."""
    from lxml import html

    # HTML's parser knows no entities but HTML's own, and opens nothing.
    tree = html.document_fromstring(page, parser=html.HTMLParser(encoding=_encoding(page), no_network=True))
    heading = next((_line(node) for node in tree.iter("h1", "h2", "h3") if _line(node)), "")
    paragraphs = _paragraphs(tree)
    if not any(re.search(r"\w", paragraph) for paragraph in paragraphs):
        return None
    if heading and heading in paragraphs[:3]:
        paragraphs.remove(heading)
    told = plain.parse("\n\n".join(paragraphs), titled=bool(heading))
    title = heading or told.title or _line(tree.find(".//title")) or book.title
    return Draft(
        title=title,
        text=re.sub(r"\n{3,}", "\n\n", told.text),
        source=told.source or book.title or None,
        published=told.published or book.published,
        author=told.author or book.author,
        language=book.language,
        told_by=_told_by(heading, told, book),
        key=href,
    )


def _told_by(heading: str, told: Draft, book: _Book) -> dict[str, str]:
    kept = {
        "title": "the heading" if heading else "the first line" if told.title else "the book",
        "source": "the text" if told.source else "the book's title" if book.title else "",
        "published": "the text" if told.published else "the book's date" if book.published else "",
        "author": "the byline" if told.author else "the book's author" if book.author else "",
        "language": "the book" if book.language else "",
    }
    return {field: how for field, how in kept.items() if how}


def _encoding(page: bytes) -> str:
    declared = re.match(rb"""(?:\xef\xbb\xbf)?\s*<\?xml[^>]{0,100}encoding=["']([\w-]{1,20})""", page)
    if page.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    return declared[1].decode("ascii") if declared else "utf-8"


def _paragraphs(tree: HtmlElement) -> list[str]:
    """One text a block, in reading order."""
    blocks = [""]
    hidden = 0
    for event, node in _walk(tree):
        tag = node.tag if isinstance(node.tag, str) else "script"
        if event == "end":
            hidden -= tag in _LEFT_OUT
        if tag in _BLOCKS:
            blocks.append("")
        if event == "start":
            hidden += tag in _LEFT_OUT
            blocks[-1] += "\n" if tag == "br" and not hidden else ""
        said = node.text if event == "start" else node.tail
        if said and not hidden:
            blocks[-1] += re.sub(r"\s+", " ", said)
    lines = ("\n".join(filter(None, map(str.strip, block.split("\n")))) for block in blocks)
    return [line for line in lines if line]


def _walk(tree: HtmlElement) -> Iterator[tuple[str, HtmlElement]]:
    from lxml import etree

    return iter(etree.iterwalk(tree, events=("start", "end", "comment", "pi")))


def _line(node: HtmlElement | None) -> str:
    return "" if node is None else " ".join(node.text_content().split())
