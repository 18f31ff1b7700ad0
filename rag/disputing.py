"""Find out whether articles disagree about what is asked."""

from __future__ import annotations

from collections.abc import Sequence

from embeddings import Judge, Pair, joined
from rag.types import Evidence
from rag.words import stems

# The judge's log-odds from which texts count as disagreeing.
_DISAGREE = 0.0
_SIDES = 3


def sides(question: str, ranked: Sequence[Evidence], judge: Judge) -> tuple[Evidence, ...]:
    """The best sentence of each of two or three articles that disagree, best first; () where they do not.

    `ranked`: sentences that may answer, best first.
    """
    told = tuple({item.article.id: item for item in reversed(ranked)}.values())[::-1][:_SIDES]
    if len(told) < 2 or all(same(told[0], other) for other in told[1:]):
        return ()
    (judged,) = judge.judge([Pair(question, joined([item.text for item in told]))])
    return told if judged.disputes >= _DISAGREE else ()


def same(one: Evidence, other: Evidence) -> bool:
    """Whether one short answer has all the words of the other that carry meaning."""
    here, there = stems(one.short), stems(other.short)
    return bool(here and there) and (here <= there or there <= here)
