"""Tell which form of reply a question asks for: a logistic regression of its vector, fitted by `training/modes.py`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import get_args

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

from embeddings import Encoder
from rag.types import Mode

MODES: tuple[Mode, ...] = get_args(Mode)
WEIGHTS = Path(__file__).parent.parent / "weights" / "modes.safetensors"


class Modes:
    """Classifies questions with the vectors of all-MiniLM-L6-v2."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def of(self, question: str) -> Mode:
        """Return the likeliest mode; "one" with an encoder whose vectors have another dimension."""
        matrix, bias = _weights()
        if self._encoder.dimension != len(matrix):
            return "one"
        return MODES[int((self._encoder.encode([question])[0] @ matrix + bias).argmax())]


@cache
def _weights() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Shapes `(dimension, modes)` and `(modes,)`, in the order of `MODES`."""
    tensors = load_file(WEIGHTS)
    return tensors["matrix"], tensors["bias"]
