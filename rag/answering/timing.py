"""Answer a question for a time in its own words and in those of the calendar: "last month (March 2021)"."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Sequence

from rag.answering import redating
from rag.english import times
from rag.english.times import Time
from rag.search.words import stems
from rag.types import Evidence, PublishedDate, Span
from rag.understanding import kinds

_ASKED = re.compile(r"\b(?:what|which)\s(?P<unit>year|month|weekday|day of the week)\b", re.IGNORECASE)
_LED = re.compile(rf"(?:in|on|during)\s{_ASKED.pattern}(?=\s(?!of\b|and\b|or\b))", re.IGNORECASE)
# Before an expression they make it another time.
_SHIFTS = re.compile(
    r"\d|\b(?:before|after|by|until|till|since|from|between|to|about|around|than|early|mid|late|end)\b", re.IGNORECASE
)
_PART_OF_DAY = re.compile(r"\s(?:morning|afternoon|evening|night)\b")
# After it they belong to it.
_NARROWS = re.compile(r"\d|\b(?:noon|midnight)\b", re.IGNORECASE)


def wording(question: str) -> str:
    """A question for a year, a month or a weekday put to who tells the time as "last month"; "" of any other."""
    return _LED.sub("when", question, count=1) if _LED.match(question) else ""


def same(question: str, one: Evidence, other: Evidence) -> bool:
    """Whether two sentences tell one time, where a time is asked for, in its unit and as far as both tell it."""
    if "date" not in kinds.wanted(question):
        return False
    asked = _ASKED.search(question)
    unit = asked["unit"].lower() if asked else "date"
    here, there = ([_cut(time.value, unit) for time in _answering(item) if time.value] for item in (one, other))
    return any(times.says(a, b) or times.says(b, a) for a in here for b in there)


def _answering(item: Evidence) -> Iterator[Time]:
    """The time expressions in the short answer of a sentence."""
    answer = item.answer or Span(0, 0)
    return (time for time in _times(item) if time.span.start < answer.end and answer.start < time.span.end)


def _cut(value: PublishedDate, unit: str) -> PublishedDate:
    if unit == "year":
        return PublishedDate(value.year)
    return PublishedDate(value.year, value.month) if unit == "month" else value


def short(question: str, item: Evidence) -> str:
    """The short answer of a sentence; where a time is asked for, its time expression, and what that means."""
    if item.answer is None or "date" not in kinds.wanted(question):
        return item.short
    found = list(_answering(item))
    if len(found) != 1:
        return item.short
    (time,) = found
    text, meaning = item.article.text, _meaning(question, item, time)
    part = _PART_OF_DAY.match(text, time.span.end)
    end = part.end() if part else time.span.end
    before, after = text[item.answer.start : time.span.start], text[end : item.answer.end]
    alone = kinds.wanted(question) == ("date",)
    before = before if not alone or _SHIFTS.search(before) else ""
    after = after if not alone or _NARROWS.search(after) else ""
    said = f"{before}{text[time.span.start : end]}{f' ({meaning})' if meaning else ''}{after}"
    return " ".join(said.split())


def notes(question: str, evidence: Sequence[Evidence], told: str) -> Iterator[str]:
    """Tell what relative expressions of the evidence mean: those that answer or that the question means.

    What the short answer `told` has is not told again.
    """
    found = dict.fromkeys(
        f"“{_said(item, time)}” is {time.value.written}, by the article's date."
        for item in evidence
        for time in _times(item)
        if time.value and _wanted(question, item, time, time.value)
        if (meaning := _meaning(question, item, time)) and f"({meaning})" not in told
    )
    yield from found


def _wanted(question: str, item: Evidence, time: Time, value: PublishedDate) -> bool:
    """Whether an expression is the time that is asked for, or the one that the question names."""
    if "date" in kinds.wanted(question):
        return item.answer is None or time in _answering(item)
    return redating.names(question, value)


def _times(item: Evidence) -> Iterator[Time]:
    """The time expressions of a sentence, at their places in the article."""
    for time in times.find(item.text, item.article.published):
        yield time._replace(span=Span(item.start + time.span.start, item.start + time.span.end))


def _said(item: Evidence, time: Time) -> str:
    return " ".join(item.article.text[time.span.start : time.span.end].split())


def _meaning(question: str, item: Evidence, time: Time) -> str:
    """What an expression means beyond what it says itself, in the unit that is asked for; "" for nothing."""
    if time.value is None:
        return ""
    said = _said(item, time)
    asked = _ASKED.search(question)
    unit = asked["unit"].lower() if asked else "date"
    by_itself = next((one.value for one in times.find(said)), None)
    written = _written(time.value, by_itself, unit)
    new = "" if stems(written) <= stems(said) else written
    if unit in ("weekday", "day of the week") and time.weekday.lower() not in said.lower():
        return ", ".join(filter(None, (time.weekday, new)))
    return new


def _written(value: PublishedDate, by_itself: PublishedDate | None, unit: str) -> str:
    year = str(value.year or "")
    if (
        unit == "year"
        or not value.month
        or (by_itself and (value.month, value.day) == (by_itself.month, by_itself.day))
    ):
        return year
    day = f" {value.day}" if value.day and unit != "month" else ""
    month = f"{calendar.month_name[value.month]}{day}"
    return f"{month}, {year}" if day and year else f"{month} {year}".strip()
