"""Read which day, month or year the time expressions of a text mean, as far as the day of publication makes it certain.

A publication of no known year still tells the month and the day of "yesterday" or "last month", and never a weekday's.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import reduce
from typing import NamedTuple

from rag.english import days
from rag.english.days import Day
from rag.types import PublishedDate, Span

_UNIT = re.compile(r"\b(?:week|month|year)\b")
_BESIDE = re.compile(r",?\s(?:the\s)?|\s?\(")
# Between them every day has each weekday; the first are those with a February 29.
_LEAP_YEARS, _YEARS = range(2000, 2028, 4), range(2000, 2012)


class Time(NamedTuple):
    """A time expression, and the day, month or year that it means; None where that is not certain."""

    span: Span
    value: PublishedDate | None = None

    @property
    def weekday(self) -> str:
        """The name of the weekday; "" where the day is not certain."""
        day = self.value.day_known if self.value else None
        return calendar.day_name[day.weekday()] if day else ""


def find(text: str, published: PublishedDate | None = None) -> tuple[Time, ...]:
    """Every time expression of `text` in order, a weekday and the date beside it as one.

    A year in digits alone is none. Of a week that is part of two months only the year is certain.
    """
    if published is None or published.year:
        return tuple(_joined(text, [_time(day) for day in days.find(text, published)]))
    years = _LEAP_YEARS if (published.month, published.day) == (2, 29) else _YEARS
    found = [map(_time, days.find(text, replace(published, year=year))) for year in years]
    return tuple(_joined(text, [reduce(_common, same) for same in zip(*found, strict=True)]))


def says(value: PublishedDate, asked: PublishedDate) -> bool:
    """Whether a time is the one asked for, or lies within it: a day of a month, any day of no certain year."""
    parts = zip((value.year, value.month, value.day), (asked.year, asked.month, asked.day), strict=True)
    return all(part == wanted for part, wanted in parts if wanted)


def _time(day: Day) -> Time:
    if day.first is None or day.last is None:
        return Time(day.span, PublishedDate.parse(day.form) if day.form.startswith("--") else None)
    named = _UNIT.search(day.form)
    unit = named.group() if named else ""
    # For some a week begins on Sunday.
    first, last = day.first - timedelta(days=unit == "week"), day.last
    if first.year != last.year:
        return Time(day.span)
    if unit == "year" or first.month != last.month:
        return Time(day.span, PublishedDate(first.year))
    return Time(day.span, PublishedDate(first.year, first.month, 0 if unit or first != last else first.day))


def _common(one: Time, other: Time) -> Time:
    """What is so in two years, or in another one and in those before it."""
    if one.value is None or one.value == other.value:
        return one
    same = other.value and one.value.month and (one.value.month, one.value.day) == (other.value.month, other.value.day)
    return Time(one.span, replace(one.value, year=0) if same else None)


def _joined(text: str, found: list[Time]) -> Iterator[Time]:
    """With "Wednesday, April 7" as one."""
    before: Time | None = None
    for time in found:
        if before and before.value == time.value and _BESIDE.fullmatch(text, before.span.end, time.span.start):
            before = Time(Span(before.span.start, time.span.end), time.value)
            continue
        if before:
            yield before
        before = time
    if before:
        yield before
