"""Train the judge: `python -m training judge DATA`."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from embeddings import network
from embeddings.network import CrossJudge, Network
from rag.models import weights as models
from training import sets
from training.fitting import Fitting, Plan
from training.judge import calibrating, fitting, heads, measuring
from training.judge.epochs import Epochs
from training.judge.teaching import Teacher
from training.near import windows_near

ENCODER = "all-MiniLM-L6-v2"


def train(plan: Plan, say: Callable[[str], None]) -> None:
    """Train on the sets and leave `judge.safetensors`; what was done before is gone on with."""
    plan.out.mkdir(parents=True, exist_ok=True)
    # Gradients begin so small that a processor takes a hundred times as long for them.
    torch.set_flush_denormal(True)
    torch.manual_seed(plan.seed)
    encoder = models.find(ENCODER, "encoder").path
    base, weights = plan.base or encoder, plan.out / "judge.safetensors"
    epochs = Epochs(plan, encoder, say)
    tokens = network.tokenizer(base)
    first = epochs.examples(0)
    steps = plan.epochs * fitting.steps_of(first, tokens, plan.tokens)
    say(f"{len(epochs.cases)} questions, {len(first)} examples an epoch, {steps} steps in all")
    judge = _begun(base, plan)
    rate = fitting.LOW_RANK_LEARNING_RATE if plan.rank else fitting.LEARNING_RATE
    teacher = Teacher(plan.teacher_base or encoder, plan.teachers, plan.device) if plan.teachers else None
    loss = partial(fitting.loss, judge, size=plan.tokens, teacher=teacher)
    fit = Fitting(judge, loss, steps, rate, plan.out / "checkpoint.pt")
    while fit.epoch < plan.epochs:
        chance = random.Random(f"{plan.seed}/{fit.epoch}")
        fit.run(list(fitting.batches(epochs.examples(fit.epoch), tokens, chance, plan.tokens)), say)
        save_file(fitting.learnt(judge), weights, {"base": plan.base.name} if plan.base else None)
        calibrate(plan.data, weights, 600, base)
        say(json.dumps(measure(plan.data, weights, 400, plan.out, base), indent=1))


def _begun(base: Path, plan: Plan) -> Network:
    # Low-rank matrices are gone on with; merged into their layers they would be lost to what is stored.
    judge = fitting.prepared(network.load(base, None if plan.rank else plan.start), plan.device, plan.rank)
    if plan.rank and plan.start:
        fitting.take_up(judge, plan.start)
    return judge


def refit(plan: Plan, weights: Path, say: Callable[[str], None]) -> None:
    """Leave `weights` with other heads for disagreement and silence in `plan.out`, calibrated as they were.

    It is for judges over the embedded encoder. Raises: OSError, ValueError.
    """
    plan.out.mkdir(parents=True, exist_ok=True)
    encoder = models.find(ENCODER, "encoder").path
    told, made = Epochs(plan, encoder, say).disputed()
    tensors = heads.refitted(encoder, weights, [*told, *made], [1.0] * len(told) + [0.5] * len(made))
    calibration = json.dumps(network.calibration(weights))
    save_file(tensors, plan.out / "judge.safetensors", {"calibration": calibration})


def calibrate(data: Path, weights: Path, limit: int, base: Path | None = None) -> None:
    """Calibrate `weights` on about `limit` cases of one half of the titles held back, and write that into the file.

    So is the name of its `base`, which the product finds it by.
    """
    beside = {"base": base.name} if base else {}
    encoder = models.find(ENCODER, "encoder").path
    tensors = load_file(weights)
    save_file(tensors, weights)
    held = sets.questions(data)[1]
    cases = sets.halves(held)[0]
    near = windows_near(held, encoder, weights.with_name("near-held.json"), lambda _text: None)
    found = calibrating.calibrated(
        CrossJudge(base or encoder, weights, ""), cases[:: max(1, len(cases) // limit)], near
    )
    save_file(tensors, weights, {"calibration": json.dumps(found), **beside})


def measure(data: Path, weights: Path, limit: int, out: Path, base: Path | None = None) -> dict[str, Any]:
    """The figures on the other half of what was held back, and on the dev sets, `limit` cases of each.

    What takes long to find is kept in `out`.
    """
    out.mkdir(parents=True, exist_ok=True)
    encoder = models.find(ENCODER, "encoder").path
    judge = CrossJudge(base or encoder, weights, "")
    _, held = sets.questions(data)
    near = windows_near(held, encoder, out / "near-held.json", lambda _text: None)
    held = sets.halves(held)[1]
    squad = [case for case in held if case.id in _ids(data, "squad2_half")]
    return {
        "squad2_half, unseen titles": measuring.questions(judge, squad[:: max(1, len(squad) // (2 * limit))]),
        "noise of the topic": measuring.noise(judge, held[:: max(1, len(held) // limit)], near),
        "newsqa": measuring.given(judge, sets.read(data / "newsqa", "reading.jsonl")[:: 2160 // limit]),
        "multihop500": measuring.given(judge, sets.read(data / "multihop500", "reading.jsonl")[:limit]),
        "rte": measuring.claims(judge, sets.split(sets.read(data / "rte", "claims.jsonl"))[1]),
        "fitz_gov": measuring.modes(judge, sets.split(sets.read(data / "fitz_gov", "modes.jsonl"))[1]),
        "expertqa_val": measuring.claims(judge, sets.read(data / "expertqa_val", "claims.jsonl")[:limit]),
    }


def _ids(data: Path, name: str) -> set[str]:
    return {str(row["id"]) for row in sets.read(data / name, "reading.jsonl")}
