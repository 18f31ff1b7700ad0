"""What is trained in torch is what llama.cpp runs: the same numbers, with and without an adapter."""

from __future__ import annotations

from pathlib import Path

import llama_cpp
import numpy as np
import numpy.typing as npt
import pytest
import torch

from rag.models import weights as models
from tests.conftest import READER
from training.lowrank import LowRank
from training.writer import llama

TEXT = b"The minister said on Tuesday that the pipeline between Karachi and Lahore would be finished in"
Floats = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def path() -> Path:
    return models.find(READER, "reader").path


def by_llama_cpp(path: Path, adapter: Path | None = None) -> tuple[list[int], Floats]:
    model = llama_cpp.Llama(
        str(path), n_ctx=64, logits_all=True, verbose=False, lora_path=str(adapter) if adapter else None
    )
    tokens = model.tokenize(TEXT, add_bos=False)
    model.eval(tokens)
    return tokens, np.array(model.scores[: len(tokens)], dtype=np.float32)


def cosines(one: Floats, other: Floats) -> Floats:
    found: Floats = (one * other).sum(1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)
    return found


def test_logits_agree_with_and_without_an_adapter(path: Path, tmp_path: Path) -> None:
    model = llama.load(path)
    tokens, bare = by_llama_cpp(path)
    with torch.inference_mode():
        ours = model(torch.tensor([tokens])).logits[0].numpy()
    # llama.cpp rounds what it multiplies by to eight bits.
    assert cosines(bare, ours).min() > 0.99

    torch.manual_seed(0)
    llama.widen(model, rank=8, alpha=16)
    for part in model.modules():
        if isinstance(part, LowRank):
            part.b.data.normal_(0, 0.02)
    llama.save(model, tmp_path / "adapter.gguf", alpha=16, name="test")
    _, theirs = by_llama_cpp(path, tmp_path / "adapter.gguf")
    with torch.inference_mode():
        ours = model(torch.tensor([tokens])).logits[0].numpy()
    assert cosines(theirs, ours).min() > 0.99
    assert cosines(theirs, bare).mean() < cosines(theirs, ours).mean() - 0.002


def test_only_what_stands_beside_is_learnt(path: Path) -> None:
    model = llama.load(path)
    llama.widen(model, rank=4, alpha=8)
    learnt = [weight for weight in model.parameters() if weight.requires_grad]

    assert len(learnt) == 2 * 7 * 30
    assert sum(weight.numel() for weight in learnt) < 2_000_000
