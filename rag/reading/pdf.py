"""PDF: the text layer page by page, its lines joined into paragraphs."""

from __future__ import annotations

import re
import struct
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from rag.errors import ArticleUnreadable
from rag.reading import properties
from rag.reading.draft import Draft, Unread

if TYPE_CHECKING:
    from pypdf import PdfReader

# What pypdf lets through of a page that is not as it should be.
_BROKEN = (
    *(ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, OSError, RuntimeError),
    *(TypeError, ValueError, struct.error, zlib.error),
)
_LIGATURES = re.compile("[\ufb00-\ufb06]")
_SENTENCE_END = tuple('.!?:;"”’»…')
# A word that would have fitted on the line before it begins a paragraph: letters differ in width, so well within it.
_FITS = 0.85
_REPEATED_PAGES = 3


def parse(file: BinaryIO) -> Iterator[Draft | Unread]:
    """Yield the article, after a line for each page that cannot be read.

    Raises: ArticleUnreadable, for what is encrypted, scanned or no PDF.
    """
    from pypdf.errors import PyPdfError

    reader = _opened(file)
    pages: list[list[str]] = []
    failed: list[Unread] = []
    try:
        for number in range(len(reader.pages)):
            try:
                pages.append(_lines(reader.pages[number].extract_text()))
            except (PyPdfError, *_BROKEN) as error:
                failed.append(Unread(f"page {number + 1}", f"it cannot be read: {_told(error)}"))
        info = reader.metadata
        title, author = (info.title, info.author) if info else (None, None)
    except (PyPdfError, *_BROKEN) as error:
        raise ArticleUnreadable(f"it is a damaged PDF: {_told(error)}") from error
    text = "\n\n".join(paragraphs(pages))
    if not re.search(r"\w", text):
        if failed:
            raise ArticleUnreadable(f"none of its {len(failed)} pages can be read: {failed[0].reason}")
        raise ArticleUnreadable("scanned: no text layer", "give it to a program for text recognition first")
    yield from failed
    yield properties.draft(text, title, author)


def _opened(file: BinaryIO) -> PdfReader:
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    try:
        reader = PdfReader(file)
        locked = reader.is_encrypted and not reader.decrypt("")
    except (DependencyError, PyPdfError, *_BROKEN) as error:
        raise ArticleUnreadable(f"it is a damaged PDF, or none: {_told(error)}") from error
    if locked:
        raise ArticleUnreadable("it is encrypted", "give it without its password")
    return reader


def _told(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _lines(page: str) -> list[str]:
    """The lines; a ligature is two letters, as readers search for them."""
    text = _LIGATURES.sub(lambda found: unicodedata.normalize("NFKC", found.group()), page)
    return [" ".join(line.split()) for line in text.split("\n")]


def paragraphs(pages: list[list[str]]) -> list[str]:
    """Join the lines of pages into paragraphs; what stands on every page and page numbers are left out."""
    lines = [line for page in _without_running_lines(pages) for line in page]
    lengths = sorted(len(line) for line in lines if line)
    width = lengths[len(lengths) * 9 // 10] if lengths else 0
    words = set(re.findall(r"\w+(?:-\w+)*", " ".join(lines).lower()))
    done: list[list[str]] = []
    last = ""
    for line in lines:
        if last and line and not _ends(last, line, width):
            if _broken_word(last, line, words):
                done[-1][-1] = done[-1][-1].removesuffix("-")
            done[-1].append(line if last.endswith(("-", "\xad")) and re.match(r"\w", line) else f" {line}")
        elif line:
            done.append([line])
        last = line
    # A long paragraph is joined once: again and again would take the square of its length.
    return ["".join(parts).replace("\xad", "") for parts in done]


def _ends(line: str, following: str, width: int) -> bool:
    """Whether a line ends its paragraph, although no empty line follows."""
    if len(line) + 1 + len(following.split(" ", 1)[0]) >= _FITS * width or line.endswith(("-", "\xad")):
        return False
    return line.endswith(_SENTENCE_END) or not following[0].islower()


def _broken_word(line: str, following: str, words: set[str]) -> bool:
    """Whether a hyphen at a line's end goes: it stays where the text writes the word with one elsewhere."""
    begun = re.search(r"(\w+)-$", line) if line.endswith("-") else None
    ended = re.match(r"\w+", following)
    if not begun or not ended or not following[0].islower():
        return False
    whole, hyphened = (f"{begun[1]}{mark}{ended[0]}".lower() for mark in ("", "-"))
    return hyphened not in words or whole in words


def _without_running_lines(pages: list[list[str]]) -> list[list[str]]:
    """Take page numbers, and first and last lines that most pages repeat, off the pages."""
    trimmed = [_trimmed(page) for page in pages]
    edges = Counter(shape for page in trimmed for shape in {_shape(page[at]) for at in (0, -1) if page})
    most = max(_REPEATED_PAGES, len(pages) // 2 + 1)
    repeated = {shape for shape, count in edges.items() if count >= most}
    kept = [[line for at, line in enumerate(page) if not _at_edge(at, page, repeated)] for page in trimmed]
    # Where nothing else stands on the pages, it is the text.
    return kept if any(map(any, kept)) else trimmed


def _at_edge(at: int, page: list[str], repeated: set[str]) -> bool:
    return at in (0, len(page) - 1) and _shape(page[at]) in repeated


def _trimmed(page: list[str]) -> list[str]:
    lines = list(page)
    while lines and not lines[-1]:
        lines.pop()
    if lines and re.fullmatch(r"\W*(?:page\s)?\d{1,4}(?:\s?(?:/|of)\s?\d{1,4})?\W*", lines[-1], re.IGNORECASE):
        lines.pop()
    return lines


def _shape(line: str) -> str:
    return re.sub(r"\d+", "0", line)
