"""Ask how long it was since the last of something as articles tell it: "the first visit in nine years"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile

from rag.english import clauses, verbs
from rag.english.durations import SPELT
from rag.search.words import stem, stems
from rag.types import Span

_ASKED = re.compile(
    r"(?:(?:about|roughly|exactly) )?how (?:long|many (?:years|months|weeks|days|decades))"
    r"(?: (?:has|had|is|was) it(?: been)?| (?:have |had )?(?:passed|gone by|went by))?"
    r" since (?:the|its|their|his|her) (?:last|previous)(?: such)? (?!times?\b)(?P<what>[^?!.,;]+)",
    re.IGNORECASE,
)
# What follows is only looked at, so that a second "first" in it is found, too.
_FIRST = re.compile(r"\bfirst (?=(?P<ahead>(?:[^.,;!?]|(?<=\b[A-Z])\.){0,160}))", re.IGNORECASE)
_IN = re.compile(r"\bin\s", re.IGNORECASE)
_SPAN = re.compile(
    r"(?:(?:nearly|almost|about|around|over|more than|at least|some|roughly|close to|just over|just under|just) )?"
    rf"(?:an?|\d+(?:[.,]\d+)*|several|many|{SPELT})[\s-](?:and a half )?"
    r"(?:years?|decades?|months?|weeks?|days?|century|centuries|generations?)\b",
    re.IGNORECASE,
)
# Of what is planned, or was given up, the first is none.
_NOT_SO = re.compile(
    r"\b(?:will|would|(?-i:may)|might|could|should|plan(?:s|ned|ning)?|due|expect(?:s|ed)?|hope[sd]?|schedul\w+|set to"
    r"|cancel\w+|called off|postpon\w+|scrapp\w+|makes?|aid|not|never)\b",
    re.IGNORECASE,
)
_ENDS_NOUN = clauses.PREPOSITIONS | verbs.AUXILIARIES | {"that", "who", "which", "and"}
_ORDINAL = re.compile(r"\b(?:first|second|third|fourth|fifth|last)\b", re.IGNORECASE)


def wording(question: str) -> str:
    """The question put to who tells of the first one again; "" where it does not ask how long since the last."""
    asked = _what(question)
    return f"First {asked} in how long?" if asked else ""


def elapsed(question: str, sentence: str, answer: Span) -> Span | None:
    """How long before it there was none, where the sentence tells of the first of what is asked for in that time.

    It must have every word of that which carries meaning; of several such times the judge's `answer` must touch one.
    None where it tells of something else, or of what is yet to come.
    """
    asked = _what(question)
    if not asked or not stems(asked) <= stems(sentence) or _NOT_SO.search(sentence):
        return None
    found = list(_times(_noun(asked), sentence))
    touched = [time for time in found if time.start < answer.end and answer.start < time.end]
    return next(iter(found if len(found) == 1 else touched), None)


def _times(noun: str, sentence: str) -> Iterator[Span]:
    """Each time in which something was the first `noun`."""
    for first in _FIRST.finditer(sentence):
        for inside in _IN.finditer(first["ahead"]):
            before, at = first["ahead"][: inside.start()], first.start("ahead") + inside.end()
            time = _SPAN.match(sentence, at)
            # Of two in one sentence each has its own time.
            if time is None or _ORDINAL.search(before):
                continue
            led = before.lower().split()[:1]
            bare = not led or led[0] in clauses.PREPOSITIONS
            if stem(noun) in (stems(sentence[: first.start()]) if bare else {stem(_noun(before))}):
                yield Span(*time.span())


def _what(question: str) -> str:
    found = _ASKED.fullmatch(clauses.bare(question))
    return found["what"].strip() if found else ""


def _noun(phrase: str) -> str:
    """The noun of a phrase: `visit` in "visit by a minister", `census` in "census was held"."""
    said = phrase.lower().split()
    led = list(takewhile(lambda word: word not in _ENDS_NOUN and not verbs.participle(word), said))
    return led[-1] if led else ""
