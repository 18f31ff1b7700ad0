"""Find the sentences that answer a question.

The judge, a cross-encoder, reads the question with each passage: it says how likely the passage answers, and which
words are the answer. The sentence around those words is the evidence. No rule about language takes part.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from itertools import islice, pairwise
from typing import NamedTuple

from embeddings import Judge, Pair
from rag.search import chunking
from rag.types import Article, Evidence, Hit, Passage, Span

# The best of several sentences is right less often than its own log-odds say. With these, the score of the best is the
# share of answers that are right, fitted on held-back titles of SQuAD 2.0 (docs/decisions/0007).
_SCALE, _BIAS = 0.75, -0.5
# Log-odds for each standard deviation of the search's score, from this far below the best passage. The small judge
# mistakes one dam for another; the search, which knows how rare each word of the question is, does not. Fitted on the
# open cases of the news set (docs/decisions/0011).
_SEARCH, SEARCH_MARGIN = 0.1, 2.0
# The most that the earlier question of a conversation adds to the log-odds of a follow-up. Without a limit, a question
# that nothing answers gets the answer to the question before it.
_MAX_GAIN = 1.5
# Log-odds for the articles that the conversation is about.
_ON_TOPIC = 0.5
# How many passages the larger of two judges reads of a question.
_CASCADED = 24
# That an article is about a topic takes so much less than that it answers a question.
_TOPIC_LENIENCY = 0.7
# Text without full stops has no sentences; a quote is then the passage's part of it.
_MAX_SENTENCE_CHARS = 1_500


class _Judged(NamedTuple):
    """The words of a passage that the judge points at, in characters of the article, and how likely they answer."""

    hit: Hit
    answer: Span
    score: float


def rank(
    readings: Sequence[str],
    hits: Sequence[Hit],
    judge: Judge,
    on_topic: Collection[str] = (),
    first: Judge | None = None,
    best_search: float | None = None,
    cascaded: int = _CASCADED,
) -> tuple[Evidence, ...]:
    """Return the best sentence of each passage, best first, ties by article id and position; none twice.

    The first of the `readings` is the question itself; the second, of a follow-up, has the earlier question before it.
    `on_topic` are the ids of the articles that the conversation is about. With a cheaper `first` judge, `judge` reads
    only the `cascaded` passages that the first ranks best, and the mean of their log-odds counts: the two err on
    different passages (docs/decisions/0015). `best_search` is the best score of the search, if it is not among the
    `hits`.
    """
    if best_search is None:
        best_search = max((hit.score for hit in hits), default=0.0)
    judged = list(_judged(readings, hits, first or judge, on_topic, best_search))
    if first:
        best = sorted(judged, key=lambda one: -one.score)[:cascaded]
        odds = {one.hit.passage.id: log_odds(one.score) for one in best}
        judged = [
            one._replace(score=sigmoid((log_odds(one.score) + odds[one.hit.passage.id]) / 2))
            for one in _judged(readings, [one.hit for one in best], judge, on_topic, best_search)
        ]
    return tuple(_distinct(sorted(judged, key=lambda one: (-one.score, one.hit.article.id, one.answer))))


def threshold(caution: float) -> float:
    """Return the lowest score that counts as an answer: 0.10 at caution 0, 0.31 at 0.5, 0.65 at 1."""
    return sigmoid(-2.2 + 2.8 * caution)


def topic_question(topic: str) -> str:
    """Return the question that an article about a topic answers."""
    return f"What happened: {topic}?"


def topic_threshold(caution: float) -> float:
    """Return the lowest log-odds of an answer to `topic_question` that count."""
    return log_odds(threshold(caution)) - _TOPIC_LENIENCY


def sigmoid(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-log_odds))


def log_odds(probability: float) -> float:
    bounded = min(max(probability, 1e-9), 1 - 1e-9)
    return math.log(bounded / (1 - bounded))


def _judged(
    readings: Sequence[str], hits: Sequence[Hit], judge: Judge, on_topic: Collection[str], best_search: float
) -> Iterator[_Judged]:
    """Yield the words that the judge points at in each passage, with the probability that they answer."""
    pairs = [_pair(reading, hit) for hit in hits for reading in readings]
    judgements = iter(zip(pairs, judge.judge(pairs), strict=True))
    for hit in hits:
        alone, *others = islice(judgements, len(readings))
        pair, judged = max((alone, *others), key=lambda one: one[1].answers)
        if judged.start < judged.end:
            odds = min(_SCALE * judged.answers, _SCALE * alone[1].answers + _MAX_GAIN) + _BIAS
            # Passages that were given and not searched all score 0.
            odds += _SEARCH * (hit.score - best_search + SEARCH_MARGIN) if best_search else 0.0
            odds += _ON_TOPIC if hit.article.id in on_topic else 0.0
            shift = hit.passage.start - pair.start
            yield _Judged(hit, Span(judged.start + shift, judged.end + shift), sigmoid(odds))


def _pair(question: str, hit: Hit) -> Pair:
    """The judge reads the title before the passage: it often names what the passage only refers to."""
    heading = chunking.heading(hit.article.title, hit.article.text)
    before = f"{heading}\n" if heading else ""
    return Pair(question, before + hit.passage.text, len(before))


def _distinct(ranked: Sequence[_Judged]) -> Iterator[Evidence]:
    """Yield the sentences around the answers, none twice: neighbouring passages may share one."""
    taken: dict[str, list[Span]] = {}
    for one in ranked:
        article = one.hit.article
        spans = taken.setdefault(article.id, [])
        start, end = _sentence(article, one.hit.passage, one.answer)
        if all(end <= other.start or start >= other.end for other in spans):
            spans.append(Span(start, end))
            answer = Span(max(one.answer.start, start), min(one.answer.end, end))
            yield Evidence(article, one.hit.passage.id, start, end, article.text[start:end], one.score, answer)


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
