"""Spans of time that may be the same, and such that cannot."""

from __future__ import annotations

import pytest

from rag.english.durations import agree

PAIRS = [
    ("nine years", "nearly a decade", True),
    ("for nearly a decade", "in nine years, he said", True),
    ("two-day", "two days", True),
    ("two days", "48 hours", True),
    ("a week", "seven days", True),
    ("a year", "12 months", True),
    ("20 days", "almost three weeks", True),
    ("over two years", "two and a half years", True),
    ("two and a half years", "30 months", True),
    ("a year and a half", "18 months", True),
    ("about two years", "22 months", True),
    ("less than a year", "six months", True),
    ("two centuries", "200 years", True),
    ("1,800 years", "18 centuries", True),
    ("twenty-five years", "25 years", True),
    ("a decade", "10 years", True),
    ("nine years", "ten years", False),
    ("two years", "18 months", False),
    ("a year", "six months", False),
    ("1,800 years", "800 years", False),
    ("thirty-five years", "sixty-five years", False),
    ("thirty-five years", "five years", False),
    ("about two years", "18 months", False),
    ("two and a half years", "two years", False),
    ("half a century", "100 years", False),
    ("a quarter of a century", "100 years", False),
    ("5 1/2 years", "two years", False),
    ("a year, two months", "two months", False),
    ("nearly a decade", "more than a decade and a half", False),
    ("nearly a decade", "seven years", False),
    ("two days", "two weeks", False),
    ("nine", "nine years", False),
    ("years", "a few years", False),
    ("", "nine years", False),
]


@pytest.mark.parametrize(("one", "other", "same"), PAIRS, ids=[f"{one}, {other}" for one, other, _ in PAIRS])
def test_whether_two_spans_may_be_the_same(one: str, other: str, *, same: bool) -> None:
    assert agree(one, other) is same
    assert agree(other, one) is same
