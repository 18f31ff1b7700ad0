"""What the judge learns from: an answer stands where it is said to stand, and what is no answer holds none."""

from __future__ import annotations

import pytest

from embeddings.judge import Pair
from training.judge import claims
from training.judge.examples import Example, Maker, locate, tells
from training.sets import Case

TEXT = (
    "The Normans came from Norway in the 10th century. They settled in the north of France, and took its language. "
    "Their duke, William, crossed the sea in 1066 with seven thousand men. He won the battle near Hastings on 14 "
    "October. The crown of England was his at Christmas. He died in 1087 after a fall from a horse at Mantes, and was "
    "buried in Caen, in the abbey that he had founded. His eldest son had the duchy, and the second the kingdom."
)
ANSWERED = Case("a", "When did William cross the sea to England?", ("1066",), "Normans", TEXT)
UNANSWERED = Case("b", "When did William cross the Alps?", (), "Normans", TEXT)
OTHER = Case("c", "Who crossed the Alps?", ("Hannibal",), "", "In the autumn Hannibal crossed the Alps with Maharbal.")
NEAR = {"a": ["In 1066 a comet was seen.", "The comet was seen from the abbey in the spring."]}


def made(case: Case, epochs: int = 30) -> list[Example]:
    maker = Maker([ANSWERED, UNANSWERED, OTHER], NEAR, seed=0)
    return [example for epoch in range(epochs) for example in maker.of(case, epoch)]


def test_an_answer_stands_where_it_is_said_to_stand() -> None:
    found = [example for example in made(ANSWERED) if example.answers]

    assert len(found) == 30
    for example in found:
        assert example.span
        assert example.pair.text[example.span.start : example.span.end] == "1066"
        assert example.span.start >= example.pair.start


def test_what_does_not_answer_holds_no_answer_unless_another_thing_is_asked() -> None:
    found = [example for example in made(ANSWERED) if example.answers is False]

    assert len(found) >= 30
    for example in found:
        assert example.pair.asked != ANSWERED.question or not tells(example.pair.text, ANSWERED.answers)


def test_a_question_that_is_altered_is_another_one() -> None:
    asked = {example.pair.asked for example in made(ANSWERED, 200) if not example.answers}

    assert len(asked) > 4
    assert any("William" not in question for question in asked)
    assert any("sea" not in question and "William" in question for question in asked)


def test_a_question_without_an_answer_makes_nothing_else() -> None:
    assert {example.answers for example in made(UNANSWERED)} == {False}


def test_an_epoch_is_the_same_each_time_and_another_is_another() -> None:
    maker = Maker([ANSWERED, UNANSWERED], NEAR, seed=0)

    assert list(maker.of(ANSWERED, 3)) == list(maker.of(ANSWERED, 3))
    assert len({tuple(maker.of(ANSWERED, epoch)) for epoch in range(20)}) > 5


def test_of_several_places_the_one_in_the_likest_sentence_is_the_answer() -> None:
    text = "In 1066 a comet was seen over the town. William crossed the sea in 1066 with his men."
    at = locate(ANSWERED._replace(text=text))

    assert at.start == text.rindex("1066")


@pytest.mark.parametrize(
    ("question", "answer", "claim"),
    [
        ("Who crossed the sea?", "William", "William crossed the sea."),
        ("When did William die?", "1087", "William died in 1087."),
        ("Is it true?", "yes", ""),
    ],
)
def test_a_question_and_its_answer_are_put_as_a_claim(question: str, answer: str, claim: str) -> None:
    assert claims.declared(question, answer, TEXT) == claim


def test_a_claim_is_supported_by_its_text_and_not_by_another_or_with_another_answer() -> None:
    for epoch in range(20):
        told = [one for one in claims.of(ANSWERED, 0, epoch) if one not in list(claims.stated(ANSWERED, 0, epoch))]
        if not told:
            continue
        right, *rest = told
        assert right.supports
        assert "1066" in right.pair.asked
        assert "1066" in right.pair.text
        for wrong in rest:
            assert wrong.supports is False
            assert wrong.pair.asked != right.pair.asked or "1066" not in wrong.pair.text


def test_a_sentence_is_a_claim_over_its_text_and_not_over_the_text_without_it_or_altered() -> None:
    made = [one for epoch in range(40) for one in claims.stated(ANSWERED, 0, epoch)]
    assert {one.supports for one in made} == {True, False}
    for one in made:
        bare = one.pair.asked in " ".join(ANSWERED.text.split())
        assert one.supports or not bare or one.pair.asked not in " ".join(one.pair.text.split())


def test_entailment_pairs_come_as_they_are() -> None:
    row = {"claim": "It rained.", "evidence": "Rain fell.", "supported": True}

    assert claims.entailed([row]) == [Example(Pair("It rained.", "Rain fell."), supports=True)]
