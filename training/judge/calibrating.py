"""Make the judge's log-odds hold on what it was not trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

from embeddings.judge import Judge
from embeddings.network import Calibration
from training.judge.examples import tells
from training.judge.measuring import Read, read
from training.sets import Case

_NOISE = 5


def calibrated(judge: Judge, cases: Sequence[Case], near: Mapping[str, Sequence[str]]) -> Calibration:
    """Fit a scale and a bias (Platt 1999) to the sum of the two opinions of an answer, for the best window of each.

    Each case is read by itself, among windows that are near it, and, where it has an answer, those alone; it counts
    as answered where the window's answer shares words with the right one. `judge` must have the default calibration.
    """
    sums, right = list[tuple[float]](), list[bool]()
    for case in cases:
        for one in _readings(judge, case, [text for text in near[case.id] if not tells(text, case.answers)][:_NOISE]):
            sums.append((one.best.answers / Calibration().scale,))
            right.append(answered(one))
    fit = LogisticRegression(C=100.0).fit(np.array(sums), right)
    return Calibration(round(float(fit.coef_[0, 0]), 4), round(float(fit.intercept_[0]), 4))


def answered(one: Read) -> bool:
    """Whether what was read is the answer, or holds it, or is held in it."""
    said = one.said.casefold()
    return any(answer.casefold() in said or (len(said) > 1 and said in answer.casefold()) for answer in one.answers)


def _readings(judge: Judge, case: Case, others: Sequence[str]) -> list[Read]:
    noise = [("", text) for text in others]
    found = [read(judge, case.question, case.answers, [(case.title, case.text)])]
    if noise:
        found.append(read(judge, case.question, case.answers, [(case.title, case.text), *noise]))
    if noise and case.answers:
        found.append(read(judge, case.question, (), noise))
    return found
