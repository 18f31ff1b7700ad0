"""What a format's parser gives: an article before it has an id, or the reason why a part of a file is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from rag.types import PublishedDate

# Where a title is from that is no title: the article begins so.
FIRST_WORDS = "the first words"


@dataclass(frozen=True, slots=True)
class Draft:
    """An empty `title` means that nothing names one.

    `told_by` says where a field came from, in words for people: `{"published": "the mail's Date"}`. `key` tells the
    article from the others of its file and outlives an edit: a row's id, a Message-ID, a chapter's name; empty where
    the file is one article. `member` is the file within a packed file that it is from.
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


@dataclass(frozen=True, slots=True)
class Unread:
    """A part of a file that is no article: its key, and the reason for people."""

    key: str
    reason: str
    member: str = ""


Parse = Callable[[BinaryIO], Iterator[Draft | Unread]]


@dataclass(frozen=True, slots=True)
class Format:
    """How the files of one ending are read.

    `parse` reads a binary file that it may seek in, and raises ArticleUnreadable where all of it cannot be read.
    `apart`: hostile bytes could make the parser loop or swallow the memory, so it runs in a process of its own.
    `parse_at` reads what was fetched, where it matters from which address, and what HTTP said of its charset.
    """

    parse: Parse
    max_bytes: int
    apart: bool = False
    parse_at: Callable[[BinaryIO, str, str | None], Iterator[Draft | Unread]] | None = None
