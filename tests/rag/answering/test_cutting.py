"""What may be cut out of a sentence, and what must stay for the rest to be true."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag import chunking
from rag.answering.citing import supports
from rag.answering.cutting import removable
from tests.conftest import SEEDS
from tests.rag.making import read_one

SENTENCES = [
    article.text[span.start : span.end]
    for article in map(read_one, sorted(SEEDS.glob("*.txt")))
    for span in chunking.sentences(article.text)
]

MAY_GO = [
    ("Rain fell, which is rare.", [", which is rare."]),
    ("Berg, who had come from Norvik, said the dam was safe.", [", who had come from Norvik,"]),
    ("Jon Berg, the mayor of Tarn, resigned.", [", the mayor of Tarn,"]),
    ("Some films, such as this one, have been made.", [", such as this one,"]),
    ("On April 7, the dam broke.", ["On April 7, "]),
    ("In 2018, the dam broke.", ["In 2018, "]),
    ("Meanwhile, the dam broke.", ["Meanwhile, "]),
    ("The court (CJEU) sat.", [" (CJEU)"]),
    ("The king (1814–1870) sat.", [" (1814–1870)"]),
    ("The dam broke, and the valley filled.", [", and the valley filled."]),
]


@pytest.mark.parametrize(("sentence", "parts"), MAY_GO, ids=[row[0] for row in MAY_GO])
def test_it_may_go(sentence: str, parts: list[str]) -> None:
    assert [sentence[part.start : part.end] for part in removable(sentence)] == parts


MUST_STAY = [
    "The drug cures cancer (in mice).",
    "Before 2018, the dam was safe.",
    "Until May, the dam was safe.",
    "In theory, the dam is safe.",
    "In a film, the mayor resigned.",
    "On January 6, 2005, the dam broke.",
    "He was born in Paris, Texas, in May.",
    "They met the king, the queen, and the pope.",
    "Police arrested Smith, the mayor, Jones, and his wife.",
    "The dam is safe, the mayor said.",
    "The dam is safe: a myth.",
    "",
]


@pytest.mark.parametrize("sentence", MUST_STAY)
def test_it_must_stay(sentence: str) -> None:
    assert removable(sentence) == ()


STANDS = [
    ("On Tuesday, Jon Berg, the mayor of Tarn, resigned, citing nothing.", "Jon Berg resigned, citing nothing."),
    ("On April 7, Berg, who was ill, resigned, which was rare.", "Berg resigned."),
    ("On April 7, Berg, who was ill, resigned, which was rare.", "On April 7, Berg resigned."),
    ("The minister, who said it was late, said so.", "The minister said so."),
]
FALLS = [
    # what is cut out holds a doubt that the rest lacks
    ("The firm, which denied it, was fined.", "The firm was fined."),
    ("Berg, who allegedly was ill, resigned.", "Berg resigned."),
    # parts of two cuts, or of none
    ("Berg, who was ill, resigned, which was rare.", "Berg was rare."),
    ("Jon Berg, the mayor of Tarn, resigned.", "The mayor of Tarn resigned."),
    ("On April 7, Berg resigned.", "April 7, Berg resigned."),
]


@pytest.mark.parametrize(("sentence", "left"), STANDS, ids=[row[1] for row in STANDS])
def test_what_is_left_stands(sentence: str, left: str) -> None:
    assert supports(sentence, left)


@pytest.mark.parametrize(("sentence", "left"), FALLS, ids=[row[1] for row in FALLS])
def test_what_is_left_does_not_stand(sentence: str, left: str) -> None:
    assert not supports(sentence, left)


@settings(deadline=None)
@given(st.sampled_from(SENTENCES) | st.text(max_size=80))
def test_parts_lie_inside_the_sentence_in_order_and_never_are_all_of_it(sentence: str) -> None:
    parts = removable(sentence)

    assert all(0 <= part.start < part.end <= len(sentence) for part in parts)
    assert all(one <= other for one, other in pairwise(parts))
    assert all(part.end - part.start < len(sentence) for part in parts)
