"""Tell which form of reply a question asks for: a logistic regression of its form, fitted by `training/modes.py`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import get_args

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

from embeddings import FormEncoder
from rag.types import Mode

MODES: tuple[Mode, ...] = get_args(Mode)
# What the classifier tells apart: the modes, and what asks nothing of the articles ("Thanks!").
KINDS = (*MODES, "none")
# A question that is taken for none is not answered: so only where this is all but sure.
_NO_QUESTION = 0.9
WEIGHTS = Path(__file__).parent.parent / "weights" / "modes.safetensors"


class Modes:
    """Classifies questions with the lower layers of all-MiniLM-L6-v2."""

    def __init__(self, encoder: FormEncoder) -> None:
        self._encoder = encoder

    def of(self, question: str) -> Mode | None:
        """Return the likeliest mode; None for what asks nothing, such as thanks."""
        matrix, bias = _weights()
        return decide(self._encoder.encode([question])[0] @ matrix + bias)


def decide(log_odds: npt.NDArray[np.floating]) -> Mode | None:
    """Return the mode for the log-odds of `KINDS`, or None."""
    odds = np.exp(log_odds)
    return None if odds[-1] > _NO_QUESTION * odds.sum() else MODES[int(odds[:-1].argmax())]


@cache
def _weights() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Shapes `(dimension, kinds)` and `(kinds,)`, in the order of `KINDS`."""
    tensors = load_file(WEIGHTS)
    return tensors["matrix"], tensors["bias"]
