"""Pairs that only a teacher judges: the same ones each time, of what is given alone, each for its head."""

from __future__ import annotations

import random

from embeddings.network import ANSWERS, DISPUTES, SILENT, SUPPORTS
from training.judge import unlabelled
from training.judge.examples import Example
from training.sets import Case

PARAGRAPH = (
    "The old bridge of Varn was built in 1871 by Anna Korda. It carried 300 carts a day. "
    "In 1902 a flood of the river Lune took its middle arch, and Peter Hale built it anew within two years."
)
NEAR = {"1": ["The bridge of Sorn was built in 1888.", "A flood of the river Ember took a mill in 1902."]}
CASE = Case("1", "When was the bridge of Varn built?", ("1871",), "Varn", PARAGRAPH)
MODES = [
    {"question": "How many carts?", "passages": [{"text": "It carried 300 carts."}, {"text": "It carried 200 carts."}]},
    {"question": "Who built it?", "passages": [{"text": "Anna Korda built it."}]},
]
KNOWN = {(ANSWERS,), (SUPPORTS,), (DISPUTES, SILENT)}


def made(epochs: int) -> list[Example]:
    return [example for epoch in range(epochs) for example in unlabelled.of(CASE, NEAR, 0, epoch)]


def test_nothing_is_told_of_them_and_each_asks_its_own_heads() -> None:
    found = made(20)

    assert {example.asks for example in found} == KNOWN
    assert all(example == Example(example.pair, asks=example.asks) for example in found)


def test_an_epoch_always_has_the_same_and_the_next_has_others() -> None:
    assert made(3) == made(3)
    assert list(unlabelled.of(CASE, NEAR, 0, 0)) != list(unlabelled.of(CASE, NEAR, 0, 1))


def test_a_question_is_asked_of_its_paragraph_and_of_what_is_near_it() -> None:
    texts = {one.pair.text for one in made(20) if one.pair.asked == CASE.question and one.asks == (ANSWERS,)}

    assert set(NEAR["1"]) < texts
    assert any(text in PARAGRAPH for text in texts)


def test_claims_are_true_and_altered_ones() -> None:
    claims = {one.pair.asked for one in made(40) if one.asks == (SUPPORTS,)}

    assert any("1871" in claim for claim in claims)
    assert any(claim not in PARAGRAPH and "1871" not in claim for claim in claims)


def test_evidence_and_texts_that_disagree_give_pairs_of_their_own() -> None:
    row = {"claim": "Anna Korda built the bridge in 1871.", "evidence": PARAGRAPH}
    altered = list(unlabelled.entailed([row] * 10, random.Random(0)))
    joined = list(unlabelled.given(MODES, random.Random(0)))

    assert {one.asks for one in altered} == {(SUPPORTS,)}
    assert {one.pair.text for one in altered} == {PARAGRAPH}
    assert row["claim"] not in {one.pair.asked for one in altered}
    assert {one.asks for one in joined} == {(ANSWERS,), (DISPUTES, SILENT)}
