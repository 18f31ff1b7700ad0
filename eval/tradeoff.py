"""What refusing more would gain and cost: the refusals over a threshold on the best evidence's score."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from eval import scoring
from eval.cases import Judged
from eval.replies import Reply

_THRESHOLDS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


class Point(NamedTuple):
    """What a threshold does: shares of the cases that have no answer and of those that have one, and F1 of all.

    `below_` counts only the scores, as if nothing else made it refuse. NaN where no case is of that kind, and for F1
    where the right answers are not given.
    """

    threshold: float
    refused_unanswerable: float
    refused_answerable: float
    f1: float
    below_unanswerable: float
    below_answerable: float


def curve(pairs: Sequence[tuple[Judged, Reply | None]]) -> list[Point]:
    """What would come of refusing below each threshold, too; what was refused stays so: its answer is not known.

    So only a run with caution 0 shows nearly all of the curve.
    """
    return [_point(pairs, threshold) for threshold in _THRESHOLDS]


def _point(pairs: Sequence[tuple[Judged, Reply | None]], threshold: float) -> Point:
    below = [scoring.confidence(case, reply) < threshold for case, reply in pairs]
    gone = [
        scoring.refuses(case, reply) or bool(reply and low) for (case, reply), low in zip(pairs, below, strict=True)
    ]
    answerable = [case.answerable for case, _ in pairs]
    f1 = [
        scoring.f1(case, reply, refused=refused)
        for (case, reply), refused in zip(pairs, gone, strict=True)
        if not case.mode
    ]
    return Point(
        threshold,
        _share(gone, answerable, of=False),
        _share(gone, answerable, of=True),
        math.fsum(f1) / len(f1) if f1 else math.nan,
        _share(below, answerable, of=False),
        _share(below, answerable, of=True),
    )


def _share(gone: Sequence[bool], answerable: Sequence[bool], *, of: bool) -> float:
    """How many are gone of those that can be answered, or of those that cannot."""
    counted = [one for one, can in zip(gone, answerable, strict=True) if can == of]
    return sum(counted) / len(counted) if counted else math.nan
