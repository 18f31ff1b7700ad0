"""How long since the last of something, told as "the first in nine years"."""

from __future__ import annotations

import pytest

from rag.answering.since import elapsed, wording

ASKED = [
    ("How long had it been since the last such visit by a minister?", "First visit by a minister in how long?"),
    ("How many years has it been since the last strike?", "First strike in how long?"),
    ("how long since the last such visit", "First visit in how long?"),
    ("How long is it since their previous win in Rome?", "First win in Rome in how long?"),
    ("How long since the last time she won?", ""),
    ("How long did the last visit take?", ""),
    ("How long has he been minister since the last vote was lost?", ""),
    ("When was the last visit?", ""),
    ("What has happened since the last visit?", ""),
]
TOLD = [
    ("It is the first visit by a Russian foreign minister in nine years.", "nine years"),
    ("It marks the first to Islamabad in nearly a decade and is widely noticed.", "nearly a decade"),
    ("The city saw its first snow in 40 days.", "40 days"),
    ("The first line will open in two weeks.", None),
    ("The first strike took place in two days.", None),
    ("The first strike lasted for two days.", None),
    ("He was first. In two weeks he had won.", None),
    ("It was the second visit in nine years.", None),
    ("", None),
]


@pytest.mark.parametrize(("question", "worded"), ASKED, ids=[row[0] for row in ASKED])
def test_it_is_asked_as_the_first_again(question: str, worded: str) -> None:
    assert wording(question) == worded


@pytest.mark.parametrize(("text", "span"), TOLD, ids=[row[0] for row in TOLD])
def test_the_time_before_the_first(text: str, span: str | None) -> None:
    found = elapsed(text)

    assert (text[found.start : found.end] if found else None) == span
