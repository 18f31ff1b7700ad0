"""Plain text: separate the title, date, outlet and byline from the body; also the text of PDF and office files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import dropwhile
from typing import Any

from rag.reading import language, masthead
from rag.reading.dates import find_dates, is_weekday, parse_date
from rag.reading.draft import Draft
from rag.reading.tables import FIELDS, columns_of
from rag.types import PublishedDate

_HEADER_LINES = 12
_MAX_TITLE_CHARS = 200
_UPDATED = re.compile(r"^\W*(?:last\s+)?(?:updated|modified)\b", re.IGNORECASE)
_BESIDE_DATE = re.compile(
    r"""\b(?:first\s+published|published|posted|publication\s+date|date|(?:last\s+)?(?:updated|modified)|on|at
    |(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?
    |\d{1,2}(?::\d{2}){1,2}|\d{1,2}(?=\s?[ap]\.?m)|[ap]\.?m\.?|gmt|utc|[ecmp][sd]t|b?ist|bst|cet
    |videos?|audio|photos?|gallery)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_PUBLISHED_IN = re.compile(r"\W*(?:first\s+)?published\b", re.IGNORECASE)
_LABELLED = re.compile(r"\W{0,2}([^\W\d_][\w -]{0,30}?)\W{0,2}:\s+(\S.*)")
_MIN_LABELS = 2
_NAME = r"[^\W\d_][\w.'’-]*"
_BYLINE = re.compile(rf"^by\s+({_NAME}(?:(?:\s*[,&]\s*|\s+){_NAME}){{0,7}})$", re.IGNORECASE)
_SOURCE_LINE = re.compile(r"^source\s*:\s*(\S.{0,60})$", re.IGNORECASE)
# "Reporting by ..." alone names reporters, not outlets.
_CREDIT = re.compile(r"^(?:with|includes|based on)\s+reporting\s+(?:by|from)\s+(.{2,80}?)\.?$", re.IGNORECASE)
_SIGN_OFF = re.compile(r"(?<=[.!?\"”’'])\s*[-–—]{1,2}\s?([A-Z][\w&.]*(?:\s[A-Z][\w&.]*){0,3})\s*$")


@dataclass(slots=True)
class _Header:
    published: PublishedDate | None = None
    author: str | None = None
    source: str | None = None
    body: list[str] = field(default_factory=list)


def parse(text: str, *, title: str = "", author: str | None = None, running: tuple[str, ...] = ()) -> Draft:
    """Parse one plain-text article; curly quotes and inner spacing are preserved.

    A `title` known from elsewhere is not looked for: the first line belongs to the text, unless it is that title.
    `author` is known from elsewhere too; `running` are lines that stand on the pages of the text.
    """
    lang = language.detect(text)
    labelled, lines = _split_labelled(text.split("\n"))
    known_title = title or labelled.get("title", "")
    told = masthead.read(lines, lang, known_title, author or labelled.get("author"), running)
    header = _parse_header([line for at, line in enumerate(lines) if at not in told.used], lang)
    title = "" if known_title else _take_title(header.body)
    body, source, source_from = _split_sign_off("\n".join(header.body).strip())
    if header.source:
        source, source_from = header.source, "a source line"
    elif told.outlet:
        source, source_from = told.outlet
    published, published_from = told.published or (header.published, "a date line")
    if header.published and not (published and published.day_known):
        published, published_from = header.published, "a date line"
    author = header.author or told.author
    known = {
        "title": (title, "the first line"),
        "source": (source, source_from),
        "published": (published, published_from),
        "author": (author, "a byline"),
    }
    draft = Draft(
        title=title,
        text=body,
        source=source,
        published=published,
        author=author,
        candidate=told.candidate,
        told_by={name: where for name, (value, where) in known.items() if value},
    )
    return with_fields(draft, labelled, "a labelled line", lang)


def with_fields(draft: Draft, fields: Mapping[str, str], where: str, lang: str | None = None) -> Draft:
    """Return a draft with what a front matter or labelled lines tell in place of what was read; `where` names them."""
    code = language.code(fields.get("language"))
    published = parse_date(fields.get("published", ""), code or lang)
    values: dict[str, Any] = {**fields, "language": code, "published": published}
    known = {name: value for name, value in values.items() if value}
    return replace(draft, **known, told_by={**draft.told_by, **dict.fromkeys(known, where)})


def _split_labelled(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    """Split off lines at the head that give fields as a front matter does, `Source: ...`; return them and the rest."""
    found: dict[str, str] = {}
    start = end = 0
    for at in [at for at, line in enumerate(lines) if line.strip()][:_HEADER_LINES]:
        label = _LABELLED.fullmatch(lines[at].strip())
        is_known = label is not None and columns_of((label[1],)).keys() & set(FIELDS)
        if label and (is_known or (found and at == end)):
            start, end = start if found else at, at + 1
            found.setdefault(label[1], label[2].strip())
        elif found:
            break
    columns = columns_of(tuple(found))
    fields = {field: found[columns[field]] for field in FIELDS if field in columns}
    return (fields, lines[:start] + lines[end:]) if len(fields) >= _MIN_LABELS else ({}, lines)


def _parse_header(lines: list[str], lang: str | None) -> _Header:
    """Take date lines, bylines and source lines out of the first lines; the rest is the body."""
    header = _Header()
    seen = 0
    for line in lines:
        seen += bool(line.strip())
        if seen > _HEADER_LINES or not _take_header_line(line.strip(), header, lang):
            header.body.append(line)
    return header


def _take_header_line(line: str, header: _Header, lang: str | None) -> bool:
    if not line or len(line) > _MAX_TITLE_CHARS:
        return False
    if (byline := _BYLINE.match(line)) and byline[1][0].isupper():
        header.author = header.author or byline[1].strip()
        return True
    if source := _SOURCE_LINE.match(line):
        header.source = header.source or source[1].strip()
        return True
    found = next(find_dates(line, lang), None)
    if found is None or not found.value.year:
        return False
    rest = _BESIDE_DATE.sub("", line[: found.start] + line[found.end :])
    if _PUBLISHED_IN.match(line) and (name := _name_at_end(rest)):
        header.published, header.source = header.published or found.value, header.source or name
        return True
    if any(re.search(r"\w", word) and not is_weekday(word, lang) for word in re.split(r"[\s,;.()|-]+", rest)):
        return False
    if not _UPDATED.match(line):
        header.published = header.published or found.value
    return True


def _name_at_end(text: str) -> str:
    """Return the name in `in the Tarn Post`; empty for another text."""
    words = text.strip(" .,").split()
    name = " ".join(dropwhile(str.islower, words))
    return name if masthead.is_name(name) and words[0].islower() and not _BYLINE.match(" ".join(words)) else ""


def _take_title(body: list[str]) -> str:
    """Remove and return the first line if it reads like a title, else return ''."""
    first = next((at for at, line in enumerate(body) if line.strip()), None)
    if first is None:
        return ""
    line = body[first].strip()
    has_more = any(later.strip() for later in body[first + 1 :])
    is_sentence = line.endswith((".", ",", ";", ":")) and len(line) > 60
    if not has_more or len(line) > _MAX_TITLE_CHARS or is_sentence:
        return ""
    del body[: first + 1]
    return line


def _split_sign_off(body: str) -> tuple[str, str | None, str]:
    """Split off a closing credit (`With reporting by AP`) or signature (`-DAWN`); return body, outlet and where."""
    before, _, last = body.rpartition("\n")
    for closing, where in ((_CREDIT, "the credit at the end"), (_SOURCE_LINE, "a source line")):
        if before and (credit := closing.match(last.strip())):
            return before.rstrip(), credit[1].strip(), where
    if signature := _SIGN_OFF.search(body):
        return body[: signature.start()].rstrip(), signature[1], "the sign-off"
    return body, None, ""


# Documents with properties

# Titles and authors that programs fill in by themselves.
_JUNK_TITLE = re.compile(
    r"""(?:microsoft\s(?:word|powerpoint|excel)|word\sdocument|untitled|no\stitle|title|pdf|text|(?:slide|page|document|doc)\s*\d*
    |print|layout\s*\d*|new\s(?:document|article))\b.{0,3}$
    |microsoft\s(?:word|powerpoint|excel)\s-
    |.*\.(?:docx?|odt|rtf|txt|pdf|html?|indd|qxp|qxd|pages|tex|dvi|ps|pmd?|fm|eps|tiff?|jpe?g|png)$
    |(?:[a-z]:\\|\\\\|/|~/|file:|https?:)""",
    re.IGNORECASE | re.VERBOSE,
)
_JUNK_AUTHOR = re.compile(
    r"""(?:anonymous|admin(?:istrator)?|user|owner|root|unknown|author|guest|scanner|default|python-docx
    |(?:microsoft|ms)(?:\soffice)?(?:\suser)?|.*\.(?:com|exe|org)|[a-z]:\\.*)$""",
    re.IGNORECASE | re.VERBOSE,
)


def parse_document(
    text: str, title: str | None, author: str | None, language_tag: str | None = None, running: tuple[str, ...] = ()
) -> Draft:
    """Parse the text of a PDF or office file. Its properties win over the first lines, unless they are junk.

    The date comes from the text alone: the properties date the file, not the publication. `running` are the lines that
    stand at the edges of its pages.
    """
    title, author, code = _usable_title(title), _usable_author(author), language.code(language_tag)
    draft = parse(text, title=title or "", author=author, running=running)
    if author and draft.source and masthead.letters(author) == masthead.letters(draft.source):
        author = None
    from_properties = [name for name, value in (("title", title), ("author", author), ("language", code)) if value]
    return replace(
        draft,
        title=title or draft.title,
        # Removing a date line or byline leaves two gaps in a row.
        text=re.sub(r"\n{3,}", "\n\n", draft.text),
        author=author or draft.author,
        language=code,
        told_by={**draft.told_by, **dict.fromkeys(from_properties, "the document's properties")},
    )


def _usable_title(value: str | None) -> str | None:
    title = _clean(value)
    # `scan_0012` and `press-release-final` are file names.
    is_phrase = " " in title or not re.search(r"[_\d]|\w-\w", title)
    return title if len(title) > 2 and is_phrase and not _JUNK_TITLE.match(title) else None


def _usable_author(value: str | None) -> str | None:
    author = _clean(value)
    # `jholm` is a login.
    is_name = " " in author or not author.islower()
    return author if len(author) > 1 and is_name and not _JUNK_AUTHOR.match(author) else None


def _clean(value: str | None) -> str:
    return " ".join((value or "").replace("\0", "").split())
