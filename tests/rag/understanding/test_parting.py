"""Questions that ask for several things, and those that only look so."""

from __future__ import annotations

import pytest

from rag.understanding import parting

SEVERAL = [
    ("When and where was the agreement signed?", ("When was the agreement signed?", "Where was the agreement signed?")),
    (
        "When was the Taliban agreement signed, and where?",
        ("When was the Taliban agreement signed?", "Where was the Taliban agreement signed?"),
    ),
    (
        "What was said about rail and about the drill?",
        ("What was said about rail?", "What was said about the drill?"),
    ),
    (
        "Who opened the bridge and how much did the bridge cost?",
        ("Who opened the bridge?", "How much did the bridge cost?"),
    ),
]
ONE = [
    "Which cities does the pipeline join?",
    "Who are the ministers of Russia and Pakistan?",
    "What did Russia and Pakistan agree about arms and energy?",
    "What did Berg say when he arrived?",
    "Is Moscow supplying arms and who",
    "and where?",
    "",
]


@pytest.mark.parametrize(("question", "parts"), SEVERAL)
def test_each_thing_asked_for_is_a_question_of_its_own(question: str, parts: tuple[str, ...]) -> None:
    assert parting.parts(question) == parts


@pytest.mark.parametrize("question", ONE)
def test_a_question_for_one_thing_stays_as_it_is(question: str) -> None:
    assert parting.parts(question) == (question,)


def test_who_said_so_takes_its_statement_from_the_first_part() -> None:
    first, second = parting.parts("How many doses of Sputnik V will Pakistan purchase, and who said so?")

    assert first == "How many doses of Sputnik V will Pakistan purchase?"
    assert second.startswith("Who said")
    assert "Sputnik" in second
