"""Tie each written sentence to its evidence, and keep only what the evidence says.

The reader is small and joins words that stand near each other into claims that nobody made. So the check is
strict: a sentence stands only where it is the evidence sentence made shorter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from rag.types import Evidence
from rag.words import Word, content, stem, words

_MARKER = re.compile(r"\s*\[(\d{1,4})\]")
# How many words that carry meaning may be left out at one place: more would join two clauses into one.
_MAX_LEFT_OUT = 3
# Dropping one of these turns what somebody said, denied or expects into a fact.
_CUES = frozenset(
    stem(word)
    for word in """no not never none nobody nothing neither nor without cannot may might could would should can will
    if unless until after before except only nearly almost about around over under least most more less than expected
    expects likely unlikely possibly probably allegedly alleged reportedly reported said says say told tells warned
    warns claimed claims suggested suggests denied denies announced according believed believes vowed pledged urged
    planned plans hopes wants proposed fears""".split()
)


class Resolved(NamedTuple):
    """A written sentence without its markers; `known` and `unknown` are the markers it carried."""

    text: str
    known: tuple[int, ...]
    unknown: tuple[int, ...]


def resolve(sentence: str, evidence_count: int) -> Resolved:
    """Take the markers `[n]` out of a sentence; those from 1 to `evidence_count` are known."""
    found = [int(number) for number in _MARKER.findall(sentence)]
    known = tuple(dict.fromkeys(n for n in found if 1 <= n <= evidence_count))
    unknown = tuple(dict.fromkeys(n for n in found if not 1 <= n <= evidence_count))
    return Resolved(_MARKER.sub("", sentence).strip(), known, unknown)


def check(sentence: str, question: str, evidence: Sequence[Evidence]) -> tuple[int, ...]:
    """The numbers, from 1, of the evidence that each by itself supports `sentence`; empty: it must not stand.

    Which marker the reader wrote does not matter: a small reader numbers at random.
    """
    return tuple(number for number, item in enumerate(evidence, start=1) if supports(item.text, sentence, question))


def same_words(text: str, evidence: Sequence[Evidence]) -> tuple[int, ...]:
    """The numbers, from 1, of the evidence that says `text` word for word, whatever its quotes and spaces."""
    wanted = [word.stem for word in words(text)]
    return tuple(n for n, item in enumerate(evidence, start=1) if [w.stem for w in words(item.text)] == wanted)


def supports(evidence: str, sentence: str, question: str) -> bool:
    """Whether `sentence` says nothing but what `evidence` says, in its order.

    Every number, name and content word stands in the evidence, or, unless it is a number or a name, in the
    question; no more than three meaningful words in a row are left out; every negation, hedge and attribution
    on the way is kept, and none is added.
    """
    there = words(evidence)
    at = _places(content(sentence), there, question)
    if not at or any(_left_out(there, a, b) > _MAX_LEFT_OUT for a, b in pairwise(at)):
        return False
    return _cues(there[: at[-1] + 1]) == _cues(words(sentence))


def _places(said: Sequence[Word], there: Sequence[Word], question: str) -> list[int]:
    """Where in the evidence the said words stand, in order; empty where one stands nowhere."""
    asked = {word.stem for word in content(question)}
    stems = {word.stem for word in there}
    places: list[int] = []
    for word in said:
        if word.stem not in stems:
            if word.stem in asked and not word.numeric and not word.capitalised:
                continue
            return []
        after = places[-1] + 1 if places else 0
        place = next((at for at in range(after, len(there)) if there[at].stem == word.stem), None)
        if place is None:
            return []
        places.append(place)
    return places


def _left_out(there: Sequence[Word], first: int, last: int) -> int:
    return sum(not word.function for word in there[first + 1 : last])


def _cues(said: Sequence[Word]) -> set[str]:
    found = {word.stem for word in said} & _CUES
    if any(word.text.lower().replace("’", "'").endswith("n't") for word in said):
        found.add("not")
    return found
