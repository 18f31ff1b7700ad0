"""Choose the sentences that answer a question, or find that none does.

Each sentence gets a probability from a logistic regression over a few features that can be read off by hand.
`python -m training evidence` fits it; docs/decisions/0002-first-evidence-scorer.md has the figures.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rag import chunking, kinds
from rag.types import Evidence, Hit
from rag.words import content, stem

FEATURES = ("cosine", "covered", "covered_near", "names_missing", "kind_missing", "kind_met", "log_new_words")
_WEIGHTS = (4.25, 2.90, 0.33, -0.69, -1.37, 0.20, 0.40)
_BIAS = -5.68
_MAX_EVIDENCE = 3
# Sentences whose log-odds come this near to the best one's answer as well as it does.
_NEAR_BEST = 0.45
# Words that a question is made of and that an answer does not repeat.
_ASKING = frozenset(
    stem(word) for word in "name many much long kind type sort exactly happen describe tell say called".split()
)
_WITHHELD = re.compile(
    r"\b(unspecified|undisclosed|unnamed|unidentified|unknown)\b"
    r"|\bwithout\s+(going\s+into\s+detail|giving\s+details?|elaborating|specifying|naming|saying)\b"
    r"|\b(did|do|does|would)\s*(not|n['’]t)\s+(say|specify|disclose|name|identify|elaborate|give\s+details?)\b"
    r"|\bdeclined\s+to\s+(say|specify|disclose|name|identify|elaborate|comment)\b",
    re.IGNORECASE,
)
_WITHHELD_REACH_CHARS = 60


class Encoder(Protocol):
    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True)
class Choice:
    """`evidence` answers, best first. Where it is empty: `withheld` says so itself, `nearest` came closest."""

    evidence: tuple[Evidence, ...]
    nearest: tuple[Evidence, ...]
    withheld: Evidence | None = None


def choose(question: str, hits: Sequence[Hit], encoder: Encoder, caution: float) -> Choice:
    """Score every sentence of `hits`; keep the best, with those of like worth, up to three.

    `caution` is the probability that the best must reach to count as an answer. Order: best first, ties by id.
    """
    sentences = tuple(_sentences(hits))
    if not sentences:
        return Choice((), ())
    scores = _probabilities(features(question, sentences, encoder))
    ranked = sorted(
        (replace(item, score=float(score)) for item, score in zip(sentences, scores, strict=True)),
        key=lambda item: (-item.score, item.article.id, item.start),
    )
    nearest = tuple(ranked[:_MAX_EVIDENCE])
    if withheld := _withheld(question, ranked):
        return Choice((), nearest, withheld)
    if ranked[0].score < threshold(caution):
        return Choice((), nearest)
    return Choice(_like_the_best(ranked), nearest)


def threshold(caution: float) -> float:
    """The least probability that counts as an answer: 0.05 at caution 0, 0.16 at 0.5, 0.4 at 1 (linear in log-odds)."""
    return _sigmoid(-2.94 + 2.54 * caution)


def features(question: str, sentences: Sequence[Evidence], encoder: Encoder) -> npt.NDArray[np.float64]:
    """The features of each sentence, in the order of `FEATURES`: `(n, len(FEATURES))` float64.

    Neighbours are taken from `sentences`, so it must hold each passage's sentences in order.
    """
    vectors = encoder.encode([question, *(item.text for item in sentences)])
    cosines = vectors[1:] @ vectors[0]
    asked_words = content(question)
    asked = {word.stem for word in asked_words} - _ASKING
    names = {word.stem for word in asked_words if (word.capitalised and word.start > 0) or word.numeric}
    wanted = kinds.wanted(question)
    said = [{word.stem for word in content(item.text)} for item in sentences]
    rows = []
    for at, item in enumerate(sentences):
        near = said[at].union(*_beside(sentences, said, at), (word.stem for word in content(item.article.title)))
        missing = any(not kinds.states(kind, item.text, asked) for kind in wanted)
        rows.append(
            (
                float(cosines[at]),
                len(asked & said[at]) / max(1, len(asked)),
                len(asked & near) / max(1, len(asked)),
                len(names - near) / max(1, len(names)),
                float(missing),
                float(bool(wanted) and not missing),
                math.log1p(len(said[at] - asked)),
            )
        )
    return np.array(rows, dtype=np.float64)


def _sentences(hits: Sequence[Hit]) -> Iterator[Evidence]:
    for hit in hits:
        passage = hit.passage
        for span in chunking.sentences(passage.text):
            start, end = passage.start + span.start, passage.start + span.end
            yield Evidence(hit.article, passage.id, start, end, hit.article.text[start:end], 0.0)


def _beside(sentences: Sequence[Evidence], said: Sequence[set[str]], at: int) -> Iterator[set[str]]:
    for other in (at - 1, at + 1):
        if 0 <= other < len(sentences) and sentences[other].passage_id == sentences[at].passage_id:
            yield said[other]


def _probabilities(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    odds: npt.NDArray[np.float64] = 1.0 / (1.0 + np.exp(-(rows @ np.array(_WEIGHTS) + _BIAS)))
    return odds


def _like_the_best(ranked: Sequence[Evidence]) -> tuple[Evidence, ...]:
    least = _log_odds(ranked[0].score) - _NEAR_BEST
    return tuple(item for item in ranked[:_MAX_EVIDENCE] if _log_odds(item.score) >= least)


def _withheld(question: str, ranked: Sequence[Evidence]) -> Evidence | None:
    """The sentence that says that what is asked for was not told: "unspecified equipment"."""
    targets = kinds.targets(question)
    for item in ranked:
        for match in _WITHHELD.finditer(item.text):
            reach = item.text[match.end() : match.end() + _WITHHELD_REACH_CHARS]
            if targets & {word.stem for word in content(reach)}:
                return item
    return None


def _sigmoid(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-log_odds))


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, 1e-9), 1 - 1e-9)
    return math.log(bounded / (1 - bounded))
