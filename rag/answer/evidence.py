"""Find the sentences that answer a question.

The judge, a cross-encoder, reads the question with each passage: it says how likely the passage answers, and which
words are the answer. The sentence around those words is the evidence. No rule about language takes part.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import NamedTuple

from embeddings import Judge, Pair
from rag.search import chunking
from rag.types import Article, Evidence, Hit, Passage, Span

# The best of several sentences is right less often than its own log-odds say. With these, the score of the best is the
# share of answers that are right, fitted on held-back titles of SQuAD 2.0 (docs/decisions/0007).
_SCALE, _BIAS = 0.75, -0.5
_MAX_EVIDENCE = 3
# In log-odds of the score. On NewsQA, quoting sentences this close behind the best raises the share of replies that
# contain the answer from .53 to .61; beyond, only the replies get longer.
_CLOSE_BEHIND = 1.0
# The most that the earlier question of a conversation adds to the log-odds of a follow-up. Without a limit, a question
# that nothing answers gets the answer to the question before it.
_MAX_GAIN = 1.5
# Text without full stops has no sentences; a quote is then the passage's part of it.
_MAX_SENTENCE_CHARS = 1_500


@dataclass(frozen=True, slots=True)
class Findings:
    """`evidence` answers the question, best first; () if nothing does. `nearest` are the best sentences regardless."""

    evidence: tuple[Evidence, ...]
    nearest: tuple[Evidence, ...]

    @property
    def confidence(self) -> float:
        """The probability, 0 to 1, that the best sentence answers."""
        return self.nearest[0].score if self.nearest else 0.0


class _Judged(NamedTuple):
    """The words of a passage that the judge points at, in characters of the article, and how likely they answer."""

    hit: Hit
    answer: Span
    score: float


def find(readings: Sequence[str], hits: Sequence[Hit], judge: Judge, caution: float) -> Findings:
    """Judge every passage, keep the best sentence and those close behind it, at most three.

    The first of the `readings` is the question itself; the second, of a follow-up, has the earlier question before it.
    Order: best first, ties by article id and position.
    """
    ranked = sorted(_judged(readings, hits, judge), key=lambda one: (-one.score, one.hit.article.id, one.answer))
    best = tuple(_distinct(ranked))
    if not best or best[0].score < threshold(caution):
        return Findings((), best)
    lowest = _log_odds(best[0].score) - _CLOSE_BEHIND
    return Findings(tuple(item for item in best if _log_odds(item.score) >= lowest), best)


def threshold(caution: float) -> float:
    """Return the lowest score that counts as an answer: 0.08 at caution 0, 0.27 at 0.5, 0.60 at 1."""
    return _sigmoid(-2.4 + 2.8 * caution)


def _judged(readings: Sequence[str], hits: Sequence[Hit], judge: Judge) -> Iterator[_Judged]:
    """Yield the words that the judge points at in each passage, with the probability that they answer."""
    pairs = [_pair(reading, hit) for hit in hits for reading in readings]
    judgements = iter(zip(pairs, judge.judge(pairs), strict=True))
    for hit in hits:
        alone, *others = islice(judgements, len(readings))
        pair, judged = max((alone, *others), key=lambda one: one[1].answers)
        if judged.start < judged.end:
            odds = min(_SCALE * judged.answers, _SCALE * alone[1].answers + _MAX_GAIN) + _BIAS
            shift = hit.passage.start - pair.start
            yield _Judged(hit, Span(judged.start + shift, judged.end + shift), _sigmoid(odds))


def _pair(question: str, hit: Hit) -> Pair:
    """The judge reads the title before the passage: it often names what the passage only refers to."""
    heading = chunking.heading(hit.article.title, hit.article.text)
    before = f"{heading}\n" if heading else ""
    return Pair(question, before + hit.passage.text, len(before))


def _distinct(ranked: Iterable[_Judged]) -> Iterator[Evidence]:
    """Yield the sentences around the best answers, three at most, none twice: neighbouring passages may share one."""
    kept: list[Evidence] = []
    for one in ranked:
        article = one.hit.article
        start, end = _sentence(article, one.hit.passage, one.answer)
        if all(article.id != other.article.id or end <= other.start or start >= other.end for other in kept):
            answer = Span(max(one.answer.start, start), min(one.answer.end, end))
            text = article.text[start:end]
            kept.append(Evidence(article, one.hit.passage.id, start, end, text, one.score, answer))
            yield kept[-1]
        if len(kept) == _MAX_EVIDENCE:
            return


def _sentence(article: Article, passage: Passage, answer: Span) -> Span:
    """Return the sentence that contains the answer, or the sentences that it runs through.

    A long sentence is split over several passages, and what comes first in it may deny the rest: so the sentence is
    looked for in the article's text, and only a text without sentences is cut at the passage.
    """
    around = Span(max(0, passage.start - _MAX_SENTENCE_CHARS), passage.end + _MAX_SENTENCE_CHARS)
    for within in (around, Span(passage.start, passage.end)):
        spans = chunking.sentences(article.text, article.language, within)
        held = [span for span in spans if span.end > answer.start and span.start < answer.end]
        if held and held[-1].end - held[0].start <= _MAX_SENTENCE_CHARS:
            # Paragraphs, list items and headlines are not quoted as one sentence.
            if "\n" in "".join(article.text[one.end : two.start] for one, two in pairwise(held)):
                return max(held, key=lambda one: min(one.end, answer.end) - max(one.start, answer.start))
            return Span(held[0].start, held[-1].end)
    return answer


def _sigmoid(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-log_odds))


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, 1e-9), 1 - 1e-9)
    return math.log(bounded / (1 - bounded))
