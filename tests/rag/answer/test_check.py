"""The check: markers resolve, a written sentence stands only word for word, claims need their facts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings import SentenceEncoder
from embeddings.network import CrossJudge
from rag.answer import check
from rag.types import Article, Evidence

ARTICLE = Article("a", "Title", "text", "hash")
REJECTED = "A court rejected the claim that the firm stole data."
COST = "The bridge cost $40 million, the city said, and took six years to build."


def evidence(*texts: str) -> tuple[Evidence, ...]:
    return tuple(Evidence(ARTICLE, 1, 0, len(text), text, 0.5) for text in texts)


@pytest.mark.parametrize(
    ("sentence", "text", "unknown"),
    [
        ("It opened. [1]", "It opened.", ()),
        ("It opened [1].", "It opened.", ()),
        ("It [1] opened [1]. [2]", "It opened.", ()),
        ("It opened. [7]", "It opened.", (7,)),
        ("It opened. [0][7][7]", "It opened.", (0, 7)),
        ("[1]", "", ()),
        ("It “opend” [sic]. [2]", "It “opend” [sic].", ()),
        ("It opened [1, 2] in [12345].", "It opened [1, 2] in [12345].", ()),
    ],
)
def test_markers_are_removed_and_the_unknown_ones_reported(sentence: str, text: str, unknown: tuple[int, ...]) -> None:
    assert check.without_markers(sentence, 3) == (text, unknown)


@settings(deadline=None)
@given(st.text(), st.integers(0, 9))
def test_only_markers_and_the_space_before_them_are_removed(sentence: str, count: int) -> None:
    left, _ = check.without_markers(sentence, count)

    assert "".join(left.split()) == "".join(re.sub(r"\[\d{1,4}\]", "", sentence).split())


def test_a_sentence_stands_where_it_is_the_evidence_word_for_word() -> None:
    assert check.quoted(REJECTED, evidence(COST, REJECTED, REJECTED)) == (2, 3)
    assert check.quoted("“A court  rejected the claim that the firm stole data”", evidence(REJECTED)) == (1,)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "The firm stole data.",
        "A court rejected the claim.",
        REJECTED.replace("rejected", "accepted"),
        f"{REJECTED} {COST}",
        COST.replace("$", "€"),
        COST.replace("40", "400"),
        COST.replace("six", "sixteen"),
        "The bridge cost $40 million.",
    ],
)
def test_a_sentence_that_is_not_the_evidence_does_not_stand(written: str) -> None:
    assert check.quoted(written, evidence(REJECTED, COST)) == ()


def test_a_claim_is_supported_by_what_says_it(judge: CrossJudge, encoder: SentenceEncoder) -> None:
    said = check.supports("The bridge cost $40 million. [1]", COST, judge, encoder)

    assert said.supported
    assert said.unaccounted == ()


def test_a_claim_with_another_number_is_not_supported(judge: CrossJudge, encoder: SentenceEncoder) -> None:
    said = check.supports("The bridge cost $400 million.", COST, judge, encoder)

    assert not said.supported
    assert said.unaccounted == ("$400 1000000",) or said.unaccounted == ("$400 million",)


def test_nothing_supports_a_claim_without_evidence(judge: CrossJudge) -> None:
    assert not check.supports("It rained.", "", judge).supported
