"""What stands before a quote in its sentence, and what the answer makes of it."""

from __future__ import annotations

import pytest

from rag import Article, Assistant, Question
from rag.answering.beginnings import before

TAIL = "that the mayor of Tarn, Jon Berg, had resigned on Friday because of a stolen cheque."
LONG = ", ".join(
    f"that the {name} of the valley had been sold to strangers for a song" for name in "mill inn".split() * 8
)


@pytest.mark.parametrize(
    ("text", "start", "found"),
    [
        ("Rain fell. It stopped.", 11, ""),
        ("Rain fell. It stopped.", 14, "It"),
        ("“Rain fell.” It stopped.", 13, ""),
        ("A title\nRain fell.", 8, ""),
        ("It is not true that rain fell.", 20, "It is not true that"),
        ("", 0, ""),
    ],
)
def test_what_stands_before(text: str, start: int, found: str) -> None:
    assert before(text, start) == found


@pytest.mark.parametrize("begins", ["It is not true, the council said,", "A hoax message claimed"])
def test_a_denial_too_far_off_to_be_quoted_is_not_lost(seeds: Assistant, begins: str) -> None:
    answer = seeds.read(
        Question("When did the mayor of Tarn resign?"), [Article("a", "", f"{begins} {LONG}, {TAIL}", "hash")]
    )

    assert answer.refusal is not None, answer.text


def test_a_quote_from_the_middle_of_a_sentence_begins_with_dots(seeds: Assistant) -> None:
    text = f"The valley knows {LONG}, and the mayor of Tarn, Jon Berg, resigned on Friday."
    answer = seeds.read(Question("When did the mayor of Tarn resign?"), [Article("a", "", text, "hash")])

    assert answer.text.startswith("“… "), answer.text
