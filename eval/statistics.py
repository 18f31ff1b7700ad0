"""Figures over many cases with 95% intervals, and whether a difference between two runs is more than chance.

A measure is a function of how often each case counts: once for the figure itself, and as often as it was drawn for the
interval (percentile bootstrap over cases: Efron and Tibshirani, "An introduction to the bootstrap", 1993, chapter 13).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

DRAWS = 2_000
# Below it, after Holm's correction, a difference is more than noise.
LEVEL = 0.05

Floats = npt.NDArray[np.float64]
# What one case adds above and below the line of a fraction.
Share = tuple[float, float]


class Figure(NamedTuple):
    """A mean with its interval, NaN where no case counts; `n` cases count."""

    mean: float
    low: float
    high: float
    n: int

    @property
    def json(self) -> dict[str, float | None]:
        return {name: None if math.isnan(value) else value for name, value in self._asdict().items()}


class Measure(NamedTuple):
    """A figure before it is computed. `of` maps weights (draws x cases) to a value per draw, NaN for none."""

    of: Callable[[Floats], Floats]
    n: int


def hit(*, right: bool) -> Share:
    """What a case adds to a mean of rights and wrongs."""
    return float(right), 1.0


def f1_share(*, expected: bool, given: bool) -> Share:
    """What a case adds to the F1 of one class: 2 TP / (2 TP + FP + FN)."""
    return 2.0 * (expected and given), float(expected) + float(given)


def fraction(shares: Sequence[Share]) -> Measure:
    """The sum above the line divided by the sum below it."""
    above, below = np.array(shares, dtype=np.float64).reshape(-1, 2).T
    return Measure(lambda weights: _divide(weights @ above, weights @ below), int(np.count_nonzero(below)))


def average(measures: Sequence[Measure], cases: int) -> Measure:
    """The plain mean of several measures: macro F1, balanced accuracy."""
    n = cases if all(measure.n for measure in measures) else 0
    return Measure(lambda weights: np.mean([measure.of(weights) for measure in measures], axis=0), n)


def harmonic_mean(precision: Measure, recall: Measure) -> Measure:
    """The F1 of a precision and a recall that are themselves means; one without a value counts as 0."""

    def of(weights: Floats) -> Floats:
        first, second = (np.nan_to_num(measure.of(weights)) for measure in (precision, recall))
        return np.nan_to_num(_divide(2 * first * second, first + second))

    return Measure(of, max(precision.n, recall.n))


def area(scores: Sequence[float], positive: Sequence[bool]) -> Measure:
    """The area under the ROC curve: how often a positive case scores above a negative one, ties counting half.

    Source: Hanley and McNeil, "The meaning and use of the area under a ROC curve" (1982).
    """
    values = np.array(scores, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    ranked, truth = values[order], np.array(positive, dtype=np.float64)[order]
    starts = np.flatnonzero(np.concatenate(([True], ranked[1:] != ranked[:-1])))

    def of(weights: Floats) -> Floats:
        sorted_weights = weights[:, order]
        above = np.add.reduceat(sorted_weights * truth, starts, axis=1)
        below = np.add.reduceat(sorted_weights * (1 - truth), starts, axis=1)
        in_order = (above * (np.cumsum(below, axis=1) - below / 2)).sum(axis=1)
        return _divide(in_order, above.sum(axis=1) * below.sum(axis=1))

    return Measure(of, len(scores) if 0 < sum(positive) < len(positive) else 0)


def difference(first: Measure, second: Measure) -> Measure:
    """`first` less `second` over the same cases: both see the same weights, so the difference is paired."""
    return Measure(lambda weights: first.of(weights) - second.of(weights), min(first.n, second.n))


def resample(cases: int, seed: int) -> Floats:
    """How often each case counts in each draw: DRAWS x cases."""
    chance = np.random.default_rng(seed)
    return chance.multinomial(cases, np.full(cases, 1 / cases), size=DRAWS).astype(np.float64)


def value(measure: Measure, cases: int) -> float:
    """The measure where each case counts once."""
    return float(measure.of(np.ones((1, cases)))[0])


def spread(measure: Measure, draws: Floats) -> Floats:
    """The value of every draw that has one."""
    values = measure.of(draws)
    return values[~np.isnan(values)]


def figure(measure: Measure, draws: Floats) -> Figure:
    if not measure.n:
        return Figure(math.nan, math.nan, math.nan, 0)
    values = spread(measure, draws)
    low, high = map(float, np.percentile(values, [2.5, 97.5])) if len(values) else (math.nan, math.nan)
    return Figure(value(measure, draws.shape[1]), low, high, measure.n)


def figures(measures: Mapping[str, Measure], cases: int, seed: int) -> dict[str, Figure]:
    """Every measure with its interval; all see the same draws."""
    draws = resample(cases, seed)
    return {name: figure(measure, draws) for name, measure in measures.items()}


def mcnemar(gained: int, lost: int) -> float:
    """McNemar's exact test of cases that are right in one run alone, two-sided.

    Source: McNemar, "Note on the sampling error of the difference between correlated proportions or percentages"
    (1947); in its exact form, the binomial test of `gained` in `gained + lost` at one half.
    """
    cases = gained + lost
    tail = sum(math.comb(cases, count) for count in range(min(gained, lost) + 1))
    return min(1.0, 2 * tail / (1 << cases))


def paired_bootstrap(differences: Floats, changed: int) -> float:
    """Twice the smaller tail of the paired bootstrap: how often a draw has the other sign, or none.

    One draw is added to each tail, so that p is never 0. `changed` cases cannot make p smaller than their signs alone
    could: all draws of a single case agree. Source: Efron and Tibshirani (1993), chapters 13 and 15; Koehn,
    "Statistical significance tests for machine translation evaluation" (2004).
    """
    tail = min(np.count_nonzero(differences <= 0), np.count_nonzero(differences >= 0))
    return min(1.0, max(2 * (int(tail) + 1) / (len(differences) + 1), 2.0 ** (1 - changed)))


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Correct p-values for how many there are.

    Source: Holm, "A simple sequentially rejective multiple test procedure" (1979).
    """
    corrected, largest = {}, 0.0
    for place, name in enumerate(sorted(p_values, key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - place) * p_values[name]))
        corrected[name] = largest
    return {name: corrected[name] for name in p_values}


def _divide(above: Floats, below: Floats) -> Floats:
    """Divide; NaN where the divisor is 0."""
    quotients: Floats = np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below != 0)
    return quotients
