"""The check of a claim: the judge and the account of its words must agree."""

from __future__ import annotations

import pytest

from embeddings.network import CrossJudge
from rag import PublishedDate, checking
from rag.types import Evidence
from tests.fakes import WordJudge
from tests.rag.making import article

BRIDGE = "Mayor Ada Holm opened the harbour bridge in Tarn on Wednesday."


def evidence(text: str) -> Evidence:
    item = article("a", text, published=PublishedDate(2021, 4, 8))
    return Evidence(item, 1, 0, len(text), text, 0.9)


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

    assert checking.check(claim, BRIDGE, judge, PublishedDate(2021, 4, 8)).unaccounted == ()
    assert checking.check(claim, BRIDGE, judge).unaccounted


def test_no_evidence_supports_nothing() -> None:
    found = checking.check("Ada Holm opened the bridge.", "", WordJudge())

    assert not found.supported
    assert found.score == 0.0


def test_of_long_evidence_the_window_that_supports_most_counts() -> None:
    far = "Rain fell for eight days. " * 60 + BRIDGE

    assert checking.check(BRIDGE, far, WordJudge()).supported


@pytest.mark.parametrize(
    ("sentence", "markers"),
    [
        ("The harbour bridge in Tarn was opened on Wednesday by Mayor Ada Holm.", (1,)),
        ("Mayor Ada Holm proudly opened the beautiful new harbour bridge in Tarn.", ()),
        ("Mayor Jon Berg opened the harbour bridge in Tarn.", ()),
        ("", ()),
    ],
)
def test_own_words_stand_only_where_hardly_one_is_new(sentence: str, markers: tuple[int, ...]) -> None:
    items = [evidence(BRIDGE), evidence("Rain fell for eight days.")]

    assert checking.supporting(sentence, "Who opened the harbour bridge?", items, WordJudge()) == markers
