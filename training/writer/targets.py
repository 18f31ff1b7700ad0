"""Make what the writer learns to write: of the sentence that answers, the part that does, as far as it may be cut."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

from rag.answering import citing, cutting
from rag.search import chunking
from rag.search.words import stems
from rag.types import Span
from training.judge.examples import locate
from training.sets import Case

# The language model must find what is left about as likely as the whole sentence, in nats a token.
_WORSE = 0.5
_MAX_SENTENCE_CHARS = 500
_MOST_CUTS, _MOST_TRIED = 3, 4
# Of the sentences that cannot be cut so many are taken for each one that can: the writer learns to leave them whole.
_WHOLE = 0.6

# For each text, the mean log-probability of its tokens.
Scorer = Callable[[Sequence[str]], Sequence[float]]


class Sample(NamedTuple):
    """A question, its short answer, the `sentence` that holds it, and what is to be left of that."""

    question: str
    short: str
    sentence: str
    target: str


class _Told(NamedTuple):
    case: Case
    short: str
    sentence: str
    cuts: tuple[str, ...]


def samples(cases: Sequence[Case], score: Scorer, seed: int) -> list[Sample]:
    """One for each question whose sentence can be cut, and some that cannot."""
    told = [one for case in cases if case.answers and (one := _told(case))]
    texts = [text for one in told if one.cuts for text in (one.sentence, *one.cuts)]
    scores = dict(zip(texts, score(texts), strict=True))
    targets = [
        next((cut for cut in one.cuts if scores[cut] >= scores[one.sentence] - _WORSE), one.sentence) for one in told
    ]
    made = [_sample(one, target) for one, target in zip(told, targets, strict=True)]
    cut = [one for one in made if one.target != one.sentence]
    whole = [one for one in made if one.target == one.sentence]
    return sorted([*cut, *random.Random(seed).sample(whole, min(len(whole), round(_WHOLE * len(cut))))])


def cuts(sentence: str, question: str, answer: Span) -> tuple[str, ...]:
    """What may be left of a sentence, shortest first: it holds the answer, and the question's words that it had."""
    asked = stems(question) & stems(sentence)
    found = set[str]()
    places = [part for part in cutting.removable(sentence) if part.end <= answer.start or answer.end <= part.start]
    for count in range(1, _MOST_CUTS + 1):
        for chosen in combinations(places, count):
            text = _without(sentence, chosen) if all(a.end <= b.start for a, b in pairwise(chosen)) else ""
            if text and asked <= stems(text) and citing.supports(sentence, text):
                found.add(text)
    return tuple(sorted(found, key=lambda text: (len(text), text)))[:_MOST_TRIED]


def _without(sentence: str, parts: Sequence[Span]) -> str:
    edges = [0, *(edge for part in parts for edge in part), len(sentence)]
    kept = "".join(sentence[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)).strip()
    closed = kept if kept.endswith((".", "!", "?", "”", '"')) else f"{kept}."
    return closed[:1].upper() + closed[1:]


def _told(case: Case) -> _Told | None:
    answer = locate(case)
    span = next((s for s in chunking.sentences(case.text) if s.start <= answer.start and answer.end <= s.end), None)
    if span is None or span.end - span.start > _MAX_SENTENCE_CHARS:
        return None
    sentence = case.text[span.start : span.end]
    inside = Span(answer.start - span.start, answer.end - span.start)
    return _Told(case, case.text[answer.start : answer.end], sentence, cuts(sentence, case.question, inside))


def _sample(one: _Told, target: str) -> Sample:
    return Sample(one.case.question, one.short, " ".join(one.sentence.split()), " ".join(target.split()))
