"""Let larger judges, already trained, teach a smaller one what they make of each pair (Hinton et al. 2015)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from embeddings import network
from embeddings.judge import Pair
from embeddings.network import Batch

# Log-odds are divided by it, so that what a teacher nearly rules out is learnt, too.
_TEMPERATURE = 2.0


class Opinion(NamedTuple):
    """What a judge makes of `n` pairs: as `Network` gives both, and which tokens an answer may hold, `(n, tokens)`."""

    spans: Tensor
    worth: Tensor
    inside: Tensor


class Teacher:
    """Judges over one encoder that are asked and not changed; of several the mean of their log-odds counts."""

    def __init__(self, base: Path, weights: Sequence[Path], device: str) -> None:
        """Load each of `weights` over the encoder in `base`. Raises: OSError, ValueError."""
        loaded = [network.load(base, one).to(device).eval() for one in weights]
        self._networks = [one.requires_grad_(requires_grad=False) for one in loaded]
        self._tokens = network.tokenizer(base)
        self._device = device

    def ask(self, pairs: Sequence[Pair]) -> Opinion:
        batch = network.collated(pairs, network.encode(self._tokens, pairs))
        batch = Batch(*(part.to(self._device) for part in batch))
        with torch.no_grad():
            spans, worth = zip(*(one(batch) for one in self._networks), strict=True)
        return Opinion(torch.stack(spans).mean(0), torch.stack(worth).mean(0), batch.inside)


def distance(learner: Opinion, teacher: Opinion, heads: Sequence[tuple[int, Sequence[int]]]) -> Tensor:
    """How far the learner is from the teacher: its places in the rows of the first head, its log-odds in those of each.

    `heads` are columns of worth, each with the rows that it is about; the first is `ANSWERS`. Cross entropy with the
    teacher's shares, a mean over the batch.
    """
    total = torch.zeros((), device=learner.worth.device)
    for head, rows in heads:
        if rows:
            mine, yours = (one.worth[list(rows), head] / _TEMPERATURE for one in (learner, teacher))
            total = total + binary_cross_entropy_with_logits(mine, yours.sigmoid(), reduction="sum")
    for row in heads[0][1]:
        mine, yours = _places(learner, row), _places(teacher, row)
        # Both have the same words, but for what a tokenizer cut off at the end.
        if mine.shape == yours.shape:
            total = total + cross_entropy(mine, yours.softmax(1), reduction="sum") / 2
    # The gradients are smaller by the square.
    return total * _TEMPERATURE**2 / len(teacher.worth)


def _places(opinion: Opinion, row: int) -> Tensor:
    """`(2, places)`: log-odds of the first token, which stands for no answer, and of each that an answer may hold."""
    inside = opinion.inside[row].clone()
    inside[0] = True
    return opinion.spans[row][:, inside] / _TEMPERATURE
