"""How long since the last of something, told as "the first in nine years"."""

from __future__ import annotations

import pytest

from rag.answering.since import elapsed, wording
from rag.types import Span

ASKED = [
    ("How long had it been since the last such visit by a minister?", "First visit by a minister in how long?"),
    ("How many years has it been since the last strike?", "First strike in how long?"),
    ("how long since the last such visit", "First visit in how long?"),
    ("How long is it since their previous win in Rome?", "First win in Rome in how long?"),
    ("How long since the last time she won?", ""),
    ("How long since the last times he won?", ""),
    ("How long since the last visit, and who made it?", ""),
    ("How long did the last visit take?", ""),
    ("How long has he been minister since the last vote was lost?", ""),
    ("When was the last visit?", ""),
    ("What has happened since the last visit?", ""),
]
VISIT = "How long since the last visit?"
TWO = "It was the first visit to the city by a minister in nine years and the first strike in two years at the depot."
TOLD = [
    (VISIT, "It is the first visit by a Russian foreign minister in nine years.", "nine years"),
    (VISIT, "His visit marks the first to Islamabad in nearly a decade and is widely noticed.", "nearly a decade"),
    (VISIT, "It was her first visit in Rome in twenty-five\nyears.", "twenty-five\nyears"),
    (VISIT, "It is the first visit by a U.S. envoy in just 1,800 days.", "just 1,800 days"),
    (VISIT, "On May 1 he came on the first visit by a minister in nine years.", "nine years"),
    (VISIT, "It may be the first visit by a minister in nine years.", None),
    (VISIT, TWO, "nine years"),
    ("How long has it been since the last strike?", TWO, "two years"),
    ("How long since the last snow?", "The city saw its first snow in 40 days.", "40 days"),
    # Of something else, or of another kind.
    ("How long since the last win of Rovers?", "Rovers' Jon Reed scored his first goal since a win in May.", None),
    ("How long since the last win?", "It was a win. Jon Reed scored his first goal in three months.", None),
    ("How long since the last visit by a queen?", "It was the first visit by a king in 50 years.", None),
    (VISIT, "His visit was the second, and the first strike in two years.", None),
    (VISIT, "It was the second visit in nine years.", None),
    ("How long since the last patient was treated?", "The first patients came, and the first death in 12 years.", None),
    # Yet to come, given up, or how long it took.
    (VISIT, "The first visit will be in two weeks.", None),
    (VISIT, "The minister makes his first visit in two weeks.", None),
    (VISIT, "The first visit by a minister in nine years was cancelled.", None),
    ("How long since the last ferry?", "The first ferry sails in two weeks, the harbour master said.", None),
    ("How long since the last concert?", "The singer plans her first concert in Vienna in three weeks.", None),
    ("How long since the last marathon?", "The first runner finished the marathon in two days of heat.", None),
    ("How long since the last strike?", "The first strike took place in two days.", None),
    ("How long since the last strike?", "The first strike lasted for two days.", None),
    (VISIT, "The visit came first. In two weeks he had won.", None),
    (VISIT, "", None),
    ("Who made the visit?", "It is the first visit by a Russian foreign minister in nine years.", None),
]


@pytest.mark.parametrize(("question", "worded"), ASKED, ids=[row[0] for row in ASKED])
def test_it_is_asked_as_the_first_again(question: str, worded: str) -> None:
    assert wording(question) == worded


@pytest.mark.parametrize(("question", "sentence", "told"), TOLD, ids=[f"{row[0]} {row[1]}" for row in TOLD])
def test_the_time_before_the_first(question: str, sentence: str, told: str | None) -> None:
    # Whatever the judge points at, where there is one time only.
    found = elapsed(question, sentence, Span(0, 1))

    assert (sentence[found.start : found.end] if found else None) == told


def test_of_two_times_it_is_the_one_that_the_judge_points_at() -> None:
    sentence = "It was the first win at home in two years and the first win at sea in a decade."
    for said in ("two years", "a decade"):
        at = sentence.index(said)
        found = elapsed("How long since the last win?", sentence, Span(at, at + 3))
        assert found
        assert sentence[found.start : found.end] == said
    assert elapsed("How long since the last win?", sentence, Span(0, 1)) is None
