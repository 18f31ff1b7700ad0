"""What refusing more would gain and cost: the refusals over a threshold on the best evidence's score."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from eval import scoring
from eval.cases import Case
from eval.replies import Reply

_THRESHOLDS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


class Point(NamedTuple):
    """What a threshold does: shares of the cases that have no answer and of those that have one, and F1 of all.

    NaN where no case is of that kind, and for F1 where the right answers are not given.
    """

    threshold: float
    refused_unanswerable: float
    refused_answerable: float
    f1: float


def curve(pairs: Sequence[tuple[Case, Reply | None]]) -> list[Point]:
    """What would come of refusing below each threshold, too; what was refused stays so: its answer is not known.

    So only a run with caution 0 shows nearly all of the curve.
    """
    return [_point(pairs, threshold) for threshold in _THRESHOLDS]


def _point(pairs: Sequence[tuple[Case, Reply | None]], threshold: float) -> Point:
    refused = [scoring.refuses(case, reply) or bool(reply and reply.confidence < threshold) for case, reply in pairs]
    told = list(zip(pairs, refused, strict=True))
    return Point(
        threshold,
        _mean([float(gone) for (case, _), gone in told if not case.answerable]),
        _mean([float(gone) for (case, _), gone in told if case.answerable]),
        _mean([scoring.f1(case, reply, refused=gone) for (case, reply), gone in told if not case.mode]),
    )


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan
