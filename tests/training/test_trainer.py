from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from embeddings import network
from embeddings.judge import Pair
from embeddings.network import CrossJudge, Network
from rag.types import Span
from training import trainer
from training.examples import Example
from training.loss import Encoded, batches
from training.trainer import LowRank, Trainer

TEXT = "Heavy rain destroyed 200 homes in the valley."
EXAMPLES = [
    example
    for n in range(20)
    for example in (
        Example(Pair(f"How many homes were destroyed, {n}?", TEXT), answers=True, span=Span(21, 24)),
        Example(Pair(f"Who is the mayor, {n}?", TEXT), answers=False),
        Example(Pair(f"{n} homes were destroyed.", TEXT), supports=False),
    )
]


def start(base: Path, checkpoint: Path, rank: int = 0, learning_rate: float = 1e-4) -> tuple[Network, Trainer]:
    torch.manual_seed(0)
    judge = trainer.prepare(network.load(base, None), "cpu", rank)
    return judge, Trainer(judge, 10, learning_rate, checkpoint, 512)


def epoch(base: Path) -> list[list[Encoded]]:
    return list(batches(EXAMPLES, network.tokenizer(base), random.Random(0), 512))


class PowerCut(Exception):
    pass


def test_a_resumed_training_ends_with_the_same_weights(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge, uninterrupted = start(base, tmp_path / "whole.pt")
    uninterrupted.run(epoch(base))

    monkeypatch.setattr(trainer, "_CHECKPOINT_SECONDS", -1.0)
    _, interrupted = start(base, tmp_path / "interrupted.pt")
    real_step, steps = interrupted._step, list[int]()

    def step(batch: Sequence[Encoded]) -> float:
        if len(steps) == 2:
            raise PowerCut
        steps.append(1)
        return real_step(batch)

    monkeypatch.setattr(interrupted, "_step", step)
    with pytest.raises(PowerCut):
        interrupted.run(epoch(base))
    resumed_judge, resumed = start(base, tmp_path / "interrupted.pt")
    assert (resumed.epoch, resumed._batches_done) == (0, 2)
    resumed.run(epoch(base))

    assert resumed.epoch == uninterrupted.epoch == 1
    for name, weight in trainer.stored_tensors(judge).items():
        assert torch.equal(weight, trainer.stored_tensors(resumed_judge)[name]), name


def test_a_checkpoint_of_another_plan_is_not_resumed(base: Path, tmp_path: Path) -> None:
    judge = trainer.prepare(network.load(base, None), "cpu")
    Trainer(judge, 10, 1e-4, tmp_path / "checkpoint.pt", 512, plan="one").run(epoch(base)[:1])

    assert Trainer(judge, 10, 1e-4, tmp_path / "checkpoint.pt", 512, plan="one").epoch == 1
    with pytest.raises(ValueError, match="is of another training"):
        Trainer(judge, 10, 1e-4, tmp_path / "checkpoint.pt", 512, plan="other")


def test_the_stored_weights_are_small_and_make_a_judge(base: Path, tmp_path: Path) -> None:
    judge, training = start(base, tmp_path / "checkpoint.pt")
    for _ in range(6):
        training.run(epoch(base))
    weights = tmp_path / "judge.safetensors"
    save_file(trainer.stored_tensors(judge), weights)

    right, wrong = CrossJudge(base, weights, "").judge([EXAMPLES[0].pair, EXAMPLES[1].pair])
    assert weights.stat().st_size < 25_000_000
    assert right.answers > wrong.answers
    assert right.span > wrong.span
    assert TEXT[right.start : right.end] == "200"


def test_low_rank_matrices_are_stored_alone_and_give_the_same_judge(base: Path, tmp_path: Path) -> None:
    judge, training = start(base, tmp_path / "checkpoint.pt", rank=4, learning_rate=1e-2)
    training.run(epoch(base))
    tensors = trainer.stored_tensors(judge)
    save_file(tensors, tmp_path / "judge.safetensors")
    stored = network.load(base, tmp_path / "judge.safetensors").eval()

    pairs = [example.pair for example in EXAMPLES[:6]]
    batch = network.collated(pairs, network.encode(network.tokenizer(base), pairs))
    with torch.inference_mode():
        ours, theirs = judge.eval()(batch), stored(batch)
        untrained = network.load(base, None).eval()(batch)
    assert torch.allclose(ours[1], theirs[1], atol=0.02)
    assert not torch.allclose(ours[1], untrained[1], atol=0.02)
    assert sum(rows.numel() for rows in tensors.values()) < 0.1 * sum(w.numel() for w in stored.parameters())


def test_low_rank_matrices_are_loaded_to_train_on_if_their_rank_is_right(base: Path, tmp_path: Path) -> None:
    weights = tmp_path / "judge.safetensors"
    judge = trainer.prepare(network.load(base, None), "cpu", rank=4)
    for part in judge.modules():
        if isinstance(part, LowRank):
            nn.init.normal_(part.b)
    tensors = trainer.stored_tensors(judge)
    save_file(tensors, weights)
    loaded = trainer.prepare(network.load(base, None), "cpu", rank=4)
    trainer.load_low_rank(loaded, weights)

    assert all(torch.allclose(rows, tensors[name], rtol=1e-2) for name, rows in trainer.stored_tensors(loaded).items())
    with pytest.raises(ValueError, match="not those that --rank asks for"):
        trainer.load_low_rank(trainer.prepare(network.load(base, None), "cpu", rank=8), weights)
