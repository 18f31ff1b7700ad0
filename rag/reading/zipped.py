"""Documents that are zip archives of XML (docx, odt, epub): opened only where nothing can swell or reach out."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException

from rag.errors import ArticleUnreadable

# What zipfile, lxml and the libraries above them let through of a file that is not as it should be.
BROKEN = (
    *(ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, OSError, RuntimeError),
    *(SyntaxError, TypeError, ValueError, zipfile.BadZipFile, zlib.error),
)
_XML = (".xml", ".rels", ".opf", ".ncx")
_MOST_BYTES = 800_000_000
_ENCRYPTED = 1


@contextmanager
def opened(file: BinaryIO, kind: str) -> Iterator[zipfile.ZipFile]:
    """The archive, sound as far as can be told beforehand; what breaks later is told as a damaged `kind`.

    Raises: ArticleUnreadable.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            _check(archive)
            yield archive
    except DefusedXmlException as error:
        raise ArticleUnreadable("its XML declares a document type or entities, as no such document does") from error
    except BROKEN as error:
        told = " ".join(str(error).split())[:200] or type(error).__name__
        raise ArticleUnreadable(f"it is a damaged {kind}, or none: {told}") from error


def _check(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if any(info.flag_bits & _ENCRYPTED for info in members):
        raise ArticleUnreadable("it is encrypted", "give it without its password")
    unpacked = sum(info.file_size for info in members)
    if unpacked > _MOST_BYTES:
        raise ArticleUnreadable(f"it unpacks to {unpacked / 1e6:,.0f} MB", f"at most {_MOST_BYTES / 1e6:.0f} MB")
    for info in members:
        if info.filename.lower().endswith(_XML):
            _check_prolog(archive, info)


def _check_prolog(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
    """Raises: DefusedXmlException, when a document type is declared before the first element."""
    from defusedxml.ElementTree import iterparse

    # The old table of contents of an e-book names its document type by right; nobody follows it.
    with archive.open(info) as part:
        try:
            next(iter(iterparse(part, events=("start",), forbid_dtd=not info.filename.lower().endswith(".ncx"))), None)
        except ParseError:
            # Whoever needs this part says what is wrong with it.
            return
