"""Turn away a question that no archive answers; understand any other, and find what may answer it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from difflib import get_close_matches

from rag.english.words import words
from rag.errors import QuestionInvalid
from rag.store import Store
from rag.types import Hit, Question
from rag.understanding import followups, instructions, spelling

MAX_CHARS = 2_000
MAX_PASSAGES = 50
_SHOWN_OUTLETS = 20


def validate(question: Question, store: Store) -> None:
    """Raises: QuestionInvalid, for a text, dates, an outlet or a number of passages that no archive answers."""
    length = len(question.text)
    if not words(question.text):
        raise QuestionInvalid(f"the question {question.text.strip()[:40]!r} has no word in it", "ask one in words")
    if length > MAX_CHARS:
        raise QuestionInvalid(
            f"the question has {length:,} characters", f"ask in at most {MAX_CHARS:,}; articles belong into the archive"
        )
    if any("\ud800" <= char <= "\udfff" for char in question.text):
        raise QuestionInvalid("the question holds bytes that are no text", "ask it in UTF-8")
    first, last = question.published_from, question.published_to
    if first and last and first > last:
        raise QuestionInvalid(f"the dates run from {first} back to {last}", "put the earlier date first")
    if question.passages is not None and not 1 <= question.passages <= MAX_PASSAGES:
        raise QuestionInvalid(f"{question.passages} passages are asked for", f"allowed: 1 to {MAX_PASSAGES}")
    _known_sources(question, store)


def understood(question: Question, search: Callable[[Question], tuple[Hit, ...]]) -> tuple[Question, tuple[Hit, ...]]:
    """The question as it stands alone and well spelt, and what `search` finds for it.

    What it orders the reader to do is left out, and what it takes from earlier ones put in. Words are mended by the
    articles found, and then it is searched again.
    """
    question = replace(question, text=instructions.without(question.text))
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


def source_names(source: str | None) -> set[str]:
    """The names an outlet goes by, in lower case: `AP and dpa` is also `AP` and `dpa`."""
    if source is None:
        return set()
    parts = source.replace(" and ", ",").replace("/", ",").replace("&", ",").split(",")
    return {name for name in (source.casefold(), *(part.strip().casefold() for part in parts)) if name}


def _alone(question: Question) -> Question:
    return replace(question, text=followups.standalone(question.text, question.history))


def _known_sources(question: Question, store: Store) -> None:
    if not question.sources:
        return
    stored = store.sources()
    known = set().union(*(source_names(source) for source in stored))
    for name in question.sources:
        if name.casefold() not in known:
            ordered = dict.fromkeys((*get_close_matches(name, stored), *stored))
            shown = ", ".join(list(ordered)[:_SHOWN_OUTLETS]) + (" …" if len(stored) > _SHOWN_OUTLETS else "")
            raise QuestionInvalid(f"no article is from {name!r}", f"the outlets are: {shown or 'none'}")
