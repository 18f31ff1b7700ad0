"""Keep only what the evidence says: written sentences, and claims of anybody.

A sentence that a reader wrote stands only if it is an evidence sentence word for word. Small readers join words that
stand near each other into claims that nobody made: "the firm stole data" out of "a court rejected the claim that the
firm stole data".
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from embeddings import Encoder, Judge, Pair
from rag.answer import facts
from rag.search import chunking
from rag.search.words import stems
from rag.types import Evidence, PublishedDate, Support

_MARKER = re.compile(r"\s*\[(\d{1,4})\]")
# Log-odds of a claim by its cosine with the evidence, fitted by `python -m training checking DATA`, which also fits
# 1.9 for a missing fact. More than that is deducted: similar words must not make up for a changed number.
_NEARNESS, _FAR, _FACT_MISSING = 2.9, -1.5, 3.0
# Longer evidence is read in windows, and the best one counts.
_WINDOW_WORDS = 100


def without_markers(sentence: str, evidence_count: int) -> tuple[str, tuple[int, ...]]:
    """Return the sentence without its markers `[n]`, and those of them that are not 1 to `evidence_count`."""
    numbers = dict.fromkeys(int(number) for number in _MARKER.findall(sentence))
    return _MARKER.sub("", sentence).strip(), tuple(n for n in numbers if not 1 <= n <= evidence_count)


def quoted(sentence: str, evidence: Sequence[Evidence]) -> tuple[int, ...]:
    """Return the numbers, from 1, of the evidence that is `sentence` word for word; () if it must not stand.

    Which markers the reader wrote does not matter: a small reader numbers at random.
    """
    return tuple(number for number, item in enumerate(evidence, start=1) if item.says(sentence))


def supports(
    claim: str, evidence: str, judge: Judge, encoder: Encoder | None = None, published: PublishedDate | None = None
) -> Support:
    """Decide whether `evidence`, published on that day, says `claim`. Markers such as `[1]` are ignored in both.

    The judge was trained on claims in the words of their texts and doubts all others. So the fewer of the claim's words
    the evidence has, the less the judge counts and the more the cosine of the `encoder`; without one, the judge alone.
    """
    claim, evidence = _MARKER.sub("", claim).strip(), _MARKER.sub("", evidence).strip()
    windows = [evidence[span.start : span.end] for span in chunking.split(evidence, _WINDOW_WORDS)]
    missing = facts.missing(claim, evidence, published)
    odds = max((one.supports for one in judge.judge([Pair(claim, text) for text in windows])), default=-math.inf)
    if encoder and windows:
        odds = odds * _shared(claim, windows) ** 2 + _NEARNESS * nearness(claim, windows, encoder) + _FAR
    odds -= _FACT_MISSING * bool(missing)
    return Support(odds >= 0, 1.0 / (1.0 + math.exp(-odds)), missing)


def nearness(claim: str, texts: Sequence[str], encoder: Encoder) -> float:
    """Return the cosine of the claim with the nearest of the texts."""
    vector, *rows = encoder.encode([claim, *texts])
    return max(float(row @ vector) for row in rows)


def _shared(claim: str, texts: Sequence[str]) -> float:
    """Return the share of the claim's content words, 0 to 1, in the text that has most of them."""
    said = stems(claim)
    return max(len(said & stems(text)) for text in texts) / max(1, len(said))
