"""From a question for yes or no to its evidence: said, denied, disputed, or neither."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from embeddings import Judge, Judgement, Pair
from rag.answering import choosing
from rag.answering.evidence import Choice
from rag.search import retrieve
from tests.fakes import WordJudge
from tests.rag.making import article

SIGNED = "Norvik signed the water treaty on Monday."
REFUSED = "Norvik did not sign the water treaty on Monday."
HARM = "The water treaty did harm the farms of Norvik, a study said."
GOOD = "The water treaty doubled what Norvik harvests, farmers found."


class Disputing(WordJudge):
    """Finds that whatever it reads disagrees."""

    def judge(self, pairs: Sequence[Pair]) -> list[Judgement]:
        return [one._replace(disputes=2.0) for one in super().judge(pairs)]


def chosen(question: str, texts: Sequence[str], judge: Judge) -> Choice:
    articles = [article(f"a{number}", text) for number, text in enumerate(texts)]
    return choosing.choose(question, tuple(retrieve.whole(articles, 60)), judge, 0.5)


def test_what_one_article_says_and_another_denies_is_disputed() -> None:
    choice = chosen("Did Norvik sign the water treaty?", [REFUSED, SIGNED], WordJudge())

    assert choice.manner == "disputed"
    assert {item.text for item in choice.evidence} == {SIGNED, REFUSED}


@pytest.mark.parametrize(("judge", "manner"), [(Disputing(), "perhaps disputed"), (WordJudge(), "undecided")])
def test_where_none_says_it_in_so_many_words_they_may_still_disagree(judge: Judge, manner: str) -> None:
    choice = chosen("Is the water treaty good for Norvik?", [HARM, GOOD], judge)

    assert choice.manner == manner
    assert choice.evidence


TOLNA = "People in Tolna were glad. The festival was not cancelled in spite of storms."
BRASK = "People in Brask were sad. The festival was cancelled after a storm."


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        pytest.param("Was the festival cancelled?", (TOLNA, BRASK), id="two festivals"),
        pytest.param("Did Norvik sign the water treaty?", (SIGNED, f"{SIGNED} {REFUSED}"), id="a change"),
        pytest.param(
            "Did the council approve the plan?", ("The council withdrew its approval of the plan.",), id="back"
        ),
    ],
)
def test_what_decides_nothing(question: str, texts: tuple[str, ...]) -> None:
    assert chosen(question, texts, WordJudge()).manner == "undecided"
