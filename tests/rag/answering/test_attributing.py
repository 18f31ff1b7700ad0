"""What another said is no answer to what somebody said."""

from __future__ import annotations

import pytest

from rag.answering import attributing, orders
from rag.search import retrieve
from tests.rag.making import article

TEXT = (
    "Norvik's foreign minister, Jon Berg, met Tarn's mayor on Monday. "
    "“The bridge is safe,” Berg said. Ada Holm said the bridge was old. The bridge is red."
)


@pytest.mark.parametrize(
    ("question", "sentence", "another"),
    [
        ("What did Berg say about the bridge?", 1, False),
        ("What did Berg say about the bridge?", 2, True),
        ("What did Ada Holm say about the bridge?", 1, True),
        ("What did Ada Holm say about the bridge?", 2, False),
        ("What did Norvik say about the bridge?", 1, False),
        ("What did Norvik say about the bridge?", 2, True),
        ("What did India say about the bridge?", 1, True),
        ("What did the mayor say about the bridge?", 1, False),
        ("What did Berg say about the bridge?", 3, False),
        ("Who said the bridge was safe?", 1, False),
        ("What is the bridge like?", 1, False),
    ],
)
def test_a_sentence_of_another_speaker_is_told(question: str, sentence: int, *, another: bool) -> None:
    (hit,) = retrieve.whole([article("a", TEXT)], 60)
    said = list(orders.sentences(hit))

    assert attributing.by_another(question, said[sentence]) is another
