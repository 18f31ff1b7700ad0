"""Chats for tests, with real answers or none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from rag import Answer, Assistant, Chats, Question, Turn

PIPELINE = "Which cities does the gas pipeline join?"
FRANCE = "What is the capital of France?"
START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def ticking() -> Callable[[], datetime]:
    """A clock that advances a second with each reading."""
    seconds = iter(range(10**9))
    return lambda: START + timedelta(seconds=next(seconds))


def chatted(assistant: Assistant, *questions: str) -> Turn:
    """Ask and answer `questions` in one chat; return its last turn."""
    chats = assistant.chats
    turn = None
    for text in questions:
        turn = chats.ask(turn.chat_id, Question(text)) if turn else chats.begin(Question(text))
        turn = chats.finish(turn.id, assistant.ask(turn.question))
    assert turn
    return turn


def asked(chats: Chats, *texts: str) -> list[Turn]:
    """Ask questions in one chat, without answers."""
    first = chats.begin(Question(texts[0]))
    return [first, *(chats.ask(first.chat_id, Question(text)) for text in texts[1:])]


def answer_of(turn: Turn) -> Answer:
    assert turn.answer
    return turn.answer
