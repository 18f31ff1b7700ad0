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
WEIGHTS = Path(__file__).parent.parent / "weights" / "modes.safetensors"


class Modes:
    """Classifies questions with the lower layers of all-MiniLM-L6-v2."""

    def __init__(self, encoder: FormEncoder) -> None:
        self._encoder = encoder

    def of(self, question: str) -> Mode:
        """Return the likeliest mode."""
        matrix, bias = _weights()
        return MODES[int((self._encoder.encode([question])[0] @ matrix + bias).argmax())]


@cache
def _weights() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Shapes `(dimension, modes)` and `(modes,)`, in the order of `MODES`."""
    tensors = load_file(WEIGHTS)
    return tensors["matrix"], tensors["bias"]
