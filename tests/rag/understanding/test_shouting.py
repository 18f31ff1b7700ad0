"""Questions that shout are answered as if they did not."""

from __future__ import annotations

import pytest

from rag.questions import understood
from rag.types import Hit, Question
from rag.understanding.shouting import calmed

SHOUTED = [
    ("WHICH CITIES DOES THE GAS PIPELINE JOIN?", "Which cities does the gas pipeline join?"),
    ("“WHAT DID O'BRIEN SAY?”", "“What did o'brien say?”"),
    ("WHO MET LAVROV", "Who met lavrov"),
    ("What is the NAME of the drill?", "What is the name of the drill?"),
    ("WHAT is the CURRENT rate?", "What is the current rate?"),
    ("Did they meet BEFORE the drill AND after it?", "Did they meet before the drill and after it?"),
    ("Did NATO and UNICEF pay for AIDS in QATAR?", "Did NATO and UNICEF pay for AIDS in QATAR?"),
    ("Who in the US or the IT trade asked the WHO?", "Who in the US or the IT trade asked the WHO?"),
    ("Did AMERICA sign?", "Did AMERICA sign?"),
    ("NATO", "NATO"),
    ("Was it in 2021, at 5 PM?", "Was it in 2021, at 5 PM?"),
    ("", ""),
]


@pytest.mark.parametrize(("question", "calm"), SHOUTED, ids=[row[0] for row in SHOUTED])
def test_what_is_only_loud_becomes_small(question: str, calm: str) -> None:
    assert calmed(question) == calm
    assert calmed(calm) == calm


def test_the_archive_is_searched_for_the_quiet_question() -> None:
    searched = list[str]()

    def search(asked: Question) -> tuple[Hit, ...]:
        searched.append(asked.text)
        return ()

    asked, _ = understood(Question("WHICH CITIES ARE JOINED?"), search)

    assert [asked.text, *searched] == ["Which cities are joined?"] * 2
