"""Make texts that disagree about a question, and texts that do not."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from embeddings.judge import Pair, joined
from rag.search import chunking
from training.judge.claims import another
from training.judge.examples import Example, locate, tells
from training.sets import Case

_SHARE = 0.2


def given(rows: Sequence[dict[str, Any]]) -> list[Example]:
    """As the set has them; and each text alone that does not answer, or plainly does."""
    found = []
    for row in rows:
        texts = [passage["text"] for passage in row["passages"]]
        wanted = row["expected"]
        pair = Pair(row["question"], joined(texts))
        found.append(Example(pair, disputes=wanted == "disputed", silent=wanted == "abstain"))
        if wanted == "abstain":
            found += [Example(Pair(row["question"], text), answers=False) for text in texts]
        elif wanted == "trustworthy" and len(texts) == 1 and row["category"] == "trustworthy_direct":
            found.append(Example(Pair(row["question"], texts[0]), answers=True))
    return found


def of(case: Case, near: Mapping[str, Sequence[str]], seed: int, epoch: int) -> Iterator[Example]:
    """Two texts in a random order: the answer and another in its place, or the answer and what is only near it."""
    chance = random.Random(f"{seed}/{epoch}/dispute/{case.id}")
    if not case.answers or chance.random() > _SHARE:
        return
    answer = locate(case)
    spans = chunking.split(case.text, 60)
    home = next((span for span in spans if span.start <= answer.start and answer.end <= span.end), None)
    others = [text for text in near.get(case.id, ()) if not tells(text, case.answers)]
    told = case.text[answer.start : answer.end]
    wrong = another(told, case.text, chance)
    if home is None or not others or not wrong:
        return
    text = case.text[home.start : home.end]
    changed = case.text[home.start : answer.start] + wrong + case.text[answer.end : home.end]
    for texts, disputes, silent in (
        ([text, changed], True, False),
        ([text, chance.choice(others)], False, False),
        (chance.sample(others, min(2, len(others))), False, True),
    ):
        chance.shuffle(texts)
        yield Example(Pair(case.question, joined(texts)), disputes=disputes, silent=silent)
