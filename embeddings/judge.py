"""What a judge is: (question, text) to how well the text answers and where; (claim, text) to how well the text supports
it; (question, several texts) to whether they disagree.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

# Of a pair; a longer text is truncated.
MAX_TOKENS = 256
# The longest answer span; training has no longer ones.
MAX_SPAN_TOKENS = 40
# The log-odds of the impossible.
NEVER = -1e4
# Of all texts that are read together.
_JOINED_WORDS = 160


class Pair(NamedTuple):
    """`asked` is a question or a claim. An answer is searched in `text` from the character `start` on."""

    asked: str
    text: str
    start: int = 0


class Judgement(NamedTuple):
    """The log-odds a judge gives for a pair; higher is better.

    answers:     the text answers the question, in its characters `start` to `end`; calibrated
    span:        those characters are the answer, against there being none; not calibrated
    supports:    the text supports the claim
    disputes:    the texts in it (`joined`) disagree about the question
    silent:      none of the texts in it answers the question
    """

    answers: float
    span: float
    start: int
    end: int
    supports: float
    disputes: float
    silent: float


class Judge(Protocol):
    """Judges pairs. `fingerprint` changes whenever its judgements would."""

    fingerprint: str

    def judge(self, pairs: Sequence[Pair]) -> list[Judgement]:
        """Judge each pair, in the order of `pairs`."""
        ...


def joined(texts: Sequence[str]) -> str:
    """Join texts into one that the judge reads whole: a line each, truncated to an equal share of the words."""
    words = _JOINED_WORDS // max(1, len(texts))
    return "\n".join(" ".join(text.split()[:words]) for text in texts)
