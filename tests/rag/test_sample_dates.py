"""Questions for dates and about dates that articles tell from their own day, through the real models."""

from __future__ import annotations

import pytest

from rag import Answer, Assistant, PublishedDate, Question
from tests.rag.making import article

CLOSED = (
    "Last month the carmaker Arvo closed its engine plant in Leeds, and 400 people lost their jobs. "
    "Next month it will open a battery plant in Porto, its manager Rita Alves said."
)
OPENED = "The transport ministry opened a bridge across the Orda yesterday. The bridge cost 40 million crowns."
JANUARY = PublishedDate(2022, 1, 10)


def ask_article(seeds: Assistant, question: str, text: str, published: PublishedDate | None) -> Answer:
    return seeds.read(Question(question), [article("made", text, published=published)])


@pytest.mark.parametrize(
    ("question", "short"),
    [
        ("On what date did Lavrov arrive in Pakistan?", "Tuesday (April 6, 2021)"),
        ("When did Lavrov arrive in Pakistan?", "Tuesday (April 6, 2021)"),
        ("On which weekday did Lavrov arrive in Pakistan?", "Tuesday (April 6, 2021)"),
        ("In which month did Moscow host talks with the Taliban?", "Last month (March 2021)"),
        ("In which year did Moscow host talks with the Taliban?", "Last month (2021)"),
        ("When did Russia's foreign minister say that ties would be boosted?", "Wednesday (April 7, 2021)"),
        ("In which month will Afghan representatives gather in Turkey?", "Later this month (April)"),
        ("When did Washington sign the agreement with the Taliban?", "February 2020"),
    ],
)
def test_a_time_is_told_in_the_articles_words_and_by_the_calendar(seeds: Assistant, question: str, short: str) -> None:
    answer = seeds.ask(Question(question))

    assert answer.short == short
    assert not any("by the article's date" in note for note in answer.notes)


@pytest.mark.parametrize(
    ("question", "held", "note"),
    [
        ("What did Moscow host in March 2021?", "hosted talks", "“Last month” is 2021-03, by the article's date."),
        ("What did Moscow host in 2021?", "hosted talks", "“Last month” is 2021-03, by the article's date."),
        (
            "What did Lavrov do on April 6, 2021?",
            "arrived in Pakistan",
            "“Tuesday” is 2021-04-06, by the article's date.",
        ),
        ("Who arrived in Pakistan on 6 April?", "Lavrov arrived", "“Tuesday” is 2021-04-06, by the article's date."),
        (
            "What is expected in Turkey in April?",
            "conference in Turkey",
            "“Later this month” is April (year not stated), by the article's date.",
        ),
    ],
)
def test_what_was_on_a_date_is_found_in_words_that_mean_it(
    seeds: Assistant, question: str, held: str, note: str
) -> None:
    answer = seeds.ask(Question(question))

    assert held in answer.text
    assert note in answer.notes


@pytest.mark.parametrize(
    "question",
    [
        "What did Moscow host in June 2021?",
        "What did Moscow host in March 2020?",
        "What did Moscow host in 2020?",
        "What did Lavrov do on April 9, 2021?",
        "What did Lavrov do on April 6, 2020?",
        "Where did Lavrov arrive on Tuesday, April 13, 2021?",
        "What is expected in Turkey in May 2021?",
        # Its article states no year.
        "What is expected in Turkey in April 2021?",
        "In which year was a Russian foreign minister in Pakistan before Lavrov's visit of 2021?",
    ],
)
def test_a_sentence_of_another_date_is_no_answer(seeds: Assistant, question: str) -> None:
    assert seeds.ask(Question(question)).refusal is not None


@pytest.mark.parametrize(
    ("question", "held"),
    [
        ("What did Arvo close in December 2021?", "engine plant in Leeds"),
        ("What did Arvo close in 2021?", "engine plant in Leeds"),
        ("What will Arvo open in February 2022?", "battery plant in Porto"),
        ("What did Arvo close in December 2022?", ""),
        ("What did Arvo close in January 2022?", ""),
        ("What did Arvo close in February 2022?", ""),
        ("What will Arvo open in March 2022?", ""),
    ],
)
def test_the_months_around_the_turn_of_a_year(seeds: Assistant, question: str, held: str) -> None:
    answer = ask_article(seeds, question, CLOSED, JANUARY)

    assert held in answer.text
    assert (answer.refusal is None) == bool(held)


@pytest.mark.parametrize(
    ("published", "day", "answered"),
    [
        (PublishedDate(2024, 3, 1), "February 29, 2024", True),
        (PublishedDate(2024, 3, 1), "February 28, 2024", False),
        (PublishedDate(2023, 3, 1), "February 28, 2023", True),
        (PublishedDate(2022, 1, 1), "December 31, 2021", True),
        (PublishedDate(2022, 1, 1), "December 31, 2022", False),
        (PublishedDate(0, 1, 1), "December 31", True),
        (PublishedDate(0, 1, 1), "December 31, 2021", False),
        (None, "December 31", False),
    ],
)
def test_yesterday_is_the_day_before(
    seeds: Assistant, published: PublishedDate | None, day: str, *, answered: bool
) -> None:
    answer = ask_article(seeds, f"What did the ministry open on {day}?", OPENED, published)

    assert (answer.refusal is None) is answered
    assert ("opened a bridge" in answer.text) is answered


@pytest.mark.parametrize(
    ("published", "question", "short"),
    [
        (JANUARY, "In which month did Arvo close its plant in Leeds?", "Last month (December 2021)"),
        (JANUARY, "In which year did Arvo close its plant in Leeds?", "Last month (2021)"),
        (PublishedDate(0, 1, 10), "In which month did Arvo close its plant in Leeds?", "Last month (December)"),
        (PublishedDate(0, 1, 10), "In which year did Arvo close its plant in Leeds?", "Last month"),
        (None, "In which month did Arvo close its plant in Leeds?", "Last month"),
    ],
)
def test_a_month_is_told_as_far_as_the_articles_day_tells_it(
    seeds: Assistant, published: PublishedDate | None, question: str, short: str
) -> None:
    assert ask_article(seeds, question, CLOSED, published).short == short
