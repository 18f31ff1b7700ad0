"""Plain text: tell the title, the date, the outlet and the byline from the body."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rag.reading import language, months
from rag.reading.dates import find_dates
from rag.reading.draft import Draft
from rag.types import PublishedDate

_HEADER_LINES = 12
_LEAD_PARAGRAPHS = 3
_LEAD_CHARS = 1_000
_TITLE_CHARS = 200
_UPDATED = re.compile(r"^\W*(?:last\s+)?(?:updated|modified)\b", re.IGNORECASE)
_AROUND_A_DATE = re.compile(
    r"""\b(?:first\s+published|published|posted|publication\s+date|date|(?:last\s+)?(?:updated|modified)|on|at
    |(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?
    |\d{1,2}(?::\d{2}){1,2}|\d{1,2}(?=\s?[ap]\.?m)|[ap]\.?m\.?|gmt|utc|[ecmp][sd]t|b?ist|bst|cet
    |videos?|audio|photos?|gallery)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_NAME = r"[^\W\d_][\w.'’-]*"
_BYLINE = re.compile(rf"^by\s+({_NAME}(?:(?:\s*[,&]\s*|\s+){_NAME}){{0,7}})$", re.IGNORECASE)
_LABELLED_SOURCE = re.compile(r"^source\s*:\s*(\S.{0,60})$", re.IGNORECASE)
# Without the first word it names reporters, not outlets.
_CREDIT = re.compile(r"^(?:with|includes|based on)\s+reporting\s+(?:by|from)\s+(.{2,80}?)\.?$", re.IGNORECASE)
_SIGN_OFF = re.compile(r"(?<=[.!?\"”’'])\s*[-–—]{1,2}\s?([A-Z][\w&.]*(?:\s[A-Z][\w&.]*){0,3})\s*$")
_AGENCY = re.compile(r"^(?:[A-Z][\w .,'’/-]{1,60}\s)?\(([A-Z][\w ]{1,20})\)\s*(?:--|[-–—:])")
_DATELINE = re.compile(r"^[A-Z][A-Z .'’-]+,\s*(?=\S)")


@dataclass(slots=True)
class _Header:
    published: PublishedDate | None = None
    author: str | None = None
    source: str | None = None
    body: list[str] = field(default_factory=list)


def parse(text: str, *, titled: bool = False) -> Draft:
    """Read one plain-text article; curly quotes and inner spacing stay as they are.

    Where the title is told elsewhere (`titled`), the first line is text.
    """
    spoken = language.tell(text)
    header = _header(text.split("\n"), spoken)
    title = "" if titled else _take_title(header.body)
    body, signed, signed_by = _split_sign_off("\n".join(header.body).strip())
    source, source_by = next(
        (found for found in ((header.source, "a source line"), (signed, signed_by)) if found[0]),
        (_agency(body), "the agency in the dateline"),
    )
    published, published_by = (header.published, "a date line") if header.published else _yearless_date(body, spoken)
    known = {
        "title": (title, "the first line"),
        "source": (source, source_by),
        "published": (published, published_by),
        "author": (header.author, "a byline"),
    }
    return Draft(
        title=title,
        text=body,
        source=source,
        published=published,
        author=header.author,
        told_by={field: where for field, (value, where) in known.items() if value},
    )


def _header(lines: list[str], spoken: str | None) -> _Header:
    """Take date lines, bylines and source lines out of the first lines; what is left is the body."""
    header = _Header()
    seen = 0
    for line in lines:
        seen += bool(line.strip())
        if seen > _HEADER_LINES or not _take(line.strip(), header, spoken):
            header.body.append(line)
    return header


def _take(line: str, header: _Header, spoken: str | None) -> bool:
    if not line or len(line) > _TITLE_CHARS:
        return False
    if (byline := _BYLINE.match(line)) and byline[1][0].isupper():
        header.author = header.author or byline[1].strip()
        return True
    if labelled := _LABELLED_SOURCE.match(line):
        header.source = header.source or labelled[1].strip()
        return True
    found = next(find_dates(line, spoken), None)
    if found is None or not found.value.year:
        return False
    rest = _AROUND_A_DATE.sub("", line[: found.start] + line[found.end :])
    if any(re.search(r"\w", word) and not months.is_weekday(word, spoken) for word in re.split(r"[\s,;.()|-]+", rest)):
        return False
    if not _UPDATED.match(line):
        header.published = header.published or found.value
    return True


def _take_title(body: list[str]) -> str:
    """Remove and return the first line where it reads like a title, else return ''."""
    first = next((at for at, line in enumerate(body) if line.strip()), None)
    if first is None:
        return ""
    line = body[first].strip()
    more = any(later.strip() for later in body[first + 1 :])
    if not more or len(line) > _TITLE_CHARS or (line.endswith((".", ",", ";", ":")) and len(line) > 60):
        return ""
    del body[: first + 1]
    return line


def _split_sign_off(body: str) -> tuple[str, str | None, str]:
    """Part the body from a closing credit (`With reporting by AP`) or signature (`-DAWN`), and say which it is."""
    before, _, last = body.rpartition("\n")
    for closing, where in ((_CREDIT, "the credit at the end"), (_LABELLED_SOURCE, "a source line")):
        if before and (credit := closing.match(last.strip())):
            return before.rstrip(), credit[1].strip(), where
    if signature := _SIGN_OFF.search(body):
        return body[: signature.start()].rstrip(), signature[1], "the sign-off"
    return body, None, ""


def _agency(body: str) -> str | None:
    """The agency of a dateline such as `LONDON (Reuters) -`."""
    dateline = _AGENCY.match(body)
    return dateline[1] if dateline else None


def _yearless_date(body: str, spoken: str | None) -> tuple[PublishedDate | None, str]:
    """The day that a dateline or the lead tells without its year: news leaves out the current year.

    A date with a year inside the text is about an event long past, and says nothing of the publication.
    """
    paragraphs = [line for line in body.split("\n") if line.strip()][:_LEAD_PARAGRAPHS]
    for paragraph in paragraphs:
        dateline = _DATELINE.match(paragraph)
        for found in find_dates(paragraph[:_LEAD_CHARS], spoken):
            if found.value.year:
                continue
            if dateline and dateline.end() == found.start:
                return found.value, "the dateline"
            if re.search(r"\bon\s*$", paragraph[: found.start]):
                return found.value, "the lead"
    return None, ""
