"""Figures over cases and p-values: by hand, against scikit-learn and scipy, and their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, f1_score, precision_recall_fscore_support, roc_auc_score

from eval.scores import by_class
from eval.statistics import (
    Figure,
    Measure,
    area,
    average,
    difference,
    figure,
    figures,
    fraction,
    holm,
    mcnemar,
    paired_bootstrap,
    resample,
    value,
)

CLASSES = ("a", "b", "c")
PAIRS = st.lists(st.tuples(st.sampled_from(CLASSES), st.sampled_from(CLASSES)), min_size=1, max_size=40)


def test_a_fraction_is_of_sums_and_counts_the_cases_that_add_to_it() -> None:
    measure = fraction([(1, 2), (0, 0), (2, 3)])

    assert value(measure, 3) == 3 / 5
    assert measure.n == 2
    assert math.isnan(value(fraction([(0, 0)]), 1))


def test_the_area_is_the_share_of_pairs_in_order() -> None:
    # Of 2 x 3 pairs, 4 are in order and one is a tie.
    measure = area([0.9, 0.5, 0.5, 0.7, 0.1], [True, True, False, False, False])

    assert value(measure, 5) == 4.5 / 6
    assert measure.n == 5
    assert math.isnan(value(area([0.1, 0.2], [True, True]), 2))
    assert area([0.1, 0.2], [True, True]).n == 0


@settings(deadline=None)  # the first call of scikit-learn takes long on a busy machine
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=60))
def test_the_area_is_that_of_scikit_learn(cases: list[tuple[int, bool]]) -> None:
    scores, truth = [float(score) for score, _ in cases], [right for _, right in cases]
    found = value(area(scores, truth), len(cases))

    if 0 < sum(truth) < len(truth):
        assert found == pytest.approx(roc_auc_score(truth, scores))
    else:
        assert math.isnan(found)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.integers(0, 3)), min_size=2, max_size=30))
def test_a_case_drawn_twice_counts_as_two_cases(cases: list[tuple[int, bool, int]]) -> None:
    weights = np.array([float(times) for _, _, times in cases])
    repeated = [(float(score), right) for score, right, times in cases for _ in range(times)]
    found = area([float(score) for score, _, _ in cases], [right for _, right, _ in cases]).of(weights[np.newaxis])[0]

    truth = [right for _, right in repeated]
    if 0 < sum(truth) < len(truth):
        assert found == pytest.approx(roc_auc_score(truth, [score for score, _ in repeated]))
    else:
        assert math.isnan(found)


def of(pairs: Sequence[tuple[str, str]], name: str) -> Measure:
    return fraction([by_class(CLASSES, right, said).get(name, (0.0, 0.0)) for right, said in pairs])


@given(PAIRS)
def test_the_figures_of_each_class_are_those_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    right, said = zip(*pairs, strict=True)
    expected = precision_recall_fscore_support(right, said, labels=CLASSES, zero_division=np.nan)
    for name, theirs in zip(("precision", "recall", "f1"), expected, strict=False):
        ours = [value(of(pairs, f"{name}_{one}"), len(pairs)) for one in CLASSES]
        assert ours == pytest.approx(list(theirs), nan_ok=True)


def test_averages_are_those_of_scikit_learn() -> None:
    right, said = "aaabbc", "aabbca"
    pairs = list(zip(right, said, strict=True))
    f1 = average([of(pairs, f"f1_{one}") for one in CLASSES], len(pairs))
    recall = average([of(pairs, f"recall_{one}") for one in CLASSES], len(pairs))

    assert value(f1, 6) == pytest.approx(f1_score(list(right), list(said), average="macro"))
    assert value(recall, 6) == pytest.approx(balanced_accuracy_score(list(right), list(said)))
    assert (f1.n, recall.n) == (6, 6)


def test_an_interval_is_as_wide_as_the_binomial_one_and_the_same_each_time() -> None:
    measure = {"m": fraction([(float(case < 70), 1.0) for case in range(100)])}
    found = figures(measure, 100, 0)["m"]
    half = 1.96 * math.sqrt(0.7 * 0.3 / 100)

    assert found.mean == 0.7
    assert (found.low, found.high) == pytest.approx((0.7 - half, 0.7 + half), abs=0.015)
    assert figures(measure, 100, 0)["m"] == found
    graded = {"m": fraction([(1 / (case + 1), 1.0) for case in range(100)])}
    assert figures(graded, 100, 0) != figures(graded, 100, 1)


def test_every_measure_sees_the_same_draws() -> None:
    shares = [(float(case % 3 == 0), 1.0) for case in range(30)]
    once, again = figures({"a": fraction(shares), "b": fraction(shares)}, 30, 0).values()

    assert once == again


def test_a_difference_is_as_narrow_as_its_cases_are_alike_in_both_runs() -> None:
    one = [(case / 30, 1.0) for case in range(30)]
    less = difference(fraction([(above + 0.1, below) for above, below in one]), fraction(one))
    found = figure(less, resample(30, 0))

    assert found == pytest.approx((0.1, 0.1, 0.1, 30))
    assert figures({"m": fraction(one)}, 30, 0)["m"].high - figures({"m": fraction(one)}, 30, 0)["m"].low > 0.1
    assert difference(fraction(one), fraction([(0.0, 0.0)] * 30)).n == 0


def test_draws_without_a_value_do_not_count_and_no_value_at_all_is_told() -> None:
    rare = figures({"m": fraction([(1.0, 1.0), *[(0.0, 0.0)] * 9])}, 10, 0)["m"]
    never = figures({"m": fraction([(0.0, 0.0)] * 3)}, 3, 0)["m"]

    assert rare == Figure(1.0, 1.0, 1.0, 1)
    assert never.n == 0
    assert all(math.isnan(part) for part in never[:3])


def test_mcnemar_is_the_binomial_worked_out_by_hand() -> None:
    # Of 6 cases that changed, 1 was gained: 2 (C(6,0) + C(6,1)) / 64.
    assert mcnemar(1, 5) == mcnemar(5, 1) == Fraction(14, 64)
    assert mcnemar(0, 0) == mcnemar(3, 3) == 1
    assert mcnemar(0, 10) == 2 / 1024


@pytest.mark.parametrize("gained", [0, 1, 7, 40, 800])
@pytest.mark.parametrize("lost", [1, 2, 8, 39, 700])
def test_mcnemar_is_the_binomial_test_of_scipy(gained: int, lost: int) -> None:
    stats: Any = pytest.importorskip("scipy.stats")

    assert mcnemar(gained, lost) == pytest.approx(stats.binomtest(gained, gained + lost).pvalue)


def test_the_bootstrap_counts_the_draws_of_the_other_sign() -> None:
    draws = np.array([-1.0] * 4 + [0.0] * 5 + [1.0] * 90)

    assert paired_bootstrap(draws, 99) == paired_bootstrap(-draws, 99) == 2 * (9 + 1) / 100
    assert paired_bootstrap(np.ones(99), 99) == 2 / 100
    assert paired_bootstrap(np.zeros(99), 0) == 1


def test_few_changed_cases_are_never_sure() -> None:
    assert paired_bootstrap(np.ones(99), 1) == 1
    assert paired_bootstrap(np.ones(99), 5) == 1 / 16
    assert paired_bootstrap(np.ones(99), 6) == 1 / 32


def test_holm_is_worked_out_by_hand() -> None:
    found = holm({"a": 0.04, "b": 0.01, "c": 0.03, "d": 0.9})

    # Times 4, 3, 2 and 1, from the least, and never less than the one before.
    assert found == pytest.approx({"a": 0.09, "b": 0.04, "c": 0.09, "d": 0.9})
    assert list(found) == ["a", "b", "c", "d"]
    assert holm({}) == {}
