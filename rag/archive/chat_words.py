"""The words of chats, for SQLite's full-text search (FTS5), and the title that a first question makes."""

from __future__ import annotations

from typing import Literal

from rag.archive.database import Database
from rag.reading.encodings import escape_surrogates, printable
from rag.reading.language import split_unspaced

Table = Literal["title_words", "turn_words"]
_TITLE_CHARS = 80
# Of what is looked for; nobody types more.
_MOST_TERMS = 20
_CONTAINING = (
    "c.number IN (SELECT rowid FROM title_words WHERE words MATCH ? UNION "
    "SELECT t.chat FROM turn_words w JOIN turns t ON t.id = w.rowid WHERE w.words MATCH ?)"
)


def add(database: Database, table: Table, row: int, text: str) -> None:
    """Make `text` found under the id `row`; within a transaction."""
    database.write(f"INSERT INTO {table} (rowid, words) VALUES (?, ?)", row, _searched(text))


def change(database: Database, table: Table, row: int, text: str) -> None:
    """Make `row` found by `text` instead, if it was found at all; within a transaction."""
    database.write(f"UPDATE {table} SET words = ? WHERE rowid = ?", _searched(text), row)


def remove(database: Database, table: Table, row: int) -> None:
    """Make `row` found no more, if it was; within a transaction."""
    database.write(f"DELETE FROM {table} WHERE rowid = ?", row)


def matching(words: str) -> tuple[str, tuple[str, ...]]:
    """The condition that a chat `c` has all of `words`, by their beginnings, and its values; no words, no condition.

    A term such as `foo-bar` is looked for as its parts side by side. What has no letter or digit is in no chat.
    """
    terms = words.split()[:_MOST_TERMS]
    phrases = [f'"{_searched(term).replace(chr(34), chr(34) * 2)}"*' for term in terms]
    values = tuple(phrase for phrase in phrases for _ in range(_CONTAINING.count("?")))
    return " AND ".join(["TRUE", *(_CONTAINING for _ in phrases)]), values


def title_of(question: str) -> str:
    """A question as a title: on one line, its first words where it is long."""
    flat = printable(" ".join(question.split()))
    return flat if len(flat) <= _TITLE_CHARS else f"{flat[:_TITLE_CHARS].rsplit(' ', 1)[0]} …"


def _searched(text: str) -> str:
    """What FTS5 takes: no half characters, no NUL, and words where a script puts no space between them."""
    return split_unspaced(escape_surrogates(text).replace("\0", " "))
