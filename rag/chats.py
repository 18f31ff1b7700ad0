"""The words of a conversation: a chat, its turns, and what a person says of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from rag.types import Answer, Exchange, Question


class Problem(NamedTuple):
    """Why a question got no answer, and what to do, as the error said it."""

    message: str
    hint: str


class Feedback(NamedTuple):
    """What a person says of an answer; `note` is "" where they only marked it. `at` is UTC."""

    good: bool
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a chat, and its answer or the problem; neither while the answer is under way.

    An article of the answer that the archive no longer has as it was cited comes with all but its text, which is "".
    `asked_at` is UTC.
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
    """A conversation as a list shows it: `turns` is how many it has. `changed_at` is when its last turn was written.

    Both times are UTC.
    """

    id: str
    title: str
    created_at: datetime
    changed_at: datetime
    turns: int


class Transcript(NamedTuple):
    """A chat and its turns, or the last of them; the oldest first."""

    chat: Chat
    turns: tuple[Turn, ...]

    @property
    def history(self) -> tuple[Exchange, ...]:
        """What was said, for a next question to refer to; a refusal says nothing."""
        answers = [turn.answer for turn in self.turns if turn.answer]
        return tuple(Exchange(one.asked, "" if one.refusal else one.text) for one in answers)
