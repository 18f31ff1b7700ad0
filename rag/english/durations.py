"""How long "nearly a decade" is: whether two spans of time may be the same."""

from __future__ import annotations

import re
from typing import NamedTuple

from rag.search.words import NUMBERS

_DAYS = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.44, "year": 365.25, "decade": 3652.5, "century": 36525.0}
# The least and the most that a number may mean behind such words, as shares of it.
_LED = {
    **dict.fromkeys(("nearly", "almost", "close to", "just under"), (0.8, 1.0)),
    **dict.fromkeys(("under", "less than", "up to"), (0.0, 1.0)),
    **dict.fromkeys(("over", "more than", "just over", "at least"), (1.0, 1.5)),
    **dict.fromkeys(("about", "around", "roughly", "some", "approximately"), (0.85, 1.15)),
}
# Months are not all of one length.
_EXACT = (0.98, 1.02)
_WORD = "|".join(NUMBERS)
# The pattern of a number in words: nine, twenty-five.
SPELT = rf"(?:{_WORD})(?:-(?:{_WORD}))?"
_EXPRESSION = re.compile(
    rf"(?:\b(?P<led>{'|'.join(sorted(_LED, key=len, reverse=True))})\s)?(?<![\w.,/-])(?<!half )(?<!quarter of )"
    rf"(?P<number>\d{{1,3}}(?:,\d{{3}})+|\d+(?:\.\d+)?|an?|{SPELT})(?P<half>\sand\sa\shalf)?[\s-]"
    rf"(?P<unit>{'|'.join(_DAYS)}|centurie)s?\b(?P<and_half>\sand\sa\shalf\b)?",
    re.IGNORECASE,
)


class Range(NamedTuple):
    """The least and the most days that an expression may mean."""

    least: float
    most: float


def agree(one: str, other: str) -> bool:
    """Whether each text tells one span of time, and both may mean the same: nine years, nearly a decade."""
    here, there = _ranges(one), _ranges(other)
    if len(here) != 1 or len(there) != 1:
        return False
    return here[0].least <= there[0].most and there[0].least <= here[0].most


def _ranges(text: str) -> list[Range]:
    """What each span of time in `text` may mean, in order."""
    found = []
    for match in _EXPRESSION.finditer(text):
        number = _number(match["number"].lower()) + 0.5 * bool(match["half"] or match["and_half"])
        days = number * _DAYS[match["unit"].lower().replace("centurie", "century")]
        least, most = _LED[match["led"].lower()] if match["led"] else _EXACT
        found.append(Range(least * days, most * days))
    return found


def _number(said: str) -> float:
    if said in ("a", "an"):
        return 1.0
    if said[0].isdigit():
        return float(said.replace(",", ""))
    return float(sum(NUMBERS[word] for word in said.split("-")))
