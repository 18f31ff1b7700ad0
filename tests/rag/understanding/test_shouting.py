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
    ("WHO VISITED?", "Who visited?"),
    ("HOW MANY TANKS WILL THE US SEND TO THE UN?", "How many tanks will the US send to the UN?"),
    ("DID THEY TELL US?", "Did they tell us?"),
    ("IS IT IN İSTANBUL?", "Is it in istanbul?"),
    ("What is the NAME of the drill?", "What is the name of the drill?"),
    ("WHAT is the CURRENT rate?", "What is the current rate?"),
    ("WHAT'S the name?", "What's the name?"),
    ("They DON’T pay?", "They DON’T pay?"),
    ("WHO is the foreign minister?", "Who is the foreign minister?"),
    ("WHO chief Tedros said what?", "WHO chief Tedros said what?"),
    ("Did they meet BEFORE the drill AND after it?", "Did they meet before the drill and after it?"),
    ("Did NATO and UNICEF pay for AIDS in QATAR?", "Did NATO and UNICEF pay for AIDS in QATAR?"),
    ("Will SHELL, TARGET or TRUMP pay for the new START treaty in MAY?",) * 2,
    ("Who in the US or the IT trade asked the WHO?", "Who in the US or the IT trade asked the WHO?"),
    ("NATO", "NATO"),
    ("US GDP 2021", "US GDP 2021"),
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
