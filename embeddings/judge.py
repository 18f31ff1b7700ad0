"""(question, text) to how well the text answers and where; (claim, text) to how well the text supports it; (question,
several texts) to whether they disagree.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

# Of a pair; a longer text is cut off at its end.
MAX_TOKENS = 256
# An answer is at most so long: training has none beyond.
MAX_SPAN_TOKENS = 40
# The log-odds of what cannot be.
NEVER = -1e4
# Of texts that are read together.
_JOINED_WORDS = 160


class Pair(NamedTuple):
    """`asked` is a question or a claim. An answer is looked for in `text` from the character `start` on."""

    asked: str
    text: str
    start: int = 0


class Judgement(NamedTuple):
    """What the judge makes of a pair: log-odds, higher is better.

    `answers`: that the text answers the question, calibrated, with its characters `start` to `end`; `span`: that those
    are the answer, beside there being none, as it came; `supports`: that the text supports the claim. Of a text that is
    several, `joined`: `disputes`, that they disagree about the question, and `silent`, that none of them answers it.
    """

    answers: float
    span: float
    start: int
    end: int
    supports: float
    disputes: float
    silent: float


class Judge(Protocol):
    """What judges pairs. `fingerprint` changes whenever its judgements would."""

    fingerprint: str

    def judge(self, pairs: Sequence[Pair]) -> list[Judgement]:
        """Judge each pair, in the order of `pairs`."""
        ...


def joined(texts: Sequence[str]) -> str:
    """Several texts as one that the judge reads whole: a line each, cut off at its share of the words."""
    words = _JOINED_WORDS // max(1, len(texts))
    return "\n".join(" ".join(text.split()[:words]) for text in texts)
