"""Check a claim against its evidence: by the judge, and number by number, name by name."""

from __future__ import annotations

import math

from embeddings import Judge, Pair
from rag import chunking
from rag.types import Support

# The judge's log-odds from which a claim counts as supported.
_SUPPORTED = 0.0
# Evidence beyond this is read in windows; the one that supports most counts.
_WINDOW_WORDS = 100


def check(claim: str, evidence: str, judge: Judge) -> Support:
    """Whether `evidence` says `claim`."""
    spans = chunking.split(evidence, _WINDOW_WORDS) or ()
    judged = judge.judge([Pair(claim, evidence[span.start : span.end]) for span in spans])
    best = max((one.supports for one in judged), default=-math.inf)
    return Support(best >= _SUPPORTED, 1.0 / (1.0 + math.exp(-best)), ())
