"""Word processors' documents: paragraphs and table rows in their order, title and author from the properties."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from rag.errors import ArticleUnreadable
from rag.reading import properties, zipped
from rag.reading.draft import Draft

if TYPE_CHECKING:
    from docx.oxml.xmlchemy import BaseOxmlElement
    from odfdo import Element

_CELLS = " | "
_DOCX_BLOCKS = "./w:p | ./w:tbl/w:tr | ./w:sdt/w:sdtContent/w:p | ./w:sdt/w:sdtContent/w:tbl/w:tr"
# An insertion under review is text, a deletion (`w:delText`) is not; a text box stands twice, once for old programs.
_DOCX_TEXT = ".//w:r/*[self::w:t or self::w:tab or self::w:br or self::w:cr][not(ancestor::*[local-name()='Fallback'])]"
_ODT_LEFT_OUT = "ancestor::text:tracked-changes or ancestor::text:note or ancestor::office:annotation"
_ODT_BLOCKS = " | ".join(
    f"//{block}[not(ancestor::table:table-row or {_ODT_LEFT_OUT})]" for block in ("text:p", "text:h", "table:table-row")
)


def parse_docx(file: BinaryIO) -> Iterator[Draft]:
    """Yield the one article of a Word document. Raises: ArticleUnreadable."""
    import docx

    with zipped.opened(file, "Word document"):
        document = docx.Document(file)
        blocks = [_docx_block(block) for block in document.element.body.xpath(_DOCX_BLOCKS)]
        about = document.core_properties
        title, author, language = about.title, about.author, about.language
    yield properties.draft(_text(blocks), title, author, language)


def _docx_block(block: BaseOxmlElement) -> str:
    if block.tag.endswith("}p"):
        return _docx_text(block)
    cells = (" ".join(filter(None, map(_docx_text, cell.xpath(".//w:p")))) for cell in block.xpath("./w:tc"))
    return _CELLS.join(filter(None, cells))


def _docx_text(paragraph: BaseOxmlElement) -> str:
    parts = paragraph.xpath(_DOCX_TEXT)
    return "".join(
        part.text or "" if part.tag.endswith("}t") else "\t" if part.tag.endswith("}tab") else "\n" for part in parts
    ).strip()


def parse_odt(file: BinaryIO) -> Iterator[Draft]:
    """Yield the one article of an OpenDocument text. Raises: ArticleUnreadable."""
    import odfdo

    with zipped.opened(file, "OpenDocument text"):
        file.seek(0)
        document = odfdo.Document(io.BytesIO(file.read()))
        if document.get_type() not in ("text", "text-template"):
            raise ArticleUnreadable(f"it is an OpenDocument {document.get_type()}, not a text")
        blocks = [_odt_block(block) for block in document.body.get_elements(_ODT_BLOCKS)]
        about = document.meta
        title, author, language = about.title, about.initial_creator or about.creator, about.language
    yield properties.draft(_text(blocks), title, author, language)


def _odt_block(block: Element) -> str:
    if block.tag != "table:table-row":
        return _odt_text(block)
    cells = (
        " ".join(filter(None, map(_odt_text, cell.get_elements(".//text:p | .//text:h"))))
        for cell in block.get_elements("./table:table-cell")
    )
    return _CELLS.join(filter(None, cells))


def _odt_text(paragraph: Element) -> str:
    """The text without its notes and comments."""
    for aside in paragraph.get_elements(".//text:note | .//office:annotation"):
        aside.delete()
    return paragraph.inner_text.strip()


def _text(blocks: list[str]) -> str:
    text = "\n\n".join(filter(None, blocks))
    if not text:
        raise ArticleUnreadable("there is no text in it")
    return text
