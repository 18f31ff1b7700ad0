"""Find dates in text and keep of each only what is really stated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import dateparser

from rag.types import PublishedDate

_MONTH = r"[^\W\d_]{3,12}\.?"
_PATTERN = re.compile(
    rf"""(?<![\w/.-])(?:
        (?P<iso>\d{{4}}-\d{{2}}-\d{{2}})(?:T\d{{2}}:[\d:.]+(?:Z|[+-]\d{{2}}:?\d{{2}})?)?
      | (?P<numeric>\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{4}})
      | (?P<written>\d{{1,2}}(?:st|nd|rd|th|\.)?\s(?:de\s)?{_MONTH},?\s(?:de\s)?\d{{4}}
                   |{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?,?\s\d{{4}})
      | (?P<yearless>{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}(?:st|nd|rd|th)?\s{_MONTH})
    )(?![\w/-]|\.\d)""",
    re.VERBOSE,
)
_STRICT = {"REQUIRE_PARTS": ["day", "month"], "PREFER_DATES_FROM": "past"}


class FoundDate(NamedTuple):
    """A date and the characters it stands at."""

    value: PublishedDate
    start: int
    end: int


def find_dates(text: str) -> Iterator[FoundDate]:
    """Yield every date that names at least a month and a day, or a year, in reading order.

    A numeric date that could be read two ways (`08/04/2021`) gives its year alone.
    """
    at = 0
    while match := _PATTERN.search(text, at):
        value = _value(match)
        if value is not None:
            yield FoundDate(value, match.start(), match.end())
        # "Thursday 8 April 2021" begins like "April 8": what is no date may hide one.
        at = match.end() if value else match.start() + 1


def _value(match: re.Match[str]) -> PublishedDate | None:
    found = match.group()
    if match["iso"]:
        return _checked(*(int(part) for part in match["iso"].split("-")))
    if match["numeric"]:
        first, second, year = (int(part) for part in re.split(r"[/.]", found))
        if first != second and max(first, second) <= 12:
            return PublishedDate(year)
        return _checked(year, min(first, second), max(first, second))
    if not any(_is_month(word) for word in re.findall(_MONTH, found)):
        return None
    # A leap year for the yearless, so that "February 29" is a day.
    written = dateparser.parse(found if match["written"] else f"{found} 2000", settings=_STRICT)
    if written is None:
        return None
    return PublishedDate(written.year if match["written"] else 0, written.month, written.day)


@lru_cache(maxsize=10_000)
def _is_month(word: str) -> bool:
    """Whether some language calls a month so; asked once a word, because asking takes milliseconds."""
    return dateparser.parse(f"1 {word} 2000", settings=_STRICT) is not None


def _checked(year: int, month: int, day: int) -> PublishedDate | None:
    try:
        date(year, month, day)
    except ValueError:
        return None
    return PublishedDate(year, month, day)
