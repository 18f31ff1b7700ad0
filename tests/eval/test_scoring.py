"""What a case adds to each measure, worked out by hand: answered, refused, and without a result."""

from __future__ import annotations

import math

import pytest

from eval import answers
from eval.cases import Case, Extent, Source
from eval.figures import Figure
from eval.replies import Quote, Reply, parsed
from eval.scoring import mode, scores
from eval.tradeoff import curve

PASSAGE = Source("p", "Ann Archer opened the bridge. It cost 5 euros.")
ASKED = Case("1", "Who opened it?", (PASSAGE,), answers=("Ann Archer",), gold=("p",))
UNANSWERABLE = Case("2", "Who built it?", (PASSAGE,))
GOOD = Quote(Extent("p", 0, 29), "Ann Archer opened the bridge.", valid=True)
BAD = Quote(Extent("p", 0, 27), "Ann Archer shut the bridge.", valid=False)
OTHER = Quote(Extent("q", 0, 17), "It was Tom Tanner.", valid=True)
SENTENCE = "Ann Archer opened the bridge."
ANSWER = Reply(SENTENCE, short="Archer", confidence=0.8, sentences=((SENTENCE, (GOOD,)),))
REFUSAL = Reply("Not Ann Archer.", refused="not_stated", confidence=0.3)


def measured(pairs: answers.Pairs) -> dict[str, Figure]:
    return answers.measured(pairs, [scores(*pair) for pair in pairs], seed=0)


def modal(expected: str) -> Case:
    return Case(f"mode {expected}", "Who?", (PASSAGE,), mode=expected)


def test_an_answer_is_scored_by_its_short_form_and_its_text() -> None:
    found = scores(ASKED, ANSWER)

    assert found["em"] == (0, 1)
    # One of one word is right, one of two is found.
    assert found["f1"] == found["f1_answerable"] == pytest.approx((2 / 3, 1))
    assert found["contains"] == (1, 1)
    assert found["false_refusal"] == (0, 1)
    assert found["uncited"] == (0, 1)
    assert found["citation_gold"] == (1, 1)
    assert "refusal_precision" not in found
    assert "refusal_recall" not in found


def test_a_refusal_is_right_only_where_there_is_no_answer() -> None:
    right, wrong = scores(UNANSWERABLE, REFUSAL), scores(ASKED, REFUSAL)

    assert right["em"] == right["f1"] == right["refusal_precision"] == right["refusal_recall"] == (1, 1)
    assert right["refusal_f1"] == (2, 2)
    assert "contains" not in right
    assert "f1_answerable" not in right
    assert wrong["em"] == wrong["f1"] == wrong["contains"] == wrong["refusal_precision"] == (0, 1)
    assert wrong["false_refusal"] == (1, 1)
    assert wrong["refusal_f1"] == (0, 1)
    assert "uncited" not in wrong


def test_an_answer_without_a_short_form_is_wrong_where_there_is_none() -> None:
    found = scores(UNANSWERABLE, Reply(SENTENCE, sentences=((SENTENCE, (GOOD,)),)))

    assert found["em"] == found["f1"] == found["refusal_recall"] == (0, 1)
    assert "citation_gold" not in found


def test_a_case_without_a_result_is_wrong_in_every_measure() -> None:
    right, wrong = scores(ASKED, None), scores(UNANSWERABLE, None)

    assert right["em"] == right["f1"] == right["contains"] == right["refusal_precision"] == (0, 1)
    assert right["false_refusal"] == (1, 1)
    assert wrong["em"] == wrong["f1"] == wrong["refusal_recall"] == (0, 1)
    assert scores(modal("abstain"), None)["recall_abstain"] == (0, 1)
    assert mode(None) == "no result"


@pytest.mark.parametrize(
    ("cited", "uncited", "grounded", "gold"),
    [
        ((), 1, 0, 0),
        ((GOOD,), 0, 2, 1),
        ((BAD,), 1, 2, 1),
        ((GOOD, BAD), 1, 2, 1),
        ((OTHER,), 0, 0, 0),
        ((GOOD, OTHER), 0, 2, 1 / 2),
    ],
)
def test_sentences_are_scored_by_what_they_cite(
    cited: tuple[Quote, ...], uncited: int, grounded: int, gold: float
) -> None:
    found = scores(ASKED, Reply(SENTENCE, sentences=(("He is Ann Archer.", cited),)))

    assert found["uncited"] == (uncited, 1)
    assert found["grounded"] == (grounded, 2)
    assert found["citation_gold"] == (gold, 1)


@pytest.mark.parametrize(
    ("reply", "given"),
    [
        (ANSWER, "trustworthy"),
        (REFUSAL, "abstain"),
        (Reply("Both.", refused="disputed"), "disputed"),
        (Reply("Both.", disputed=True), "disputed"),
    ],
)
def test_a_reply_has_a_mode(reply: Reply, given: str) -> None:
    assert mode(reply) == given


def test_a_dispute_is_no_refusal_in_a_set_with_modes() -> None:
    found = scores(modal("disputed"), Reply("Both.", refused="disputed"))

    assert found["recall_disputed"] == found["precision_disputed"] == (1, 1)
    assert found["false_refusal"] == (0, 1)


def test_a_reply_is_read_and_its_quotes_are_looked_for_in_the_passages() -> None:
    texts = {"p": PASSAGE.text}
    citation = {"marker": 1, "article_id": "p", "quote": SENTENCE, "start": 0, "end": len(SENTENCE)}
    told = {
        "text": f"{SENTENCE}[1] A note [2].",
        "refused": False,
        "reason_kind": None,
        "sentences": [{"text": SENTENCE, "citations": [1]}, {"text": "A note.", "citations": [2]}],
        "citations": [citation],
        "short": "Archer",
        "disputed": False,
        "confidence": 0.5,
        "alce": {"recall": 0.5, "precision": 1.0},
    }
    reply = parsed(told, texts)
    moved = parsed({**told, "citations": [{**citation, "start": 1}]}, texts)
    elsewhere = parsed({**told, "citations": [{**citation, "article_id": "gone"}]}, texts)

    assert reply.text == f"{SENTENCE} A note [2]."
    assert reply.sentences[0] == (SENTENCE, (GOOD,))
    assert not reply.sentences[1][1][0].valid
    assert not moved.quotes[0].valid
    assert not elsewhere.quotes[0].valid
    assert scores(ASKED, reply)["uncited"] == (1, 2)
    assert scores(ASKED, reply)["citation_recall"] == (0.5, 1)


def test_every_measure_stands_in_a_set_even_without_a_value() -> None:
    found = measured([(ASKED, ANSWER), (ASKED, REFUSAL)])

    assert found["contains"][:1] == (1 / 2,)
    assert found["refusal_recall"].n == found["auroc"].n == 0
    assert math.isnan(found["refusal_recall"].mean)


def test_modes_have_a_macro_f1() -> None:
    pairs = [(modal("abstain"), REFUSAL), (modal("trustworthy"), REFUSAL), (modal("disputed"), ANSWER)]
    found = measured(pairs)

    assert found["f1_abstain"].mean == pytest.approx(2 / 3)
    assert found["macro_f1"].mean == pytest.approx(2 / 9)
    assert found["auroc"].mean == pytest.approx((1 + 0.5) / 2), "above one of the answerable, level with the other"
    assert "em" not in found


def test_the_curve_refuses_what_is_below_the_threshold_and_keeps_what_was_refused() -> None:
    unsure = Reply(SENTENCE, short="Tanner", confidence=0.4, sentences=((SENTENCE, (GOOD,)),))
    points = {p.threshold: p for p in curve([(ASKED, ANSWER), (ASKED, REFUSAL), (UNANSWERABLE, unsure)])}

    assert points[0.0] == pytest.approx((0.0, 0.0, 1 / 2, 2 / 9, 0.0, 0.0))
    assert points[0.5] == pytest.approx((0.5, 1.0, 1 / 2, 5 / 9, 1.0, 1 / 2))
    assert points[0.9] == pytest.approx((0.9, 1.0, 1.0, 1 / 3, 1.0, 1.0))
    assert math.isnan(curve([(modal("abstain"), REFUSAL)])[0].f1)
