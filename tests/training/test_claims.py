from __future__ import annotations

import random

import pytest

from embeddings.judge import Pair
from tests.training.test_examples import ANSWERED, TEXT
from training import claims
from training.examples import Example


@pytest.mark.parametrize(
    ("question", "answer", "statement"),
    [
        ("Who crossed the sea?", "William", "William crossed the sea."),
        ("When did William die?", "1087", "William died in 1087."),
        ("Is it true?", "yes", ""),
    ],
)
def test_the_statement_most_like_the_text_is_chosen(question: str, answer: str, statement: str) -> None:
    assert claims.statement(question, answer, TEXT) == statement


def test_a_claim_of_the_question_is_supported_only_with_the_answer_and_over_its_text() -> None:
    supported = 0
    for epoch in range(20):
        sentences = list(claims.sentence_claims(ANSWERED, 0, epoch))
        made = [example for example in claims.made_claims(ANSWERED, 0, epoch) if example not in sentences]
        for right in made[:1]:
            supported += 1
            assert right.supports
            assert "1066" in right.pair.asked
            assert "1066" in right.pair.text
        for wrong in made[1:]:
            assert wrong.supports is False
            assert wrong.pair.asked != made[0].pair.asked or "1066" not in wrong.pair.text
    assert supported > 5


def test_a_sentence_is_supported_by_its_text_and_not_altered_or_by_the_rest() -> None:
    made = [example for epoch in range(40) for example in claims.sentence_claims(ANSWERED, 0, epoch)]

    assert {example.supports for example in made} == {True, False}
    for example in made:
        verbatim = example.pair.asked in " ".join(ANSWERED.text.split())
        assert example.supports or not verbatim or example.pair.asked not in " ".join(example.pair.text.split())


def test_an_altered_claim_is_another_one() -> None:
    claim = "In 1066 William was crowned in England."
    texts = {claims.altered(claim, TEXT, random.Random(seed)) for seed in range(40)}

    assert claim not in texts
    assert {"In 1066 William was not crowned in England.", "In 1066 England was crowned in William."} <= texts


def test_labelled_claims_are_taken_as_they_are() -> None:
    row = {"claim": "It rained.", "evidence": "Rain fell.", "supported": True}

    assert claims.labelled_claims([row]) == [Example(Pair("It rained.", "Rain fell."), supports=True)]
