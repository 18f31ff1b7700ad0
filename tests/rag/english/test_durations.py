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
    ("20 days", "almost three weeks", True),
    ("over two years", "two and a half years", True),
    ("two centuries", "200 years", True),
    ("a decade", "10 years", True),
    ("nine years", "ten years", False),
    ("nearly a decade", "more than a decade", False),
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
