"""The mean of several judges' weights, which is often better than each (model soups, Wortsman et al. 2022)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor


def averaged(weights: Sequence[Path]) -> dict[str, Tensor]:
    """The mean of each tensor, in float16. It is for judges fitted from the same weights on. Raises: ValueError."""
    first, *others = (load_file(path) for path in weights)
    for path, other in zip(weights[1:], others, strict=True):
        if {name: rows.shape for name, rows in other.items()} != {name: rows.shape for name, rows in first.items()}:
            raise ValueError(f"{path} has other tensors than {weights[0]}, so that they have no mean")
    return {
        name: torch.stack([one[name].float() for one in (first, *others)]).mean(0).to(torch.float16) for name in first
    }
