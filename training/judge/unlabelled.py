"""Make pairs of which nobody tells what is right: only a teacher judges them, so that any text will do."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from embeddings.judge import Pair, joined
from embeddings.network import ANSWERS, DISPUTES, SILENT, SUPPORTS
from rag.search import chunking
from training.judge import claims
from training.judge.examples import Example, locate, something_else
from training.sets import Case

_WINDOWS = (60, 60, 90, 140)
_CLAIMED, _STATED, _JOINED = 0.5, 0.3, 0.15


def of(case: Case, near: Mapping[str, Sequence[str]], seed: int, epoch: int) -> Iterator[Example]:
    """The question, and claims made of it, over its own paragraph and what is near it."""
    chance = random.Random(f"{seed}/{epoch}/unlabelled/{case.id}")
    own = [case.text[span.start : span.end] for span in chunking.split(case.text, chance.choice(_WINDOWS))]
    others = list(near.get(case.id, ()))
    for text in [chance.choice(own), *chance.sample(others, min(2, len(others)))]:
        yield _asked(case.question, text)
    if case.answers and (question := something_else(case, locate(case, chance), chance)):
        yield _asked(question, chance.choice([*own, *others[:3]]))
    if case.answers and chance.random() < _CLAIMED:
        yield from (_claimed(claim, chance.choice([*own, *others[:4]])) for claim in _claims(case, chance))
    sentences = [span for span in chunking.sentences(case.text) if span.end - span.start > 40]
    if sentences and chance.random() < _STATED:
        said = chance.choice(sentences)
        yield _claimed(" ".join(case.text[said.start : said.end].split()), chance.choice(others or own))
    if others and chance.random() < _JOINED:
        yield _told_of(case.question, chance.sample([*own, *others], 2))


def entailed(rows: Sequence[dict[str, Any]], chance: random.Random) -> Iterator[Example]:
    """Of pairs of entailment: the claim altered, and the evidence's own sentences altered and shortened."""
    for row in rows:
        text = row["evidence"]
        said = [text[span.start : span.end] for span in chunking.sentences(text)]
        made = [claims.altered(one, text, chance) for one in (row["claim"], *(said and [chance.choice(said)]))]
        made += [claims.shortened(chance.choice(said), chance)] if said else []
        yield from (_claimed(claim, text) for claim in made if claim)


def given(rows: Sequence[dict[str, Any]], chance: random.Random) -> Iterator[Example]:
    """Of texts that agree, disagree or are silent: some of them in another order, and one beside a stranger."""
    for row in rows:
        texts = [passage["text"] for passage in row["passages"]]
        if len(texts) > 1:
            chance.shuffle(texts)
            yield _told_of(row["question"], texts)
            yield _told_of(row["question"], texts[: chance.randint(1, len(texts) - 1)])
            yield _asked(row["question"], chance.choice(texts))
        stranger = chance.choice(chance.choice(rows)["passages"])["text"]
        yield _told_of(row["question"], [chance.choice(texts), stranger])


def _claims(case: Case, chance: random.Random) -> list[str]:
    answer = locate(case, chance)
    claim = claims.declared(case.question, case.text[answer.start : answer.end], case.text)
    return [one for one in (claim, claim and claims.falsified(case, answer, claim, chance)) if one]


def _asked(question: str, text: str) -> Example:
    return Example(Pair(question, text), asks=(ANSWERS,))


def _claimed(claim: str, text: str) -> Example:
    return Example(Pair(claim, text), asks=(SUPPORTS,))


def _told_of(question: str, texts: Sequence[str]) -> Example:
    return Example(Pair(question, joined(texts)), asks=(DISPUTES, SILENT))
