"""Check a claim against its evidence: by the judge, by how near it is, and number by number, name by name."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from embeddings import Encoder, Judge, Pair
from rag.answering import accounting
from rag.search import chunking
from rag.search.words import stems
from rag.types import PublishedDate, Support

# The log-odds from which a claim counts as supported.
_SUPPORTED = 0.0
# The log-odds of a claim by its cosine with the evidence: `python -m training checking DATA` fits them, and what they
# lose by something unaccounted, 1.9.
_NEARNESS, _FAR = 2.9, -1.5
# What the log-odds lose where the evidence does not have all numbers, days, names and negations of the claim. More than
# was fitted: the nearest words should not make up for a changed number.
_UNACCOUNTED = 3.0
# Evidence beyond this is read in windows; the one that has most counts.
_WINDOW_WORDS = 100
_MARKER = re.compile(r"\s*\[\d{1,4}\]")


def check(
    claim: str, evidence: str, judge: Judge, encoder: Encoder | None = None, published: PublishedDate | None = None
) -> Support:
    """Whether `evidence`, which was `published` then, says `claim`; markers such as `[1]` are no part of either.

    The judge was trained on claims in the words of their texts, and doubts all others. So the less of the claim's
    words there are, the less it counts, and the nearness by the `encoder` decides; without one, the judge alone.
    """
    claim, evidence = _MARKER.sub("", claim).strip(), _MARKER.sub("", evidence).strip()
    windows = [evidence[span.start : span.end] for span in chunking.split(evidence, _WINDOW_WORDS)]
    missing = accounting.unaccounted(claim, evidence, published)
    odds = max((one.supports for one in judge.judge([Pair(claim, text) for text in windows])), default=-math.inf)
    if encoder and windows:
        odds = odds * _shared(claim, windows) ** 2 + _NEARNESS * nearness(claim, windows, encoder) + _FAR
    odds -= _UNACCOUNTED * bool(missing)
    return Support(odds >= _SUPPORTED, 1.0 / (1.0 + math.exp(-odds)), missing)


def nearness(claim: str, texts: Sequence[str], encoder: Encoder) -> float:
    """The cosine of the claim with the text that is nearest to it."""
    vector, *rows = encoder.encode([claim, *texts])
    return max(float(row @ vector) for row in rows)


def _shared(claim: str, texts: Sequence[str]) -> float:
    """The share of the claim's words that carry meaning, 0 to 1, in the text that has most of them."""
    said = stems(claim)
    return max(len(said & stems(text)) for text in texts) / max(1, len(said))
