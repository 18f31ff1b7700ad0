"""Check a claim against its evidence: by the judge, and number by number, name by name."""

from __future__ import annotations

import math
from collections.abc import Sequence

from embeddings import Judge, Pair
from rag import accounting, chunking
from rag.types import Evidence, PublishedDate, Support
from rag.words import stems

# The judge's log-odds from which a claim counts as supported.
_SUPPORTED = 0.0
# What the log-odds lose where the evidence does not have all numbers, days, names and negations of the claim.
_UNACCOUNTED = 2.0
_WORDS_FOR_A_NEW_ONE = 8
# Evidence beyond this is read in windows; the one that supports most counts.
_WINDOW_WORDS = 100


def check(claim: str, evidence: str, judge: Judge, published: PublishedDate | None = None) -> Support:
    """Whether `evidence`, which was `published` then, says `claim`."""
    spans = chunking.split(evidence, _WINDOW_WORDS) or ()
    judged = judge.judge([Pair(claim, evidence[span.start : span.end]) for span in spans])
    best = max((one.supports for one in judged), default=-math.inf)
    missing = accounting.unaccounted(claim, evidence, published)
    odds = best - _UNACCOUNTED * bool(missing)
    return Support(odds >= _SUPPORTED, 1.0 / (1.0 + math.exp(-odds)), missing)


def supporting(sentence: str, question: str, evidence: Sequence[Evidence], judge: Judge) -> tuple[int, ...]:
    """The numbers, from 1, of the evidence that each by itself says `sentence`; empty: it must not stand.

    Small readers embroider, so hardly a word may be neither the evidence's nor the question's.
    """
    found = []
    said = stems(sentence)
    for number, item in enumerate(evidence, start=1):
        new = said - stems(item.text) - stems(item.article.title) - stems(question)
        if not said or len(new) > len(said) // _WORDS_FOR_A_NEW_ONE:
            continue
        checked = check(sentence, item.text, judge, item.article.published)
        if checked.supported and not checked.unaccounted:
            found.append(number)
    return tuple(found)
