"""Ask how long it was since the last of something as articles tell it: "the first visit in nine years"."""

from __future__ import annotations

import re

from rag.english import verbs
from rag.english.words import NUMBERS
from rag.types import Span

_ASKED = re.compile(
    r"^\W*(?:(?:about|roughly|exactly) )?how (?:long|many (?:years|months|weeks|days|decades))"
    r"(?: (?:has|had|is|was) it(?: been)?| (?:have |had )?(?:passed|gone by|went by))?"
    r" since (?:the|its|their|his|her) (?:last|previous)(?: such)? (?!time\b)(?P<what>[^?!.]+?)\W*$",
    re.IGNORECASE,
)
# "The first will open in two weeks" and "the first took place in two days" tell of no time before it.
_OTHERWISE = f"{'|'.join(sorted(verbs.AUXILIARIES))}|be|been|took|takes|taken|lasted|lasts|began|ended|opened|happened"
_FIRST = re.compile(
    rf"\bfirst\b(?:(?!\b(?:{_OTHERWISE})\b)[^.;!?]){{0,160}}?\bin (?P<span>"
    r"(?:(?:nearly|almost|about|around|over|more than|at least|some|roughly|close to|just over|just under) )?"
    rf"(?:an?|\d+(?:\.\d+)?|several|many|{'|'.join(NUMBERS)})(?:-| )(?:and a half )?"
    r"(?:years?|decades?|months?|weeks?|days?|century|centuries|generations?))\b",
    re.IGNORECASE,
)


def wording(question: str) -> str:
    """The question put to who tells of the first one again; "" where it does not ask how long since the last."""
    found = _ASKED.match(question)
    return f"First {found['what']} in how long?" if found else ""


def elapsed(text: str) -> Span | None:
    """How long before it there was none, where `text` tells of the first of something in that time."""
    found = _FIRST.search(text)
    return Span(*found.span("span")) if found else None
