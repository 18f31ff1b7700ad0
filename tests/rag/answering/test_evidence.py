"""What is withheld, and what only shares a word with it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from embeddings import Judgement, Pair
from rag import Article, Assistant, Question
from rag.answering import evidence
from rag.search import retrieve
from tests.fakes import WordJudge


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
    assert answer.notes == ("Only articles by DAWN were searched.",)


def found(question: str, text: str) -> evidence.Choice:
    hits = tuple(retrieve.whole([Article("a", "Title", text, "hash")], 60))
    return evidence.choose(question, hits, WordJudge(), 0.5)


def test_a_sentence_that_says_the_opposite_is_worth_less() -> None:
    same = found("By how much did the price of wheat rise in May?", "The price of wheat rose in May by 5 percent.")
    opposite = found("By how much did the price of wheat fall in May?", "The price of wheat rose in May by 5 percent.")

    assert same.confidence > 2 * opposite.confidence


def test_but_it_answers_a_question_for_yes_or_no() -> None:
    text = "The price of wheat did not rise in May."

    assert found("Did the price of wheat rise in May?", text).confidence > 0.5


class Together(WordJudge):
    """Finds every single text wanting, and all of them together anything but silent."""

    def judge(self, pairs: Sequence[Pair]) -> list[Judgement]:
        return [one._replace(answers=-3.0, span=-3.0, silent=-3.0) for one in super().judge(pairs)]


@pytest.mark.parametrize(("caution", "answered"), [(0.0, True), (0.5, True), (1.0, False)])
def test_what_no_sentence_answers_the_passages_may_together(caution: float, *, answered: bool) -> None:
    hits = tuple(retrieve.whole([Article("a", "Title", "Wheat costs more since the rain.", "hash")], 60))

    assert bool(evidence.choose("Why does wheat cost more?", hits, Together(), caution).evidence) == answered


@pytest.mark.parametrize("question", ["Why was wheat banned?", "How did the rain end?"])
def test_what_bears_on_a_cause_tells_of_what_it_is_asked_for(question: str) -> None:
    hits = tuple(retrieve.whole([Article("a", "Title", "Wheat costs more since the rain.", "hash")], 60))

    assert not evidence.choose(question, hits, Together(), 0.5).evidence
