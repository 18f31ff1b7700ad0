"""Whether a difference between two runs on the same cases is more than chance: p-values, two-sided."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from eval.figures import Figure, Floats

# Below it, after the correction, a difference is no noise.
LEVEL = 0.05
# Half the width of a 95% interval, in standard deviations.
_HALF_WIDTH = 1.959964


def mcnemar(gained: int, lost: int) -> float:
    """McNemar's exact test: that of cases right in one run alone, as many are gained as are lost.

    Source: McNemar, "Note on the sampling error of the difference between correlated proportions or percentages"
    (1947); in its exact form, the binomial test of `gained` in `gained + lost` at one half.
    """
    cases = gained + lost
    tail = sum(math.comb(cases, count) for count in range(min(gained, lost) + 1))
    return min(1.0, 2 * tail / (1 << cases))


def bootstrap(differences: Floats, changed: int) -> float:
    """How often a draw of the cases has the other sign, or none: twice the smaller tail of the paired bootstrap.

    One draw is added to each tail, so that p is never 0; and as few cases as are `changed` between the two cannot make
    it smaller than their signs could: the draws of a single case all agree. Source: Efron and Tibshirani, "An
    introduction to the bootstrap" (1993), chapters 13 and 15; on the same cases, as Koehn, "Statistical significance
    tests for machine translation evaluation" (2004).
    """
    tail = min(np.count_nonzero(differences <= 0), np.count_nonzero(differences >= 0))
    return min(1.0, max(2 * (int(tail) + 1) / (len(differences) + 1), 2.0 ** (1 - changed)))


def unpaired(one: Figure, other: Figure) -> tuple[Figure, float]:
    """`one` less `other` with its interval, and p, from means and intervals alone, as if their cases were independent.

    The normal approximation. Where both are of the same cases the interval is wider than the paired one.
    """
    mean = one.mean - other.mean
    half = math.hypot(one.high - one.low, other.high - other.low) / 2
    p_value = math.erfc(abs(mean) / half * _HALF_WIDTH / math.sqrt(2)) if half else float(not mean)
    return Figure(mean, mean - half, mean + half, min(one.n, other.n)), p_value


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """The p-values, corrected for how many they are.

    Source: Holm, "A simple sequentially rejective multiple test procedure" (1979).
    """
    corrected, most = {}, 0.0
    for place, name in enumerate(sorted(p_values, key=p_values.__getitem__)):
        most = max(most, min(1.0, (len(p_values) - place) * p_values[name]))
        corrected[name] = most
    return {name: corrected[name] for name in p_values}
