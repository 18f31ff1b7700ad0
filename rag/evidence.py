"""Choose the sentences that answer a question, or find that none does.

Each sentence gets a probability from a logistic regression over a few features that can be read off by hand.
`python -m training.evidence` fits it; docs/decisions/0002-first-evidence-scorer.md has the figures.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile, takewhile

import numpy as np
import numpy.typing as npt

from embeddings import Encoder
from rag import chunking, kinds, naming
from rag.types import Evidence, Hit
from rag.words import content, stem, stems, words

FEATURES = ("cosine", "covered", "covered_near", "names_missing", "kind_missing", "kind_met", "log_new_words")
_WEIGHTS = (4.25, 2.90, 0.33, -0.69, -1.37, 0.20, 0.40)
_BIAS = -5.68
_MAX_EVIDENCE = 3
# Sentences whose log-odds come this near to the best one's answer as well as it does.
_NEAR_BEST = 0.45
# In another article a sentence may be further off, where its cosine with the best says that it tells the same.
_NEAR_BEST_ELSEWHERE = 1.5
_SAME_FACT = 0.6
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


@dataclass(frozen=True, slots=True)
class Choice:
    """`evidence` answers, best first. Where it is empty, the rest says why.

    `withheld`: a sentence that says itself that this was not told; `absent`: names of the question that none of
    the articles mentions; `nearest`: the best sentences, though not good enough; `topic`: the highest cosine of a
    sentence with the question.
    """

    evidence: tuple[Evidence, ...]
    nearest: tuple[Evidence, ...]
    topic: float
    withheld: Evidence | None = None
    absent: tuple[str, ...] = ()


def choose(question: str, hits: Sequence[Hit], encoder: Encoder, caution: float) -> Choice:
    """Score every sentence of `hits`; keep the best, with those of like worth, up to three.

    `caution` sets the probability that counts as an answer (see `threshold`). Order: best first, ties by id.
    """
    candidates = tuple(sentences(hits))
    if not candidates:
        return Choice((), (), 0.0)
    vectors = encoder.encode([question, *(item.text for item in candidates)])
    scores = _probabilities(features(question, candidates, vectors))
    topic = float((vectors[1:] @ vectors[0]).max())
    ranked = sorted(
        (replace(item, score=float(score)) for item, score in zip(candidates, scores, strict=True)),
        key=lambda item: (-item.score, item.article.id, item.start),
    )
    nearest = tuple(ranked[:_MAX_EVIDENCE])
    withheld = _withheld(question, ranked)
    articles = {hit.article.id: hit.article for hit in hits}
    absent = {article_id: naming.absent(question, article) for article_id, article in articles.items()}
    out = withheld.keys() | {article_id for article_id, names in absent.items() if names}
    # A question for a number, a date, a name is not answered by a sentence that has none: on SQuAD and NewsQA this
    # turns away about 2 of 100 sentences that do answer.
    fit = [item for item in ranked if item.article.id not in out and not kinds.lacking(question, item.text)]
    if not fit or fit[0].score < threshold(caution):
        never = set.intersection(*(set(names) for names in absent.values()))
        return Choice((), nearest, topic, next(iter(withheld.values()), None), tuple(sorted(never)))
    by_place = {(item.article.id, item.start): vector for item, vector in zip(candidates, vectors[1:], strict=True)}
    return Choice(_with_corroboration(fit, by_place), nearest, topic)


def threshold(caution: float) -> float:
    """The least probability that counts as an answer: 0.05 at caution 0, 0.18 at 0.5, 0.48 at 1."""
    return _sigmoid(-2.94 + 2.85 * caution)


def features(
    question: str, candidates: Sequence[Evidence], vectors: npt.NDArray[np.float32]
) -> npt.NDArray[np.float64]:
    """The features of each sentence, in the order of `FEATURES`: `(n, len(FEATURES))` float64.

    `vectors` are unit rows, the question's first: `(1 + n, dim)` float32. Neighbours are taken from `candidates`,
    so it must hold each passage's sentences in order.
    """
    cosines = vectors[1:] @ vectors[0]
    asked_words = content(question)
    asked = {word.stem for word in asked_words} - _ASKING
    names = {word.stem for word in asked_words if (word.capitalised and word.start > 0) or word.numeric}
    wanted = kinds.wanted(question)
    said = [stems(item.text) for item in candidates]
    rows = []
    for at, item in enumerate(candidates):
        near = said[at].union(*_beside(candidates, said, at), stems(item.article.title))
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


def sentences(hits: Sequence[Hit]) -> Iterator[Evidence]:
    """Yield every sentence of `hits`, passage by passage, with its place in the article and score 0."""
    for hit in hits:
        passage = hit.passage
        for span in chunking.sentences(passage.text):
            start, end = passage.start + span.start, passage.start + span.end
            yield Evidence(hit.article, passage.id, start, end, hit.article.text[start:end], 0.0)


def _beside(candidates: Sequence[Evidence], said: Sequence[set[str]], at: int) -> Iterator[set[str]]:
    for other in (at - 1, at + 1):
        if 0 <= other < len(candidates) and candidates[other].passage_id == candidates[at].passage_id:
            yield said[other]


def _probabilities(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    odds: npt.NDArray[np.float64] = 1.0 / (1.0 + np.exp(-(rows @ np.array(_WEIGHTS) + _BIAS)))
    return odds


def _with_corroboration(
    fit: Sequence[Evidence], vectors: Mapping[tuple[str, int], npt.NDArray[np.float32]]
) -> tuple[Evidence, ...]:
    """The best, those that are nearly as good, and what other articles say of the same: three at most."""
    best = _log_odds(fit[0].score)
    chosen = [item for item in fit if _log_odds(item.score) >= best - _NEAR_BEST]
    for item in fit:
        alike = float(vectors[item.article.id, item.start] @ vectors[fit[0].article.id, fit[0].start])
        near = alike >= _SAME_FACT and _log_odds(item.score) >= best - _NEAR_BEST_ELSEWHERE
        if near and item.article.id not in {other.article.id for other in chosen}:
            chosen.append(item)
    return tuple(chosen[:_MAX_EVIDENCE])


def _withheld(question: str, ranked: Sequence[Evidence]) -> dict[str, Evidence]:
    """By article id, its best sentence that says that what is asked for was not told: "unspecified equipment"."""
    targets = kinds.targets(question)
    found: dict[str, Evidence] = {}
    for item in ranked if targets else ():
        if any(_object(item.text[match.end() :]) in targets for match in _WITHHELD.finditer(item.text)):
            found.setdefault(item.article.id, item)
    return found


def _object(text: str) -> str:
    """The stem of what the first words in a row name: `equipment` of "military equipment to Pakistan"."""
    after = dropwhile(lambda word: word.function, words(text)[:8])
    named = list(takewhile(lambda word: not word.function, after))
    return named[-1].stem if named else ""


def _sigmoid(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-log_odds))


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, 1e-9), 1 - 1e-9)
    return math.log(bounded / (1 - bounded))
