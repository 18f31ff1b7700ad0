"""Find the sentence that says itself that what is asked for was not told: "unspecified military equipment"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import dropwhile, takewhile

from rag.answering import orders
from rag.search.words import words
from rag.types import Evidence, Hit
from rag.understanding import kinds

_WITHHELD = re.compile(
    r"\b(unspecified|undisclosed|unnamed|unidentified|unknown)\b"
    r"|\bwithout\s+(going\s+into\s+detail|giving\s+details?|elaborating|specifying|naming|saying)\b"
    r"|\b(did|do|does|would)\s*(not|n['’]t)\s+(say|specify|disclose|name|identify|elaborate|give\s+details?)\b"
    r"|\bdeclined\s+to\s+(say|specify|disclose|name|identify|elaborate|comment)\b",
    re.IGNORECASE,
)


def withheld(question: str, hits: Sequence[Hit]) -> dict[str, Evidence]:
    """By article id, its first sentence that says that what is asked for was not told."""
    targets = kinds.targets(question)
    found: dict[str, Evidence] = {}
    for hit in hits if targets else ():
        for item in orders.sentences(hit):
            if any(_object(item.text[match.end() :]) in targets for match in _WITHHELD.finditer(item.text)):
                found.setdefault(item.article.id, item)
    return found


def _object(text: str) -> str:
    """The stem of what the first words in a row name: `equipment` of "military equipment to Pakistan"."""
    after = dropwhile(lambda word: word.function, words(text)[:8])
    named = list(takewhile(lambda word: not word.function, after))
    return named[-1].stem if named else ""
