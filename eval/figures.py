"""Figures over many cases, each with its 95% interval.

A measure is a function of how often each case counts: once each for the figure itself, and as often as it was drawn
for the interval (percentile bootstrap over cases: Efron and Tibshirani, "An introduction to the bootstrap", 1993,
chapter 13).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

_RESAMPLES = 2_000

Floats = npt.NDArray[np.float64]
# What one case adds above and below the line of a fraction.
Share = tuple[float, float]
Statistic = Callable[[Floats], float]


class Figure(NamedTuple):
    """The mean and its interval, NaN where no case counts; `n` cases count."""

    mean: float
    low: float
    high: float
    n: int


class Measure(NamedTuple):
    """A figure in the making: NaN for weights with which it has no value."""

    of: Statistic
    n: int


def hit(*, right: bool) -> Share:
    """What a case adds to a mean of rights and wrongs."""
    return float(right), 1.0


def harmonic(*, expected: bool, given: bool) -> Share:
    """What a case adds to the F1 of one class: 2 TP / (2 TP + FP + FN)."""
    return 2.0 * (expected and given), float(expected) + float(given)


def fraction(shares: Sequence[Share]) -> Measure:
    """The sum above the line divided by the sum below: a mean where each case adds 1 below, else one over its parts."""
    above, below = (np.array(column, dtype=np.float64) for column in zip(*shares, strict=True))

    def of(weights: Floats) -> float:
        whole = float(weights @ below)
        return float(weights @ above) / whole if whole else math.nan

    return Measure(of, int(np.count_nonzero(below)))


def average(measures: Sequence[Measure], cases: int) -> Measure:
    """The plain mean of several: macro F1 from F1, balanced accuracy from recalls."""

    def of(weights: Floats) -> float:
        return sum(measure.of(weights) for measure in measures) / len(measures)

    return Measure(of, cases if all(measure.n for measure in measures) else 0)


def harmonic_mean(one: Measure, other: Measure) -> Measure:
    """The F1 of a precision and a recall that are means themselves; one without a value counts as 0."""

    def of(weights: Floats) -> float:
        first, second = (float(np.nan_to_num(measure.of(weights))) for measure in (one, other))
        return 2 * first * second / (first + second) if first + second else 0.0

    return Measure(of, max(one.n, other.n))


def area(scores: Sequence[float], positive: Sequence[bool]) -> Measure:
    """The area under the ROC curve: how often a positive case scores above a negative one, ties counting half.

    Source: Hanley and McNeil, "The meaning and use of the area under a ROC curve" (1982).
    """
    order = np.argsort(np.array(scores, dtype=np.float64), kind="stable")
    ranked = np.array(scores, dtype=np.float64)[order]
    truth = np.array(positive, dtype=np.float64)[order]
    starts = np.flatnonzero(np.concatenate(([True], ranked[1:] != ranked[:-1])))

    def of(weights: Floats) -> float:
        above = np.add.reduceat(weights[order] * truth, starts)
        below = np.add.reduceat(weights[order] * (1 - truth), starts)
        pairs = float(above.sum() * below.sum())
        return float(above @ (np.cumsum(below) - below / 2)) / pairs if pairs else math.nan

    return Measure(of, len(scores) if 0 < sum(positive) < len(positive) else 0)


def difference(one: Measure, other: Measure) -> Measure:
    """`one` less `other`, over the same cases: both see the same weights, so that the difference is paired."""
    return Measure(lambda weights: one.of(weights) - other.of(weights), min(one.n, other.n))


def resamples(cases: int, seed: int) -> tuple[Floats, ...]:
    """How often each of `cases` cases counts in each draw."""
    chance = np.random.default_rng(seed)
    drawn = (chance.integers(0, cases, cases) for _ in range(_RESAMPLES))
    return tuple(np.bincount(places, minlength=cases).astype(np.float64) for places in drawn)


def spread(measure: Measure, draws: Sequence[Floats]) -> Floats:
    """The value of every draw, in their order; what a draw leaves without a value does not count."""
    values = np.array([measure.of(weights) for weights in draws], dtype=np.float64)
    return values[~np.isnan(values)]


def value(measure: Measure, cases: int) -> float:
    """The measure where each of `cases` cases counts once."""
    return measure.of(np.ones(cases))


def figure(measure: Measure, cases: int, values: Floats) -> Figure:
    """The measure over `cases` cases, with the interval of its `spread`."""
    low, high = map(float, np.percentile(values, [2.5, 97.5])) if len(values) else (math.nan, math.nan)
    return Figure(value(measure, cases), low, high, measure.n)


def figures(measures: Mapping[str, Measure], cases: int, seed: int) -> dict[str, Figure]:
    """Every measure over `cases` cases; all see the same draws."""
    draws = resamples(cases, seed)
    return {name: figure(measure, cases, spread(measure, draws)) for name, measure in measures.items()}
