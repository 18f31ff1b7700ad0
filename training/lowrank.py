"""Low-rank matrices beside layers that stay as they are (LoRA, Hu et al. 2021)."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class LowRank(nn.Module):
    """A linear layer that stays as it is, and what is learnt beside it: `x W + (x A B) * scale`."""

    def __init__(self, inner: nn.Linear, rank: int, scale: float) -> None:
        super().__init__()
        self.inner = inner.requires_grad_(requires_grad=False)
        self.scale = scale
        self.a = nn.Parameter(torch.randn(rank, inner.in_features) / inner.in_features**0.5)
        self.b = nn.Parameter(torch.zeros(inner.out_features, rank))

    def forward(self, states: Tensor) -> Tensor:
        beside = nn.functional.linear(nn.functional.linear(states, self.a), self.b)
        found: Tensor = self.inner(states) + beside * self.scale
        return found


def widen(model: nn.Module, layers: list[str], rank: int, alpha: float) -> None:
    """Put low-rank matrices beside the linear `layers` of `model`, named as `model.get_submodule` takes them."""
    for place in layers:
        owner, _, name = place.rpartition(".")
        part = model.get_submodule(owner)
        setattr(part, name, LowRank(getattr(part, name), rank, alpha / rank))
