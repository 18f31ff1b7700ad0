"""Fit how near a claim must be to its evidence: `python -m training checking DATA` prints it.

The judge has no part in it: it knows these claims, and would count for more than it does on others.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression

from embeddings import Encoder, SentenceEncoder
from rag.answer import check, facts
from rag.models import weights as models
from training import sets
from training.judge import claims
from training.judge.examples import Example

_ENCODER = "all-MiniLM-L6-v2"
# Of the questions; each makes up to four claims.
_EVERY = 5


class Fitted(NamedTuple):
    """The log-odds of a claim are `nearness` times its cosine, and `far`, and `unaccounted` where something is."""

    nearness: float
    far: float
    unaccounted: float


def fit(data: Path) -> Fitted:
    """Fit to the pairs of entailment and to claims made of questions, neither of them held back; both count alike."""
    pairs = claims.entailed(sets.split(sets.read(data / "rte", "claims.jsonl"))[0])
    cases, _ = sets.questions(data)
    made = [example for case in cases[::_EVERY] for example in claims.of(case, 0, 0)]
    return fitted([pairs, made], SentenceEncoder(models.find(_ENCODER, "encoder").path, _ENCODER, ""))


def fitted(groups: Sequence[Sequence[Example]], encoder: Encoder) -> Fitted:
    """A logistic regression, as if half of all claims were supported and each group were as large as the others."""
    rows, right, weights = list[tuple[float, float]](), list[bool](), list[float]()
    for group in groups:
        for example in group:
            claim, text = example.pair.asked, example.pair.text
            near = check.nearness(claim, [text], encoder)
            rows.append((near, float(bool(facts.missing(claim, text)))))
            right.append(bool(example.supports))
            weights.append(1000.0 / len(group))
    found = LogisticRegression(C=100.0, class_weight="balanced").fit(np.array(rows), right, weights)
    (near, missing), (far,) = found.coef_[0], found.intercept_
    return Fitted(round(float(near), 2), round(float(far), 2), round(float(missing), 2))
