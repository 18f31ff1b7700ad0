"""What may be cut out of a sentence, and what must stay for the rest to be true."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.answering.citing import supports
from rag.answering.cutting import removable
from rag.search import chunking
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
    ("Some films, such as this one, were made.", [", such as this one,"]),
    ("Second-half goals from Sibon, who scored twice, gave them victory, and the cup.", [", who scored twice,"]),
    ("Meanwhile, the dam broke.", ["Meanwhile, "]),
    ("The king (1814–1870) sat.", [" (1814–1870)"]),
    ("The ferry was stopped, because few used it.", [", because few used it."]),
]


@pytest.mark.parametrize(("sentence", "parts"), MAY_GO, ids=[row[0] for row in MAY_GO])
def test_it_may_go(sentence: str, parts: list[str]) -> None:
    assert [sentence[part.start : part.end] for part in removable(sentence)] == parts


MUST_STAY = [
    "The drug cures cancer (in mice).",
    "He paid 10 dollars (CAD) for it.",
    "Before 2018, the dam was safe.",
    "In 2007, the population was 300,000.",
    "On Tuesday a judge threw out the conviction, and he was freed.",
    "In a film, the mayor resigned.",
    "He was born in Paris, Texas, in May.",
    "They met the king, the queen, and the pope.",
    "Police arrested Smith, the mayor, Jones, and his wife.",
    "The dam is safe, the mayor said.",
    "The dam is safe: a myth.",
    # exceptions, conditions, what came of it
    "All were rescued on Friday, excluding four.",
    "The ceasefire will hold, barring an attack.",
    "They will begin in May, pending approval.",
    "The ban will end, after parliament votes.",
    "It is safe, while it is closed to traffic.",
    "Smoking is allowed, where children are absent.",
    "The earthquake killed 50 people, and the count was later revised to 12.",
    "Police are seeking two men, and a woman.",
    "He was charged with fraud, perjury, conspiring to bribe and murder.",
    # the verb is still to come, or the part is the subject
    "Brown, who lives in New Orleans, Louisiana, is an accountant.",
    "Since all companies are members, the trades can be all over the map, said Krane.",
    "",
]


@pytest.mark.parametrize("sentence", MUST_STAY)
def test_it_must_stay(sentence: str) -> None:
    assert removable(sentence) == ()


STANDS = [
    ("Meanwhile, Jon Berg, the mayor of Tarn, resigned, citing nothing.", "Jon Berg resigned, citing nothing."),
    ("Meanwhile, Berg, who was ill, resigned, which was rare.", "Berg resigned."),
    ("Meanwhile, Berg, who was ill, resigned, which was rare.", "Meanwhile, Berg resigned."),
    ("The minister, who said it was late, said so.", "The minister said so."),
]
FALLS = [
    # what is cut out holds a doubt that the rest lacks, or what came of it
    ("The firm, which denied it, was fined.", "The firm was fined."),
    ("Berg, who allegedly was ill, resigned.", "Berg resigned."),
    ("Hale was sentenced to 20 years, which was reduced to 5 on appeal.", "Hale was sentenced to 20 years."),
    ("Dahl won the medal in 1994, which was taken away in 1996.", "Dahl won the medal in 1994."),
    # parts of two cuts, or of none
    ("Berg, who was ill, resigned, which was rare.", "Berg was rare."),
    ("Jon Berg, the mayor of Tarn, resigned.", "The mayor of Tarn resigned."),
    ("Rain fell, which is rare.", "Rain is rare."),
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
