"""Misspelt questions on the sample articles get the evidence that they get well spelt, through the real models."""

from __future__ import annotations

from datetime import date

import pytest

from rag import Answer, Assistant, Question
from rag.types import Exchange
from rag.understanding.spelling import mended
from tests.rag.sample_questions import ANSWERED, REFUSED

MISSPELT = [
    ("Who is the foriegn ministr of Pakistn?", "Who is the foreign minister of Pakistan?", "Shah Mahmood Qureshi"),
    (
        "Wen is the deadlin for foregn trops to leav Afganistan?",
        "When is the deadline for foreign troops to leave Afghanistan?",
        "A May 1 deadline",
    ),
    ("Wich contry did Lavrof arive from?", "Which country did Lavrov arrive from?", "from India"),
    ("gas pipline from karatchi to wher?", "gas pipeline from Karachi to where?", "eastern Lahore"),
    ("gas pipline from karatchi to were?", "gas pipeline from Karachi to where?", "eastern Lahore"),
    (
        "How many dosis of Sputnk V wil Pakistan purchas?",
        "How many doses of Sputnik V will Pakistan purchase?",
        "5 million doses",
    ),
]


def cited(answer: Answer) -> list[tuple[str, int, int]]:
    return [(one.evidence.article.id, one.evidence.start, one.evidence.end) for one in answer.citations]


@pytest.mark.parametrize(("typed", "meant", "held"), MISSPELT, ids=[row[0] for row in MISSPELT])
def test_a_misspelt_question_gets_the_same_evidence(seeds: Assistant, typed: str, meant: str, held: str) -> None:
    answer, right = seeds.ask(Question(typed)), seeds.ask(Question(meant))

    assert answer.refusal is None
    assert held in answer.text
    assert cited(answer) == cited(right)
    assert answer.question.text == typed
    assert answer.notes[0] == f"Understood as: {answer.asked}"
    assert not any(note.startswith("Understood as") for note in right.notes)


@pytest.mark.parametrize(("typed", "meant", "held"), MISSPELT, ids=[row[0] for row in MISSPELT])
def test_articles_that_are_given_mend_too(seeds: Assistant, typed: str, meant: str, held: str) -> None:
    answer = seeds.read(Question(typed), seeds.articles())

    assert held in answer.text
    assert cited(answer) == cited(seeds.read(Question(meant), seeds.articles()))


@pytest.mark.parametrize("text", [sample.text for sample in (*ANSWERED, *REFUSED)])
def test_a_well_spelt_question_is_understood_as_it_is(seeds: Assistant, text: str) -> None:
    assert mended(text, seeds.articles()) == text


def test_a_name_that_no_article_has_is_refused_as_it_is_typed(seeds: Assistant) -> None:
    answer = seeds.ask(Question("Wich doses did Johnsen purchas?"))

    assert answer.asked == "Which doses did Johnsen purchase?"
    assert answer.refusal is not None
    assert answer.refusal.kind == "name_absent"
    assert "“Johnsen”" in answer.text


def test_a_follow_up_is_mended(seeds: Assistant) -> None:
    first = seeds.ask(Question("Which vaccine will Pakistan purchase?"))
    history = (Exchange(first.asked, first.text),)

    assert seeds.ask(Question("how many dosis wil they purchas", history=history)).asked == (
        "How many doses will Pakistan purchase?"
    )
    # Only once it is mended does it show that it is one.
    assert seeds.ask(Question("Wen?", history=history)).asked == "Which vaccine will Pakistan purchase, and when?"


def test_a_mended_question_stays_inside_its_dates(seeds: Assistant) -> None:
    text = "How many dosis of Sputnk V wil Pakistan purchas?"
    inside = seeds.ask(Question(text, published_from=date(2021, 4, 8), published_to=date(2021, 4, 8)))

    assert {hit.article.id.split("-")[0] for hit in inside.hits} == {"dawn"}
    # The article inside the dates has neither word.
    assert "dosis of Sputnk" in inside.asked
    outside = seeds.ask(Question(text, published_to=date(2000, 1, 1)))
    assert outside.asked.startswith("How many dosis of Sputnk")
    assert outside.refusal is not None
    assert outside.refusal.kind == "outside_filter"
