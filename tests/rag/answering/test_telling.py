"""What happened: a few sentences in their order."""

from __future__ import annotations

from dataclasses import replace

from rag.answering import telling
from rag.search import retrieve
from rag.types import Hit
from tests.rag.making import article

FLOOD = [
    "Heavy rain flooded the valley of Tarn on Monday and cut off two villages.",
    "Rescuers brought ninety people from the flooded houses with boats.",
    "The mayor of Tarn asked the government for help with the flood.",
    "A bakery gave free bread to families whose kitchens stood under water.",
    "Schools in the valley stay closed until Friday because of the flood.",
    "Short.",
]
CHESS = "The chess club of Norvik won the northern cup for the third time in a row."


def hits(*texts: str) -> tuple[Hit, ...]:
    return tuple(retrieve.whole([replace(article(f"a{n}", text), title="") for n, text in enumerate(texts)], 60))


def test_sentences_of_the_topic_are_told_in_their_order() -> None:
    found = telling.tell("What happened in the flood of Tarn?", hits(CHESS, " ".join(FLOOD)))

    assert 2 <= len(found) <= 4
    assert [item.start for item in found] == sorted(item.start for item in found)
    assert found[0].text == FLOOD[0]
    assert {item.article.id for item in found} == {"a1"}
    for item in found:
        assert item.article.text[item.start : item.end] == item.text


def test_what_is_not_on_the_topic_is_not_told() -> None:
    assert telling.tell("What happened in the flood of Tarn?", hits(CHESS)) == ()
    assert telling.tell("What happened?", ()) == ()


def test_without_a_topic_the_first_articles_are_told() -> None:
    found = telling.tell("What happened?", hits(" ".join(FLOOD), CHESS))

    assert found
    assert found[0].text == FLOOD[0]


def test_a_sentence_cut_at_the_passages_end_is_no_sentence() -> None:
    text = "The flood of Tarn took the old bridge and then the new bridge and then the mill of the"

    assert telling.tell("What happened in the flood of Tarn?", hits(text)) == ()
