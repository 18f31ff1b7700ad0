"""Check a claim against its evidence: by the judge, and number by number, name by name."""

from __future__ import annotations

import math

from embeddings import Judge, Pair
from rag import chunking
from rag.answering import accounting
from rag.types import PublishedDate, Support

# The judge's log-odds from which a claim counts as supported.
_SUPPORTED = 0.0
# What the log-odds lose where the evidence does not have all numbers, days, names and negations of the claim.
_UNACCOUNTED = 2.0
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
