"""Fit the writer: low-rank matrices beside the shipped reader, which stays as it is."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers import LlamaForCausalLM

from embeddings.batches import batched

_BATCH_TOKENS = 2048
LEARNING_RATE = 3e-4
# Lengths are rounded up to these: oneDNN prepares itself for each new shape.
_STEP_TOKENS = 32
# Rows of like length go together, out of so many at a time.
_POOL = 1000


class Row(NamedTuple):
    """Tokens of a prompt, and of what is to be written after it."""

    given: tuple[int, ...]
    written: tuple[int, ...]

    @property
    def size(self) -> int:
        """How many tokens it takes in a batch."""
        return -(-(len(self.given) + len(self.written)) // _STEP_TOKENS) * _STEP_TOKENS


def batches(rows: Sequence[Row], chance: random.Random) -> Iterator[list[Row]]:
    """Every row once, in batches of like length and of a random order."""
    shuffled = list(rows)
    chance.shuffle(shuffled)
    for at in range(0, len(shuffled), _POOL):
        pool = shuffled[at : at + _POOL]
        order = sorted(range(len(pool)), key=lambda i: (pool[i].size, pool[i]))
        found = list(batched(order, [row.size for row in pool], _BATCH_TOKENS))
        chance.shuffle(found)
        yield from ([pool[i] for i in batch] for batch in found)


def loss(model: LlamaForCausalLM, rows: Sequence[Row]) -> Tensor:
    """How unlikely the model finds what is to be written, in nats a token."""
    device = model.lm_head.weight.device
    longest = max(row.size for row in rows)
    ids = torch.tensor([[*row.given, *row.written, *[0] * (longest - len(row.given + row.written))] for row in rows])
    states = model.model(ids.to(device)).last_hidden_state
    # Each token is told by the state before it; nothing else is put through the wide last layer.
    places = [(r, len(row.given) + at - 1) for r, row in enumerate(rows) for at in range(len(row.written))]
    at_row, at_token = (torch.tensor([place[part] for place in places], device=device) for part in (0, 1))
    logits = model.lm_head(states[at_row, at_token])
    wanted = torch.tensor([token for row in rows for token in row.written], device=device)
    return cross_entropy(logits.float(), wanted)
