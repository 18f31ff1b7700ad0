"""Fit the heads for disagreement and silence again, alone, on what the rest of a judge makes of the texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from embeddings import network
from embeddings.batches import batched
from embeddings.judge import Pair
from embeddings.network import DISPUTES, SILENT, Network
from training.judge.examples import Example

_BATCH_TOKENS = 2048
_WIDTH = 1.0


def refitted(base: Path, weights: Path, examples: Sequence[Example], shares: Sequence[float]) -> dict[str, Tensor]:
    """The tensors of `weights`, with other rows of `worth` for the two heads and nothing else changed.

    A logistic regression for each head, in which every example counts as its share says.
    """
    judge = network.load(base, weights).to(torch.bfloat16).eval()
    features = _features(judge, base, [example.pair for example in examples])
    tensors = load_file(weights)
    for head, name in ((DISPUTES, "disputes"), (SILENT, "silent")):
        right = [bool(getattr(example, name)) for example in examples]
        found = LogisticRegression(C=_WIDTH, max_iter=2000).fit(features, right, list(shares))
        tensors["worth.weight"][head] = torch.from_numpy(found.coef_[0])
        tensors["worth.bias"][head] = float(found.intercept_[0])
    return tensors


def _features(judge: Network, base: Path, pairs: Sequence[Pair]) -> npt.NDArray[np.float32]:
    """What the heads are given of each pair, `(n, hidden)`."""
    encoded = network.encode(network.tokenizer(base), pairs)
    sizes = [len(one.ids) for one in encoded]
    found = np.zeros((len(pairs), judge.worth.in_features), np.float32)
    taken: list[Tensor] = []
    watched = judge.worth.register_forward_pre_hook(lambda _layer, given: taken.append(given[0]))
    with torch.inference_mode():
        for batch in batched(sorted(range(len(pairs)), key=sizes.__getitem__), sizes, _BATCH_TOKENS):
            judge(network.collated([pairs[i] for i in batch], [encoded[i] for i in batch]))
            found[batch] = taken.pop().float().numpy()
    watched.remove()
    return found
