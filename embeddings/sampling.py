"""Which vectors an index learns from, and which stand in for questions."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.float32]
# Questions lie further from every passage than passages from each other. Passages turned this far (the cosine) into a
# direction of chance need as many cells as 400 real questions did: 56 to their 59 of 118, passages themselves 41.
_QUESTION_COSINE = 0.4
_SAMPLE_QUESTIONS = 256


def draw(blocks: Iterable[Rows], count: int, size: int) -> Rows:
    """`size` of the `count` rows in `blocks`, or all, drawn by chance; the same ones every time."""
    drawn = np.sort(np.random.default_rng(0).choice(count, min(size, count), replace=False))
    taken, start = [], 0
    for rows in blocks:
        taken.append(rows[drawn[(drawn >= start) & (drawn < start + len(rows))] - start])
        start += len(rows)
    return np.concatenate(taken)


def like_questions(rows: Rows) -> Rows:
    """Some of `rows`, turned as far from themselves as questions lie from what answers them."""
    chance = np.random.default_rng(1)
    some = rows[chance.choice(len(rows), min(_SAMPLE_QUESTIONS, len(rows)), replace=False)]
    aside = chance.normal(size=some.shape).astype(np.float32)
    aside -= (aside * some).sum(axis=1, keepdims=True) * some
    aside /= np.maximum(np.linalg.norm(aside, axis=1, keepdims=True), 1e-9)
    turned: Rows = _QUESTION_COSINE * some + math.sqrt(1 - _QUESTION_COSINE**2) * aside
    return np.ascontiguousarray(turned, dtype=np.float32)
