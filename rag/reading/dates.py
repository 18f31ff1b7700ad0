"""Find dates in text and keep of each only what is really stated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from rag.reading import months
from rag.types import PublishedDate

# Marks belong to the words of Hindi, Thai and Persian, and are no letters to `\w`.
_LETTER = r"[^\s\d\x00-@\[-`{-\xbf\u060c\u2000-\u206f\u3000-\u303f]"
# Two letters are May in Persian; the longest name is Finnish; two Irish ones are of two words.
_MONTH = rf"{_LETTER}{{2,14}}(?:\.|\s[Ff]ómhair)?"
_DAY = r"\d{1,2}(?:st|nd|rd|th|er|[ºª°.])?"
_OF = r"(?:(?:of|del?|ng|ta['’])\s|d['’])?"
_YEAR = r"[,،]?\s(?:del?\s|ค\.ศ\.\s)?\d{4}"
_PATTERN = re.compile(
    rf"""(?<!\d)(?P<counted>\d{{4}}\s?[年년]\s?\d{{1,2}}\s?[月월]\s?\d{{1,2}}\s?[日일号號])
      | (?<![\w/.-])(?:
        (?P<iso>\d{{4}}-\d{{2}}-\d{{2}})(?:T\d{{2}}:[\d:.]+(?:Z|[+-]\d{{2}}:?\d{{2}})?)?
      | (?P<year_first>\d{{4}}(?:/\d{{2}}/\d{{2}}|\.\d{{2}}\.\d{{2}}|\.\s\d{{1,2}}\.\s\d{{1,2}}))
      | (?P<numeric>\d{{1,2}}(?:[/.]\d{{1,2}}[/.]|\.\s\d{{1,2}}\.\s)\d{{4}})
      | (?P<numbered>\d{{1,2}}\s(?:tháng|thg)\s\d{{1,2}}(?:,|\snăm)?\s\d{{4}})
      | (?P<written>{_DAY}(?:\s|(?<=\.)){_OF}{_MONTH}(?:/{_MONTH})?{_YEAR}
                   |\d{{1,2}}-{_MONTH}-\d{{4}}
                   |{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?{_YEAR})
      | (?P<reversed>\d{{4}}(?:\.\sgada|\sж\.)\s\d{{1,2}}\.?\s{_MONTH}
                    |\d{{4}}(?:\.|\sm\.|\sթ\.)?\s{_MONTH}\s\d{{1,2}}(?:-{_LETTER}{{1,4}})?)
      # Digits after it are a year that cannot be, or a part of something else; the time of day is neither.
      | (?P<yearless>(?:{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}(?:st|nd|rd|th|er)?\s{_OF}{_MONTH})
                    (?!\s\d+(?![\d:])|,\s\d{{3}}))
    )(?:\s[грrdթ]\.)?(?![\w/-]|\.\d)""",
    re.VERBOSE,
)
_MONTH_YEAR = re.compile(
    rf"(?<![\w/.-])(?:{_MONTH}{_YEAR}(?![\w/-]|\.\d)|\d{{4}}\.\s{_MONTH}(?!\w))|(?<!\d)\d{{4}}\s?[年년]\s?\d{{1,2}}\s?[月월]"
)

_FIELD_CHARS = 200
# A day and what may stand between it and its month.
_DAY_CHARS = 12

# No newspaper is older, and what programs write where they know no date is later.
FIRST_YEAR, LAST_YEAR = 1400, 2200
_BUDDHIST_YEARS, _BUDDHIST_AHEAD = range(2400, 2700), 543

# In the date of a mail it stands for no year at all, and would be read as 2001.
UNTOLD_YEAR = re.compile(r"(?<![\w+:-])0\d{3}\b")


class FoundDate(NamedTuple):
    """A date and the characters it stands at."""

    value: PublishedDate
    start: int
    end: int


def find_dates(text: str, language: str | None = None) -> Iterator[FoundDate]:
    """Yield every date that names at least a month and a day, or a year, in reading order.

    `language` is ISO 639-1: only its months and those of English count. A numeric date that could be read two ways
    (`08/04/2021`) gives its year alone; with dots (`08.04.2021`) it is read as the language writes it.
    """
    at = 0
    while match := _PATTERN.search(text, at):
        value = _value(match, language)
        if value is not None and not value.year and (later := _PATTERN.search(text, match.start() + 1)):
            # "mar. 12 janvier 2021" is a Tuesday, and no day of March.
            fuller = _value(later, language) if later.start() < match.end() else None
            match, value = (later, fuller) if fuller and fuller.year else (match, value)
        if value is not None:
            yield FoundDate(value, match.start(), match.end())
        # "Thursday 8 April 2021" begins like "April 8": what is no date may hide one.
        at = match.end() if value else match.start() + 1


def read_date(text: str, language: str | None = None) -> PublishedDate | None:
    """The date in a text that tells little else, such as a cell or a line under a title; a month alone counts too."""
    text = text[:_FIELD_CHARS]
    found = [found.value for found in find_dates(text, language)]
    dated = next((value for value in found if value.year), None)
    return dated or (None if found else _month_alone(text, language)) or next(iter(found), None)


def _month_alone(text: str, language: str | None) -> PublishedDate | None:
    for match in _MONTH_YEAR.finditer(text):
        # "31 April 2021" is no day, and says nothing of its month.
        if re.search(rf"\d\W{{0,2}}\s?{_OF}$", text[: match.start()][-_DAY_CHARS:]):
            continue
        numbers = [int(part) for part in re.findall(r"\d+", match.group())]
        month = numbers[1] if len(numbers) > 1 else _named(match.group(), language)[0]
        year = numbers[0]
        if month in range(1, 13) and (value := checked(_common_era(year, language), month)):
            return value
    return None


def _value(match: re.Match[str], language: str | None) -> PublishedDate | None:
    found = match.group()
    numbers = [int(part) for part in re.findall(r"\d+", found)]
    if match["iso"] or match["year_first"] or match["counted"]:
        return _day(*numbers[:3])
    if match["numbered"]:
        return _day(*reversed(numbers))
    if match["numeric"]:
        return _numeric(*numbers, day_first="." in found and months.order(language) == "DMY")
    month, word = _named(found, language)
    if not month:
        return None
    if match["yearless"]:
        # A leap year, so that "February 29" is a day.
        return PublishedDate(0, month, numbers[0]) if _day(2000, month, numbers[0]) else None
    if match["written"]:
        return _day(_common_era(numbers[1], language), month, numbers[0])
    # In English the year is the end of another sentence: "It closed in 2021. March 8 was a Monday."
    apart = match.start() and months.is_english(word) and months.order(language) != "YMD" and " gada " not in found
    return None if apart else _day(numbers[0], month, numbers[1])


def _named(found: str, language: str | None) -> tuple[int, str]:
    """The month among the words of a date and the word that names it."""
    named = ((months.number(word, language), word) for word in re.findall(_MONTH, found))
    return next((pair for pair in named if pair[0]), (0, ""))


def _numeric(first: int, second: int, year: int, *, day_first: bool) -> PublishedDate | None:
    if day_first and second <= 12:
        return _day(year, second, first)
    if first != second and max(first, second) <= 12:
        return checked(year)
    return _day(year, min(first, second), max(first, second))


def _common_era(year: int, language: str | None) -> int:
    return year - _BUDDHIST_AHEAD if language == "th" and year in _BUDDHIST_YEARS else year


def _day(year: int, month: int, day: int) -> PublishedDate | None:
    return checked(year, month, day) if month and day else None


def checked(year: int, month: int = 0, day: int = 0) -> PublishedDate | None:
    """The date, if the calendar has it and news may bear its year; the last parts may be missing (0)."""
    try:
        date(year, month or 1, day or 1)
    except (OverflowError, ValueError):
        return None
    return PublishedDate(year, month, day) if FIRST_YEAR <= year <= LAST_YEAR else None
