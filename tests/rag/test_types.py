"""Publication dates round-trip through text."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.types import PublishedDate


@given(st.dates(), st.sampled_from([(1, 1, 1), (1, 1, 0), (1, 0, 0), (0, 1, 1), (0, 1, 0)]))
def test_dates_round_trip(day: date, stated: tuple[int, int, int]) -> None:
    parts = zip((day.year, day.month, day.day), stated, strict=True)
    published = PublishedDate(*(part * is_stated for part, is_stated in parts))
    assert PublishedDate.parse(str(published)) == published


@given(st.from_regex(r"\A(\d{4}(-\d\d(-\d\d)?)?|--\d\d(-\d\d)?)\Z"))
def test_parsed_text_is_written_unchanged(text: str) -> None:
    try:
        published = PublishedDate.parse(text)
    except ValueError:
        return
    assert str(published) == text


@pytest.mark.parametrize(
    "text",
    """0000 0000-00 0000-00-00 0000-04 0000-04-08 2021-00 2021-00-08 2021-04-00 --00 --00-08 --04-00 - -- ٢٠٢١
    20x2""".split(),
)
def test_a_zero_part_is_not_a_date(text: str) -> None:
    with pytest.raises(ValueError, match="is no date"):
        PublishedDate.parse(text)
