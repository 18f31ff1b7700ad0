"""A question's date in the words of an article."""

from __future__ import annotations

import pytest

from rag.answering.redating import names, told, wordings
from rag.types import PublishedDate

# A Thursday.
PUBLISHED = PublishedDate(2021, 4, 8)

WORDED = [
    ("What did it host in March 2021?", "Last month it hosted talks.", ["What did it host last month?"]),
    ("In March 2021, what did it host?", "Last month it hosted talks.", ["last month, what did it host?"]),
    ("What did he do on April 6, 2021?", "He arrived on Tuesday.", ["What did he do on Tuesday?"]),
    ("What did he do on Tuesday, April 6, 2021?", "He arrived on Tuesday.", ["What did he do on Tuesday?"]),
    ("What did he do on April 6?", "He arrived on Tuesday.", ["What did he do on Tuesday?"]),
    ("What did he do in April?", "He arrived on Tuesday.", ["What did he do on Tuesday?"]),
    ("Who came in 2020?", "Lavrov came in December.", ["Who came in December?"]),
    ("Who came during 2020?", "Lavrov came last year.", ["Who came last year?"]),
    ("Who came in November 2020?", "He came five months ago.", ["Who came five months ago?"]),
    (
        "What did he do in April 2021?",
        "He arrived on Tuesday and left on Wednesday. He had left on Wednesday, too.",
        ["What did he do on Tuesday?", "What did he do on Wednesday?"],
    ),
    ("What did he do on April 6, 2021?", "He came on April 6.", ["What did he do on April 6?"]),
]
AS_IT_IS = [
    ("What did it host in June 2021?", "Last month it hosted talks."),
    ("What did it host in March 2020?", "Last month it hosted talks."),
    ("What did he do on April 7, 2021?", "He arrived on Tuesday."),
    # The month is told, not the day.
    ("What did it host on March 3, 2021?", "Last month it hosted talks."),
    ("What did it host last month?", "Last month it hosted talks."),
    ("What did it host?", "Last month it hosted talks."),
    # What the question says itself needs no other words.
    ("What did he do on April 6?", "He came on April 6."),
    ("What was signed in March 2021?", "It was signed on March 3, 2021."),
    # Another thing was in March.
    ("What did the March 2021 report say?", "Last month it hosted talks."),
    ("What did it host before March 2021?", "Last month it hosted talks."),
    ("What did it host in early March 2021?", "Last month it hosted talks."),
    ("Who came in 2021-22?", "Lavrov came this year."),
    ("", "Last month it hosted talks."),
]


@pytest.mark.parametrize(("question", "text", "worded"), WORDED, ids=[row[0] for row in WORDED])
def test_a_date_is_asked_for_in_the_articles_words(question: str, text: str, worded: list[str]) -> None:
    assert list(wordings(question, text, PUBLISHED)) == [question, *worded]


@pytest.mark.parametrize(("question", "text"), AS_IT_IS, ids=[row[0] for row in AS_IT_IS])
def test_a_date_that_fits_nothing_stays(question: str, text: str) -> None:
    assert list(wordings(question, text, PUBLISHED)) == [question]
    assert not told(question, text, PUBLISHED)


@pytest.mark.parametrize("published", [None, PublishedDate(0, 4, 8), PublishedDate(2020, 4, 8)])
def test_without_the_same_year_nothing_is_the_same(published: PublishedDate | None) -> None:
    question = "What did it host in March 2021?"

    assert list(wordings(question, "Last month it hosted talks.", published)) == [question]


def test_every_wording_costs_so_there_are_few() -> None:
    text = "He came on Monday. He left on Tuesday. He died on Wednesday. He won in January. He sang last month."

    assert len(list(wordings("What did he do in 2021?", text, PUBLISHED))) == 4


def test_what_is_told_are_the_words_of_the_date() -> None:
    words = told("What did 12 men host in March 2021?", "Last month it hosted talks.", PUBLISHED)

    assert {"March", "2021"} <= words
    assert "12" not in words


def test_a_question_names_a_time_or_what_lies_within_it() -> None:
    question = "What did it host in March 2021?"

    assert names(question, PublishedDate(2021, 3, 9))
    assert not names(question, PublishedDate(2021))
