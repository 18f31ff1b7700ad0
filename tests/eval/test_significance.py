"""p-values: by hand, and against scipy."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from eval.figures import Figure
from eval.significance import bootstrap, holm, mcnemar, unpaired


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

    assert bootstrap(draws, 99) == bootstrap(-draws, 99) == 2 * (9 + 1) / 100
    assert bootstrap(np.ones(99), 99) == 2 / 100
    assert bootstrap(np.zeros(99), 0) == 1


def test_few_changed_cases_are_never_sure() -> None:
    assert bootstrap(np.ones(99), 1) == 1
    assert bootstrap(np.ones(99), 5) == 1 / 16
    assert bootstrap(np.ones(99), 6) == 1 / 32


def test_holm_is_worked_out_by_hand() -> None:
    found = holm({"a": 0.04, "b": 0.01, "c": 0.03, "d": 0.9})

    # Times 4, 3, 2 and 1, from the least, and never less than the one before.
    assert found == pytest.approx({"a": 0.09, "b": 0.04, "c": 0.09, "d": 0.9})
    assert list(found) == ["a", "b", "c", "d"]
    assert holm({}) == {}


def test_figures_alone_are_compared_as_if_the_cases_were_others() -> None:
    less, p_value = unpaired(Figure(0.7, 0.6, 0.8, 50), Figure(0.5, 0.4, 0.6, 60))

    half = math.sqrt(0.1**2 + 0.1**2)
    assert less == pytest.approx((0.2, 0.2 - half, 0.2 + half, 50))
    # 0.2 is 1.414 half widths, that is 2.77 standard deviations.
    assert p_value == pytest.approx(0.00557, abs=1e-5)
    certain = Figure(1.0, 1.0, 1.0, 9)
    assert unpaired(certain, certain)[1] == 1
    assert unpaired(certain, Figure(0.0, 0.0, 0.0, 9))[1] == 0
