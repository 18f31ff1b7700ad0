"""Tell which form of reply a question asks for: a logistic regression of its form, fitted by `training/modes.py`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple, get_args

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

from embeddings import FormEncoder
from rag.surveys import SurveyKind
from rag.types import Mode

MODES: tuple[Mode, ...] = get_args(Mode)
# The mode of an answer to what a survey would tell more of.
SURVEYS: dict[SurveyKind, Mode] = {"timeline": "history", "compare": "comparison", "find": "list"}
# What the classifier tells apart: the modes, the surveys, and what asks nothing of the articles ("Thanks!").
KINDS = (*MODES, *SURVEYS, "none")
# A question that is taken for none is not answered: so only where this is all but sure.
_NO_QUESTION = 0.9
# A survey is shown in place of an answer: fewer than 1 in 400 questions of any set of plain ones is taken for it.
_SURVEY = 0.6
WEIGHTS = Path(__file__).parent.parent / "weights" / "modes.safetensors"


class Reading(NamedTuple):
    """What a question asks for: an answer in a mode, None for what asks nothing; and a survey, if plainly that."""

    mode: Mode | None
    survey: SurveyKind | None


class Modes:
    """Classifies questions with the lower layers of all-MiniLM-L6-v2."""

    def __init__(self, encoder: FormEncoder) -> None:
        self._encoder = encoder

    def of(self, question: str) -> Reading:
        matrix, bias = _weights()
        return decide(self._encoder.encode([question])[0] @ matrix + bias)


def decide(log_odds: npt.NDArray[np.floating]) -> Reading:
    """Read a question by the log-odds of `KINDS`."""
    odds = np.exp(log_odds)
    shares = dict(zip(KINDS, odds / odds.sum(), strict=True))
    if shares["none"] > _NO_QUESTION:
        return Reading(None, None)
    modes = [shares[mode] + sum(shares[one] for one in SURVEYS if SURVEYS[one] == mode) for mode in MODES]
    survey = next((one for one in SURVEYS if shares[one] > _SURVEY), None)
    return Reading(MODES[int(np.argmax(modes))], survey)


@cache
def _weights() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Shapes `(dimension, kinds)` and `(kinds,)`, in the order of `KINDS`."""
    tensors = load_file(WEIGHTS)
    return tensors["matrix"], tensors["bias"]
