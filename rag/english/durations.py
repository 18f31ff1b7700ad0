"""How long "nearly a decade" is: whether two spans of time may be the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from rag.english.words import NUMBERS

_DAYS = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.44, "year": 365.25, "decade": 3652.5, "century": 36525.0}
# The least and the most that a number may be that is led so, as shares of it.
_LED = {
    **dict.fromkeys(("nearly", "almost", "close to", "just under", "under", "less than", "up to"), (0.8, 1.0)),
    **dict.fromkeys(("over", "more than", "just over", "at least"), (1.0, 1.25)),
    **dict.fromkeys(("about", "around", "roughly", "some", "approximately"), (0.85, 1.15)),
}
# Without such a word half a unit more or less is not told, of a decade or a century a tenth.
_HALF, _TENTH = 0.5, 0.1
_EXPRESSION = re.compile(
    rf"(?:\b(?P<led>{'|'.join(sorted(_LED, key=len, reverse=True))})\s)?(?<!\w)"
    rf"(?P<number>\d+(?:\.\d+)?|an?|{'|'.join(NUMBERS)})[\s-](?P<half>and\sa\shalf\s)?"
    rf"(?P<unit>{'|'.join(_DAYS)}|centurie)s?\b",
    re.IGNORECASE,
)


class Range(NamedTuple):
    """The least and the most days that an expression may mean."""

    least: float
    most: float


def agree(one: str, other: str) -> bool:
    """Whether both texts tell a span of time, and of each some may be as long as one of the other."""
    return any(a.least < b.most and b.least < a.most for a in ranges(one) for b in ranges(other))


def ranges(text: str) -> Iterator[Range]:
    """Yield what each span of time in `text` may mean, in order."""
    for found in _EXPRESSION.finditer(text):
        said, unit = found["number"].lower(), found["unit"].lower().replace("centurie", "century")
        number = 1.0 if said in ("a", "an") else float(NUMBERS.get(said, said))
        number += _HALF * bool(found["half"])
        if found["led"]:
            least, most = (share * number for share in _LED[found["led"].lower()])
        else:
            off = _TENTH if unit in ("decade", "century") else _HALF
            least, most = number - off, number + off
        yield Range(least * _DAYS[unit], most * _DAYS[unit])
