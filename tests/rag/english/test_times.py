"""Which day, month or year a time expression means, and when that is not certain."""

from __future__ import annotations

import pytest

from rag.english.times import find, says
from rag.types import PublishedDate

# A Thursday.
PUBLISHED = PublishedDate(2021, 4, 8)

MEANT = [
    ("It fell on Tuesday.", "Tuesday", "2021-04-06"),
    ("It fell on Wednesday, April 7.", "Wednesday, April 7", "2021-04-07"),
    ("It fell yesterday.", "yesterday", "2021-04-07"),
    ("Last month it fell.", "Last month", "2021-03"),
    ("Later this month it will fall.", "Later this month", "2021-04"),
    ("It fell in December.", "December", "2020-12"),
    ("It fell last year.", "last year", "2020"),
    ("It fell five months ago.", "five months ago", "2020-11"),
    ("It fell this week.", "this week", "2021-04"),
    # The week before has days of March and of April.
    ("It fell last week.", "last week", "2021"),
    ("It fell in February 2020.", "February 2020", "2020-02"),
    ("It fell on about two years ago.", "about two years ago", None),
    ("It fell last Wednesday.", "last Wednesday", None),
    ("He rethinks a May 1 withdrawal that it signed.", "May 1", "--05-01"),
]


@pytest.mark.parametrize(("text", "said", "meant"), MEANT, ids=[row[0] for row in MEANT])
def test_an_expression_means_a_day_a_month_or_a_year(text: str, said: str, meant: str | None) -> None:
    (time,) = find(text, PUBLISHED)

    assert text[time.span.start : time.span.end] == said
    assert time.value == (PublishedDate.parse(meant) if meant else None)


@pytest.mark.parametrize(
    ("published", "text", "meant"),
    [
        (PublishedDate(2022, 1, 10), "It fell last month.", "2021-12"),
        (PublishedDate(2021, 12, 10), "It opens next month.", "2022-01"),
        (PublishedDate(2022, 1, 1), "It fell yesterday.", "2021-12-31"),
        (PublishedDate(2024, 3, 1), "It fell yesterday.", "2024-02-29"),
        (PublishedDate(2023, 3, 1), "It fell yesterday.", "2023-02-28"),
        # On the last day of a month its rest is still no day.
        (PublishedDate(2021, 4, 30), "It will fall later this month.", "2021-04"),
        # A Sunday, by which a week may have begun.
        (PublishedDate(2021, 2, 28), "It will fall next week.", "2021"),
        (PublishedDate(2021, 4), "It fell last month.", "2021-03"),
        (PublishedDate(2021, 4), "It fell yesterday.", None),
        (PublishedDate(2021), "It fell last month.", None),
        (None, "It fell last month.", None),
        (None, "It fell on April 7.", "--04-07"),
    ],
)
def test_a_time_is_as_certain_as_the_publication(published: PublishedDate | None, text: str, meant: str | None) -> None:
    (time,) = find(text, published)

    assert time.value == (PublishedDate.parse(meant) if meant else None)


@pytest.mark.parametrize(
    ("published", "text", "meant"),
    [
        ("--04-07", "It fell yesterday.", "--04-06"),
        ("--01-01", "It fell yesterday.", "--12-31"),
        ("--02-29", "It fell yesterday.", "--02-28"),
        # The day before March 1 is another one in a leap year.
        ("--03-01", "It fell yesterday.", None),
        ("--03-01", "It fell last month.", "--02"),
        ("--01-10", "It fell last month.", "--12"),
        ("--04-07", "It fell on Tuesday.", None),
        ("--04-07", "It fell last year.", None),
        ("--04-07", "It fell this week.", None),
        ("--04-18", "It fell this week.", "--04"),
        ("--04-07", "It fell in February 2020.", "2020-02"),
        ("--04-07", "It fell on April 7.", "--04-07"),
    ],
)
def test_a_publication_of_no_year_tells_what_is_so_in_any(published: str, text: str, meant: str | None) -> None:
    (time,) = find(text, PublishedDate.parse(published))

    assert time.value == (PublishedDate.parse(meant) if meant else None)


@pytest.mark.parametrize(
    ("value", "asked", "so"),
    [
        ("2021-04-06", "2021-04-06", True),
        ("2021-04-06", "2021-04", True),
        ("2021-04-06", "2021", True),
        ("2021-04-06", "--04-06", True),
        ("2021-04-06", "--04", True),
        ("2021-04-06", "2021-04-07", False),
        ("2021-04-06", "2020-04-06", False),
        ("2021-04", "2021-04-06", False),
        ("--04-06", "2021-04-06", False),
        ("2021", "2021-04", False),
    ],
)
def test_a_time_is_the_one_asked_for_or_within_it(value: str, asked: str, *, so: bool) -> None:
    assert says(PublishedDate.parse(value), PublishedDate.parse(asked)) is so
