"""A training that is broken off and gone on with ends where it would have ended."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from embeddings import network
from embeddings.judge import Pair
from embeddings.network import CrossJudge
from rag import models
from rag.types import Span
from tests.conftest import ENCODER
from training.judge import fitting
from training.judge.examples import Example
from training.judge.fitting import Fitting

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


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "_BATCH_TOKENS", 512)


def fit(base: Path, checkpoint: Path) -> Fitting:
    torch.manual_seed(0)
    return Fitting(network.load(base, None), network.tokenizer(base), "cpu", 10, checkpoint)


class BrokenOff(Exception):
    """In the place of a power cut."""


def test_what_is_gone_on_with_ends_as_what_was_not_broken_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = models.find(ENCODER, "encoder").path
    whole = fit(base, tmp_path / "whole.pt")
    whole.run(EXAMPLES, 0, lambda _text: None)

    monkeypatch.setattr(fitting, "_SAVE_SECONDS", -1.0)
    broken = fit(base, tmp_path / "broken.pt")
    real, steps = broken._step, list[int]()

    def step(batch: object) -> float:
        if len(steps) == 2:
            raise BrokenOff
        steps.append(1)
        return real(batch)  # type: ignore[arg-type]

    monkeypatch.setattr(broken, "_step", step)
    with pytest.raises(BrokenOff):
        broken.run(EXAMPLES, 0, lambda _text: None)
    again = fit(base, tmp_path / "broken.pt")
    assert (again.epoch, again._done) == (0, 2)
    again.run(EXAMPLES, 0, lambda _text: None)

    assert again.epoch == whole.epoch == 1
    for name, weight in fitting.learnt(whole.network).items():
        assert torch.equal(weight, fitting.learnt(again.network)[name]), name


def test_what_was_learnt_is_small_and_a_judge_of_its_own(tmp_path: Path) -> None:
    base = models.find(ENCODER, "encoder").path
    fitted = fit(base, tmp_path / "checkpoint.pt")
    for _ in range(6):
        fitted.run(EXAMPLES, 0, lambda _text: None)
    save_file(fitting.learnt(fitted.network), tmp_path / "judge.safetensors")
    assert (tmp_path / "judge.safetensors").stat().st_size < 25_000_000

    right, wrong = CrossJudge(base, tmp_path / "judge.safetensors", "").judge([EXAMPLES[0].pair, EXAMPLES[1].pair])
    assert right.answers > wrong.answers
    assert right.span > wrong.span
    assert TEXT[right.start : right.end] == "200"
