"""Dates in text and in metadata: as complete as stated, never guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from email.utils import parsedate
from functools import cache
from importlib import import_module
from typing import NamedTuple

from dateparser.data.languages_info import language_order

from rag.types import PublishedDate

# Vowel signs belong to the words of Hindi, Thai and Persian, and are not letters to `\w`.
_LETTER = r"[^\s\d\x00-@\[-`{-\xbf\u060c\u2000-\u206f\u3000-\u303f]"
# May has two letters in Persian; the longest name is Finnish; two Irish names have two words.
_MONTH = rf"{_LETTER}{{2,14}}(?:\.|\s[Ff]ómhair)?"
_DAY = r"\d{1,2}(?:st|nd|rd|th|er|[ºª°.])?"
_OF = r"(?:(?:of|del?|ng|ta['’])\s|d['’])?"
_YEAR = r"[,،]?\s(?:del?\s|ค\.ศ\.\s)?\d{4}"
_DATE = re.compile(
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
      # Digits that follow are an impossible year or part of something else; a time of day is neither.
      | (?P<yearless>(?:{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}(?:st|nd|rd|th|er)?\s{_OF}{_MONTH})
                    (?!\s\d+(?![\d:])|,\s\d{{3}}))
    )(?:\s[грrdթ]\.)?(?![\w/-]|\.\d)""",
    re.VERBOSE,
)
_MONTH_YEAR = re.compile(
    rf"(?<![\w/.-])(?:{_MONTH}{_YEAR}(?![\w/-]|\.\d)|\d{{4}}\.\s{_MONTH}(?!\w))|(?<!\d)\d{{4}}\s?[年년]\s?\d{{1,2}}\s?[月월]"
)
# Six digits are not a date: 201203 may be March 2012 or 20 December 2003.
_ISO = re.compile(
    r"\s*(?!\d{6}(?!\d))(\d{4})(?:([-/.]?)(\d{2})(?:\2(\d{2})(?:(?<=\d{8})\d{6}(?!\d))?)?)?(?=$|[\sT,+])", re.ASCII
)
# Stands for no year in a mail's date; the standard library would read it as 2001.
_NO_YEAR = re.compile(r"(?<![\w+:-])0\d{3}\b")

_MAX_FIELD_CHARS = 200
# A day and what may stand between it and its month.
_DAY_CHARS = 12
# No newspaper is older; later years are what programs write for an unknown date.
FIRST_YEAR, LAST_YEAR = 1400, 2200
_YEAR_AHEAD = timedelta(days=366)
_BUDDHIST_YEARS, _BUDDHIST_OFFSET = range(2400, 2700), 543


class FoundDate(NamedTuple):
    """A date and its span in the text."""

    value: PublishedDate
    start: int
    end: int


def valid_date(year: int, month: int = 0, day: int = 0) -> PublishedDate | None:
    """Return the date if it is on the calendar and in a year that news may have; 0 stands for a missing part."""
    try:
        date(year, month or 1, day or 1)
    except (OverflowError, ValueError):
        return None
    return PublishedDate(year, month, day) if FIRST_YEAR <= year <= LAST_YEAR else None


def is_far_ahead(value: PublishedDate) -> bool:
    """Return whether a date is more than a year ahead of today: nothing has been published then."""
    # A missing part counts as the earliest: "2027" begins in January.
    return value.year > 0 and date(value.year, value.month or 1, value.day or 1) > date.today() + _YEAR_AHEAD


# Dates in metadata


def parse_date(text: str, language: str | None = None) -> PublishedDate | None:
    """Parse a metadata field that holds a date: ISO 8601 and its variants, else in words.

    The day is the one written, in whatever time zone. `language` is ISO 639-1, as in `find_dates`.
    """
    iso = iso_date(text)
    if iso and iso.month:
        return iso
    # Not the year alone if more follows: "2021 m. kovo 8 d." is a Lithuanian date.
    words = read_date(text, language)
    return words if words and words.year else iso or words


def iso_date(text: str) -> PublishedDate | None:
    """Parse a date that begins with the year: `2021-04-08T10:00Z`, `20210408`, `2021/04`, `2021`; None for others."""
    found = _ISO.match(text)
    return valid_date(*(int(part or 0) for part in found.group(1, 3, 4))) if found else None


def mail_date(text: str) -> PublishedDate | None:
    """Parse a date as in mail (RFC 5322): the day in the sender's time zone."""
    parts = None if _NO_YEAR.search(text) else parsedate(text)
    return valid_date(*parts[:3]) if parts else None


# Dates in text


def find_dates(text: str, language: str | None = None) -> Iterator[FoundDate]:
    """Yield every date in reading order that names at least a month and a day, or a year.

    Month names count in `language` (ISO 639-1) and in English; without a language, in any common one. A numeric date
    with two readings (`08/04/2021`) yields its year alone; with dots (`08.04.2021`) it is read as `language` writes it.
    """
    position = 0
    while match := _DATE.search(text, position):
        value = _value(match, language)
        if value is not None and not value.year and (later := _DATE.search(text, match.start() + 1)):
            # In "mar. 12 janvier 2021" the first word is Tuesday, not March.
            fuller = _value(later, language) if later.start() < match.end() else None
            match, value = (later, fuller) if fuller and fuller.year else (match, value)
        if value is not None:
            yield FoundDate(value, match.start(), match.end())
        # "Thursday 8 April 2021" first matches like "April 8": a match that is not a date may hide one.
        position = match.end() if value else match.start() + 1


def read_date(text: str, language: str | None = None) -> PublishedDate | None:
    """Find the date in a short text such as a table cell or a line under a title; a month alone counts too."""
    text = text[:_MAX_FIELD_CHARS]
    found = [found.value for found in find_dates(text, language)]
    dated = next((value for value in found if value.year), None)
    return dated or (None if found else _month_and_year(text, language)) or next(iter(found), None)


def _month_and_year(text: str, language: str | None) -> PublishedDate | None:
    for match in _MONTH_YEAR.finditer(text):
        # "31 April 2021" does not exist, and does not state its month either.
        if re.search(rf"\d\W{{0,2}}\s?{_OF}$", text[: match.start()][-_DAY_CHARS:]):
            continue
        year, *rest = (int(part) for part in re.findall(r"\d+", match.group()))
        month = rest[0] if rest else _find_month(match.group(), language)[0]
        if month in range(1, 13) and (value := valid_date(_common_era(year, language), month)):
            return value
    return None


def _value(match: re.Match[str], language: str | None) -> PublishedDate | None:
    found = match.group()
    numbers = [int(part) for part in re.findall(r"\d+", found)]
    if match["iso"] or match["year_first"] or match["counted"]:
        return _full_date(*numbers[:3])
    if match["numbered"]:
        return _full_date(*reversed(numbers))
    if match["numeric"]:
        return _numeric_date(*numbers, day_first="." in found and date_order(language) == "DMY")
    month, word = _find_month(found, language)
    if not month:
        return None
    if match["yearless"]:
        # In a leap year, so that "February 29" is valid.
        return PublishedDate(0, month, numbers[0]) if _full_date(2000, month, numbers[0]) else None
    if match["written"]:
        return _full_date(_common_era(numbers[1], language), month, numbers[0])
    # In English the year may end another sentence: "It closed in 2021. March 8 was a Monday."
    english = _plain(word) in _calendar("en").months and date_order(language) != "YMD" and " gada " not in found
    return None if match.start() and english else _full_date(numbers[0], month, numbers[1])


def _find_month(found: str, language: str | None) -> tuple[int, str]:
    """Return the month among the words of a date, and the word that names it."""
    named = ((month_number(word, language), word) for word in re.findall(_MONTH, found))
    return next((pair for pair in named if pair[0]), (0, ""))


def _numeric_date(first: int, second: int, year: int, *, day_first: bool) -> PublishedDate | None:
    if day_first and second <= 12:
        return _full_date(year, second, first)
    if first != second and max(first, second) <= 12:
        return valid_date(year)
    return _full_date(year, min(first, second), max(first, second))


def _common_era(year: int, language: str | None) -> int:
    return year - _BUDDHIST_OFFSET if language == "th" and year in _BUDDHIST_YEARS else year


def _full_date(year: int, month: int, day: int) -> PublishedDate | None:
    return valid_date(year, month, day) if month and day else None


# Names of months and weekdays, from dateparser's tables. Its own search tries them all and takes 20 ms a text.

_ENGLISH_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_ENGLISH_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# The most common languages of the web come first. Rarer ones have months named "sat", "now" or "any".
_COMMON_LANGUAGES = 40
_MIN_NAME_CHARS = 4
_OTHER_CODES = {"no": "nb", "tl": "fil"}


class _Calendar(NamedTuple):
    months: Mapping[str, int]
    weekdays: frozenset[str]
    order: str


def month_number(word: str, language: str | None = None) -> int:
    """Return the month that a word names in `language` (ISO 639-1) or in English; 0 for none.

    Without a language, the word may be of any common one, unless another gives it a different meaning.
    """
    return _calendar(language or "").months.get(_plain(word), 0)


def is_weekday(word: str, language: str | None) -> bool:
    """Return whether a word is a weekday or a part of one (`segunda-feira`) in a known language."""
    return _plain(word) in _calendar(language or "").weekdays


def date_order(language: str | None) -> str:
    """Return the order in which a language writes day, month and year, such as `DMY`; '' where unknown."""
    return _calendar(language or "").order


@cache
def _calendar(language: str) -> _Calendar:
    code = _OTHER_CODES.get(language, language)
    # Serbian has two scripts, each with a table of its own.
    tables = [name for name in language_order if name.partition("-")[0] == code]
    if not tables:
        return _Calendar(_common_months(), frozenset(), "")
    # Its own names override the English ones.
    months = {word: number for name in ("en", *reversed(tables)) for number, words in _months(name) for word in words}
    weekdays = frozenset(
        _plain(part)
        for table in tables
        for weekday in _ENGLISH_WEEKDAYS
        for name in _table(table).get(weekday, ())
        for part in re.split(r"[\s-]", name)
    )
    return _Calendar(months, weekdays, str(_table(tables[0]).get("date_order", "")))


def _common_months() -> Mapping[str, int]:
    """Return the month names of the common languages, without those that may be another word or another month.

    A short name counts if it is English, not in Latin script, or not an abbreviation: German `Mai` does, Portuguese
    `out` and Czech `led` do not.
    """
    found: dict[str, set[int]] = {}
    for language in language_order[:_COMMON_LANGUAGES]:
        for number, words in _months(language):
            unabbreviated = max(map(len, words), default=0) < _MIN_NAME_CHARS
            for word in words:
                if len(word) >= _MIN_NAME_CHARS or unabbreviated or language == "en" or not word.isascii():
                    found.setdefault(word, set()).add(number)
    return {word: numbers.pop() for word, numbers in found.items() if len(numbers) == 1}


def _months(table: str) -> Iterator[tuple[int, list[str]]]:
    names = _table(table)
    for number, month in enumerate(_ENGLISH_MONTHS, start=1):
        yield number, [_plain(word) for word in names.get(month, ())]


def _table(name: str) -> Mapping[str, list[str]]:
    info: Mapping[str, list[str]] = import_module(f"dateparser.data.date_translation_data.{name}").info
    return info


def _plain(word: str) -> str:
    """Return the word in lower case, without accents and without the point of an abbreviation."""
    letters = unicodedata.normalize("NFKD", word.rstrip(".").lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
