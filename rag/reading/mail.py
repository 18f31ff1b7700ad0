"""Mail: one message in a file (`.eml`, RFC 5322), or a box of them (`.mbox`, RFC 4155)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr, parsedate
from typing import BinaryIO

from rag.errors import ArticleUnreadable
from rag.reading import pages
from rag.reading.charsets import decode_page
from rag.reading.dates import UNTOLD_YEAR
from rag.reading.draft import Draft, Unread
from rag.reading.lines import BROKEN, broken
from rag.reading.page_dates import stamp
from rag.types import PublishedDate

MESSAGE_BYTES = 50_000_000
# A box is read in this process, which a letter takes several times its size of.
LETTER_BYTES = 25_000_000
BOX_BYTES = 1_000_000_000

# No letter is longer, and a box is read in this process: a page made to take minutes must not get in.
_HTML_BYTES = 500_000
_LINE_BYTES = 1_000_000
_DATED = re.compile(rb"From .*\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b.*\d\d:\d\d")
_HEADER = re.compile(rb"[!-9;-~]+:")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_KEY_CHARS = 200
# So short a text beside a longer page only says that there is a page.
_STUB_CHARS = 300
_MARKUP = re.compile(r"<(?:p|br|div|td|html|body)\b", re.IGNORECASE)
_FIELDS = ("subject", "from", "date", "list-id", "organization", "message-id")


def parse_file(file: BinaryIO) -> Iterator[Draft]:
    """Read one message; the only one of its file needs no key. Raises: ArticleUnreadable."""
    yield replace(_draft(file.read()), key="")


def parse_box(file: BinaryIO) -> Iterator[Draft | Unread]:
    """Read a box message by message; a bad one is told and passed over. Raises: ArticleUnreadable."""
    seen: dict[str, int] = {}
    for number, content in enumerate(_messages(file), start=1):
        try:
            if content is None:
                raise ArticleUnreadable(f"it has more than {LETTER_BYTES / 1e6:g} MB", "save it as a file of its own")
            draft = _draft(content)
        except ArticleUnreadable as error:
            yield Unread(f"message {number}", str(error))
            continue
        except BROKEN as error:
            yield Unread(f"message {number}", str(broken(error)))
            continue
        told = hash((draft.title, draft.text))
        # A message that lies in two folders stands in their box twice.
        again = seen.get(draft.key) == told
        seen.setdefault(draft.key, told)
        yield Unread(draft.key, "the same message stands in the box before") if again else draft


def _messages(file: BinaryIO) -> Iterator[bytes | None]:
    """Yield each message's bytes, or None for one that has more than a letter may have."""
    line = file.readline(_LINE_BYTES)
    if not line.startswith(b"From "):
        raise ArticleUnreadable("it is no mail box: its first line is no `From ...`", "a single mail is named .eml")
    # Where its separators bear a date, a sentence that begins with "From" is none.
    dated = bool(_DATED.match(line))
    content, size, blank = bytearray(), 0, False
    line = file.readline(_LINE_BYTES)
    while line:
        after = file.readline(_LINE_BYTES)
        parts = blank and line.startswith(b"From ") and _HEADER.match(after) and (not dated or _DATED.match(line))
        if parts:
            yield _unquoted(content, size)
            content, size = bytearray(), 0
        else:
            size += len(line)
            content += line if size <= LETTER_BYTES else b""
        blank, line = not line.strip(), after
    yield _unquoted(content, size)


def _unquoted(content: bytearray, size: int) -> bytes | None:
    return _QUOTED_FROM.sub(rb"\1", content) if size <= LETTER_BYTES else None


def _draft(content: bytes) -> Draft:
    if len(content) > MESSAGE_BYTES:
        raise ArticleUnreadable(f"it has more than {MESSAGE_BYTES / 1e6:.0f} MB")
    try:
        message = message_from_bytes(content)
    except RecursionError as error:
        raise ArticleUnreadable("its parts are nested too deeply") from error
    raw = {name: _raw(message, name) for name in _FIELDS}
    if not (raw["from"] or raw["subject"]) or not (raw["date"] or raw["message-id"]):
        raise ArticleUnreadable("it is no mail: it names no sender or subject, or neither a date nor a Message-ID")
    name, address = parseaddr(raw["from"])
    source, source_told_by = _source(raw, address)
    title, author, published = _decoded(raw["subject"]), _decoded(name) or address, _published(raw["date"])
    told = {
        "title": (title, "the mail's Subject"),
        "author": (author, "the mail's From"),
        "published": (published, "the mail's Date"),
        "source": (source, source_told_by),
    }
    return Draft(
        title=title,
        text=_text(message),
        source=source or None,
        published=published,
        author=author or None,
        told_by={field: where for field, (value, where) in told.items() if value},
        key=_key(raw),
    )


def _raw(message: Message, name: str) -> str:
    """A header as it is written, on one line; bytes that no header may have are read all the same."""
    told = next((str(value) for key, value in message.raw_items() if key.lower() == name), "")
    octets = told.encode("utf-8", "surrogateescape")
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        text = octets.decode("windows-1252", "replace")
    return " ".join(text.split())


def _decoded(text: str) -> str:
    """The words of a header (RFC 2047)."""
    with suppress(HeaderParseError, LookupError, ValueError):
        text = str(make_header(decode_header(text))) if "=?" in text else text
    return " ".join(text.split()).strip("\"'")


def _source(raw: Mapping[str, str], address: str) -> tuple[str, str]:
    listed = re.fullmatch(r"(.*?)\s*<?([^<>\s]*)>?", raw["list-id"])
    if listed and (name := _decoded(listed[1]) or listed[2]):
        return name, "the mail's List-Id"
    if organization := _decoded(raw["organization"]):
        return organization, "the mail's Organization"
    return address.rpartition("@")[2].lower() if "@" in address else "", "the sender's domain"


def _published(told: str) -> PublishedDate | None:
    """The day in the sender's own time zone."""
    if UNTOLD_YEAR.search(told):
        return None
    parts = parsedate(told)
    return stamp("{:04}-{:02}-{:02}".format(*parts[:3]) if parts else told)


def _key(raw: Mapping[str, str]) -> str:
    known = re.sub(r"[\s<>]", "", raw["message-id"])[:_KEY_CHARS]
    told = "\n".join((raw["from"], raw["date"], raw["subject"]))
    return known or hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:16]


def _text(message: Message) -> str:
    """The plain text, unless it is a stub beside a page or a page itself."""
    parts = list(_parts(message))
    plain = "\n\n".join(filter(None, (_plain(part) for part in parts if part.get_content_subtype() == "plain")))
    if len(plain) >= _STUB_CHARS and not _MARKUP.search(plain):
        return plain
    markup = next((text for part in parts if part.get_content_subtype() == "html" and (text := _content(part))), "")
    markup = markup or (plain if _MARKUP.search(plain) else "")
    shown = pages.html_text(markup) if len(markup) <= _HTML_BYTES else ""
    return max(shown, "" if _MARKUP.search(plain) else plain, key=len)


def _parts(message: Message) -> Iterator[Message]:
    """Yield the parts that a reader is shown; what is attached or forwarded whole is another matter."""
    payload = message.get_payload()
    if message.get_content_maintype() == "multipart" and isinstance(payload, list):
        for part in payload:
            if isinstance(part, Message):
                yield from _parts(part)
    elif message.get_content_maintype() == "text" and message.get_content_disposition() != "attachment":
        yield message


def _plain(part: Message) -> str:
    text = _content(part)
    if str(part.get_param("format", "")).lower() == "flowed":
        # A line that ends in a space goes on in the next (RFC 3676).
        text = re.sub(r"(?<!^--) \n(?!>|\n)", " ", text, flags=re.MULTILINE)
    return text.strip()


def _content(part: Message) -> str:
    content = part.get_payload(decode=True)
    try:
        text = decode_page(content, part.get_content_charset()) if isinstance(content, bytes) else ""
    except ArticleUnreadable:
        return ""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
