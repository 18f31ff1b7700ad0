"""Facts are compared by value: what a claim has and its evidence lacks is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer import facts
from rag.types import PublishedDate, Span

THURSDAY = PublishedDate(2021, 4, 8)


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("It cost 5 million crowns.", "It cost five million crowns."),
        ("It cost 5m crowns.", "It cost 5,000,000 crowns."),
        ("It cost $1.02 billion.", "It cost $1,020 million."),
        ("Twenty-one men came.", "21 men came."),
        ("Prices rose 7%.", "Prices rose 7 per cent."),
        ("It opened on 7 April 2021.", "It opened on Wednesday."),
        ("It opened in April 2021.", "It opened on April 7."),
        ("It opened in 2021.", "It opened on Wednesday."),
        ("It closed in March 2021.", "It closed last month."),
        ("It opened on 6 May 2020.", "It opened on May 6 last year."),
        ("It opens on 3 May 2021.", "It opens on Monday 3 May."),
        ("It closed on 7 April.", "It closed yesterday."),
        ("It closed 7 years ago.", "It closed seven years ago."),
        ("Ada Holm opened it.", "It was opened by Ms Holm, the mayor. Ada had waited."),
        ("The UN met.", "Delegates of the United Nations met."),
        ("Pakistani troops left.", "Troops of Pakistan left."),
        ("José Peña spoke.", "Jose Pena spoke."),
        ("Police said so.", "Officers said so."),
        ("It did not open.", "It never opened."),
    ],
)
def test_nothing_is_missing_where_the_values_agree(claim: str, evidence: str) -> None:
    assert facts.missing(claim, evidence, THURSDAY) == ()


@pytest.mark.parametrize(
    ("claim", "evidence", "missing"),
    [
        ("It cost 6 million crowns.", "It cost 5 million crowns.", 1),
        ("It cost 5 crowns.", "It cost 5 million crowns.", 1),
        ("It cost $5.", "It cost €5.", 1),
        ("Prices rose 7%.", "Prices rose by $7.", 1),
        ("It opened on 8 April 2021.", "It opened on Wednesday.", 1),
        ("It opened on 7 April 2021.", "It opened in April 2021.", 1),
        ("It opened in 2020.", "It opened on Wednesday.", 1),
        ("It opens on 5 April 2021.", "It opens on Monday 3 May.", 1),
        ("It was opened by Ada Holm.", "It was opened by Jon Berg.", 2),
        ("It did not open.", "It opened.", 1),
    ],
)
def test_what_the_evidence_lacks_is_named(claim: str, evidence: str, missing: int) -> None:
    assert len(facts.missing(claim, evidence, THURSDAY)) == missing


@pytest.mark.parametrize("day", ["31 February 2021", "2021-13-01", "99 April"])
def test_a_date_that_cannot_be_is_no_date(day: str) -> None:
    assert all(value is None for _, value in facts.read(f"It opened on {day}.", THURSDAY).dates)


@given(st.text())
def test_every_text_accounts_for_itself(text: str) -> None:
    assert facts.missing(text, text, THURSDAY) == ()


def test_an_amount_stands_in_digits_or_words() -> None:
    text = "Twenty-two died on 5 May at 9:50, five hundred and six fled in 1.04 million cars, the 4th of COVID-19: 12%."
    found = [text[span.start : span.end] for span in facts.amounts(text, Span(0, len(text)), in_words=True)]
    digits = [text[span.start : span.end] for span in facts.amounts(text, Span(0, len(text)))]

    assert found == ["Twenty-two", "five hundred and six", "1.04 million", "12%"]
    assert digits == ["1.04 million", "12%"]


@pytest.mark.parametrize(
    ("one", "other", "rounds"),
    [
        ("1.6 million", "1,626,042", True),
        ("188,000", "188,829", True),
        ("31", "34", False),
        ("$138 million", "$139 million", False),
        ("$5", "5%", False),
    ],
)
def test_one_amount_may_be_the_other_rounded(one: str, other: str, rounds: bool) -> None:  # noqa: FBT001
    first, second = (facts.read(text).quantities[0][1] for text in (one, other))

    assert (first.rounds_to(second), second.rounds_to(first)) == (rounds, rounds)
