from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest

from embeddings.judge import Pair
from rag.types import Span
from training import examples
from training.examples import AnswerExamples, Example, contains_answer, locate_answer
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
LONG_QUESTION = "How long had it been since the last visit by a Russian minister?"
MINISTERS = "Berg is the foreign minister of Norvik. The prime minister, Ada Holm, opened the harbour bridge."


def answer_examples(case: Case, epochs: int = 30) -> list[Example]:
    maker = AnswerExamples([ANSWERED, UNANSWERED, OTHER], NEAR, seed=0)
    return [example for epoch in range(epochs) for example in maker.make(case, epoch)]


def test_the_span_of_a_positive_example_is_the_answer() -> None:
    positives = [example for example in answer_examples(ANSWERED) if example.answers]

    assert len(positives) == 30
    for example in positives:
        assert example.span
        assert example.pair.text[example.span.start : example.span.end] == "1066"
        assert example.span.start >= example.pair.start


def test_a_negative_example_has_no_answer_or_another_question() -> None:
    negatives = [example for example in answer_examples(ANSWERED) if example.answers is False]

    assert len(negatives) >= 30
    for example in negatives:
        assert example.pair.asked != ANSWERED.question or not contains_answer(example.pair.text, ANSWERED.answers)


def test_questions_are_changed_in_several_ways() -> None:
    questions = {example.pair.asked for example in answer_examples(ANSWERED, 200) if not example.answers}

    assert len(questions) > 4
    assert any("William" not in question for question in questions)
    assert any("sea" not in question and "William" in question for question in questions)


def test_an_unanswerable_question_makes_only_negatives() -> None:
    assert {example.answers for example in answer_examples(UNANSWERED)} == {False}


def test_an_epoch_is_reproducible_and_differs_from_others() -> None:
    maker = AnswerExamples([ANSWERED, UNANSWERED], NEAR, seed=0)

    assert list(maker.make(ANSWERED, 3)) == list(maker.make(ANSWERED, 3))
    assert len({tuple(maker.make(ANSWERED, epoch)) for epoch in range(20)}) > 5


def test_the_answer_is_located_in_the_sentence_most_like_the_question() -> None:
    text = "In 1066 a comet was seen over the town. William crossed the sea in 1066 with his men."

    assert locate_answer(ANSWERED._replace(text=text)).start == text.rindex("1066")


def test_made_disputes_are_a_contradiction_a_single_answer_and_silence() -> None:
    made = [example for epoch in range(30) for example in examples.made_disputes(ANSWERED, NEAR, 0, epoch)]

    assert {(example.disputes, example.silent) for example in made} == {(True, False), (False, False), (False, True)}
    for example in made:
        answering = [text for text in example.pair.text.splitlines() if "1066" in text]
        assert len(answering) == (0 if example.silent else 1)


def test_labelled_disputes_keep_their_labels() -> None:
    texts = [{"text": "It carried 300 carts."}, {"text": "It carried 200 carts."}]
    rows = [
        {"question": "How many?", "passages": texts, "expected": "disputed", "category": "x"},
        {"question": "How many?", "passages": texts[:1], "expected": "trustworthy", "category": "trustworthy_direct"},
        {"question": "Who?", "passages": texts, "expected": "abstain", "category": "x"},
    ]
    labels = [(one.disputes, one.silent, one.answers) for one in examples.labelled_disputes(rows)]

    silent = [(False, True, None), (None, None, False), (None, None, False)]
    assert labels == [(True, False, None), (False, False, None), (None, None, True), *silent]


@pytest.mark.parametrize(
    ("answer", "text", "alternatives"),
    [
        ("200 homes", "It destroyed 200 homes and 12 boats.", r"\d+ homes"),
        ("Berg", "Berg met Ada Holm.", "Ada Holm"),
        ("A380", "An A380 landed.", ""),
    ],
)
def test_an_alternative_is_of_the_same_kind(answer: str, text: str, alternatives: str) -> None:
    for seed in range(20):
        found = examples.alternative(answer, text, random.Random(seed))
        assert found != answer
        assert re.fullmatch(alternatives, found)


def variants(change: Callable[[str, random.Random], str]) -> set[str]:
    return {change(LONG_QUESTION, random.Random(seed)) for seed in range(60)}


def test_a_clipped_question_lacks_small_words_or_its_last_phrase() -> None:
    assert variants(examples.clipped) == {
        "How long since last visit by Russian minister?",
        "How long had it been since the last visit?",
    }


def test_a_typo_changes_one_word_by_one_letter() -> None:
    for text in variants(examples.with_typo):
        changed = [pair for pair in zip(LONG_QUESTION.split(), text.split(), strict=True) if pair[0] != pair[1]]
        assert len(changed) <= 1
        for before, after in changed:
            assert len(before) - len(after) in (0, 1)
            assert sorted(after) == sorted(before) or len(after) < len(before)


def test_most_questions_stay_as_they_are() -> None:
    texts = [examples.retyped(LONG_QUESTION, random.Random(seed)) for seed in range(400)]

    assert 0.7 < sum(text == LONG_QUESTION for text in texts) / len(texts) < 0.9
    assert len(set(texts)) > 8


def test_a_swapped_word_is_one_that_the_sentence_lacks() -> None:
    question = "Who is the foreign minister of Norvik?"
    sentence, _, rest = MINISTERS.partition(". ")
    texts = {examples.swap_word(question, sentence, MINISTERS, random.Random(seed)) for seed in range(40)}

    assert question not in texts
    for text in texts:
        (new,) = set(text.split()) - set(question.split())
        assert new.strip("?") in rest


def test_without_a_word_to_swap_there_is_no_question() -> None:
    assert examples.swap_word("Who came?", "Berg arrived.", "Berg arrived.", random.Random(0)) == ""


def test_a_follow_up_comes_after_another_question_and_has_a_pronoun_for_its_name() -> None:
    example = Example(Pair("Who is Ada Holm's brother?", "Ada Holm's brother is Jan."), answers=True, span=Span(22, 25))
    earlier = ["Where does Ada Holm live?", example.pair.asked]

    made = [examples.as_follow_up(example, earlier, random.Random(seed)) for seed in range(200)]
    asked = {one.pair.asked for one in made}
    assert asked == {
        example.pair.asked,
        f"{earlier[0]} {earlier[1]}",
        *(f"{earlier[0]} Who is {whose} brother?" for whose in ("his", "her", "its", "their")),
    }
    assert {one._replace(pair=example.pair) for one in made} == {example}
    assert examples.as_follow_up(example, [example.pair.asked], random.Random(0)) == example


def test_a_strange_line_in_a_text_changes_no_answer() -> None:
    text = "Rain\nAda Holm lives in Tarn. She came in May. It rained."
    example = Example(Pair("Where does Ada Holm live?", text, 5), answers=True, span=Span(23, 27))

    texts = set()
    for seed in range(200):
        made = examples.interrupted(example, "Buy now!", random.Random(seed))
        assert made.span is not None
        assert made.pair.text[slice(*made.span)] == "Tarn"
        assert made.pair.text[:5] == "Rain\n"
        texts.add(made.pair.text)
    assert len(texts) == 6
    assert "Rain\nAda Holm lives in Tarn.\n\nBuy now!\n\nShe came in May. It rained." in texts
