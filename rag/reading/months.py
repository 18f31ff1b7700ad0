"""What languages call their months and weekdays, and in which order they write a date."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import NamedTuple

from dateparser.data.languages_info import language_order

_ENGLISH = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# The commonest of the web come first. Rarer ones name months "sat", "now" or "any".
_COMMON = 40
_LEAST_CHARS = 4
_OTHER_CODES = {"no": "nb", "tl": "fil"}


class _Calendar(NamedTuple):
    numbers: Mapping[str, int]
    weekdays: frozenset[str]
    order: str


def number(word: str, language: str | None = None) -> int:
    """The number of the month that a word names in a language (ISO 639-1) or in English, and 0 where it names none.

    Where the language is not known, the word may be of any common one that no other contradicts.
    """
    return _calendar(language or "").numbers.get(_plain(word), 0)


def is_english(word: str) -> bool:
    """Whether it names a month in English."""
    return _plain(word) in _calendar("en").numbers


def is_weekday(word: str, language: str | None) -> bool:
    """Whether it names a day of the week, or a part of one does (`segunda-feira`), in a language that is known."""
    return _plain(word) in _calendar(language or "").weekdays


def order(language: str | None) -> str:
    """In which order a language writes the day, the month and the year: `DMY`; '' where that is not known."""
    return _calendar(language or "").order


@cache
def _calendar(language: str) -> _Calendar:
    code = _OTHER_CODES.get(language, language)
    # Serbian is written in two scripts, each in a table of its own.
    tables = [name for name in language_order if name.partition("-")[0] == code]
    if not tables:
        return _Calendar(_common(), frozenset(), "")
    # Its own names go before those of English.
    numbers = {word: at for name in ("en", *reversed(tables)) for at, words in _months(name) for word in words}
    weekdays = frozenset(
        _plain(part)
        for table in tables
        for weekday in _WEEKDAYS
        for name in _info(table).get(weekday, ())
        for part in re.split(r"[\s-]", name)
    )
    return _Calendar(numbers, weekdays, str(_info(tables[0]).get("date_order", "")))


def _common() -> Mapping[str, int]:
    """What the common languages call their months, without what may be another word or another month.

    A short name counts where it is English, in a script that English is not, or no abbreviation: Portuguese `out` and
    Czech `led` do not, German `Mai` does.
    """
    found: dict[str, set[int]] = {}
    for language in language_order[:_COMMON]:
        for at, words in _months(language):
            whole = max(map(len, words), default=0) < _LEAST_CHARS
            for word in words:
                if len(word) >= _LEAST_CHARS or whole or language == "en" or not word.isascii():
                    found.setdefault(word, set()).add(at)
    return {word: numbers.pop() for word, numbers in found.items() if len(numbers) == 1}


def _months(table: str) -> Iterator[tuple[int, list[str]]]:
    info = _info(table)
    for at, month in enumerate(_ENGLISH, start=1):
        yield at, [_plain(word) for word in info.get(month, ())]


def _info(table: str) -> Mapping[str, list[str]]:
    info: Mapping[str, list[str]] = import_module(f"dateparser.data.date_translation_data.{table}").info
    return info


def _plain(word: str) -> str:
    """In small letters without accents and without the dot of an abbreviation."""
    letters = unicodedata.normalize("NFKD", word.rstrip(".").lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
