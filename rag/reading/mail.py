"""Mail: one message in a file (`.eml`, RFC 5322), or a mailbox of them (`.mbox`, RFC 4155)."""

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
from email.utils import parseaddr
from typing import BinaryIO

from rag.errors import ArticleUnreadable
from rag.reading import html, masthead
from rag.reading.dates import mail_date, parse_date
from rag.reading.draft import READ_ERRORS, Draft, Unreadable, failure_reason
from rag.reading.encodings import decode_page

MAX_EML_BYTES = 50_000_000
# A mailbox is read outside the sandbox, and parsing a message takes several times its size in memory.
MAX_MESSAGE_BYTES = 25_000_000
MAX_MBOX_BYTES = 1_000_000_000

# No real mail has more, and outside the sandbox a page built to take minutes must not be parsed.
_MAX_HTML_BYTES = 500_000
_MAX_LINE_BYTES = 1_000_000
_DATED_SEPARATOR = re.compile(rb"From .*\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b.*\d\d:\d\d")
_HEADER = re.compile(rb"[!-9;-~]+:")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_MAX_KEY_CHARS = 200
# A shorter plain text beside an HTML part often says only "view this in a browser".
_STUB_CHARS = 300
_MARKUP = re.compile(r"<(?:p|br|div|td|html|body)\b", re.IGNORECASE)
_MAX_SENDER_WORDS = 12
_SENDER = "the name of the sender"
_HEADERS = ("subject", "from", "date", "list-id", "organization", "message-id")


def parse_eml(file: BinaryIO) -> Iterator[Draft]:
    """Yield the article of a single message. Raises: ArticleUnreadable."""
    yield replace(_parse_message(file.read()), key="")


def parse_mbox(file: BinaryIO) -> Iterator[Draft | Unreadable]:
    """Yield the messages of a mailbox; a bad message does not stop the others. Raises: ArticleUnreadable."""
    contents: dict[str, int] = {}
    for number, message in enumerate(_messages(file), start=1):
        try:
            if message is None:
                raise ArticleUnreadable(f"it has more than {MAX_MESSAGE_BYTES / 1e6:g} MB", "save it as an .eml file")
            draft = _parse_message(message)
        except READ_ERRORS as error:
            yield Unreadable(f"message {number}", failure_reason(error))
            continue
        content = hash((draft.title, draft.text))
        # A mailbox exported from labels or folders holds a message once for each of them.
        repeated = contents.get(draft.key) == content
        contents.setdefault(draft.key, content)
        yield Unreadable(draft.key, "the same message is in the mailbox before") if repeated else draft


def _messages(file: BinaryIO) -> Iterator[bytes | None]:
    """Yield the bytes of each message, or None for one that is too large."""
    line = file.readline(_MAX_LINE_BYTES)
    if not line.startswith(b"From "):
        raise ArticleUnreadable("it is not a mailbox: its first line is not `From ...`", "name a single message .eml")
    # If the separators are dated, a sentence that begins with "From" is not one.
    dated = bool(_DATED_SEPARATOR.match(line))
    content, size, after_blank = bytearray(), 0, False
    line = file.readline(_MAX_LINE_BYTES)
    while line:
        following = file.readline(_MAX_LINE_BYTES)
        is_from = after_blank and line.startswith(b"From ") and _HEADER.match(following)
        if is_from and (not dated or _DATED_SEPARATOR.match(line)):
            yield _unquote(content, size)
            content, size = bytearray(), 0
        else:
            size += len(line)
            content += line if size <= MAX_MESSAGE_BYTES else b""
        after_blank, line = not line.strip(), following
    yield _unquote(content, size)


def _unquote(content: bytearray, size: int) -> bytes | None:
    return _QUOTED_FROM.sub(rb"\1", content) if size <= MAX_MESSAGE_BYTES else None


def _parse_message(content: bytes) -> Draft:
    if len(content) > MAX_EML_BYTES:
        raise ArticleUnreadable(f"it has more than {MAX_EML_BYTES / 1e6:.0f} MB")
    try:
        message = message_from_bytes(content)
    except RecursionError as error:
        raise ArticleUnreadable("its parts are nested too deeply") from error
    headers = {name: _header(message, name) for name in _HEADERS}
    if not (headers["from"] or headers["subject"]) or not (headers["date"] or headers["message-id"]):
        raise ArticleUnreadable("it is not mail: it has no sender or subject, or neither a date nor a Message-ID")
    name, address = parseaddr(headers["from"])
    title, author = _decode_words(headers["subject"]), _decode_words(name) or address
    published = mail_date(headers["date"]) or parse_date(headers["date"])
    published = published if published and published.year else None
    source, source_header = _source(headers, _decode_words(name), address)
    known = {
        "title": (title, "the Subject header"),
        "author": ("" if source_header == _SENDER else author, "the From header"),
        "published": (published, "the Date header"),
        "source": (source, source_header),
    }
    return Draft(
        title=title,
        text=_text(message),
        source=source or None,
        published=published,
        author=(author if source_header != _SENDER else "") or None,
        told_by={field: where for field, (value, where) in known.items() if value},
        key=_key(headers),
    )


def _header(message: Message, name: str) -> str:
    """Return a raw header on one line; bytes that no header may contain are decoded anyway."""
    value = next((str(value) for key, value in message.raw_items() if key.lower() == name), "")
    octets = value.encode("utf-8", "surrogateescape")
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        text = octets.decode("windows-1252", "replace")
    return " ".join(text.split())


def _decode_words(text: str) -> str:
    """Decode the encoded words of a header (RFC 2047)."""
    with suppress(HeaderParseError, LookupError, ValueError):
        text = str(make_header(decode_header(text))) if "=?" in text else text
    return " ".join(text.split()).strip("\"'")


def _source(headers: Mapping[str, str], sender: str, address: str) -> tuple[str, str]:
    """Return the outlet and where it is told: the sender's name, unless it is a person's, comes before lists."""
    local, _, host = address.lower().rpartition("@") if "@" in address else ("", "", "")
    if sender and (name := _spelled(sender, host)):
        return name, _SENDER
    mailing_list = re.fullmatch(r"(.*?)\s*<?([^<>\s]*)>?", headers["list-id"])
    if mailing_list and (name := _decode_words(mailing_list[1])):
        return name, "the List-Id header"
    if organization := _decode_words(headers["organization"]):
        return organization, "the Organization header"
    # A person's address has their name or initials before the @.
    if host and masthead.is_name(sender) and not any(word in local or local in word for word in sender.lower().split()):
        return sender, _SENDER
    if mailing_list and mailing_list[2]:
        return mailing_list[2], "the List-Id header"
    return host, "the sender's domain"


def _spelled(sender: str, host: str) -> str:
    """Return the fewest words of a name, in a row, that spell the host: `Tarn Post` of "Tarn Post Morning"."""
    words = sender.split()[:_MAX_SENDER_WORDS]
    spans = ((at, at + size) for size in range(2, len(words) + 1) for at in range(len(words) - size + 1))
    found = next(((at, end) for at, end in spans if masthead.spells(" ".join(words[at:end]), host)), None)
    if found is None:
        return ""
    start, end = found
    return " ".join(words[start - (start > 0 and words[start - 1].lower() == "the") : end])


def _key(headers: Mapping[str, str]) -> str:
    message_id = re.sub(r"[\s<>]", "", headers["message-id"])[:_MAX_KEY_CHARS]
    fallback = "\n".join((headers["from"], headers["date"], headers["subject"]))
    return message_id or hashlib.sha256(fallback.encode("utf-8", "replace")).hexdigest()[:16]


def _text(message: Message) -> str:
    """Return the plain text, unless it is a stub beside an HTML part, or HTML itself."""
    parts = list(_shown_parts(message))
    plain = "\n\n".join(filter(None, (_plain_text(part) for part in parts if part.get_content_subtype() == "plain")))
    plain_is_html = bool(_MARKUP.search(plain))
    if len(plain) >= _STUB_CHARS and not plain_is_html:
        return plain
    markup = next((text for part in parts if part.get_content_subtype() == "html" and (text := _decode(part))), "")
    markup = markup or (plain if plain_is_html else "")
    html_text = html.fragment_text(markup) if len(markup) <= _MAX_HTML_BYTES else ""
    return max(html_text, "" if plain_is_html else plain, key=len)


def _shown_parts(message: Message) -> Iterator[Message]:
    """Yield the text parts that a mail program shows; attachments and forwarded messages are left out."""
    payload = message.get_payload()
    if message.get_content_maintype() == "multipart" and isinstance(payload, list):
        for part in payload:
            if isinstance(part, Message):
                yield from _shown_parts(part)
    elif message.get_content_maintype() == "text" and message.get_content_disposition() != "attachment":
        yield message


def _plain_text(part: Message) -> str:
    text = _decode(part)
    if str(part.get_param("format", "")).lower() == "flowed":
        # A line that ends in a space continues on the next (RFC 3676).
        text = re.sub(r"(?<!^--) \n(?!>|\n)", " ", text, flags=re.MULTILINE)
    return text.strip()


def _decode(part: Message) -> str:
    content = part.get_payload(decode=True)
    try:
        text = decode_page(content, part.get_content_charset()) if isinstance(content, bytes) else ""
    except ArticleUnreadable:
        return ""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
