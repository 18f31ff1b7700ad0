"""One number however it is written, and no two that are not one."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.english.figures import figures, is_known, known

SAME = [
    ("5m", "5 million"),
    ("5 mn", "five million"),
    ("5 million", "5,000,000"),
    ("$5bn", "5 billion dollars"),
    ("US$5 billion", "$5bn"),
    ("5 billion U.S. dollars", "US$5 billion"),
    ("£5", "five pounds"),
    ("5 million", "$5 million"),
    ("10%", "10 percent"),
    ("10 per cent", "ten percent"),
    ("10-percent", "10 pct"),
    ("half", "50%"),
    ("1,200", "1200"),
    ("twelve hundred", "1,200"),
    ("1.5 million", "1,500,000"),
    ("two and a half million", "2.5m"),
    ("two hundred and five", "205"),
    ("two million three hundred thousand", "2.3 million"),
    ("forty-five", "45"),
    ("half a million", "500,000"),
    ("half a percent", "0.5%"),
    ("half-million", "500,000"),
    ("a dozen", "12"),
    ("two dozen", "24"),
    ("a hundred", "100"),
    ("3 lakh", "300,000"),
    ("dozens", "dozens"),
    ("several hundred", "hundreds"),
    ("1st", "first"),
    ("21st", "twenty-first"),
    ("two-day", "two days"),
    ("1990s", "nineties"),
    ("'90s", "1990s"),
    ("two-thirds", "two thirds"),
    ("a third", "one third"),
    ("three quarters", "3/4"),
    ("5½", "5.5"),
    ("10 km", "10km"),
    ("3 p.m.", "3pm"),
    ("3pm", "15:00"),
    ("3:30 p.m.", "3:30"),
    ("noon", "12 p.m."),
    ("1500 GMT", "3 p.m."),
    ("3-2", "3–2"),
    ("10 to 15", "10-15"),
    ("8 percent", "8 to 10 percent"),
    ("$5 million", "$5-$10 million"),
    ("$5 million", "between $5 and $10 million"),
    ("COVID-19", "Covid-19"),
    ("F-16", "F16"),
]
OTHER = [
    ("5m", "5bn"),
    ("5 million", "5"),
    ("$5", "€5"),
    ("US$5", "A$5"),
    ("10%", "10"),
    ("10", "10%"),
    ("1,200", "12,000"),
    ("1.5", "15"),
    ("7", "7th"),
    ("dozens", "12"),
    ("dozens", "hundreds"),
    ("100", "hundreds"),
    ("1890s", "1990s"),
    ("1890s", "nineties"),
    ("two thirds", "one third"),
    ("3 a.m.", "15:00"),
    ("3 p.m.", "4 p.m."),
    ("12 a.m.", "noon"),
    ("10 to 15", "10"),
    ("B52", "B53"),
    ("10BASE5", "10BASE8"),
    ("9/11", "9/12"),
    ("45", "forty"),
]


def told(claim: str, evidence: str) -> bool:
    return all(is_known(figure, known(figures(evidence))) for figure in figures(claim))


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_number(one: str, other: str) -> None:
    assert figures(one)
    assert told(one, other)
    assert "-" in other or "between" in other or " to " in other or told(other, one)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_another_number(one: str, other: str) -> None:
    assert not told(one, other)


@pytest.mark.parametrize("text", ["", "a man and an owl", "It is [1] so [23].", "the tensions", "per cent"])
def test_what_is_no_number(text: str) -> None:
    assert figures(text) == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("About 5 million of 20 people paid $3.5bn.", ["5 million", "20", "3.5bn"]),
        ("Half a day, a third of it.", ["Half", "a third"]),
        ("It fell 7 in May. 5 others rose.", ["7", "5"]),
        ("Tens of thousands came", ["Tens", "thousands"]),
    ],
)
def test_where_the_numbers_stand(text: str, found: list[str]) -> None:
    assert [text[figure.span.start : figure.span.end] for figure in figures(text)] == found


@pytest.mark.parametrize(
    ("text", "weak"), [("one of them", True), ("one million", False), ("at first", True), ("the first", False)]
)
def test_a_word_that_is_as_often_no_number_is_weak(text: str, weak: bool) -> None:  # noqa: FBT001
    assert [figure.weak for figure in figures(text)] == [weak]


@given(st.text())
@example("1/0")
@example("٣ million ½ 10BASE")
@example("half a")
@example("two hundred and")
def test_any_text_can_be_read_and_has_its_own_numbers(text: str) -> None:
    assert told(text, text)


@given(st.integers(0, 10**9))
def test_a_number_is_itself_with_and_without_commas(value: int) -> None:
    assert told(str(value), f"{value:,}")
    assert told(f"{value:,}", str(value))
    assert not told(str(value), str(value + 1))
