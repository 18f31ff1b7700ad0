"""Validate a question and decide how to read it."""

from __future__ import annotations

from collections import Counter
from datetime import date

from rag.archive import Store
from rag.archive.edits import outlet_key
from rag.archive.filters import outlets, spelled_outlets, validate_filters
from rag.errors import QuestionInvalid
from rag.search.words import words
from rag.types import Question

MAX_CHARS = 2_000
MAX_PASSAGES = 50
# Of an earlier question that is read beside the new one.
_MAX_EARLIER_CHARS = 300


def validate(question: Question, store: Store) -> None:
    """Raises: QuestionInvalid, if the text, the filters or the number of passages cannot be used with this archive."""
    length = len(question.text)
    if not words(question.text):
        raise QuestionInvalid(f"the question {question.text.strip()[:40]!r} contains no word", "ask in words")
    if length > MAX_CHARS:
        raise QuestionInvalid(
            f"the question has {length:,} characters", f"use at most {MAX_CHARS:,}; articles belong in the archive"
        )
    texts = (question.text, *(exchange.question for exchange in question.history))
    if any("\ud800" <= char <= "\udfff" for text in texts for char in text):
        raise QuestionInvalid("the question contains bytes that are not text", "send it as UTF-8")
    if question.passages is not None and not 1 <= question.passages <= MAX_PASSAGES:
        raise QuestionInvalid(f"{question.passages} passages were requested", f"allowed: 1 to {MAX_PASSAGES}")
    validate_filters(question, store)


def readings(question: Question) -> tuple[str, ...]:
    """Return the texts to search and judge with: the question, and after a follow-up also both questions together.

    A follow-up may stand alone or depend on what was asked before ("And how much will they cost?"). Nothing here
    decides which: both are judged.
    """
    before = earlier(question)
    return (question.text, f"{before} {question.text}") if before else (question.text,)


def earlier(question: Question) -> str:
    """Return the question before this one as far as it is read, or "" for the first one of a conversation."""
    return question.history[-1].question.strip()[:_MAX_EARLIER_CHARS] if question.history else ""


def topic(question: Question) -> str:
    """Return what the conversation was last about: the last answer or, after a refusal, its question; "" at first."""
    if not question.history:
        return ""
    return (question.history[-1].answer or question.history[-1].question).strip()[:_MAX_EARLIER_CHARS]


def named_outlets(question: Question, store: Store) -> tuple[str, ...]:
    """Return the outlets that a question names, in its order, as most articles name them.

    The end of a name counts if it is capitalised and no other outlet's name ends so: `the Dispatch`. Where one name is
    a part of another, the longer one counts; but `AP and dpa` are two.
    """
    spelled = {key: name for key, name in spelled_outlets(store).items() if len(outlets(name)) == 1}
    ends = Counter(end for name in spelled.values() for end in _ends(name))
    short = {end: name for name in spelled.values() for end in _ends(name) if ends[end] == 1 and end not in spelled}
    longest = max((len(words(name)) for name in spelled.values()), default=0)
    said = words(question.text)
    found, at = list[str](), 0
    while at < len(said):
        keys = {end: outlet_key(" ".join(word.bare for word in said[at:end])) for end in range(at + longest, at, -1)}
        names = {end: spelled.get(key) or (said[at].capitalised and short.get(key)) for end, key in keys.items()}
        end = next((end for end, name in names.items() if name), at)
        found += [name] if (name := names.get(end)) else []
        at = min(max(end, at + 1), len(said))
    return tuple(dict.fromkeys(found))


def _ends(name: str) -> set[str]:
    """The keys of the ends of an outlet's name, without its first word."""
    parts = [word.bare for word in words(name)]
    return {outlet_key(" ".join(parts[at:])) for at in range(1, len(parts))}


def parse_day(text: str) -> date:
    """Parse YYYY-MM-DD. Raises: QuestionInvalid."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise QuestionInvalid(f"{text!r} is not a date", "write it as YYYY-MM-DD, for example 2021-04-08") from None
