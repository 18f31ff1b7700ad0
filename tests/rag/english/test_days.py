"""Which day a text means: from its own words and the day it was published."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.english.days import find
from rag.types import PublishedDate

# A Thursday.
PUBLISHED = PublishedDate(2021, 4, 8)

RESOLVED = [
    ("He was killed on Wednesday.", "Wednesday", "2021-04-07", "2021-04-07"),
    ("It said Thursday that it fell.", "Thursday", "2021-04-08", "2021-04-08"),
    ("It fell on Friday.", "Friday", "2021-04-02", "2021-04-02"),
    ("She will return Tuesday.", "Tuesday", "2021-04-13", "2021-04-13"),
    ("He will be charged on Friday.", "Friday", "2021-04-09", "2021-04-09"),
    ("They are due to meet on Monday.", "Monday", "2021-04-12", "2021-04-12"),
    ("On Wednesday, he told them so.", "Wednesday", "2021-04-07", "2021-04-07"),
    ("It fell on Mon. and rose.", "Mon.", "2021-04-05", "2021-04-05"),
    ("It opens next Tuesday.", "next Tuesday", "2021-04-13", "2021-04-13"),
    ("It came last Friday.", "last Friday", "2021-04-02", "2021-04-02"),
    ("It opens this Friday.", "this Friday", "2021-04-09", "2021-04-09"),
    ("today", "today", "2021-04-08", "2021-04-08"),
    ("Yesterday it fell.", "Yesterday", "2021-04-07", "2021-04-07"),
    ("He died last night.", "last night", "2021-04-07", "2021-04-07"),
    ("tomorrow", "tomorrow", "2021-04-09", "2021-04-09"),
    ("last week", "last week", "2021-03-29", "2021-04-04"),
    ("earlier this week", "earlier this week", "2021-04-05", "2021-04-08"),
    ("later this month", "later this month", "2021-04-08", "2021-04-30"),
    ("last month", "last month", "2021-03-01", "2021-03-31"),
    ("next year", "next year", "2022-01-01", "2022-12-31"),
    ("this year", "this year", "2021-01-01", "2021-12-31"),
    ("a year ago", "a year ago", "2020-01-01", "2020-12-31"),
    ("five months ago", "five months ago", "2020-11-01", "2020-11-30"),
    ("10 days ago", "10 days ago", "2021-03-29", "2021-03-29"),
    ("two weeks ago", "two weeks ago", "2021-03-22", "2021-03-28"),
    ("It fell on April 7.", "April 7", "2021-04-07", "2021-04-07"),
    ("It fell on Apr. 7, he said.", "Apr. 7", "2021-04-07", "2021-04-07"),
    ("It fell on Dec. 30.", "Dec. 30", "2020-12-30", "2020-12-30"),
    ("It will open on 3 January.", "3 January", "2022-01-03", "2022-01-03"),
    ("the 7 April 2021 vote", "7 April 2021", "2021-04-07", "2021-04-07"),
    ("2021-04-07", "2021-04-07", "2021-04-07", "2021-04-07"),
    ("It fell in February.", "February", "2021-02-01", "2021-02-28"),
    ("It fell in December.", "December", "2020-12-01", "2020-12-31"),
    ("last June", "last June", "2020-06-01", "2020-06-30"),
    ("in May 2022", "May 2022", "2022-05-01", "2022-05-31"),
]
UNTOLD = [
    "Wednesday's meeting",
    "It came last Wednesday.",
    "He was due to speak on Friday.",
    "about two years ago",
    "last February",
    "Wednesday evenings are quiet",
    "It reviews what it signed and rethinks a May 1 withdrawal.",
    "He said that the Friday vote is fair.",
]


@pytest.mark.parametrize(("text", "said", "first", "last"), RESOLVED, ids=[row[0] for row in RESOLVED])
def test_a_day_is_told_from_the_publication(text: str, said: str, first: str, last: str) -> None:
    (day,) = find(text, PUBLISHED)

    assert text[day.span.start : day.span.end] == said
    assert (str(day.first), str(day.last)) == (first, last)


@pytest.mark.parametrize("text", UNTOLD)
def test_a_day_that_may_be_one_of_two_is_left_open(text: str) -> None:
    (day,) = find(text, PUBLISHED)

    assert (day.first, day.last) == (None, None)


@pytest.mark.parametrize(
    "text", ["", "They may march.", "March on!", "may 5 people go", "08/04/2021", "the sun.", "1999"]
)
def test_what_names_no_day(text: str) -> None:
    assert find(text, PUBLISHED) == ()


def test_each_weekday_goes_with_the_verb_nearest_to_it() -> None:
    said, resigns = find("He said Tuesday that he will resign Friday.", PUBLISHED)

    assert (said.first, resigns.first) == (date(2021, 4, 6), date(2021, 4, 9))


@pytest.mark.parametrize(
    "text", ["It ran from April 5-7.", "It ran on 5 to 7 April, 2021.", "It ran April 5 and 7, 2021."]
)
def test_two_days_of_one_month_are_two_days(text: str) -> None:
    found = [day for day in find(text, PUBLISHED) if day.first == day.last]

    assert [str(day.first) for day in found] == ["2021-04-05", "2021-04-07"]


def test_a_weekday_beside_a_date_is_that_day_or_none() -> None:
    right, _ = find("It fell on Monday, March 1, 2021.", PUBLISHED)
    wrong, _ = find("It fell on Tuesday, March 1, 2021.", PUBLISHED)

    assert (right.first, wrong.first) == (date(2021, 3, 1), None)


@pytest.mark.parametrize(
    ("published", "text", "first"),
    [
        (None, "It fell on April 7.", None),
        (None, "It fell on April 7, 2021.", date(2021, 4, 7)),
        (PublishedDate(0, 4, 8), "It fell yesterday.", None),
        (PublishedDate(2021), "It fell on April 7.", None),
        (PublishedDate(2021), "It fell last month.", None),
        (PublishedDate(2021), "It fell last year.", date(2020, 1, 1)),
        (PublishedDate(2021, 4), "It fell last month.", date(2021, 3, 1)),
        (PublishedDate(2021, 4), "It fell on April 7.", date(2021, 4, 7)),
        (PublishedDate(2021, 4), "It fell on Wednesday.", None),
        (PublishedDate(2021, 3, 1), "It fell on February 29.", None),
        (PublishedDate(1, 1, 1), "It fell 999 days ago.", None),
    ],
)
def test_a_publication_told_in_part_tells_what_it_can(
    published: PublishedDate | None, text: str, first: date | None
) -> None:
    (day,) = find(text, published)

    assert day.first == first


@given(st.text(), st.dates(date(1400, 1, 5), date(2199, 1, 1)))
def test_any_text_can_be_read(text: str, day: date) -> None:
    assert all(
        found.first <= found.last
        for found in find(text, PublishedDate(day.year, day.month, day.day))
        if found.first and found.last
    )


@given(st.dates(date(1900, 1, 8), date(2199, 1, 1)), st.integers(0, 6))
def test_a_weekday_is_within_a_week_of_the_publication(day: date, number: int) -> None:
    weekday = date(2024, 1, 1 + number).strftime("%A")
    published = PublishedDate(day.year, day.month, day.day)
    (past,), (future,) = find(f"It fell on {weekday}.", published), find(f"It will fall on {weekday}.", published)

    assert past.first is not None
    assert future.first is not None
    assert past.first.weekday() == future.first.weekday() == number
    assert 0 <= (day - past.first).days < 7
    assert 0 <= (future.first - day).days < 7
