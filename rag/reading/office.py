"""Office documents: Word, OpenDocument and rich text, as paragraphs and table rows in order."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException

from rag.errors import ArticleUnreadable
from rag.reading import plain
from rag.reading.draft import PARSER_ERRORS, Draft, describe

if TYPE_CHECKING:
    from docx.oxml.xmlchemy import BaseOxmlElement
    from odfdo import Element

# What zipfile, lxml and the libraries above them raise on malformed files.
PACKAGE_ERRORS = (*PARSER_ERRORS, OSError, RuntimeError, zipfile.BadZipFile)
_XML_SUFFIXES = (".xml", ".rels", ".opf", ".ncx")
_MAX_UNPACKED_BYTES = 800_000_000
_ENCRYPTED = 1

_CELL_SEPARATOR = " | "
_DOCX_BLOCKS = "./w:p | ./w:tbl/w:tr | ./w:sdt/w:sdtContent/w:p | ./w:sdt/w:sdtContent/w:tbl/w:tr"
# A tracked insertion is text, a deletion (`w:delText`) is not. Text boxes are stored twice, once for old programs.
_DOCX_TEXT = ".//w:r/*[self::w:t or self::w:tab or self::w:br or self::w:cr][not(ancestor::*[local-name()='Fallback'])]"
_ODT_SKIPPED = "ancestor::text:tracked-changes or ancestor::text:note or ancestor::office:annotation"
_ODT_BLOCKS = " | ".join(
    f"//{block}[not(ancestor::table:table-row or {_ODT_SKIPPED})]" for block in ("text:p", "text:h", "table:table-row")
)
_RTF_PROPERTY = r"\{\\info\b.{0,5000}?\{\\NAME\b ?((?:[^{}\\]|\\'[0-9a-f]{2}|\\u-?\d+ ?\??|\\[{}\\]){1,500})\}"


@contextmanager
def open_package(file: BinaryIO, kind: str) -> Iterator[zipfile.ZipFile]:
    """Open a document that is a zip of XML, after checking for encryption, zip bombs and XML entities.

    Errors inside the `with` block are reported as a damaged `kind`. Raises: ArticleUnreadable.
    """
    try:
        with zipfile.ZipFile(file) as package:
            _check_package(package)
            yield package
    except DefusedXmlException as error:
        raise ArticleUnreadable("its XML declares a document type or entities, as no such document does") from error
    except PACKAGE_ERRORS as error:
        raise ArticleUnreadable(f"it is a damaged {kind}, or none: {describe(error)}") from error


def _check_package(package: zipfile.ZipFile) -> None:
    members = package.infolist()
    if any(info.flag_bits & _ENCRYPTED for info in members):
        raise ArticleUnreadable("it is encrypted", "remove its password")
    unpacked = sum(info.file_size for info in members)
    if unpacked > _MAX_UNPACKED_BYTES:
        raise ArticleUnreadable(
            f"it unpacks to {unpacked / 1e6:,.0f} MB", f"at most {_MAX_UNPACKED_BYTES / 1e6:.0f} MB"
        )
    for info in members:
        if info.filename.lower().endswith(_XML_SUFFIXES):
            _check_prolog(package, info)


def _check_prolog(package: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
    """Raises: DefusedXmlException, for a document type declared before the first element."""
    from defusedxml.ElementTree import iterparse

    # An e-book's old table of contents (NCX) has a document type by its standard; nothing resolves it.
    with package.open(info) as part:
        try:
            next(iter(iterparse(part, events=("start",), forbid_dtd=not info.filename.lower().endswith(".ncx"))), None)
        except ParseError:
            # Whatever needs this part reports the error.
            return


def parse_docx(file: BinaryIO) -> Iterator[Draft]:
    """Yield the article of a Word document. Raises: ArticleUnreadable."""
    import docx

    with open_package(file, "Word document"):
        document = docx.Document(file)
        blocks = [_docx_block(block) for block in document.element.body.xpath(_DOCX_BLOCKS)]
        properties = document.core_properties
        title, author, language = properties.title, properties.author, properties.language
    yield plain.parse_document(_join_blocks(blocks), title, author, language)


def _docx_block(block: BaseOxmlElement) -> str:
    if block.tag.endswith("}p"):
        return _docx_text(block)
    cells = (" ".join(filter(None, map(_docx_text, cell.xpath(".//w:p")))) for cell in block.xpath("./w:tc"))
    return _CELL_SEPARATOR.join(filter(None, cells))


def _docx_text(paragraph: BaseOxmlElement) -> str:
    parts = paragraph.xpath(_DOCX_TEXT)
    return "".join(
        part.text or "" if part.tag.endswith("}t") else "\t" if part.tag.endswith("}tab") else "\n" for part in parts
    ).strip()


def parse_odt(file: BinaryIO) -> Iterator[Draft]:
    """Yield the article of an OpenDocument text. Raises: ArticleUnreadable."""
    import odfdo

    with open_package(file, "OpenDocument text"):
        file.seek(0)
        document = odfdo.Document(io.BytesIO(file.read()))
        if document.get_type() not in ("text", "text-template"):
            raise ArticleUnreadable(f"it is an OpenDocument {document.get_type()}, not a text")
        blocks = [_odt_block(block) for block in document.body.get_elements(_ODT_BLOCKS)]
        meta = document.meta
        title, author, language = meta.title, meta.initial_creator or meta.creator, meta.language
    yield plain.parse_document(_join_blocks(blocks), title, author, language)


def _odt_block(block: Element) -> str:
    if block.tag != "table:table-row":
        return _odt_text(block)
    cells = (
        " ".join(filter(None, map(_odt_text, cell.get_elements(".//text:p | .//text:h"))))
        for cell in block.get_elements("./table:table-cell")
    )
    return _CELL_SEPARATOR.join(filter(None, cells))


def _odt_text(paragraph: Element) -> str:
    for aside in paragraph.get_elements(".//text:note | .//office:annotation"):
        aside.delete()
    return paragraph.inner_text.strip()


def parse_rtf(file: BinaryIO) -> Iterator[Draft]:
    """Yield the article of a rich text file. Raises: ArticleUnreadable."""
    from striprtf.striprtf import rtf_to_text

    to_text: Callable[[str, str, str], str] = rtf_to_text
    content = file.read().decode("cp1252", "replace")
    if not content.lstrip("\ufeff\r\n ").startswith("{\\rtf"):
        raise ArticleUnreadable("it is not rich text, whatever its name")

    def read_property(name: str) -> str | None:
        found = re.search(_RTF_PROPERTY.replace("NAME", name), content, re.DOTALL)
        return to_text(f"{{\\rtf1 {found[1]}}}", "cp1252", "replace") if found else None

    try:
        text = to_text(content, "cp1252", "replace")
        title, author = read_property("title"), read_property("author")
    except (*PARSER_ERRORS, RuntimeError) as error:
        raise ArticleUnreadable(f"it is damaged rich text: {describe(error)}") from error
    lines = (line.strip(" |\t").replace("|", _CELL_SEPARATOR) for line in text.split("\n"))
    yield plain.parse_document(_join_blocks(lines), title, author)


def _join_blocks(blocks: Iterable[str]) -> str:
    text = "\n\n".join(filter(None, blocks))
    if not text:
        raise ArticleUnreadable("there is no text in it")
    return text
