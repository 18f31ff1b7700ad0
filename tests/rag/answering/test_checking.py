"""The check of a claim: the judge and the account of its words must agree."""

from __future__ import annotations

import pytest

from embeddings import SentenceEncoder
from embeddings.network import CrossJudge
from rag import PublishedDate
from rag.answering import checking
from tests.fakes import HashEncoder, WordJudge

BRIDGE = "Mayor Ada Holm opened the harbour bridge in Tarn on Wednesday."


def test_what_the_evidence_says_is_supported(judge: CrossJudge) -> None:
    found = checking.check(BRIDGE, BRIDGE, judge)

    assert found.supported
    assert found.score > 0.5
    assert found.unaccounted == ()


@pytest.mark.parametrize(
    ("claim", "missing"),
    [
        ("Ada Holm opened 3 bridges in Tarn.", ("3",)),
        ("Jon Berg opened the harbour bridge in Tarn.", ("Jon", "Berg")),
        ("Ada Holm did not open the harbour bridge in Tarn.", ("not",)),
    ],
)
def test_what_it_does_not_say_is_named(judge: CrossJudge, claim: str, missing: tuple[str, ...]) -> None:
    found = checking.check(claim, BRIDGE, judge)

    assert found.unaccounted == missing
    assert found.score < checking.check("Ada Holm opened the harbour bridge.", BRIDGE, judge).score


def test_a_day_is_told_by_the_date_of_the_article(judge: CrossJudge) -> None:
    claim = "Ada Holm opened the harbour bridge on April 7."

    assert checking.check(claim, BRIDGE, judge, published=PublishedDate(2021, 4, 8)).unaccounted == ()
    assert checking.check(claim, BRIDGE, judge).unaccounted


def test_no_evidence_supports_nothing() -> None:
    found = checking.check("Ada Holm opened the bridge.", "", WordJudge())

    assert not found.supported
    assert found.score == 0.0


def test_of_long_evidence_the_window_that_supports_most_counts() -> None:
    far = "Rain fell for eight days. " * 60 + BRIDGE

    assert checking.check(BRIDGE, far, WordJudge()).supported


def test_a_claim_in_other_words_is_told_by_how_near_it_is(encoder: SentenceEncoder, judge: CrossJudge) -> None:
    near = checking.check("In Tarn a new bridge across the port was inaugurated.", BRIDGE, judge, encoder)
    far = checking.check("In Tarn a new cure of the common cold was found.", BRIDGE, judge, encoder)

    assert near.score > far.score
    assert not far.supported


@pytest.mark.parametrize(
    "claim", ["Mayor Jon Berg opened the harbour bridge in Tarn.", "Ada Holm opened 3 harbour bridges in Tarn."]
)
def test_the_nearest_words_do_not_make_up_for_a_changed_name_or_number(
    encoder: SentenceEncoder, judge: CrossJudge, claim: str
) -> None:
    assert checking.check(BRIDGE, BRIDGE, judge, encoder).supported
    assert not checking.check(claim, BRIDGE, judge, encoder).supported


def test_a_marker_is_no_part_of_a_claim() -> None:
    assert checking.check("Rain fell [3].", "Rain fell.", WordJudge()) == checking.check(
        "Rain fell.", "[12] Rain fell.", WordJudge()
    )


def test_no_evidence_is_near_nothing() -> None:
    assert checking.check("Rain fell.", " [1]", WordJudge(), HashEncoder()).score == 0.0


def test_nearness_is_the_cosine_with_the_nearest_text() -> None:
    assert checking.nearness("rain fell", ["snow fell", "rain fell"], HashEncoder()) == pytest.approx(1.0)
