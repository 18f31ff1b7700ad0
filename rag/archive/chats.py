"""Chats: stored, listed, searched, replaced and deleted.

A turn is written when its question is asked and again when it is answered. If the process dies in between, the turn
says so.
"""

from __future__ import annotations

import json
import secrets
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal

from rag.archive import schema
from rag.archive.database import Database
from rag.contract import answer_json, question_json
from rag.errors import ArchiveCorrupt, ChatUnknown, InputError, NutgrafError, QuestionInvalid
from rag.reading.draft import is_intact
from rag.reading.encodings import escape_surrogates, printable
from rag.reading.language import split_unspaced
from rag.stored import FindHeld, Held, parse_answer, parse_question
from rag.turns import Chat, Feedback, Problem, Transcript, Turn
from rag.types import Answer, Article, Question

MAX_TITLE_CHARS = 200
INTERRUPTED = Problem("the answer was interrupted: nutgraf ended before it was complete", "ask again")
_MADE_TITLE_CHARS = 80
_MAX_SEARCH_TERMS = 20
# Sorts after every time.
_END_OF_TIME = "9999"
# The largest integer of SQLite.
_MAX_ID = 2**63 - 1
_CHATS = (
    "SELECT id, title, created, changed, (SELECT count(*) FROM turns WHERE chat = c.number AND NOT replaced) "
    "FROM chats c WHERE"
)
_TURN = "t.id, c.id, t.asked, t.question, t.answer, t.problem, t.hint, t.good, t.note, t.rated"
_CONTAINS = (
    "c.number IN (SELECT rowid FROM title_words WHERE words MATCH ? UNION "
    "SELECT t.chat FROM turn_words w JOIN turns t ON t.id = w.rowid WHERE w.words MATCH ?)"
)
_FullText = Literal["title_words", "turn_words"]


def _now() -> datetime:
    return datetime.now(UTC)


class Chats:
    """The chats of one archive. Thread-safe."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = _now) -> None:
        self._database = database
        self._clock = clock
        # The turns that this process is answering. Those of another process look interrupted until they are done.
        self._under_way = set[int]()

    def begin(self, question: Question, title: str = "") -> Turn:
        """Start a chat with its first question; without a title, one is made of it.

        Raises: QuestionInvalid, InputError.
        """
        _require_text(question)
        title = _checked_title(title) if title else _title_of(question.text)
        with self._database.transaction():
            now = _timestamp(self._clock())
            row = (secrets.token_hex(6), title, now, now)
            chat = self._database.write("INSERT INTO chats (id, title, created, changed) VALUES (?, ?, ?, ?)", *row)
            self._index("title_words", chat, title)
            turn_id = self._add(chat, question)
        return self.turn(turn_id)

    def ask(self, chat_id: str, question: Question) -> Turn:
        """Add a question to a chat. Raises: ChatUnknown, QuestionInvalid."""
        _require_text(question)
        with self._database.transaction():
            turn_id = self._add(self._number(chat_id), question)
        return self.turn(turn_id)

    def replace(self, turn_id: int, question: Question) -> Turn:
        """Replace the last question of a chat with another, or the same one again.

        A rated turn is kept for `marked`. Raises: ChatUnknown, QuestionInvalid, InputError.
        """
        _require_text(question)
        with self._database.transaction():
            chat = self._chat_of(turn_id)
            query = "SELECT max(id) FROM turns WHERE chat = ? AND NOT replaced"
            if self._database.rows(query, chat) != [(turn_id,)]:
                raise InputError("this is not the last question of its chat", "ask it again at the end of the chat")
            self._unindex("turn_words", turn_id)
            self._database.write("UPDATE turns SET replaced = 1 WHERE id = ?", turn_id)
            self._database.write("DELETE FROM turns WHERE id = ? AND good IS NULL", turn_id)
            new = self._add(chat, question)
        return self.turn(new)

    def finish(self, turn_id: int, outcome: Answer | NutgrafError) -> Turn:
        """Store the answer to a question, or why there is none.

        Raises: ChatUnknown; InputError, if it already has one.
        """
        answer, problem, hint = None, None, None
        if isinstance(outcome, Answer):
            answer = json.dumps(answer_json(outcome))
        else:
            problem, hint = escape_surrogates(outcome.message), escape_surrogates(outcome.hint)
        query = (
            "UPDATE turns SET (answer, problem, hint) = (?, ?, ?) WHERE id = ? AND answer IS NULL AND problem IS NULL"
        )
        try:
            with self._database.transaction():
                chat = self._chat_of(turn_id)
                if not self._database.write_all(query, [(answer, problem, hint, turn_id)]):
                    raise InputError(f"question {turn_id} already has an answer", "replace it to ask it again")
                if isinstance(outcome, Answer):
                    self._reindex("turn_words", turn_id, f"{outcome.question.text}\n{outcome.asked}\n{outcome.text}")
                self._touch(chat)
        finally:
            self._under_way.discard(turn_id)
        return self.turn(turn_id)

    def find(self, words: str = "", limit: int = 50, after: Chat | None = None) -> tuple[Chat, ...]:
        """Return at most `limit` chats (-1: all), last changed first; pass the last one as `after` for the next page.

        With `words`, only chats whose title, questions or answers contain all of them, matched by prefix.
        """
        before = (_timestamp(after.changed_at), after.id) if after else (_END_OF_TIME, "")
        matching, values = _matching(words)
        query = f"{_CHATS} (changed, id) < (?, ?) AND {matching} ORDER BY changed DESC, id DESC LIMIT ?"
        return tuple(map(_chat, self._database.rows(query, *before, *values, limit)))

    def read(self, chat_id: str, limit: int = -1, before: int = _MAX_ID) -> Transcript:
        """Return a chat with its last `limit` turns (-1: all) before the turn `before`. Raises: ChatUnknown."""
        chats = self._database.rows(f"{_CHATS} id = ?", escape_surrogates(chat_id))
        if not chats:
            raise _unknown_chat(chat_id)
        where = "c.id = ? AND NOT t.replaced AND t.id < ? ORDER BY t.id DESC LIMIT ?"
        return Transcript(_chat(chats[0]), self._turns(where, escape_surrogates(chat_id), before, limit)[::-1])

    def turn(self, turn_id: int) -> Turn:
        """Return one turn. Raises: ChatUnknown."""
        found = self._turns("t.id = ?", turn_id) if abs(turn_id) <= _MAX_ID else ()
        if not found:
            raise _unknown_turn(turn_id)
        return found[0]

    def rename(self, chat_id: str, title: str) -> None:
        """Raises: ChatUnknown, InputError."""
        title = _checked_title(title)
        with self._database.transaction():
            chat = self._number(chat_id)
            self._database.write("UPDATE chats SET title = ? WHERE number = ?", title, chat)
            self._reindex("title_words", chat, title)

    def delete(self, chat_id: str) -> None:
        """Delete a chat with its turns and ratings, for good: no text of it stays on the disk. Raises: ChatUnknown."""
        with self._database.transaction():
            chat = self._number(chat_id)
            self._unindex("title_words", chat)
            for (turn_id,) in self._database.rows("SELECT id FROM turns WHERE chat = ?", chat):
                self._unindex("turn_words", turn_id)
            self._database.write("DELETE FROM chats WHERE number = ?", chat)
            for words in ("title_words", "turn_words"):
                # The full-text index keeps the words of deleted rows until its segments are merged.
                self._database.write(f"INSERT INTO {words} ({words}) VALUES ('optimize')")
        self._database.forget()

    def mark(self, turn_id: int, *, good: bool, note: str = "") -> None:
        """Rate an answer, replacing an earlier rating. Raises: ChatUnknown."""
        self._mark(turn_id, int(good), escape_surrogates(note), _timestamp(self._clock()))

    def unmark(self, turn_id: int) -> None:
        """Delete the rating of an answer. Raises: ChatUnknown."""
        self._mark(turn_id, None, None, None)

    def marked(self, *, good: bool) -> tuple[Turn, ...]:
        """Return the turns rated good or bad, oldest first, including those replaced since."""
        return self._turns("t.good = ? ORDER BY t.id", int(good))

    def _add(self, chat: int, question: Question) -> int:
        """Add a turn, within a transaction."""
        query = "INSERT INTO turns (chat, asked, question) VALUES (?, ?, ?)"
        data = json.dumps(question_json(question))
        turn_id = self._database.write(query, chat, _timestamp(self._clock()), data)
        # Before the commit, so that no reader takes it for interrupted.
        self._under_way.add(turn_id)
        self._index("turn_words", turn_id, question.text)
        self._touch(chat)
        return turn_id

    def _touch(self, chat: int) -> None:
        self._database.write("UPDATE chats SET changed = ? WHERE number = ?", _timestamp(self._clock()), chat)

    def _mark(self, turn_id: int, *values: int | str | None) -> None:
        with self._database.transaction():
            self._chat_of(turn_id)
            self._database.write("UPDATE turns SET (good, note, rated) = (?, ?, ?) WHERE id = ?", *values, turn_id)
            self._database.write("DELETE FROM turns WHERE id = ? AND replaced AND good IS NULL", turn_id)

    def _index(self, table: _FullText, row: int, text: str) -> None:
        self._database.write(f"INSERT INTO {table} (rowid, words) VALUES (?, ?)", row, _searchable(text))

    def _reindex(self, table: _FullText, row: int, text: str) -> None:
        """Replace the words of a row; nothing, if it is not indexed: a replaced turn stays unsearchable."""
        self._database.write(f"UPDATE {table} SET words = ? WHERE rowid = ?", _searchable(text), row)

    def _unindex(self, table: _FullText, row: int) -> None:
        self._database.write(f"DELETE FROM {table} WHERE rowid = ?", row)

    def _number(self, chat_id: str) -> int:
        found = self._database.rows("SELECT number FROM chats WHERE id = ?", escape_surrogates(chat_id))
        if not found:
            raise _unknown_chat(chat_id)
        return int(found[0][0])

    def _chat_of(self, turn_id: int) -> int:
        known = abs(turn_id) <= _MAX_ID
        found = self._database.rows("SELECT chat FROM turns WHERE id = ?", turn_id) if known else []
        if not found:
            raise _unknown_turn(turn_id)
        return int(found[0][0])

    def _turns(self, where: str, *values: object) -> tuple[Turn, ...]:
        query = f"SELECT {_TURN} FROM turns t JOIN chats c ON c.number = t.chat WHERE {where}"
        find_held = cache(self._held)
        return tuple(self._turn(row, find_held) for row in self._database.rows(query, *values))

    def _turn(self, row: tuple[Any, ...], find_held: FindHeld) -> Turn:
        turn_id, chat_id, asked, question, answer, problem, hint, good, note, rated = row
        try:
            failure = Problem(problem, hint) if problem is not None else None
            if answer is None and failure is None and turn_id not in self._under_way:
                failure = INTERRUPTED
            return Turn(
                id=turn_id,
                chat_id=chat_id,
                question=parse_question(json.loads(question)),
                asked_at=datetime.fromisoformat(asked),
                answer=parse_answer(json.loads(answer), find_held) if answer is not None else None,
                problem=failure,
                feedback=None if good is None else Feedback(bool(good), note, datetime.fromisoformat(rated)),
            )
        except (ValueError, TypeError, InputError) as error:
            raise ArchiveCorrupt(
                f"question {turn_id} of the chat {chat_id} is damaged in the database: {error}",
                f"delete the chat: nutgraf chats delete {chat_id}",
            ) from error

    def _held(self, article_id: str) -> Held | None:
        """Return what the archive has of an article today, without what was altered in the database."""
        columns = schema.COLUMNS
        rows = self._database.rows(
            f"SELECT id, {columns} FROM articles WHERE id = ?1 UNION ALL SELECT * FROM "
            f"(SELECT article_id, {columns} FROM versions WHERE article_id = ?1 ORDER BY number DESC)",
            article_id,
        )
        same_story = "SELECT source FROM articles WHERE story = (SELECT story FROM articles WHERE id = ?)"
        outlets = frozenset(row[0] for row in self._database.rows(same_story, article_id))
        return Held(tuple(filter(None, map(_intact, rows))), outlets) if rows else None


def _intact(row: tuple[Any, ...]) -> Article | None:
    """Return the article of a row, if it is what was read."""
    try:
        article = schema.parse_article(row)
    except ArchiveCorrupt:
        return None
    return article if is_intact(article) else None


def _chat(row: tuple[Any, ...]) -> Chat:
    chat_id, title, created, changed, turns = row
    try:
        return Chat(chat_id, title, datetime.fromisoformat(created), datetime.fromisoformat(changed), turns)
    except ValueError as error:
        raise ArchiveCorrupt(
            f"the chat {chat_id} is damaged in the database: {error}", f"delete it: nutgraf chats delete {chat_id}"
        ) from error


def _matching(words: str) -> tuple[str, tuple[str, ...]]:
    """Return the condition that the chat `c` contains all of `words`, and its values.

    A term such as `foo-bar` becomes a phrase. A term without a letter or digit matches no chat.
    """
    terms = words.split()[:_MAX_SEARCH_TERMS]
    phrases = [f'"{_searchable(term).replace(chr(34), chr(34) * 2)}"*' for term in terms]
    condition = " AND ".join(["TRUE", *(_CONTAINS for _ in phrases)])
    return condition, tuple(value for phrase in phrases for value in (phrase, phrase))


def _searchable(text: str) -> str:
    """Text as FTS5 takes it: no lone surrogates, no NUL, and bigrams in scripts without spaces."""
    return split_unspaced(escape_surrogates(text).replace("\0", " "))


def _title_of(question: str) -> str:
    flat = printable(" ".join(question.split()))
    return flat if len(flat) <= _MADE_TITLE_CHARS else f"{flat[:_MADE_TITLE_CHARS].rsplit(' ', 1)[0]} …"


def _checked_title(text: str) -> str:
    """Raises: InputError."""
    title = printable(" ".join(text.split()))
    # Zero-width spaces and direction marks are invisible.
    if all(unicodedata.category(char)[0] in "CZ" for char in title):
        raise InputError(f"the title {text[:40]!r} is empty", "give it a word")
    if len(title) > MAX_TITLE_CHARS:
        raise InputError(f"the title has {len(title):,} characters", f"give it at most {MAX_TITLE_CHARS}")
    return title


def _require_text(question: Question) -> None:
    if not question.text.strip():
        raise QuestionInvalid(f"the question {question.text[:40]!r} is empty", "ask one in words")


def _timestamp(time: datetime) -> str:
    """UTC as text that sorts by time."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def _unknown_chat(chat_id: str) -> ChatUnknown:
    return ChatUnknown(f"there is no chat {chat_id[:40]!r}", "`nutgraf chats` lists the ids")


def _unknown_turn(turn_id: int) -> ChatUnknown:
    return ChatUnknown(f"there is no question {turn_id} in any chat", "it was replaced, or its chat was deleted")
