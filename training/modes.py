"""Fit the classifier of questions that `rag/models/modes.py` uses.

`modes.jsonl` has questions that we wrote about invented news, with the form of reply or the survey that each asks for.
Questions of the training sets, which all ask for one thing, keep the classifier from taking every odd wording for a
list.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from embeddings import FormEncoder
from rag.models import modes, weights
from training import sets, stories

QUESTIONS = Path(__file__).with_name("modes.jsonl")
_Rows = npt.NDArray[np.float64]
_FOLDS = 5
_PLAIN = 400


class Labelled(NamedTuple):
    """A question, which of `modes.KINDS` it asks for, and the number of the topic that it is about.

    `mode` is "none" for what asks nothing, such as thanks.
    """

    question: str
    mode: str
    topic: int


def read(path: Path = QUESTIONS) -> list[Labelled]:
    with path.open(encoding="utf-8") as lines:
        return [Labelled(**json.loads(line)) for line in lines]


def told() -> list[Labelled]:
    """Return the questions of the training stories, whose topics are numbered after those of `modes.jsonl`."""
    first = 1 + max(one.topic for one in read())
    return [
        Labelled(question, asked.mode if asked.mode in modes.MODES else "one", topic)
        for topic, story in enumerate(chain(*stories.read()), start=first)
        for asked in story.questions
        for question in (asked.question, *asked.wordings)
    ]


def plain(data: Path) -> list[str]:
    """Return questions of the training sets, evenly spread over them."""
    train, _ = sets.questions(data)
    return [case.question for case in train[:: max(1, len(train) // _PLAIN)][:_PLAIN]]


def fit(data: Path, out: Path) -> dict[str, float]:
    """Fit on all questions and write the weights; return what cross-validation over topics measures."""
    encoder = FormEncoder(weights.find(sets.ENCODER, "encoder").path)
    labelled, others = [*read(), *told()], plain(data)
    matrix, bias = _fitted(labelled, others, encoder)
    save_file({"matrix": matrix.astype(np.float32), "bias": bias.astype(np.float32)}, out)
    return measure(labelled, others, encoder)


def measure(labelled: Sequence[Labelled], others: Sequence[str], encoder: FormEncoder) -> dict[str, float]:
    """Return the recall of each kind on topics that were not trained on, and the share of all that is right.

    What asks for a survey counts for its mode too. `falsely surveys` is the share of the other questions that is taken
    for one.
    """
    right: dict[str, list[bool]] = {kind: [] for kind in modes.KINDS}
    falsely: list[bool] = []
    for fold in range(_FOLDS):
        matrix, bias = _fitted([one for one in labelled if one.topic % _FOLDS != fold], others, encoder)
        left_out = [one for one in labelled if one.topic % _FOLDS == fold]
        rows = encoder.encode([one.question for one in left_out]) @ matrix + bias
        for one, log_odds in zip(left_out, rows, strict=True):
            read = modes.decide(log_odds)
            mode = next((form for survey, form in modes.SURVEYS.items() if survey == one.mode), one.mode)
            right[mode].append((read.mode or "none") == mode)
            if mode == one.mode:
                falsely.append(read.survey is not None)
            else:
                right[one.mode].append(read.survey == one.mode)
    figures = {kind: float(np.mean(hits)) for kind, hits in right.items()}
    forms = [hit for kind, hits in right.items() if kind not in modes.SURVEYS for hit in hits]
    return figures | {"right": float(np.mean(forms)), "falsely surveys": float(np.mean(falsely))}


def _fitted(labelled: Sequence[Labelled], others: Sequence[str], encoder: FormEncoder) -> tuple[_Rows, _Rows]:
    """Return the matrix, `(dimension, kinds)`, and the bias, `(kinds,)`, with the scaling of the vectors in them."""
    vectors = encoder.encode([*(one.question for one in labelled), *others])
    targets = [modes.KINDS.index(one.mode) for one in labelled] + [modes.KINDS.index("one")] * len(others)
    scaler = StandardScaler().fit(vectors)
    model = LogisticRegression(C=0.02, max_iter=3000).fit(scaler.transform(vectors), targets)
    matrix = np.ascontiguousarray((model.coef_ / scaler.scale_).T)
    return matrix, model.intercept_ - scaler.mean_ @ matrix
