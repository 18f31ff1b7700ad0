"""Ask for a date in the words that an article has for it: "March 2021" is "last month" to an article of that April."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from rag.english import times
from rag.english.times import Time
from rag.search.words import stems, words
from rag.types import PublishedDate, Span

# "In the March 2021 report" and "before March 2021" say when something else was.
_LED = re.compile(r"\b(?:in|on|during)\s(?:(?:the\s)?[A-Z][a-z]+day,?\s(?:the\s)?)?$", re.IGNORECASE)
_YEAR = re.compile(r"\b(?P<led>in|during)\s(?P<year>1[4-9]\d\d|20\d\d|21\d\d)\b(?![-–,.:/]\d)", re.IGNORECASE)
# "Last month" and "yesterday" stand without a preposition.
_BARE = re.compile(r"(?:last|next|this|earlier|later|today|tonight|yesterday|tomorrow)\b|.*\bago$", re.IGNORECASE)
# Every wording costs a run of the judge over the passage.
_MOST_WORDINGS = 3


class _Named(NamedTuple):
    """A date that a question names, from its preposition on."""

    span: Span
    value: PublishedDate


def wordings(question: str, text: str, published: PublishedDate | None) -> Iterator[str]:
    """Yield the question, and then as it is with the expressions of `text` that mean a date of it."""
    yield question
    worded = dict.fromkeys(
        f"{question[: one.span.start]}{_phrase(text, time)}{question[one.span.end :]}"
        for one in _named(question)
        for time in _telling(one, question, text, published)
    )
    yield from [*worded][:_MOST_WORDINGS]


def told(question: str, text: str, published: PublishedDate | None) -> frozenset[str]:
    """The words of the dates in a question that `text` tells in words of its own."""
    return frozenset(
        word.text
        for one in _named(question)
        if any(_telling(one, question, text, published))
        for word in words(question[one.span.start : one.span.end])
    )


def names(question: str, value: PublishedDate) -> bool:
    """Whether a time is one at which the question asks for something, or lies within it."""
    return any(times.says(value, one.value) for one in _named(question))


def _named(question: str) -> Iterator[_Named]:
    """The dates at which something is asked for: "in March 2021", "on April 6", "in 2021"."""
    for time in times.find(question):
        led = _LED.search(question[: time.span.start])
        if led and time.value:
            yield _Named(Span(led.start(), time.span.end), time.value)
    for match in _YEAR.finditer(question):
        yield _Named(Span(*match.span()), PublishedDate(int(match["year"])))


def _telling(one: _Named, question: str, text: str, published: PublishedDate | None) -> Iterator[Time]:
    """The expressions of a text that mean the date, or lie within it, in other words than the question's."""
    asked = stems(question[one.span.start : one.span.end])
    for time in times.find(text, published):
        said = stems(text[time.span.start : time.span.end])
        if time.value and times.says(time.value, one.value) and not asked <= said and not _full(said):
            yield time


def _full(said: set[str]) -> bool:
    """Whether an expression has its year, so that nothing about it is relative."""
    return any(len(stem) == 4 and stem.isdigit() for stem in said)


def _phrase(text: str, time: Time) -> str:
    """An expression as it stands in a question: "last month", "on Tuesday", "in February"."""
    said = " ".join(text[time.span.start : time.span.end].split())
    if _BARE.match(said):
        return said[:1].lower() + said[1:]
    return f"{'on' if time.value and time.value.day else 'in'} {said}"
