"""Chats in the archive's database: kept, found again, replaced, deleted.

A turn is written when its question is asked and again when it is answered. One that was asked by a process that died
says so.
"""

from __future__ import annotations

import json
import secrets
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from rag.archive import chat_words, rows
from rag.archive.database import Database
from rag.chats import Chat, Feedback, Problem, Transcript, Turn
from rag.contract import answer_json, question_json
from rag.errors import ArchiveCorrupt, ChatUnknown, InputError, NutgrafError, QuestionInvalid
from rag.reading.encodings import escape_surrogates, printable
from rag.restoring import Archived, parse_answer, parse_question
from rag.types import Answer, Article, Question

MAX_TITLE_CHARS = 200
BROKEN_OFF = Problem("the answer broke off: nutgraf was ended before it was written", "ask again")
# After every time that can be told.
_LAST = "9999"
# SQLite counts no further.
_MOST_ID = 2**63 - 1
_CHATS = (
    "SELECT id, title, created, changed, (SELECT count(*) FROM turns WHERE chat = c.number AND NOT replaced) "
    "FROM chats c WHERE"
)
_TURN = "t.id, c.id, t.asked, t.question, t.answer, t.problem, t.hint, t.good, t.note, t.rated"


def _now() -> datetime:
    return datetime.now(UTC)


class Chats:
    """The chats of one archive. Safe to use from several threads."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = _now) -> None:
        self._database = database
        self._clock = clock
        # Of this process. Where another one answers, its turn is taken for broken off until it is done.
        self._under_way = set[int]()

    def begin(self, question: Question, title: str = "") -> Turn:
        """Begin a chat with its first question, of which the title is made where none is given.

        Raises: QuestionInvalid, InputError.
        """
        _not_blank(question)
        named = _title(title) if title else chat_words.title_of(question.text)
        with self._database.writing():
            now = _written(self._clock())
            row = (secrets.token_hex(6), named, now, now)
            chat = self._database.write("INSERT INTO chats (id, title, created, changed) VALUES (?, ?, ?, ?)", *row)
            chat_words.add(self._database, "title_words", chat, named)
            turn_id = self._add(chat, question)
        return self.turn(turn_id)

    def ask(self, chat_id: str, question: Question) -> Turn:
        """Add a question to a chat. Raises: ChatUnknown, QuestionInvalid."""
        _not_blank(question)
        with self._database.writing():
            turn_id = self._add(self._number(chat_id), question)
        return self.turn(turn_id)

    def replace(self, turn_id: int, question: Question) -> Turn:
        """Ask in place of the last question of a chat, with the same text again or another.

        What was marked good or bad is kept for `marked`. Raises: ChatUnknown, QuestionInvalid, InputError.
        """
        _not_blank(question)
        with self._database.writing():
            chat = self._chat_of(turn_id)
            query = "SELECT max(id) FROM turns WHERE chat = ? AND NOT replaced"
            if self._database.rows(query, chat) != [(turn_id,)]:
                raise InputError("this is not the last question of its chat", "ask it anew at the end of the chat")
            chat_words.remove(self._database, "turn_words", turn_id)
            self._database.write("UPDATE turns SET replaced = 1 WHERE id = ?", turn_id)
            self._database.write("DELETE FROM turns WHERE id = ? AND good IS NULL", turn_id)
            new = self._add(chat, question)
        return self.turn(new)

    def finish(self, turn_id: int, outcome: Answer | NutgrafError) -> Turn:
        """Write the answer to a question, also one that was stopped, or why there is none.

        Raises: ChatUnknown, InputError, where it has one.
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
            with self._database.writing():
                chat = self._chat_of(turn_id)
                if not self._database.write_all(query, [(answer, problem, hint, turn_id)]):
                    raise InputError(f"question {turn_id} has its answer", "replace it to ask it again")
                if isinstance(outcome, Answer):
                    said = f"{outcome.question.text}\n{outcome.asked}\n{outcome.text}"
                    chat_words.change(self._database, "turn_words", turn_id, said)
                self._touch(chat)
        finally:
            self._under_way.discard(turn_id)
        return self.turn(turn_id)

    def find(self, words: str = "", limit: int = 50, after: Chat | None = None) -> tuple[Chat, ...]:
        """At most `limit` chats, -1 for all, the last changed first; the next page is `after` the last of a page.

        Where `words` are given, those in whose title, questions and answers all of them stand, by their beginnings.
        """
        before = (_written(after.changed_at), after.id) if after else (_LAST, "")
        found, values = chat_words.matching(words)
        query = f"{_CHATS} (changed, id) < (?, ?) AND {found} ORDER BY changed DESC, id DESC LIMIT ?"
        return tuple(map(_chat, self._database.rows(query, *before, *values, limit)))

    def read(self, chat_id: str, limit: int = -1, before: int = _MOST_ID) -> Transcript:
        """A chat with its last `limit` turns, -1 for all, of those before the turn `before`. Raises: ChatUnknown."""
        chats = self._database.rows(f"{_CHATS} id = ?", escape_surrogates(chat_id))
        if not chats:
            raise _no_chat(chat_id)
        where = "c.id = ? AND NOT t.replaced AND t.id < ? ORDER BY t.id DESC LIMIT ?"
        return Transcript(_chat(chats[0]), self._turns(where, escape_surrogates(chat_id), before, limit)[::-1])

    def turn(self, turn_id: int) -> Turn:
        """One question with its answer. Raises: ChatUnknown."""
        found = self._turns("t.id = ?", turn_id) if abs(turn_id) <= _MOST_ID else ()
        if not found:
            raise _no_turn(turn_id)
        return found[0]

    def rename(self, chat_id: str, title: str) -> None:
        """Raises: ChatUnknown, InputError."""
        named = _title(title)
        with self._database.writing():
            chat = self._number(chat_id)
            self._database.write("UPDATE chats SET title = ? WHERE number = ?", named, chat)
            chat_words.change(self._database, "title_words", chat, named)

    def delete(self, chat_id: str) -> None:
        """Delete a chat with its turns and what was said of them. Raises: ChatUnknown."""
        with self._database.writing():
            chat = self._number(chat_id)
            chat_words.remove(self._database, "title_words", chat)
            for (turn_id,) in self._database.rows("SELECT id FROM turns WHERE chat = ?", chat):
                chat_words.remove(self._database, "turn_words", turn_id)
            self._database.write("DELETE FROM chats WHERE number = ?", chat)

    def mark(self, turn_id: int, *, good: bool, note: str = "") -> None:
        """Mark an answer good or bad, in place of what was said of it before. Raises: ChatUnknown."""
        self._mark(turn_id, int(good), escape_surrogates(note), _written(self._clock()))

    def unmark(self, turn_id: int) -> None:
        """Take back what was said of an answer. Raises: ChatUnknown."""
        self._mark(turn_id, None, None, None)

    def marked(self, *, good: bool) -> tuple[Turn, ...]:
        """Every turn that is marked so, the oldest first; also those that were replaced since."""
        return self._turns("t.good = ? ORDER BY t.id", int(good))

    def _add(self, chat: int, question: Question) -> int:
        """Add a turn; within a transaction."""
        query = "INSERT INTO turns (chat, asked, question) VALUES (?, ?, ?)"
        told = json.dumps(question_json(question))
        turn_id = self._database.write(query, chat, _written(self._clock()), told)
        # Before it is committed: whoever reads it then must find it under way.
        self._under_way.add(turn_id)
        chat_words.add(self._database, "turn_words", turn_id, question.text)
        self._touch(chat)
        return turn_id

    def _touch(self, chat: int) -> None:
        self._database.write("UPDATE chats SET changed = ? WHERE number = ?", _written(self._clock()), chat)

    def _mark(self, turn_id: int, *values: int | str | None) -> None:
        with self._database.writing():
            self._chat_of(turn_id)
            self._database.write("UPDATE turns SET (good, note, rated) = (?, ?, ?) WHERE id = ?", *values, turn_id)
            self._database.write("DELETE FROM turns WHERE id = ? AND replaced AND good IS NULL", turn_id)

    def _number(self, chat_id: str) -> int:
        found = self._database.rows("SELECT number FROM chats WHERE id = ?", escape_surrogates(chat_id))
        if not found:
            raise _no_chat(chat_id)
        return int(found[0][0])

    def _chat_of(self, turn_id: int) -> int:
        known = abs(turn_id) <= _MOST_ID
        found = self._database.rows("SELECT chat FROM turns WHERE id = ?", turn_id) if known else []
        if not found:
            raise _no_turn(turn_id)
        return int(found[0][0])

    def _turns(self, where: str, *values: object) -> tuple[Turn, ...]:
        query = f"SELECT {_TURN} FROM turns t JOIN chats c ON c.number = t.chat WHERE {where}"
        archived = _archived(self._database)
        return tuple(self._turn(row, archived) for row in self._database.rows(query, *values))

    def _turn(self, row: tuple[Any, ...], archived: Archived) -> Turn:
        turn_id, chat_id, asked, question, answer, problem, hint, good, note, rated = row
        try:
            told = Problem(problem, hint) if problem is not None else None
            if answer is None and told is None and turn_id not in self._under_way:
                told = BROKEN_OFF
            return Turn(
                id=turn_id,
                chat_id=chat_id,
                question=parse_question(json.loads(question)),
                asked_at=datetime.fromisoformat(asked),
                answer=parse_answer(json.loads(answer), archived) if answer is not None else None,
                problem=told,
                feedback=None if good is None else Feedback(bool(good), note, datetime.fromisoformat(rated)),
            )
        except (ValueError, TypeError, InputError) as error:
            raise ArchiveCorrupt(
                f"question {turn_id} of the chat {chat_id} is damaged in the database: {error}",
                f"delete the chat: nutgraf chats delete {chat_id}",
            ) from error


def _archived(database: Database) -> Archived:
    """What finds an article as it was cited: it is the present one, or a version before it."""

    @cache
    def found(article_id: str, content_hash: str) -> Article | None:
        query = (
            f"SELECT id, {rows.COLUMNS} FROM articles WHERE id = ?1 AND content_hash = ?2 UNION ALL "
            f"SELECT article_id, {rows.COLUMNS} FROM versions WHERE article_id = ?1 AND content_hash = ?2"
        )
        texts = database.rows(query, article_id, content_hash)
        return rows.article(texts[0]) if texts else None

    return found


def _chat(row: tuple[Any, ...]) -> Chat:
    chat_id, title, created, changed, turns = row
    try:
        return Chat(chat_id, title, datetime.fromisoformat(created), datetime.fromisoformat(changed), turns)
    except ValueError as error:
        raise ArchiveCorrupt(
            f"the chat {chat_id} is damaged in the database: {error}", f"delete it: nutgraf chats delete {chat_id}"
        ) from error


def _title(text: str) -> str:
    """The title as it is kept. Raises: InputError."""
    title = printable(" ".join(text.split()))
    # A space of no width and a mark that turns the direction show nothing.
    if all(unicodedata.category(char)[0] in "CZ" for char in title):
        raise InputError(f"the title {text[:40]!r} is empty", "give it a word")
    if len(title) > MAX_TITLE_CHARS:
        raise InputError(f"the title has {len(title):,} characters", f"give it at most {MAX_TITLE_CHARS}")
    return title


def _not_blank(question: Question) -> None:
    if not question.text.strip():
        raise QuestionInvalid(f"the question {question.text[:40]!r} is empty", "ask one in words")


def _written(time: datetime) -> str:
    """UTC, in a form that sorts as the times do."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def _no_chat(chat_id: str) -> ChatUnknown:
    return ChatUnknown(f"there is no chat {chat_id[:40]!r}", "`nutgraf chats` lists the ids")


def _no_turn(turn_id: int) -> ChatUnknown:
    return ChatUnknown(f"there is no question {turn_id} in any chat", "it was replaced, or its chat was deleted")
