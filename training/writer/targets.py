"""Make what the writer learns to write: for each question its answer in one plain sentence, out of given evidence."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from rag import chunking
from rag.english.words import stems
from training.judge.examples import locate, tells
from training.sets import Case
from training.writer import declaring

# A statement must have so much of the question, and the language model must find it about as likely as the sentence of
# the paragraph, in nats a token.
_LEAST_COVERED = 0.6
_WORSE = 1.5
_MAX_SENTENCE_CHARS = 500

# For each text, the mean log-probability of its tokens.
Scorer = Callable[[Sequence[str]], Sequence[float]]


class Sample(NamedTuple):
    """Numbered `evidence`, the short answer in the one numbered `marker`, and the sentence to write."""

    question: str
    short: str
    evidence: tuple[str, ...]
    marker: int
    target: str


def restored(row: Sequence[Any]) -> Sample:
    """A sample out of the JSON that it was written to."""
    question, short, evidence, marker, target = row
    return Sample(question, short, tuple(evidence), marker, target)


class _Told(NamedTuple):
    case: Case
    short: str
    sentence: str
    statements: list[str]


def samples(cases: Sequence[Case], near: Mapping[str, Sequence[str]], score: Scorer, seed: int) -> list[Sample]:
    """One for each question that can be put as a statement that reads as English, with up to two other sentences."""
    told = [one for case in cases if case.answers and (one := _told(case))]
    texts = [text for one in told for text in (one.sentence, *one.statements)]
    scores = dict(zip(texts, score(texts), strict=True))
    found = []
    for one in told:
        best = max(one.statements, key=lambda text: scores[text])
        if scores[best] >= scores[one.sentence] - _WORSE:
            found.append(_sample(one, best, near.get(one.case.id, ()), random.Random(f"{seed}/{one.case.id}")))
    return found


def _told(case: Case) -> _Told | None:
    answer = locate(case)
    span = next((s for s in chunking.sentences(case.text) if s.start <= answer.start and answer.end <= s.end), None)
    if span is None or span.end - span.start > _MAX_SENTENCE_CHARS:
        return None
    short = case.text[answer.start : answer.end]
    asked = stems(case.question)
    statements = [
        text
        for text in declaring.declared(case.question, short)
        if len(asked & stems(text)) >= _LEAST_COVERED * len(asked) and short.lower() in text.lower()
    ]
    sentence = " ".join(case.text[span.start : span.end].split())
    return _Told(case, short, sentence, statements) if statements else None


def _sample(one: _Told, target: str, near: Sequence[str], chance: random.Random) -> Sample:
    others = list(_others(one, near, chance))
    evidence = others[: chance.choice((0, 0, 1, 2))]
    at = chance.randrange(len(evidence) + 1)
    evidence.insert(at, one.sentence)
    return Sample(one.case.question, one.short, tuple(evidence), at + 1, target)


def _others(one: _Told, near: Sequence[str], chance: random.Random) -> Iterator[str]:
    """Sentences of the topic that do not hold the answer."""
    for text in chance.sample(list(near), len(near)):
        spans = chunking.sentences(text)
        sentence = " ".join(text[spans[0].start : spans[0].end].split()) if spans else ""
        if sentence and not tells(sentence, one.case.answers) and len(sentence) < _MAX_SENTENCE_CHARS:
            yield sentence
