"""What a parser yields, an article without an id or a reason, and how articles get their ids and hashes."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from rag.errors import ArticleUnreadable
from rag.reading.encodings import printable
from rag.types import Article, PublishedDate, Rejection

# What parsers, the standard library's included, raise on unexpected bytes. None of them documents a list, and one
# hostile file must not stop the others from being read.
PARSER_ERRORS = (
    *(ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, RecursionError, SyntaxError, TypeError),
    *(ValueError, struct.error, zlib.error),
)
READ_ERRORS = (ArticleUnreadable, *PARSER_ERRORS)
_MAX_ERROR_CHARS = 200

# Query parameters that newsletters and social networks append to an address without changing the page.
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|mc_[ce]id|igshid|cmpid|ocid|ref_src")
_MAX_SLUG_CHARS = 40
# 48 bits: among a million articles, the chance of a collision is 1 in 500.
_HASH_DIGITS = 12
# Who owns a name decides what its www is, also where anyone may have another subdomain: `m.` of a blog host or of
# `co.uk` is a site of its own.
_OWN_HOST = re.compile(r"^www\.(?=[^.]+\.)")
# What a name or key must not bring into an origin. A percent sign is encoded only where it would read as encoded, so
# that the origins of older archives stay. `~` and a hash tell namesakes apart; no format of a file ends so.
_IN_NAME = re.compile(r"[!#]|%(?=2[135])")
_IN_KEY = re.compile(r"~(?=[0-9a-f]{8}\Z)|%(?=(?:25)*7E[0-9a-f]{8}\Z)")
_ID = re.compile(rf"[\w-]{{1,{_MAX_SLUG_CHARS}}}-[0-9a-f]{{{_HASH_DIGITS}}}")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Draft:
    """An article as parsed. An empty `title` means that the file names none.

    `told_by` says where each field came from, for people: `{"published": "the Date header"}`. `key` identifies the
    article within its file and survives edits: a row's id, a Message-ID, a chapter's file name; empty where the file
    is one article. `member` is the name of the file inside a zip or tar. `candidate` is a name beside the date that may
    be the outlet's.
    """

    title: str
    text: str
    source: str | None = None
    published: PublishedDate | None = None
    url: str | None = None
    author: str | None = None
    language: str | None = None
    told_by: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    member: str = ""
    candidate: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A part of a file that could not be read as an article."""

    key: str
    reason: str
    member: str = ""


def describe(error: BaseException) -> str:
    """Return an error's message on one line, shortened; its type where it has no message."""
    return " ".join(str(error).split())[:_MAX_ERROR_CHARS] or type(error).__name__


def failure_reason(error: Exception) -> str:
    """Say for the report why an item was not read, given one of `READ_ERRORS`."""
    if isinstance(error, ArticleUnreadable):
        return str(error)
    _log.debug("a parser failed", exc_info=error)
    kind, message = type(error).__name__, describe(error)
    return f"it cannot be read: {kind}{f': {message}' if message != kind else ''}"


def rejection(path: str, reason: str) -> Rejection:
    """Build a line of the ingest report; both parts are made safe to print."""
    return Rejection(printable(path), printable(" ".join(reason.split("\n"))))


# Identity


class IdentityRegistry:
    """Gives the articles of one item their ids, and keeps two articles with one address or key apart.

    Only what a site serves is identified by its address, and only by one of that site. What a file or a feed says of
    another site is a claim: anybody can write it.
    """

    def __init__(self) -> None:
        # Half of each hash is kept: a table may have millions of rows.
        self._content_by_place: dict[bytes, bytes] = {}

    def assign(self, draft: Draft, name: str, origin: str, content_hash: str) -> tuple[str, str]:
        """Return an article's id and its key within `origin`; `name` is the name of its file.

        An article is identified by its address if that is on the site of its origin, else by its origin and key, so an
        edit keeps the id. A second article at the same place gets its content hash into its key, unless it is the same
        article again.
        """
        key = _percent(_IN_KEY, draft.key)
        address = page_address(draft.url) if site(origin) and site(draft.url) == site(origin) else None
        if key and address == page_address(origin):
            # The address of the whole file, not of its rows.
            address = None
        place = f"url:{address}" if address else _join(origin, key)
        content = bytes.fromhex(content_hash)[:8]
        if self._content_by_place.setdefault(_digest(place)[:8], content) != content:
            key = f"{key or address or ''}~{content_hash[:8]}"
            place = _join(origin, key)
        label = key or name
        if place.startswith("url:"):
            label = unquote(urlsplit(f"//{address}").path).rstrip("/").rpartition("/")[2]
        return f"{_slug(label)}-{_digest(place).hex()[:_HASH_DIGITS]}", key


def id_at(article_id: str, origin: str) -> str:
    """Return the id of an article that is identified by its origin, with the readable part of `article_id`."""
    return f"{article_id.rpartition('-')[0]}-{_digest(origin).hex()[:_HASH_DIGITS]}"


def is_place(origin: str) -> bool:
    """Return whether an origin, not an address, identifies its article: a file, or a part of a file or feed."""
    return "#" in origin or not site(origin)


def escape_name(name: str) -> str:
    """Percent-encode what would make the name of a file a part of another file's origin: `a.zip!b.txt`, `t.csv#7`."""
    return _percent(_IN_NAME, name)


def _join(origin: str, key: str) -> str:
    return f"{origin}#{key}" if key else origin


def _percent(separators: re.Pattern[str], text: str) -> str:
    return separators.sub(lambda found: f"%{ord(found[0]):02X}", text)


def _slug(name: str) -> str:
    """Make the readable part of an id; never from the title, which may be corrected."""
    stem = re.sub(r"\.\w{1,5}$", "", name).lower()
    return re.sub(r"\W+", "-", stem).strip("-")[:_MAX_SLUG_CHARS].rstrip("-") or "article"


def _digest(place: str) -> bytes:
    return hashlib.sha256(place.encode("utf-8", "surrogatepass")).digest()


def is_id(text: str) -> bool:
    """Return whether `text` has the form of an article id."""
    return _ID.fullmatch(text) is not None


def host(address: str | None) -> str:
    """Return the host of a web address in ASCII, without www; "" for anything else."""
    try:
        parts = urlsplit(address or "")
        name = (parts.hostname or "").encode("idna").decode("ascii").lower().rstrip(".")
    except ValueError:
        return ""
    return _OWN_HOST.sub("", name) if parts.scheme.lower() in ("http", "https") else ""


def site(address: str | None) -> str:
    """Return who serves a web address: its host, with the port unless it is the default; "" for anything else."""
    name = host(address)
    try:
        port = urlsplit(address or "").port
    except ValueError:
        return ""
    return f"{name}:{port}" if name and port not in (None, 80, 443) else name


def page_address(url: str | None) -> str | None:
    """Normalize a page's URL for identity; None for a site's front page, which is not an article."""
    try:
        parts = urlsplit(url or "")
        host = (parts.hostname or "").removeprefix("www.")
        port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
        query = sorted((key, value) for key, value in parse_qsl(parts.query) if not _TRACKING.fullmatch(key))
        address = f"{host}{port}{parts.path.rstrip('/')}{'?' + urlencode(query) if query else ''}"
        # The rebuilt address need not be valid: the host of `[v1.[x]` is `v1.[x`.
        urlsplit(f"//{address}")
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not host or not (parts.path.rstrip("/") or query):
        return None
    return address


def content_hash(article: Draft | Article) -> str:
    """Hash everything that was read of the article, metadata included (SHA-256, hex); edits do not count."""
    read: dict[str, str | None] = {name: value or None for name, value in getattr(article, "edited", ())}
    if article.candidate:
        # No outlet was read: the archive knows or does not know the name.
        read["source"] = None
    shown = [
        read.get("title", article.title),
        article.text,
        read.get("source", article.source),
        str(read.get("published", article.published)),
        article.url,
        read.get("author", article.author),
    ]
    # What is unknown is left out: older archives have hashes without it.
    shown += [article.language] if article.language else []
    shown += [f"candidate: {article.candidate}"] if article.candidate else []
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def is_intact(article: Article) -> bool:
    """Return whether the article still matches the hash taken when it was read."""
    return content_hash(article) == article.content_hash
