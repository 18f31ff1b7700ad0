"""The types of saved conversations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from rag.types import NO_QUESTION, Answer, Exchange, Question


class Problem(NamedTuple):
    """Why a question got no answer, and what to do about it, as the error said."""

    message: str
    hint: str


class Feedback(NamedTuple):
    """A user's rating of an answer, with an optional note. `at` is UTC."""

    good: bool
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a chat with its answer or problem; neither while it is being answered. `asked_at` is UTC.

    Every quote of the answer is compared with its article when the turn is read (`Evidence.confirmed`). An article that
    the archive no longer holds has its stored metadata and the text "".
    """

    id: int
    chat_id: str
    question: Question
    asked_at: datetime
    answer: Answer | None = None
    problem: Problem | None = None
    feedback: Feedback | None = None

    @property
    def under_way(self) -> bool:
        return self.answer is None and self.problem is None


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation as a list shows it. `turns` is their number; `changed_at` is the last time one was written.

    Both times are UTC.
    """

    id: str
    title: str
    created_at: datetime
    changed_at: datetime
    turns: int


class Transcript(NamedTuple):
    """A chat with all or the last of its turns, oldest first."""

    chat: Chat
    turns: tuple[Turn, ...]

    @property
    def history(self) -> tuple[Exchange, ...]:
        """The answered turns, as the `history` of a next question: without thanks and the like."""
        answers = [turn.answer for turn in self.turns if turn.answer and turn.answer.refusal != NO_QUESTION]
        return tuple(Exchange(one.asked, "" if one.refusal else one.text) for one in answers)
