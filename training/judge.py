"""Train the judge, and fit its heads for disagreement and silence again."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from logging import getLogger
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file, save_file
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from embeddings import network
from embeddings.batches import batched
from embeddings.judge import Pair
from embeddings.network import DISPUTES, SILENT, Network
from rag.models import weights as models
from training import trainer
from training.examples import Example
from training.loss import Teacher, batches
from training.measure import calibrate, measure
from training.mixture import Mixture
from training.sets import ENCODER
from training.trainer import Trainer

DEFAULT_BATCH_TOKENS = 2048
_CALIBRATION_CASES, _MEASURED_CASES = 600, 400
_log = getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to train, and how long.

    data:          the folder of the public sets
    out:           the folder for the checkpoint, the weights and what takes long to compute
    part:          the share of the questions that each epoch takes, drawn anew each time
    start:         weights to start from, instead of the encoder's
    base:          the folder of the encoder below the judge; None: the one that ships
    rank:          of the low-rank matrices to learn beside the encoder's layers; 0: learn the layers
    batch_tokens:  about how many tokens a step has
    contrast:      the share of contrast pairs in each epoch
    stories:       the share of the invented stories in each epoch
    rate:          a factor of the learning rate
    teachers:      weights of trained judges to learn from, over the encoder in `teacher_base`
    """

    data: Path
    out: Path
    epochs: int
    part: float
    seed: int
    device: str
    start: Path | None = None
    base: Path | None = None
    rank: int = 0
    batch_tokens: int = DEFAULT_BATCH_TOKENS
    contrast: float = 0.0
    stories: float = 1.0
    rate: float = 1.0
    teachers: Sequence[Path] = ()
    teacher_base: Path | None = None

    def mixture(self) -> Mixture:
        return Mixture(
            self.data,
            self.out,
            self.part,
            self.seed,
            unlabelled=bool(self.teachers),
            contrast_share=self.contrast,
            story_share=self.stories,
        )

    def fingerprint(self, first_epoch: Sequence[Example]) -> str:
        """Return what a checkpoint must be of to be resumed: what is trained, how long, from what, and on what."""
        files = [path.read_bytes() for path in (self.start, *self.teachers) if path]
        told = (
            self.epochs,
            self.part,
            self.seed,
            self.base and self.base.name,
            self.rank,
            self.batch_tokens,
            self.rate,
        )
        digest = hashlib.sha256(repr(told).encode())
        for content in (*files, *(repr(example).encode() for example in first_epoch)):
            digest.update(content)
        return digest.hexdigest()


def embedded_encoder() -> Path:
    """Return the folder of the encoder that ships."""
    return models.find(ENCODER, "encoder").path


def train(plan: Plan) -> None:
    """Train a judge and write `judge.safetensors` after each epoch; resume an interrupted training.

    Raises: OSError, ValueError.
    """
    plan.out.mkdir(parents=True, exist_ok=True)
    # The first gradients are denormal numbers, which a CPU computes a hundred times slower.
    torch.set_flush_denormal(True)
    torch.manual_seed(plan.seed)
    base, weights = plan.base or embedded_encoder(), plan.out / "judge.safetensors"
    mixture, tokenizer = plan.mixture(), network.tokenizer(base)
    first = mixture.examples(0)
    steps = plan.epochs * sum(1 for _ in batches(first, tokenizer, random.Random(0), plan.batch_tokens))
    _log.info("%d questions, %d examples an epoch, %d steps in all", len(mixture.cases), len(first), steps)
    # `network.load` would merge low-rank matrices into their layers, which are not stored: they are loaded separately.
    judge = trainer.prepare(network.load(base, None if plan.rank else plan.start), plan.device, plan.rank)
    if plan.rank and plan.start:
        trainer.load_low_rank(judge, plan.start)
    rate = plan.rate * (trainer.LOW_RANK_LEARNING_RATE if plan.rank else trainer.LEARNING_RATE)
    teacher = Teacher(plan.teacher_base or embedded_encoder(), plan.teachers, plan.device) if plan.teachers else None
    run = Trainer(
        judge, steps, rate, plan.out / "checkpoint.pt", plan.batch_tokens, teacher, plan=plan.fingerprint(first)
    )
    while run.epoch < plan.epochs:
        rng = random.Random(f"{plan.seed}/{run.epoch}")
        run.run(list(batches(mixture.examples(run.epoch), tokenizer, rng, plan.batch_tokens)))
        # The product finds the encoder by the name of its folder.
        metadata = {"base": plan.base.name} if plan.base else {}
        tensors = trainer.stored_tensors(judge)
        save_file(tensors, weights, metadata)
        metadata["calibration"] = json.dumps(calibrate(plan.data, weights, _CALIBRATION_CASES, base))
        save_file(tensors, weights, metadata)
        _log.info(json.dumps(measure(plan.data, weights, _MEASURED_CASES, plan.out, base), indent=1))


def average(plan: Plan, weights: Sequence[Path]) -> None:
    """Write the mean of weights to `plan.out`, calibrated; of epochs that follow each other it is steadier than any.

    Wortsman et al., "Model soups" (2022). Only for judges over the encoder that ships. Raises: OSError, ValueError.
    """
    plan.out.mkdir(parents=True, exist_ok=True)
    parts, out = [load_file(path) for path in weights], plan.out / "judge.safetensors"
    mean = {
        name: torch.stack([part[name].float() for part in parts]).mean(dim=0).to(tensor.dtype)
        for name, tensor in parts[0].items()
    }
    save_file(mean, out)
    calibration = json.dumps(calibrate(plan.data, out, _CALIBRATION_CASES, embedded_encoder()))
    save_file(mean, out, {"calibration": calibration})


def refit_heads(plan: Plan, weights: Path) -> None:
    """Fit the heads for disagreement and silence again, and write the judge to `plan.out`, calibrated as before.

    Only for judges over the encoder that ships. Raises: OSError, ValueError.
    """
    plan.out.mkdir(parents=True, exist_ok=True)
    labelled, made = plan.mixture().disputes()
    sample_weights = [1.0] * len(labelled) + [0.5] * len(made)
    tensors = with_refitted_heads(embedded_encoder(), weights, [*labelled, *made], sample_weights)
    calibration = json.dumps(network.calibration(weights))
    save_file(tensors, plan.out / "judge.safetensors", {"calibration": calibration})


def with_refitted_heads(
    base: Path, weights: Path, examples: Sequence[Example], sample_weights: Sequence[float]
) -> dict[str, Tensor]:
    """Return the tensors of `weights` with other rows of `worth` for the two heads, each a logistic regression."""
    judge = network.load(base, weights).to(torch.bfloat16).eval()
    features = _head_inputs(judge, base, [example.pair for example in examples])
    tensors = load_file(weights)
    for head, label in ((DISPUTES, "disputes"), (SILENT, "silent")):
        labels = [bool(getattr(example, label)) for example in examples]
        model = LogisticRegression(C=1.0, max_iter=2000).fit(features, labels, list(sample_weights))
        tensors["worth.weight"][head] = torch.from_numpy(model.coef_[0])
        tensors["worth.bias"][head] = float(model.intercept_[0])
    return tensors


def _head_inputs(judge: Network, base: Path, pairs: Sequence[Pair]) -> npt.NDArray[np.float32]:
    """Return what the heads are given for each pair, `(n, hidden)`."""
    encoded = network.encode(network.tokenizer(base), pairs)
    lengths = [len(encoding.ids) for encoding in encoded]
    features = np.zeros((len(pairs), judge.worth.in_features), np.float32)
    captured: list[Tensor] = []
    hook = judge.worth.register_forward_pre_hook(lambda _layer, inputs: captured.append(inputs[0]))
    with torch.inference_mode():
        for batch in batched(sorted(range(len(pairs)), key=lengths.__getitem__), lengths, DEFAULT_BATCH_TOKENS):
            judge(network.collated([pairs[i] for i in batch], [encoded[i] for i in batch]))
            features[batch] = captured.pop().float().numpy()
    hook.remove()
    return features
