"""Train the writer, an adapter beside the shipped reader: `python -m training writer DATA`."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import llama_cpp
import torch

from rag.models import weights as models
from rag.models.reader import LlamaReader, build_cut_prompt
from training import sets
from training.fitting import Fitting, Plan
from training.sets import Case
from training.writer import fitting, llama, measuring, targets
from training.writer.fitting import Row
from training.writer.scoring import Likelihood
from training.writer.targets import Sample

READER = "SmolLM2-135M-Instruct"
_RANK, _ALPHA = 16, 32.0
_CONTEXT_TOKENS = 2048


def train(plan: Plan, say: Callable[[str], None]) -> None:
    """Train on a part of the questions and leave `writer.gguf`; an interrupted one goes on."""
    data, out, seed = plan.data, plan.out, plan.seed
    out.mkdir(parents=True, exist_ok=True)
    torch.set_flush_denormal(True)
    torch.manual_seed(seed)
    path = models.find(READER, "reader").path
    cases = sets.questions(data)[0]
    some = random.Random(seed).sample(cases, round(plan.part * len(cases)))
    learnt = _samples(some, path, out / f"samples-{plan.part}-{seed}.json", seed, say)
    rows = _rows(learnt, path)
    model = llama.load(path)
    llama.widen(model, _RANK, _ALPHA)
    torch.nn.Module.to(model, plan.device)
    steps = plan.epochs * len(list(fitting.batches(rows, random.Random(0))))
    say(f"{len(rows)} sentences, {steps} steps in all")
    fit = Fitting(model, partial(fitting.loss, model), steps, fitting.LEARNING_RATE, out / "checkpoint.pt")
    while fit.epoch < plan.epochs:
        fit.run(list(fitting.batches(rows, random.Random(f"{seed}/{fit.epoch}"))), say)
        llama.save(model, out / "writer.gguf", _ALPHA, "nutgraf-writer")
        say(json.dumps(measure(data, out / "writer.gguf", 200), indent=1))


def measure(data: Path, adapter: Path, limit: int) -> dict[str, Any]:
    """What is written for `limit` questions of titles held back, with the adapter and without."""
    path = models.find(READER, "reader").path
    held = sets.questions(data)[1]
    some = random.Random(0).sample(held, min(len(held), 3 * limit))
    found = _samples(some, path, adapter.with_name(f"samples-held-{limit}.json"), 0, lambda _text: None)[:limit]
    return {
        name: measuring.written(LlamaReader(path, READER, _CONTEXT_TOKENS, 0, beside), found)
        for name, beside in (("with the adapter", adapter), ("without", None))
    }


def _samples(cases: Sequence[Case], path: Path, cached: Path, seed: int, say: Callable[[str], None]) -> list[Sample]:
    if cached.is_file():
        return [Sample(*row) for row in json.loads(cached.read_text(encoding="utf-8"))]
    say(f"cutting the sentences that answer {len(cases)} questions")
    found = targets.samples(cases, Likelihood(path), seed)
    cached.write_text(json.dumps(found), encoding="utf-8")
    return found


def _rows(samples: Sequence[Sample], path: Path) -> list[Row]:
    reader = LlamaReader(path, READER, _CONTEXT_TOKENS, 0)
    vocabulary = llama_cpp.Llama(str(path), vocab_only=True, verbose=False)
    rows = []
    for one in samples:
        before, rest = reader.tokens(build_cut_prompt(one.question, one.sentence, one.short))
        written = vocabulary.tokenize(one.target.encode(), add_bos=False)
        rows.append(Row((*before, *rest), (*written, vocabulary.token_eos())))
    return rows
