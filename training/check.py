"""Fit the constants of `rag/answer/check.py`: how near a claim must be to its evidence.

The judge is left out. It was trained on these claims and would get more weight than it deserves on others.
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
from training import claims, sets
from training.examples import Example

# Of the questions one in so many is used; each makes up to four claims.
_EVERY = 5


class Coefficients(NamedTuple):
    """The log-odds of a claim: `nearness` times its cosine, plus `far`, plus `fact_missing` if a fact is missing."""

    nearness: float
    far: float
    fact_missing: float


def fit(data: Path) -> Coefficients:
    """Fit to labelled claims and to claims made of questions, of the parts that are not held back."""
    labelled = claims.labelled_claims(sets.split(sets.read(data / "rte", "claims.jsonl"))[0])
    cases, _ = sets.questions(data)
    made = [example for case in cases[::_EVERY] for example in claims.made_claims(case, 0, 0)]
    encoder = SentenceEncoder(models.find(sets.ENCODER, "encoder").path, sets.ENCODER, "")
    return fitted([labelled, made], encoder)


def fitted(groups: Sequence[Sequence[Example]], encoder: Encoder) -> Coefficients:
    """Fit a logistic regression in which all groups weigh the same, and supported claims as much as others."""
    features, supported, weights = list[tuple[float, float]](), list[bool](), list[float]()
    for group in groups:
        for example in group:
            claim, text = example.pair.asked, example.pair.text
            cosine = check.nearness(claim, [text], encoder)
            features.append((cosine, float(bool(facts.missing(claim, text)))))
            supported.append(bool(example.supports))
            weights.append(1000.0 / len(group))
    model = LogisticRegression(C=100.0, class_weight="balanced").fit(np.array(features), supported, weights)
    (nearness, fact_missing), (far,) = model.coef_[0], model.intercept_
    return Coefficients(round(float(nearness), 2), round(float(far), 2), round(float(fact_missing), 2))
