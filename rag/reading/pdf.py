"""PDF: the text layer of each page, its lines joined into paragraphs."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from rag.errors import ArticleUnreadable
from rag.reading import plain
from rag.reading.draft import PARSER_ERRORS, Draft, Unreadable, describe

if TYPE_CHECKING:
    from pypdf import PdfReader

# What pypdf raises, beside its own errors, on malformed files.
_ERRORS = (*PARSER_ERRORS, OSError, RuntimeError)
_LIGATURES = re.compile("[\ufb00-\ufb06]")
_PAGE_NUMBER = re.compile(r"\W*(?:page\s)?\d{1,4}(?:\s?(?:/|of)\s?\d{1,4})?\W*", re.IGNORECASE)
# The name of an issue beside the number of a page: `The Tarn Post | Page 3`.
_NAMED_PAGE = re.compile(r"([^\W\d_].{2,60}?)\s*[|·–—-]\s*(?:page\s)?(\d{1,4})", re.IGNORECASE)
_SENTENCE_END = tuple('.!?:;"”’»…')
# A line ends a paragraph if the next word would clearly have fitted on it; letters vary in width.
_FITS = 0.85
_MIN_REPEATED_PAGES = 3


def parse(file: BinaryIO) -> Iterator[Draft | Unreadable]:
    """Yield the article, after a line for each unreadable page.

    Raises: ArticleUnreadable, for a file that is encrypted, scanned or not a PDF.
    """
    from pypdf.errors import PyPdfError

    reader = _open(file)
    pages: list[list[str]] = []
    failed: list[Unreadable] = []
    try:
        for number in range(len(reader.pages)):
            try:
                pages.append(_lines(reader.pages[number].extract_text()))
            except (PyPdfError, *_ERRORS) as error:
                failed.append(Unreadable(f"page {number + 1}", f"it cannot be read: {describe(error)}"))
        info = reader.metadata
        title, author = (info.title, info.author) if info else (None, None)
    except (PyPdfError, *_ERRORS) as error:
        raise ArticleUnreadable(f"it is a damaged PDF: {describe(error)}") from error
    pages, running = _without_page_names(pages)
    text = "\n\n".join(join_lines(pages))
    if not re.search(r"\w", text):
        if failed:
            raise ArticleUnreadable(f"none of its {len(failed)} pages can be read: {failed[0].reason}")
        raise ArticleUnreadable("scanned: no text layer", "run it through text recognition (OCR) first")
    yield from failed
    yield plain.parse_document(text, title, author, running=running)


def _open(file: BinaryIO) -> PdfReader:
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    try:
        reader = PdfReader(file)
        locked = reader.is_encrypted and not reader.decrypt("")
    except (DependencyError, PyPdfError, *_ERRORS) as error:
        raise ArticleUnreadable(f"it is a damaged PDF, or none: {describe(error)}") from error
    if locked:
        raise ArticleUnreadable("it is encrypted", "remove its password")
    return reader


def _lines(page: str) -> list[str]:
    # Readers search for the letters, not for the ligature.
    text = _LIGATURES.sub(lambda found: unicodedata.normalize("NFKC", found.group()), page)
    return [" ".join(line.split()) for line in text.split("\n")]


def join_lines(pages: list[list[str]]) -> list[str]:
    """Join the lines of pages into paragraphs, without page numbers and running headers and footers."""
    lines = [line for page in _without_running_lines(pages) for line in page]
    lengths = sorted(len(line) for line in lines if line)
    width = lengths[len(lengths) * 9 // 10] if lengths else 0
    words = set(re.findall(r"\w+(?:-\w+)*", " ".join(lines).lower()))
    paragraphs: list[list[str]] = []
    last = ""
    for line in lines:
        if last and line and not _ends_paragraph(last, line, width):
            if _is_hyphenated(last, line, words):
                paragraphs[-1][-1] = paragraphs[-1][-1].removesuffix("-")
            paragraphs[-1].append(line if last.endswith(("-", "\xad")) and re.match(r"\w", line) else f" {line}")
        elif line:
            paragraphs.append([line])
        last = line
    # Joined once: appending to a long string again and again takes quadratic time.
    return ["".join(parts).replace("\xad", "") for parts in paragraphs]


def _ends_paragraph(line: str, following: str, width: int) -> bool:
    if len(line) + 1 + len(following.split(" ", 1)[0]) >= _FITS * width or line.endswith(("-", "\xad")):
        return False
    return line.endswith(_SENTENCE_END) or not following[0].islower()


def _is_hyphenated(line: str, following: str, words: set[str]) -> bool:
    """Return whether the hyphen at a line's end only breaks a word; elsewhere the text may write it with a hyphen."""
    begun = re.search(r"(\w+)-$", line) if line.endswith("-") else None
    ended = re.match(r"\w+", following)
    if not begun or not ended or not following[0].islower():
        return False
    whole, hyphened = (f"{begun[1]}{mark}{ended[0]}".lower() for mark in ("", "-"))
    return hyphened not in words or whole in words


def _without_running_lines(pages: list[list[str]]) -> list[list[str]]:
    """Remove page numbers, and first and last lines that most pages repeat."""
    trimmed = [_trim(page) for page in pages]
    edges = Counter(shape for page in trimmed for shape in {_shape(page[at]) for at in (0, -1) if page})
    min_pages = max(_MIN_REPEATED_PAGES, len(pages) // 2 + 1)
    running = {shape for shape, count in edges.items() if count >= min_pages}
    kept = [
        [line for at, line in enumerate(page) if at not in (0, len(page) - 1) or _shape(line) not in running]
        for page in trimmed
    ]
    # If nothing else is on the pages, the repeated lines are the text.
    return kept if any(map(any, kept)) else trimmed


def _without_page_names(pages: list[list[str]]) -> tuple[list[list[str]], tuple[str, ...]]:
    """Remove first and last lines that hold a name and the number of their page; return the names too."""
    names: dict[str, None] = {}
    kept = []
    for number, page in enumerate(pages, start=1):
        lines = _trim(page)
        for at in (0, -1):
            found = _NAMED_PAGE.fullmatch(lines[at]) if len(lines) > 1 else None
            if found and int(found[2]) == number:
                names[found[1]] = None
                lines.pop(at)
        kept.append(lines)
    return kept, tuple(names)


def _trim(page: list[str]) -> list[str]:
    lines = list(page)
    while lines and not lines[-1]:
        lines.pop()
    if lines and _PAGE_NUMBER.fullmatch(lines[-1]):
        lines.pop()
    return lines


def _shape(line: str) -> str:
    return re.sub(r"\d+", "0", line)
