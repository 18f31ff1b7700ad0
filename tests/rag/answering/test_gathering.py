"""Long questions that several articles answer only together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answering import gathering
from rag.search import retrieve
from rag.types import Evidence, Hit
from tests.rag.making import article

ASKED = (
    "Who is the founder that the Herald says opened a bakery in Tarn during the flood, and that the Courier says gave "
    "free bread to stranded families and later sued the insurer over water damage?"
)
BAKERY = "Ada Holm opened a bakery in Tarn in the week of the flood."
BREAD = "Holm gave free bread to families stranded by the water."
LAWSUIT = "The baker Ada Holm sued her insurer over damage from the water."
CHESS = "The chess club of Norvik won the cup for the third time."


def hits(*texts: str) -> tuple[Hit, ...]:
    articles = [replace(article(f"a{n}", text), title="News") for n, text in enumerate(texts)]
    return tuple(retrieve.whole(articles, 60))


def texts(found: tuple[Evidence, ...]) -> list[str]:
    return [item.text for item in found]


def test_sentences_that_tell_the_question_between_them_are_gathered() -> None:
    found = gathering.gather(ASKED, hits(CHESS, BREAD, BAKERY, LAWSUIT), 0.4)

    assert sorted(texts(found)) == sorted([BREAD, BAKERY, LAWSUIT])


def test_the_name_that_they_share_is_the_short_answer() -> None:
    found = gathering.gather(ASKED, hits(BREAD, BAKERY, LAWSUIT), 0.4)

    assert {item.short for item in found} <= {"Ada Holm", "Holm", ""}
    assert any("Holm" in item.short for item in found)
    for item in found:
        if item.answer:
            assert item.article.text[item.answer.start : item.answer.end] == item.short


@pytest.mark.parametrize(
    ("question", "some"),
    [
        ("Who opened a bakery in Tarn?", (BAKERY, BREAD, LAWSUIT)),
        (ASKED, (CHESS,)),
        (ASKED, (BAKERY,)),
        (ASKED, ()),
        (ASKED, (CHESS, "Rain fell for eight days.")),
    ],
    ids=["a short question", "nothing of it", "one article", "no article", "two articles of other things"],
)
def test_nothing_is_gathered_where_one_sentence_must_answer_or_too_little_is_told(
    question: str, some: tuple[str, ...]
) -> None:
    assert gathering.gather(question, hits(*some), 0.4) == ()


def test_more_must_be_told_where_more_is_asked_for() -> None:
    some = hits(BREAD, BAKERY)

    assert gathering.gather(ASKED, some, 0.3)
    assert gathering.gather(ASKED, some, 0.95) == ()


def test_the_order_of_equal_sentences_is_that_of_the_hits() -> None:
    found = [gathering.gather(ASKED, hits(BREAD, BAKERY, LAWSUIT), 0.4) for _ in range(2)]

    assert found[0] == found[1]


@pytest.mark.parametrize("lead", ["Is it true of the person ", "By the Courier, did the person "])
def test_a_question_for_yes_or_no_has_no_name_for_an_answer(lead: str) -> None:
    found = gathering.gather(ASKED, hits(BREAD, BAKERY, LAWSUIT), 0.4)

    assert gathering.shared_name(ASKED, found) == "Ada Holm"
    assert gathering.shared_name(lead + ASKED.removeprefix("Who is the founder "), found) == ""
