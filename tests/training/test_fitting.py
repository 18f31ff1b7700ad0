"""A training that is broken off and gone on with ends where it would have ended."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from embeddings import network
from embeddings.judge import Pair
from embeddings.network import CrossJudge, Network
from rag.models import weights as models
from rag.types import Span
from tests.conftest import ENCODER
from training import fitting as goes_on
from training.fitting import Fitting
from training.judge import fitting
from training.judge.examples import Example
from training.judge.fitting import Encoded
from training.lowrank import LowRank

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


def fit(base: Path, checkpoint: Path) -> tuple[Network, Fitting[Encoded]]:
    torch.manual_seed(0)
    judge = fitting.prepared(network.load(base, None), "cpu")
    return judge, Fitting(judge, partial(fitting.loss, judge, size=512), 10, fitting.LEARNING_RATE, checkpoint)


def batches(base: Path) -> list[list[Encoded]]:
    return list(fitting.batches(EXAMPLES, network.tokenizer(base), random.Random(0), 512))


class BrokenOff(Exception):
    """In the place of a power cut."""


def test_what_is_gone_on_with_ends_as_what_was_not_broken_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = models.find(ENCODER, "encoder").path
    judge, whole = fit(base, tmp_path / "whole.pt")
    whole.run(batches(base), lambda _text: None)

    monkeypatch.setattr(goes_on, "_SAVE_SECONDS", -1.0)
    _, broken = fit(base, tmp_path / "broken.pt")
    real, steps = broken._step, list[int]()

    def step(batch: Sequence[Encoded]) -> float:
        if len(steps) == 2:
            raise BrokenOff
        steps.append(1)
        return real(batch)

    monkeypatch.setattr(broken, "_step", step)
    with pytest.raises(BrokenOff):
        broken.run(batches(base), lambda _text: None)
    resumed, again = fit(base, tmp_path / "broken.pt")
    assert (again.epoch, again._done) == (0, 2)
    again.run(batches(base), lambda _text: None)

    assert again.epoch == whole.epoch == 1
    for name, weight in fitting.learnt(judge).items():
        assert torch.equal(weight, fitting.learnt(resumed)[name]), name


def test_what_was_learnt_is_small_and_a_judge_of_its_own(tmp_path: Path) -> None:
    base = models.find(ENCODER, "encoder").path
    judge, fitted = fit(base, tmp_path / "checkpoint.pt")
    for _ in range(6):
        fitted.run(batches(base), lambda _text: None)
    save_file(fitting.learnt(judge), tmp_path / "judge.safetensors")
    assert (tmp_path / "judge.safetensors").stat().st_size < 25_000_000

    right, wrong = CrossJudge(base, tmp_path / "judge.safetensors", "").judge([EXAMPLES[0].pair, EXAMPLES[1].pair])
    assert right.answers > wrong.answers
    assert right.span > wrong.span
    assert TEXT[right.start : right.end] == "200"


def test_low_rank_matrices_are_stored_by_themselves_and_give_the_same_judge(tmp_path: Path) -> None:
    base = models.find(ENCODER, "encoder").path
    torch.manual_seed(0)
    judge = fitting.prepared(network.load(base, None), "cpu", rank=4)
    Fitting(judge, partial(fitting.loss, judge, size=512), 10, 1e-2, tmp_path / "checkpoint.pt").run(
        batches(base), lambda _: None
    )
    found = fitting.learnt(judge)
    save_file(found, tmp_path / "judge.safetensors")

    stored = network.load(base, tmp_path / "judge.safetensors").eval()

    pairs = [example.pair for example in EXAMPLES[:6]]
    batch = network.collated(pairs, network.encode(network.tokenizer(base), pairs))
    with torch.inference_mode():
        ours, theirs = judge.eval()(batch), stored(batch)
    assert torch.allclose(ours[1], theirs[1], atol=0.02)
    assert not torch.allclose(ours[1], network.load(base, None).eval()(batch)[1], atol=0.02)
    assert sum(rows.numel() for rows in found.values()) < 0.1 * sum(w.numel() for w in stored.parameters())


def test_low_rank_matrices_are_gone_on_with(tmp_path: Path) -> None:
    base = models.find(ENCODER, "encoder").path
    judge = fitting.prepared(network.load(base, None), "cpu", rank=4)
    for part in judge.modules():
        if isinstance(part, LowRank):
            nn.init.normal_(part.b)
    found = fitting.learnt(judge)
    save_file(found, tmp_path / "judge.safetensors")
    again = fitting.prepared(network.load(base, None), "cpu", rank=4)
    fitting.take_up(again, tmp_path / "judge.safetensors")

    assert all(torch.allclose(rows, found[name], rtol=1e-2) for name, rows in fitting.learnt(again).items())
    with pytest.raises(ValueError, match="other matrices than --rank asks for"):
        fitting.take_up(fitting.prepared(network.load(base, None), "cpu", rank=8), tmp_path / "judge.safetensors")
