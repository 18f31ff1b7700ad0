"""What is withheld, and what only shares a word with it."""

from __future__ import annotations

import pytest

from rag import Assistant, Question


@pytest.mark.parametrize(
    "question",
    [
        "What are the joint military exercises?",
        "What was agreed about joint military exercises?",
        "What kind of military exercises will be held?",
        "What was said about rail and about the military drill?",
    ],
)
def test_a_question_that_shares_a_word_with_what_is_withheld_is_answered(seeds: Assistant, question: str) -> None:
    answer = seeds.ask(Question(question))

    assert answer.refusal is None, answer.text


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        (Question("What did Biden say?", sources=("DAWN",)), "name_absent"),
        (Question("Who won the harvest prize?", sources=("DAWN",)), "off_topic"),
    ],
)
def test_a_refusal_under_a_filter_says_so(seeds: Assistant, question: Question, kind: str) -> None:
    answer = seeds.ask(question)

    assert answer.refusal is not None
    assert answer.refusal.kind == kind
    assert answer.refusal.message.endswith(" inside the filters.")
    assert answer.notes == ("Only articles by DAWN were read.",)
