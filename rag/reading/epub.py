"""E-books (EPUB): each document of the spine, a chapter or a story of an issue, is an article."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote

from rag.errors import ArticleUnreadable
from rag.reading import language, plain, visibility
from rag.reading.dates import parse_date
from rag.reading.draft import Draft, Unreadable, describe
from rag.reading.office import PACKAGE_ERRORS, open_package
from rag.types import PublishedDate

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from lxml.html import HtmlElement

_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_PAGE_TYPES = ("application/xhtml+xml", "text/html")
_MAX_DOCUMENTS = 20_000
_BLOCKS = frozenset("p h1 h2 h3 h4 h5 h6 li blockquote td th div section article pre dt dd figcaption body".split())
_SKIPPED = frozenset("script style head nav svg".split())


_OUTLET_FROM = ("the book's title", "the book's publisher")


@dataclass(frozen=True, slots=True)
class _Book:
    """The metadata of the package; `documents` are the member names of the spine, in reading order."""

    title: str
    publisher: str
    author: str | None
    published: PublishedDate | None
    language: str | None
    documents: tuple[str, ...]


def parse(file: BinaryIO) -> Iterator[Draft | Unreadable]:
    """Yield the documents of the spine that hold text; the key is the document's name. Raises: ArticleUnreadable."""
    count = 0
    with open_package(file, "e-book") as package:
        book, names = _read_book(package), frozenset(package.namelist())
        for name in book.documents:
            try:
                draft = _parse_document(package.read(name), name, book) if name in names else None
            except PACKAGE_ERRORS as error:
                yield Unreadable(name, f"it cannot be read: {describe(error)}")
                continue
            if name not in names:
                yield Unreadable(name, "it is not in the book")
            if draft is not None:
                count += 1
                yield draft
    if not count:
        raise ArticleUnreadable("there is no text in it")


def _read_book(package: zipfile.ZipFile) -> _Book:
    from defusedxml.ElementTree import fromstring

    container = fromstring(package.read("META-INF/container.xml"))
    path = next(node for node in container.iter() if node.tag.endswith("}rootfile")).attrib["full-path"]
    opf = fromstring(package.read(path))
    items = {item.get("id"): item for item in opf.iter(f"{_OPF}item")}
    spine = [items.get(ref.get("idref")) for ref in opf.iter(f"{_OPF}itemref") if ref.get("linear") != "no"]
    documents = [
        posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(item.get("href", ""))))
        for item in spine
        if item is not None
        and item.get("media-type") in _PAGE_TYPES
        and "nav" not in item.get("properties", "").split()
    ]
    code = language.code(next(_values(opf, "language"), None))
    return _Book(
        title=next(_values(opf, "title"), ""),
        publisher=_publisher(opf),
        author=", ".join(_values(opf, "creator")) or None,
        published=_published(opf, code),
        language=code,
        documents=tuple(dict.fromkeys(documents))[:_MAX_DOCUMENTS],
    )


def _values(opf: Element, name: str) -> Iterator[str]:
    return filter(None, (" ".join("".join(node.itertext()).split()) for node in opf.iter(f"{_DC}{name}")))


def _publisher(opf: Element) -> str:
    """Return the publisher, unless it is the program that made the book, which names itself as a contributor too."""
    makers = tuple(_values(opf, "contributor"))
    return next((name for name in _values(opf, "publisher") if not any(maker.startswith(name) for maker in makers)), "")


def _published(opf: Element, code: str | None) -> PublishedDate | None:
    for node in opf.iter(f"{_DC}date"):
        # EPUB 2 marks other dates, such as that of the file.
        is_publication = node.get(f"{_OPF}event", "publication") == "publication"
        if is_publication and (value := parse_date(" ".join("".join(node.itertext()).split()), code)):
            return value
    return None


def _parse_document(page: bytes, name: str, book: _Book) -> Draft | None:
    """Parse one document; None where it has no words, such as a cover."""
    from lxml import html

    # The HTML parser knows only HTML's own entities and loads nothing.
    tree = html.document_fromstring(page, parser=html.HTMLParser(encoding=_encoding(page), no_network=True))
    tree = visibility.without_hidden(tree)
    heading = next((text for node in tree.iter("h1", "h2", "h3") if (text := _line(node))), "")
    paragraphs = _paragraphs(tree)
    if not any(re.search(r"\w", paragraph) for paragraph in paragraphs):
        return None
    if heading and heading in paragraphs[:3]:
        paragraphs.remove(heading)
    draft = plain.parse("\n\n".join(paragraphs), title=heading)
    from_book = {
        "title": "" if heading or draft.title else "the book",
        "source": "" if draft.source or not (book.publisher or book.title) else _OUTLET_FROM[bool(book.publisher)],
        "published": "the book's date" if book.published and not draft.published else "",
        "author": "the book's author" if book.author and not draft.author else "",
        "language": "the book" if book.language else "",
    }
    told_by = {**draft.told_by, **{field: where for field, where in from_book.items() if where}}
    return Draft(
        title=heading or draft.title or _line(tree.find(".//title")) or book.title,
        text=re.sub(r"\n{3,}", "\n\n", draft.text),
        source=draft.source or book.publisher or book.title or None,
        published=draft.published or book.published,
        author=draft.author or book.author,
        language=book.language,
        told_by=told_by | ({"title": "the heading"} if heading else {}),
        key=name,
    )


def _encoding(page: bytes) -> str:
    declared = re.match(rb"""(?:\xef\xbb\xbf)?\s*<\?xml[^>]{0,100}encoding=["']([\w-]{1,20})""", page)
    if page.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    return declared[1].decode("ascii") if declared else "utf-8"


def _paragraphs(tree: HtmlElement) -> list[str]:
    """Return the text of each block, in reading order."""
    from lxml import etree

    blocks = [""]
    depth = 0
    for event, node in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        tag = node.tag if isinstance(node.tag, str) else "script"
        if event == "end":
            depth -= tag in _SKIPPED
        if tag in _BLOCKS:
            blocks.append("")
        if event == "start":
            depth += tag in _SKIPPED
            blocks[-1] += "\n" if tag == "br" and not depth else ""
        text = node.text if event == "start" else node.tail
        if text and not depth:
            blocks[-1] += re.sub(r"\s+", " ", text)
    lines = ("\n".join(filter(None, map(str.strip, block.split("\n")))) for block in blocks)
    return [line for line in lines if line]


def _line(node: HtmlElement | None) -> str:
    return "" if node is None else " ".join(node.text_content().split())
