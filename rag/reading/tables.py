"""Tables: a row is an article. CSV and its kin, and JSON by lines; both are read row by row."""

from __future__ import annotations

import codecs
import hashlib
import io
import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate
from functools import lru_cache
from itertools import chain
from typing import BinaryIO

from rag.errors import ArticleUnreadable
from rag.reading import csv_rows, language
from rag.reading.dates import checked, read_date
from rag.reading.draft import FIRST_WORDS, Draft, Unread
from rag.types import PublishedDate

# A column's name counts without case, spaces, dashes and underscores; of two, the earlier here wins.
_ACCEPTED = {
    "id": ("id", "guid", "uuid", "docid", "articleid"),
    "title": ("title", "headline"),
    "text": ("text", "body", "content", "article", "maintext", "articlebody", "articletext", "fulltext"),
    "source": ("source", "outlet", "publisher", "publication", "newspaper"),
    "published": (
        *("published", "publishedat", "datepublished", "datepublish", "publishdate", "publisheddate"),
        *("publicationdate", "pubdate", "date"),
    ),
    "url": ("url", "link"),
    "author": ("author", "authors", "byline"),
    "language": ("language", "lang"),
}
_ROW_CHARS = 5_000_000
_TITLE_CHARS = 80
# So many rows that are no article, with none before them that is, condemn the file in one line.
_HOPELESS_ROWS = 100
_YEAR_FIRST = re.compile(
    r"(?!\d{6}(?!\d))(\d{4})(?:(?P<mark>[-/.]?)(\d{2})(?:(?P=mark)(\d{2}))?)?(?![\d/.-])", re.ASCII
)
_MAIL_DATE = re.compile(r"(?:[A-Z][a-z]{2}, )?\d{1,2}[ -][A-Z][A-Za-z]{2,8}[ -]\d{4}\b")
_BAD_BYTE = re.compile("[\udc80-\udcff]")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_NO_TEXT = "no column named text"


def parse_csv(file: BinaryIO) -> Iterator[Draft | Unread]:
    """Yield the rows under a header; the delimiter is one of `,` `;` `|` and the tab. The header is row 1.

    Raises: ArticleUnreadable, when no column holds the text.
    """
    with _decoded(file, newline="") as lines:
        first = next(lines, "")
        if "\0" in first:
            raise ArticleUnreadable("it is binary, not text")
        rows = csv_rows.rows(chain([first], lines), csv_rows.delimiter(first), _ROW_CHARS)
        header = next(rows, [])
        if isinstance(header, str):
            raise ArticleUnreadable(header)
        if "text" not in _columns(tuple(header)):
            raise ArticleUnreadable(*_no_text(header))
        number = 1
        for number, row in enumerate(rows, start=2):
            if isinstance(row, str):
                yield Unread(f"row {number}", row)
            elif any(row[len(header) :]):
                yield Unread(f"row {number}", f"it has {len(row)} cells, and the header {len(header)}")
            elif any(row):
                yield _draft(dict(zip(header, row, strict=False)), number)
        if number == 1:
            raise ArticleUnreadable("there is no row under its header")


def parse_jsonl(file: BinaryIO) -> Iterator[Draft | Unread]:
    """Yield the objects that stand one a line. Raises: ArticleUnreadable, when none of many holds a text."""
    held: list[Unread] | None = []
    names: dict[str, None] = {}
    with _decoded(file, newline="\n") as lines:
        for number, row in enumerate(_objects(lines), start=1):
            if row is None:
                continue
            found = Unread(f"row {number}", row) if isinstance(row, str) else _draft(row, number)
            if held is None:
                yield found
            elif isinstance(found, Draft):
                yield from held
                yield found
                held = None
            else:
                names |= dict.fromkeys(row if isinstance(row, dict) else ())
                held.append(found)
                if len(held) == _HOPELESS_ROWS:
                    break
    if held is not None:
        yield from _hopeless(held, tuple(names))


def _hopeless(held: list[Unread], names: tuple[str, ...]) -> Iterator[Unread]:
    """What to say of a file that began with no article. Raises: ArticleUnreadable."""
    if not held:
        raise ArticleUnreadable("it is empty")
    if all(row.reason == _NO_TEXT for row in held):
        raise ArticleUnreadable(*_no_text(names))
    if len(held) == _HOPELESS_ROWS:
        raise ArticleUnreadable(f"none of its first {len(held)} rows is an article; {held[0].key}: {held[0].reason}")
    yield from held


def _no_text(names: Iterable[str]) -> tuple[str, str]:
    shown = ", ".join(textwrap.shorten(name, 40) or "(no name)" for name in list(names)[:20])
    return f"none of its columns is the text: {shown or 'it has none'}", f"name one of {', '.join(_ACCEPTED['text'])}"


@contextmanager
def _decoded(file: BinaryIO, newline: str) -> Iterator[Iterator[str]]:
    """The lines, each of bounded length; a byte that is no UTF-8 stands in them as a lone surrogate."""
    mark = file.read(3)
    file.seek(0)
    encoding = next((name for bom, name in _BOMS if mark.startswith(bom)), "utf-8")
    errors = "replace" if encoding == "utf-16" else "surrogateescape"
    text = io.TextIOWrapper(file, encoding, errors, newline=newline)
    try:
        yield iter(lambda: text.readline(_ROW_CHARS), "")
    finally:
        # The file is the caller's to close.
        text.detach()


def _objects(lines: Iterator[str]) -> Iterator[dict[str, object] | str | None]:
    """Yield for each line its object, why it is none, or None where it is blank."""
    for line in lines:
        if len(line) >= _ROW_CHARS and not line.endswith("\n"):
            while (rest := next(lines, "")) and not rest.endswith("\n"):
                pass
            yield f"it is longer than {_ROW_CHARS:,} characters"
        else:
            yield None if line.isspace() else _object(line)


def _object(line: str) -> dict[str, object] | str:
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


def _not_utf8(bad: re.Match[str]) -> str:
    return f"it is not UTF-8: byte 0x{ord(bad.group()) - 0xDC00:02x} (convert it, for example: iconv -t UTF-8)"


def _draft(row: Mapping[str, object], number: int) -> Draft | Unread:
    nested = row.get("metadata")
    if isinstance(nested, dict):
        row = {**nested, **{name: value for name, value in row.items() if value}}
    columns = _columns(tuple(row))
    key = f"row {number}"
    if "text" not in columns:
        return Unread(key, _NO_TEXT)
    text = _joined(row[columns["text"]], "\n\n").replace("\r\n", "\n").strip()
    if not text:
        return Unread(key, f"its {columns['text']} is empty")
    if not text.isascii() and (bad := _BAD_BYTE.search(text)):
        return Unread(key, _not_utf8(bad))
    told = {name: " ".join(_joined(row[column], ", ").split()) for name, column in columns.items() if name != "text"}
    spoken = _language(told.get("language", ""))
    published = _published(told.get("published", ""), text, spoken)
    known = told | {"published": published, "language": spoken}
    return Draft(
        title=told.get("title") or _beginning(text),
        text=text,
        source=told.get("source") or None,
        published=published,
        url=told.get("url") or None,
        author=told.get("author") or None,
        language=spoken,
        told_by=_told_by(columns, frozenset(name for name, value in known.items() if value)),
        key=told.get("id") or told.get("url") or _key(told.get("title", ""), published, text),
    )


def _key(title: str, published: PublishedDate | None, text: str) -> str:
    """What a row without id and address is known by; not its number, which a row put in before it changes."""
    if not title:
        return f"text-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
    return f"{title[:_TITLE_CHARS]} {published or ''}".strip()


@lru_cache(maxsize=1_000)
def _columns(names: tuple[str, ...]) -> Mapping[str, str]:
    """Which column holds which field."""
    plain = {re.sub(r"[\W_]+", "", name.lower()): name for name in reversed(names)}
    return {
        field: plain[alias] for field, aliases in _ACCEPTED.items() for alias in reversed(aliases) if alias in plain
    }


@lru_cache(maxsize=1_000)
def _told_by_columns(columns: tuple[tuple[str, str], ...], told: frozenset[str]) -> Mapping[str, str]:
    return {field: f"the column {column}" for field, column in columns if field in told and field != "id"}


def _told_by(columns: Mapping[str, str], told: frozenset[str]) -> Mapping[str, str]:
    words = _told_by_columns(tuple(columns.items()), told)
    return words if "title" in told else {**words, "title": FIRST_WORDS}


def _joined(value: object, between: str) -> str:
    """A cell as text; of an object the name (`{"id": "bbc", "name": "BBC"}`)."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        value = value.get("name")
        return value if isinstance(value, str) else ""
    if isinstance(value, list):
        return between.join(filter(None, (_joined(item, between) for item in value if not isinstance(item, list))))
    return "" if value is None or isinstance(value, bool) else str(value)


def _beginning(text: str) -> str:
    return textwrap.shorten(text[: 4 * _TITLE_CHARS], _TITLE_CHARS, placeholder="…")


def _language(told: str) -> str | None:
    """The ISO 639-1 code of `en`, `en-GB` or `en_US`."""
    code = re.fullmatch(r"([a-z]{2})(?:[-_].*)?", told.lower())
    return code[1] if code else None


def _published(told: str, text: str, spoken: str | None) -> PublishedDate | None:
    """The date as far as it is told, in the zone in which it is told; one in words is of its row's language."""
    if (first := _YEAR_FIRST.match(told)) and (first[3] or first.end() == len(told)):
        return checked(*(int(part or 0) for part in first.group(1, 3, 4)))
    if (mail := _MAIL_DATE.match(told)) and (parsed := parsedate(f"{mail.group().replace('-', ' ')} 00:00:00")):
        # Of the year 0 it makes 2000.
        return checked(*parsed[:3]) if mail.group().endswith(str(parsed[0])) else None
    # A table may date its rows in another language than theirs.
    found = told and (_searched(told, spoken or language.tell(text)) or _searched(told, None))
    return found or (checked(int(first[1])) if first else None)


@lru_cache(maxsize=10_000)
def _searched(told: str, spoken: str | None) -> PublishedDate | None:
    return read_date(told, spoken)
