"""The forms of verbs, and what a question with a verb turned round says."""

from __future__ import annotations

import pytest

from rag.english.clauses import indirect
from rag.english.verbs import base, base_of, gerund_like, participle, past, predicate, third

FORMS = [
    ("visit", "visited", "visits"),
    ("say", "said", "says"),
    ("stop", "stopped", "stops"),
    ("admit", "admitted", "admits"),
    ("carry", "carried", "carries"),
    ("play", "played", "plays"),
    ("agree", "agreed", "agrees"),
    ("reach", "reached", "reaches"),
    ("go", "went", "goes"),
    ("have", "had", "has"),
    ("fix", "fixed", "fixes"),
    ("open", "opened", "opens"),
    ("quit", "quit", "quits"),
    ("withdraw", "withdrew", "withdraws"),
]
INDIRECT = [
    ("Which vaccine will Pakistan purchase?", "which vaccine Pakistan will purchase"),
    ("When was the agreement signed?", "when the agreement was signed"),
    ("Where did Lavrov come from?", "where Lavrov came from"),
    ("What is the May 1 deadline?", "what the May 1 deadline is"),
    ("Who is the Russian foreign minister?", "who the Russian foreign minister is"),
    ("Which cities does the gas pipeline join?", "which cities the gas pipeline joins"),
    ("Who won the election?", "who won the election"),
    ("How many people were killed?", "how many people were killed"),
    ("In which country are the troops?", "in which country the troops are"),
    ("What's the deadline for?", "what the deadline is for"),
    ("Why do they want it?", "why they want it"),
    ("Did Lavrov visit India?", None),
    ("Lavrov", None),
    ("", None),
]


@pytest.mark.parametrize(("verb", "was", "does"), FORMS)
def test_the_forms_of_a_verb(verb: str, was: str, does: str) -> None:
    assert (past(verb), third(verb)) == (was, does)
    assert base(verb)


@pytest.mark.parametrize("word", ["signed", "taken", "been", "won", "agreed"])
def test_what_may_follow_has(word: str) -> None:
    assert participle(word)


@pytest.mark.parametrize("word", ["need", "red", "hundred", "Taliban", "deadline"])
def test_what_may_not_follow_has(word: str) -> None:
    assert not participle(word)


@pytest.mark.parametrize(("word", "verb"), [("helping", True), ("king", False), ("spring", False), ("flying", True)])
def test_what_may_follow_is(word: str, *, verb: bool) -> None:
    assert gerund_like(word) is verb


def test_a_negation_keeps_its_auxiliary() -> None:
    assert predicate("did", ["not", "visit", "India"]) == "did not visit India"
    assert predicate("did", []) is None


@pytest.mark.parametrize(("question", "clause"), INDIRECT, ids=[row[0] for row in INDIRECT])
def test_a_question_within_a_sentence(question: str, clause: str | None) -> None:
    assert indirect(question) == clause


@pytest.mark.parametrize(
    ("word", "base"), [("took", "take"), ("signed", "sign"), ("carries", "carry"), ("says", "say"), ("take", None)]
)
def test_the_base_of_what_stands_after_a_subject(word: str, base: str | None) -> None:
    assert base_of(word) == base
