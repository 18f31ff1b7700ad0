"""The short answer to a question for a time, and what is noted beside it."""

from __future__ import annotations

import pytest

from rag.answering.timing import notes, short
from rag.types import Evidence, PublishedDate, Span
from tests.rag.making import article

# A Thursday.
PUBLISHED = PublishedDate(2021, 4, 8)


def evidence(text: str, answer: str, published: PublishedDate | None = PUBLISHED) -> Evidence:
    """The last sentence of an article, so that its places are not those of its text."""
    item = article("made", f"A first sentence.\n{text}", published=published)
    start, at = item.text.index(text), item.text.index(answer, len("A first sentence."))
    place = Span(at, at + len(answer)) if answer else None
    return Evidence(item, 1, start, len(item.text), text, 0.9, place)


SHORT = [
    # question, sentence, what the judge points at, the short answer
    ("On what date did he come?", "He came on Tuesday from India.", "Tuesday from India", "Tuesday (April 6, 2021)"),
    ("When did he come?", "He came to Rome on Tuesday.", "to Rome on Tuesday", "to Rome on Tuesday (April 6, 2021)"),
    ("When did he come?", "He came, Rome said, on Tuesday.", "Rome said, on Tuesday", "Tuesday (April 6, 2021)"),
    ("In which month did he come?", "He came on Tuesday.", "Tuesday", "Tuesday (April 2021)"),
    ("In which year did he come?", "He came on Tuesday.", "Tuesday", "Tuesday (2021)"),
    ("On which weekday did he come?", "He came yesterday.", "yesterday", "yesterday (Wednesday, April 7, 2021)"),
    ("What day of the week was it?", "He came on April 7.", "April 7", "April 7 (Wednesday, 2021)"),
    ("On which weekday did he come?", "He came April 7, 2021.", "April 7, 2021", "April 7, 2021 (Wednesday)"),
    ("When will it be?", "Later this month, it will be.", "month", "Later this month (April 2021)"),
    ("When did he come?", "He came last year.", "last year", "last year (2020)"),
    ("When did he come?", "He came on Dec. 30.", "Dec. 30", "Dec. 30 (2020)"),
    (
        "When did he come?",
        "He came Tuesday evening by car.",
        "Tuesday evening by car",
        "Tuesday evening (April 6, 2021)",
    ),
    ("When did he come?", "He came by Tuesday.", "by Tuesday", "by Tuesday (April 6, 2021)"),
    (
        "When did he come?",
        "He came two days after Tuesday.",
        "two days after Tuesday",
        "two days after Tuesday (April 6, 2021)",
    ),
    ("When was it signed?", "It was signed in February 2020.", "February 2020", "February 2020"),
    ("When was the last visit?", "The last such visit was in 2012.", "2012", "2012"),
    ("When is it?", "He rethinks a May 1 withdrawal that it signed.", "May 1", "May 1"),
    ("When did he come?", "He came on Monday and on Tuesday.", "Monday and on Tuesday", "Monday and on Tuesday"),
    ("When did he come?", "He came after the talks.", "after the talks", "after the talks"),
    ("Who came?", "He came on Tuesday from India.", "Tuesday from India", "Tuesday from India"),
    (
        "When and where did he come?",
        "He came on Tuesday to Rome.",
        "Tuesday to Rome",
        "Tuesday (April 6, 2021) to Rome",
    ),
]


@pytest.mark.parametrize(("question", "text", "answer", "told"), SHORT, ids=[f"{r[0]} {r[2]}" for r in SHORT])
def test_a_time_is_told_as_it_stands_and_in_the_unit_asked_for(
    question: str, text: str, answer: str, told: str
) -> None:
    assert short(question, evidence(text, answer)) == told


@pytest.mark.parametrize(
    ("published", "told"),
    [
        (None, "Tuesday"),
        (PublishedDate(0, 4, 8), "Tuesday"),
        (PublishedDate(2021), "Tuesday"),
        (PublishedDate(2021, 4), "Tuesday"),
    ],
)
def test_a_day_that_is_not_certain_is_only_cut(published: PublishedDate | None, told: str) -> None:
    item = evidence("He came on Tuesday from India.", "Tuesday from India", published)

    assert short("When did he come?", item) == told
    assert not list(notes("When did he come?", [item], told))


def test_notes_tell_what_the_short_answer_does_not() -> None:
    question = "When did he come?"
    one = evidence("He came on Tuesday.", "Tuesday")
    other = evidence("He came last month, and left on Wednesday.", "last month")

    assert list(notes(question, [one, other], short(question, one))) == [
        "“last month” is 2021-03, by the article's date."
    ]


def test_a_date_of_the_question_that_a_quote_tells_in_other_words_is_noted() -> None:
    item = evidence("Last month it hosted talks, and on Tuesday he came.", "talks")

    assert list(notes("What did it host in March 2021?", [item], "talks")) == [
        "“Last month” is 2021-03, by the article's date."
    ]
    assert not list(notes("What did it host?", [item], "talks"))


def test_one_weekday_of_two_articles_may_be_two_days() -> None:
    items = [evidence("He came on Tuesday.", "", PublishedDate(2021, 4, day)) for day in (8, 15, 8)]

    assert list(notes("When did he come?", items, "")) == [
        "“Tuesday” is 2021-04-06, by the article's date.",
        "“Tuesday” is 2021-04-13, by the article's date.",
    ]
