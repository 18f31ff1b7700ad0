"""Find dates in text and keep of each only what is really stated."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib import import_module
from typing import NamedTuple

from dateparser.data.languages_info import language_order

from rag.types import PublishedDate

_MONTH = r"[^\W\d_]{3,12}\.?"
_PATTERN = re.compile(
    rf"""(?<![\w/.-])(?:
        (?P<iso>\d{{4}}-\d{{2}}-\d{{2}})(?:T\d{{2}}:[\d:.]+(?:Z|[+-]\d{{2}}:?\d{{2}})?)?
      | (?P<numeric>\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{4}})
      | (?P<written>\d{{1,2}}(?:st|nd|rd|th|\.)?\s(?:de\s)?{_MONTH},?\s(?:de\s)?\d{{4}}
                   |{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?,?\s\d{{4}})
      # Digits after it are a year that cannot be, or a part of something else; the time of day is neither.
      | (?P<yearless>(?:{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}(?:st|nd|rd|th)?\s{_MONTH})
                    (?!\s\d+(?![\d:])|,\s\d{{3}}))
    )(?![\w/-]|\.\d)""",
    re.VERBOSE,
)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)

# The commonest of the web come first. Rarer ones name months "sat", "now" or "any".
_LANGUAGES = 40

# No newspaper is older, and what programs write where they know no date is later.
FIRST_YEAR, LAST_YEAR = 1400, 2200

# In the date of a mail it stands for no year at all, and would be read as 2001.
UNTOLD_YEAR = re.compile(r"(?<![\w+:-])0\d{3}\b")


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
        return checked(*(int(part) for part in match["iso"].split("-")))
    if match["numeric"]:
        first, second, year = (int(part) for part in re.split(r"[/.]", found))
        if first != second and max(first, second) <= 12:
            return checked(year)
        return checked(year, min(first, second), max(first, second))
    month = next((number for word in re.findall(_MONTH, found) if (number := _months().get(_plain(word)))), 0)
    day = int(re.findall(r"\d+", found)[0])
    if not match["written"]:
        # A leap year, so that "February 29" is a day.
        return PublishedDate(0, month, day) if month and checked(2000, month, day) else None
    return checked(int(found[-4:]), month, day) if month else None


def checked(year: int, month: int = 0, day: int = 0) -> PublishedDate | None:
    """The date, if the calendar has it and news may bear its year; the last parts may be missing (0)."""
    try:
        date(year, month or 1, day or 1)
    except (OverflowError, ValueError):
        return None
    return PublishedDate(year, month, day) if FIRST_YEAR <= year <= LAST_YEAR else None


@cache
def _months() -> dict[str, int]:
    """What the languages call their months, and the number of each; where two differ, the commoner's.

    `dateparser.parse` tries two hundred languages for each date, which takes milliseconds, and reads "12 years 2000".
    """
    found: dict[str, int] = {}
    for language in language_order[:_LANGUAGES]:
        words = import_module(f"dateparser.data.date_translation_data.{language}").info
        for number, month in enumerate(_MONTHS, start=1):
            for word in words.get(month, ()):
                found.setdefault(_plain(word), number)
    return found


def _plain(word: str) -> str:
    """In small letters without accents and without the dot of an abbreviation."""
    letters = unicodedata.normalize("NFKD", word.rstrip(".").lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
