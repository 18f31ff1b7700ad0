"""Turn away a question that no archive answers; understand any other, and find what may answer it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from rag.archive import Store
from rag.archive.filters import outlets, source_names, validate_filters
from rag.errors import QuestionInvalid
from rag.search.words import words
from rag.types import Hit, Question
from rag.understanding import addresses, followups, instructions, shouting, spelling

MAX_CHARS = 2_000
MAX_PASSAGES = 50

__all__ = [
    "MAX_CHARS",
    "MAX_PASSAGES",
    "outlets",
    "parse_day",
    "source_names",
    "understood",
    "validate",
    "validate_filters",
]


def validate(question: Question, store: Store) -> None:
    """Raises: QuestionInvalid, for a text, filters or a number of passages that this archive cannot answer."""
    length = len(question.text)
    if not words(question.text):
        raise QuestionInvalid(f"the question {question.text.strip()[:40]!r} has no word in it", "ask one in words")
    if length > MAX_CHARS:
        raise QuestionInvalid(
            f"the question has {length:,} characters", f"ask in at most {MAX_CHARS:,}; articles belong into the archive"
        )
    if any("\ud800" <= char <= "\udfff" for char in question.text):
        raise QuestionInvalid("the question holds bytes that are no text", "ask it in UTF-8")
    if question.passages is not None and not 1 <= question.passages <= MAX_PASSAGES:
        raise QuestionInvalid(f"{question.passages} passages are asked for", f"allowed: 1 to {MAX_PASSAGES}")
    validate_filters(question, store)


def understood(question: Question, search: Callable[[Question], tuple[Hit, ...]]) -> tuple[Question, tuple[Hit, ...]]:
    """The question as it stands alone and well spelt, and what `search` finds for it.

    Addresses in it and what it orders the reader to do are left out, capitals that only shout become small, and what
    it takes from earlier ones is put in. Words are mended by the articles found, and then it is searched again.
    """
    bare = instructions.without(addresses.without(question.text))
    question = replace(question, text=shouting.calmed(bare))
    asked = _alone(question)
    hits = search(asked)
    # As typed: what earlier questions put in is right, and a follow-up is known by its small words.
    mended = spelling.mended(question.text, [hit.article for hit in hits])
    if mended == question.text:
        return asked, hits
    asked = _alone(replace(question, text=mended))
    return asked, search(asked)


def parse_day(text: str) -> date:
    """Read a day as YYYY-MM-DD. Raises: QuestionInvalid."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise QuestionInvalid(f"{text!r} is not a date", "write it as YYYY-MM-DD, for example 2021-04-08") from None


def _alone(question: Question) -> Question:
    return replace(question, text=followups.standalone(question.text, question.history))
