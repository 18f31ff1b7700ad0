from __future__ import annotations

from collections.abc import Sequence

import pytest

from embeddings.judge import Judgement, Pair
from training import measure
from training.examples import Example
from training.measure import Reading
from training.sets import Case


class PhraseJudge:
    """Finds "1871" with high odds, and where it does not occur, the first four characters with low odds."""

    fingerprint = "phrase"

    def judge(self, pairs: Sequence[Pair]) -> list[Judgement]:
        return [self._judgement(pair) for pair in pairs]

    def _judgement(self, pair: Pair) -> Judgement:
        at = pair.text.find("1871")
        odds = 2.0 if at >= 0 else -2.0
        return Judgement(odds, odds, max(at, 0), max(at, 0) + 4, odds, odds, -odds)


def reading(found: str, odds: float, *answers: str) -> Reading:
    return Reading(answers, Judgement(odds, odds, 0, 0, 0.0, 0.0, 0.0), found)


@pytest.mark.parametrize(
    ("found", "answer", "score"),
    [("The bridge.", "bridge", 1.0), ("old bridge", "bridge of Varn", 0.4), ("", "bridge", 0.0), ("a", "the", 1.0)],
)
def test_f1_counts_common_words(found: str, answer: str, score: float) -> None:
    assert measure.f1(found, answer) == pytest.approx(score)


def test_a_summary_counts_refusals_at_the_best_threshold() -> None:
    figures = measure.summary([reading("1871", 2.0, "1871"), reading("Varn", 0.5, "1871"), reading("1902", 1.0)])

    assert figures["n"] == 3
    assert figures["contains"] == figures["f1 of the answerable"] == 0.5
    assert figures["threshold"] == 2.0
    assert figures["refused of the unanswerable"] == 1.0
    assert figures["best f1 overall"] == pytest.approx(2 / 3)


def test_a_right_judge_is_measured_as_right() -> None:
    judge = PhraseJudge()
    case = Case("1", "When was it built?", ("1871",), "", "It was built in 1871.")
    near = {"1": ["It carried 300 carts."] * 5}
    claims = [
        {"claim": "x", "evidence": text, "supported": right} for text, right in ((case.text, True), ("No.", False))
    ]

    assert measure.noise(judge, [case], near)["best f1 overall"] == 1.0
    assert measure.claims(judge, claims)["at 0"] == 1.0
    assert measure.fit_calibration(judge, [case], near).scale > 0


def test_each_kind_of_contrast_pair_is_measured_against_pairs_that_fit() -> None:
    text, wrong = "It was built in 1871.", "It was built late."
    examples = [
        Example(Pair("When?", text), answers=True, kind="written"),
        Example(Pair("Where?", wrong), answers=False, kind="written, place"),
        Example(Pair("It is old.", wrong), supports=True, kind="claim, name"),
        Example(Pair("It is new.", text), supports=False, kind="claim, name"),
    ]

    assert measure.kinds(PhraseJudge(), examples) == {
        "claim, name": {"n": 2.0, "auroc": 0.0},
        "written, place": {"n": 2.0, "auroc": 1.0},
    }
