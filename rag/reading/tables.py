"""Tables, one article a row: CSV and its relatives, and JSON Lines; both are read row by row."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain
from typing import BinaryIO

from rag.errors import ArticleUnreadable
from rag.reading import language
from rag.reading.dates import iso_date, mail_date, parse_date
from rag.reading.draft import Draft, Unreadable
from rag.types import PublishedDate

# Names are compared without case, spaces, dashes and underscores; the first of several wins.
_COLUMNS = {
    "id": ("id", "guid", "uuid", "docid", "articleid"),
    "title": ("title", "headline"),
    "text": ("text", "body", "content", "article", "maintext", "articlebody", "articletext", "fulltext"),
    # Beside usual names those of CSL, Zotero, BibTeX and schema.org.
    "source": (
        *("source", "outlet", "containertitle", "publicationtitle", "journal", "publisher", "publication"),
        *("newspaper", "paper", "sitename", "site", "ispartof"),
    ),
    "published": (
        *("published", "publishedat", "datepublished", "datepublish", "publishdate", "publisheddate"),
        *("publicationdate", "pubdate", "issued", "date"),
    ),
    "url": ("url", "link"),
    "author": ("author", "authors", "byline", "creator"),
    "language": ("language", "lang"),
}
# What a front matter may tell of an article.
FIELDS = ("title", "source", "published", "url", "author", "language")
_DELIMITERS = ",;\t|"
_MAX_ROW_CHARS = 5_000_000
_MAX_TITLE_CHARS = 80
# A file whose first rows are all not articles is rejected in one line.
_MAX_FAILED_ROWS = 100
_CSV_FIELD_LIMIT = 2**31 - 1
_MAIL_DATE = re.compile(r"(?:[A-Z][a-z]{2}, )?\d{1,2}[ -][A-Z][A-Za-z]{2,8}[ -]\d{4}\b")
_BAD_BYTE = re.compile("[\udc80-\udcff]")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_NO_TEXT = "no column named text"


def parse_csv(file: BinaryIO) -> Iterator[Draft | Unreadable]:
    """Yield the rows under a header, which is row 1; the delimiter is `,`, `;`, `|` or the tab.

    Raises: ArticleUnreadable, if no column holds the text.
    """
    with _open_text(file, newline="") as lines:
        first = next(lines, "")
        if "\0" in first:
            raise ArticleUnreadable("it is binary, not text")
        rows = _csv_rows(chain([first], lines), _delimiter(first))
        header = next(rows, [])
        if isinstance(header, str):
            raise ArticleUnreadable(header)
        if "text" not in columns_of(tuple(header)):
            raise _missing_text_column(header)
        number = 1
        for number, row in enumerate(rows, start=2):
            if isinstance(row, str):
                yield Unreadable(f"row {number}", row)
            elif any(row[len(header) :]):
                yield Unreadable(f"row {number}", f"it has {len(row)} cells, and the header {len(header)}")
            elif any(row):
                yield _parse_row(dict(zip(header, row, strict=False)), number)
        if number == 1:
            raise ArticleUnreadable("there is no row under its header")


def parse_jsonl(file: BinaryIO) -> Iterator[Draft | Unreadable]:
    """Yield the objects, one a line. Raises: ArticleUnreadable, if none of the first rows is an article."""
    failed: list[Unreadable] = []
    names: dict[str, None] = {}
    with _open_text(file, newline="\n") as lines:
        rows = _json_rows(lines)
        for row, found in rows:
            if isinstance(found, Draft):
                yield from failed
                yield found
                yield from (found for _, found in rows)
                return
            names |= dict.fromkeys(row if isinstance(row, dict) else ())
            failed.append(found)
            if len(failed) == _MAX_FAILED_ROWS:
                break
    if not failed:
        raise ArticleUnreadable("it is empty")
    if all(row.reason == _NO_TEXT for row in failed):
        raise _missing_text_column(names)
    if len(failed) == _MAX_FAILED_ROWS:
        first = failed[0]
        raise ArticleUnreadable(f"none of its first {len(failed)} rows is an article; {first.key}: {first.reason}")
    yield from failed


def _json_rows(lines: Iterator[str]) -> Iterator[tuple[dict[str, object] | str, Draft | Unreadable]]:
    """Yield each object, or why it is not one, with the result of parsing it; blank lines are skipped."""
    for number, line in enumerate(lines, start=1):
        row: dict[str, object] | str
        if len(line) >= _MAX_ROW_CHARS and not line.endswith("\n"):
            while (rest := next(lines, "")) and not rest.endswith("\n"):
                pass
            row = f"it is longer than {_MAX_ROW_CHARS:,} characters"
        elif line.isspace():
            continue
        else:
            row = _load_object(line)
        yield row, Unreadable(f"row {number}", row) if isinstance(row, str) else _parse_row(row, number)


def _load_object(line: str) -> dict[str, object] | str:
    if not line.isascii() and (bad := _BAD_BYTE.search(line)):
        return _not_utf8(bad)
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        return f"it is not JSON: {error.msg} at character {error.pos + 1}"
    except ValueError:
        return "a number in it has too many digits"
    except RecursionError:
        return "it is nested too deeply"
    return row if isinstance(row, dict) else f"it is a {type(row).__name__}, not an object"


@contextmanager
def _open_text(file: BinaryIO, newline: str) -> Iterator[Iterator[str]]:
    """Yield the lines, each of bounded length; a byte that is not UTF-8 becomes a lone surrogate."""
    mark = file.read(3)
    file.seek(0)
    encoding = next((name for bom, name in _BOMS if mark.startswith(bom)), "utf-8")
    errors = "replace" if encoding == "utf-16" else "surrogateescape"
    text = io.TextIOWrapper(file, encoding, errors, newline=newline)
    try:
        yield iter(lambda: text.readline(_MAX_ROW_CHARS), "")
    finally:
        # The caller closes the file.
        text.detach()


def _not_utf8(bad: re.Match[str]) -> str:
    return f"it is not UTF-8: byte 0x{ord(bad.group()) - 0xDC00:02x} (convert it, for example: iconv -t UTF-8)"


def _missing_text_column(names: Iterable[str]) -> ArticleUnreadable:
    shown = ", ".join(textwrap.shorten(name, 40) or "(no name)" for name in list(names)[:20])
    accepted = ", ".join(_COLUMNS["text"])
    return ArticleUnreadable(f"none of its columns is the text: {shown or 'it has none'}", f"name one of {accepted}")


# CSV


def _delimiter(header: str) -> str:
    """Return the delimiter that splits the header into the most columns."""
    return max(_DELIMITERS, key=lambda mark: len(next(csv.reader([header], delimiter=mark), [])))


def _csv_rows(lines: Iterator[str], delimiter: str) -> Iterator[list[str] | str]:
    """Yield each row, or why it cannot be read; a line may come in several pieces."""
    # `_BoundedLines` bounds a row: the reader's own limit stops inside a row and continues from there.
    csv.field_size_limit(_CSV_FIELD_LIMIT)
    bounded = _BoundedLines(lines, delimiter)
    reader = csv.reader(iter(bounded), delimiter=delimiter)
    while True:
        bounded.row_chars = 0
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield f"it cannot be read: {error}"
        else:
            yield row if bounded.row_chars <= _MAX_ROW_CHARS else f"it is longer than {_MAX_ROW_CHARS:,} characters"


class _BoundedLines:
    """The lines of a file. Of an overlong row, only what decides where it ends is kept; `row_chars` is its size."""

    def __init__(self, pieces: Iterator[str], delimiter: str) -> None:
        self._pieces = pieces
        self._cell = re.compile(rf'[^"\r\n{re.escape(delimiter)}]+')
        self._cells = re.compile(rf"(?:{re.escape(delimiter)}x?)+")
        self._delimiter = delimiter
        self.row_chars = 0

    def __iter__(self) -> Iterator[str]:
        line = ""
        for piece in self._pieces:
            self.row_chars += len(piece)
            line += piece if self.row_chars <= _MAX_ROW_CHARS else self._skeleton(piece)
            if piece.endswith(("\n", "\r")):
                yield line
                line = ""
        if line:
            yield line

    def _skeleton(self, piece: str) -> str:
        """Reduce cells to one character, but keep quotation marks (escaped pairs aside) and line ends."""
        return self._cells.sub(self._delimiter, self._cell.sub("x", piece.replace('""', "")))


# Rows


def _parse_row(row: Mapping[str, object], number: int) -> Draft | Unreadable:
    nested = row.get("metadata")
    if isinstance(nested, dict):
        row = {**nested, **{name: value for name, value in row.items() if value}}
    columns = columns_of(tuple(row))
    key = f"row {number}"
    if "text" not in columns:
        return Unreadable(key, _NO_TEXT)
    text = _as_text(row[columns["text"]], "\n\n").replace("\r\n", "\n").strip()
    if not text:
        return Unreadable(key, f"its {columns['text']} is empty")
    if not text.isascii() and (bad := _BAD_BYTE.search(text)):
        return Unreadable(key, _not_utf8(bad))
    cells = {name: " ".join(_as_text(row[column], ", ").split()) for name, column in columns.items() if name != "text"}
    code = language.code(cells.get("language"))
    published = _published(cells.get("published", ""), text, code)
    known = frozenset(name for name, value in (cells | {"published": published, "language": code}).items() if value)
    return Draft(
        title=cells.get("title") or textwrap.shorten(text[: 4 * _MAX_TITLE_CHARS], _MAX_TITLE_CHARS, placeholder="…"),
        text=text,
        source=cells.get("source") or None,
        published=published,
        url=cells.get("url") or None,
        author=cells.get("author") or None,
        language=code,
        told_by=_told_by(tuple(columns.items()), known),
        key=cells.get("id") or cells.get("url") or _key(cells.get("title", ""), published, text),
    )


def _key(title: str, published: PublishedDate | None, text: str) -> str:
    """Make a key for a row without id and address; not from its number, which an inserted row would change."""
    if not title:
        return f"text-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
    return f"{title[:_MAX_TITLE_CHARS]} {published or ''}".strip()


@lru_cache(maxsize=1_000)
def columns_of(names: tuple[str, ...]) -> Mapping[str, str]:
    """Map each field to the column, or key of a front matter, that holds it."""
    plain = {re.sub(r"[\W_]+", "", name.lower()): name for name in reversed(names)}
    return {field: plain[alias] for field, aliases in _COLUMNS.items() for alias in reversed(aliases) if alias in plain}


@lru_cache(maxsize=1_000)
def _told_by(columns: tuple[tuple[str, str], ...], known: frozenset[str]) -> Mapping[str, str]:
    told_by = {field: f"the column {column}" for field, column in columns if field in known and field != "id"}
    return {"title": "the first words", **told_by}


def _as_text(value: object, separator: str) -> str:
    """Return a cell as text; of an object its name (`{"id": "bbc", "name": "BBC"}`)."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        name = value.get("name")
        return name if isinstance(name, str) else ""
    if isinstance(value, list):
        return separator.join(filter(None, (_as_text(item, separator) for item in value if not isinstance(item, list))))
    return "" if value is None or isinstance(value, bool) else str(value)


def _published(cell: str, text: str, code: str | None) -> PublishedDate | None:
    """Parse a cell's date in the language of its row; a table may also date its rows in another."""
    value = iso_date(cell)
    if not cell or (value and (value.month or len(cell) == 4)):
        return value
    # The most common form in words comes first: detecting the language of a row takes longer.
    if (mail := _MAIL_DATE.match(cell)) and (value := mail_date(f"{mail.group().replace('-', ' ')} 00:00:00")):
        return value
    return _parse_words(cell, code or language.detect(text)) or _parse_words(cell, None)


@lru_cache(maxsize=10_000)
def _parse_words(cell: str, code: str | None) -> PublishedDate | None:
    return parse_date(cell, code)
