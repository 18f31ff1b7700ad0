"""Train the judge's network, all of it or by low-rank matrices; an interrupted training resumes from its checkpoint."""

from __future__ import annotations

import time
from collections.abc import Sequence
from logging import getLogger
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from embeddings.network import Network
from embeddings.transformer import read_tensors
from training.loss import Encoded, Teacher, loss

LEARNING_RATE, LOW_RANK_LEARNING_RATE = 1e-4, 4e-4
_WARMUP = 0.06
_CHECKPOINT_SECONDS = 300.0
_log = getLogger(__name__)


class LowRank(nn.Module):
    """A frozen linear layer and a learned low-rank matrix beside it: `x W + (x A B) * scale` (LoRA, Hu et al. 2021)."""

    def __init__(self, inner: nn.Linear, rank: int, scale: float) -> None:
        super().__init__()
        self.inner = inner.requires_grad_(requires_grad=False)
        self.scale = scale
        self.a = nn.Parameter(torch.randn(rank, inner.in_features) / inner.in_features**0.5)
        self.b = nn.Parameter(torch.zeros(inner.out_features, rank))

    def forward(self, states: Tensor) -> Tensor:
        low_rank = nn.functional.linear(nn.functional.linear(states, self.a), self.b)
        total: Tensor = self.inner(states) + low_rank * self.scale
        return total


class Trainer:
    """One training run; it resumes if its checkpoint exists."""

    def __init__(
        self,
        judge: Network,
        steps: int,
        learning_rate: float,
        checkpoint: Path,
        batch_tokens: int,
        teacher: Teacher | None = None,
        *,
        plan: str = "",
    ) -> None:
        """Train the weights of `judge` that require a gradient, on the device where they are.

        `steps` is the approximate number of steps in all: the learning rate falls to 0 over them. Only a checkpoint
        of the same `plan` is resumed. Raises: ValueError.
        """
        self.judge = judge
        self.epoch = 0
        self._batches_done = 0
        self._steps = steps
        self._checkpoint = checkpoint
        self._batch_tokens = batch_tokens
        self._teacher = teacher
        self._plan = plan
        self._weights = {name: weight for name, weight in judge.named_parameters() if weight.requires_grad}
        self._device = judge.worth.weight.device
        self._optimizer = torch.optim.AdamW(self._weights.values(), lr=learning_rate, weight_decay=0.01)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimizer, self._rate)
        self._saved = time.monotonic()
        if checkpoint.is_file():
            self._restore(torch.load(checkpoint, map_location=self._device, weights_only=True))

    def run(self, batches: Sequence[Sequence[Encoded]]) -> None:
        """Train one epoch; after a restart, the rest of it. `batches` must be the same then."""
        self.judge.train()
        losses, started, examples = list[float](), time.monotonic(), 0
        for number, batch in enumerate(batches[self._batches_done :], start=self._batches_done + 1):
            losses.append(self._step(batch))
            examples += len(batch)
            self._batches_done = number
            if time.monotonic() - self._saved > _CHECKPOINT_SECONDS:
                self._save()
            if number % 50 == 0 or number == len(batches):
                rate = examples / (time.monotonic() - started)
                recent = sum(losses[-50:]) / len(losses[-50:])
                place = f"epoch {self.epoch} batch {number}/{len(batches)}"
                _log.info("%s loss %.4f %.0f examples/s", place, recent, rate)
        self.epoch, self._batches_done = self.epoch + 1, 0
        self._save()

    def _step(self, batch: Sequence[Encoded]) -> float:
        with torch.autocast(self._device.type, torch.bfloat16):
            mean = loss(self.judge, batch, self._batch_tokens, self._teacher)
        self._optimizer.zero_grad()
        mean.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._weights.values(), 1.0)
        self._optimizer.step()
        self._schedule.step()
        return float(mean.detach())

    def _rate(self, step: int) -> float:
        """Return the factor of the learning rate: a linear warm-up, then a linear decay."""
        warmup = max(1, int(_WARMUP * self._steps))
        return (step + 1) / warmup if step < warmup else max(0.0, (self._steps - step) / max(1, self._steps - warmup))

    def _save(self) -> None:
        """Write the checkpoint to a temporary file and rename it: a kill leaves the old one."""
        state = {
            "weights": {name: weight.detach() for name, weight in self._weights.items()},
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
            "position": (self.epoch, self._batches_done),
            "rng": torch.get_rng_state(),
            "plan": self._plan,
        }
        part = self._checkpoint.with_suffix(".part")
        torch.save(state, part)
        part.replace(self._checkpoint)
        self._saved = time.monotonic()

    def _restore(self, state: dict[str, Any]) -> None:
        if state.get("plan") != self._plan:
            raise ValueError(
                f"{self._checkpoint} is of another training: other options, weights or examples "
                "(repeat its command to resume it, or name another --out)"
            )
        self.judge.load_state_dict(state["weights"], strict=False)
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        self.epoch, self._batches_done = state["position"]
        torch.set_rng_state(state["rng"].cpu())


def prepare(judge: Network, device: str, rank: int = 0) -> Network:
    """Freeze the word embeddings, which the judge shares with its encoder, and move the network to its device.

    With a `rank`, freeze the whole encoder and put low-rank matrices beside its linear layers.
    """
    # Dropout above the embeddings costs more time than the layers' matrices, and excludes the fast attention.
    for name, part in judge.named_modules():
        if isinstance(part, nn.Dropout) and not name.startswith("bert.embeddings"):
            part.p = 0.0
    judge.bert.embeddings.word_embeddings.weight.requires_grad = False
    if rank:
        layers = [name for name, part in judge.bert.named_modules() if isinstance(part, nn.Linear)]
        judge.bert.requires_grad_(requires_grad=False)
        for path in layers:
            parent, _, name = path.rpartition(".")
            module = judge.bert.get_submodule(parent)
            setattr(module, name, LowRank(getattr(module, name), rank, 2.0))
    return judge.to(device)


def load_low_rank(judge: Network, weights: Path) -> None:
    """Load what `stored_tensors` gave for a network of the same rank. Raises: OSError, ValueError."""
    stored = read_tensors(weights)
    try:
        for name, part in judge.named_modules():
            if isinstance(part, LowRank):
                part.a.data.copy_(stored.pop(f"{name}.a"))
                part.b.data.copy_(stored.pop(f"{name}.b") / part.scale)
        unknown = judge.load_state_dict(stored, strict=False).unexpected_keys
    except (KeyError, RuntimeError) as error:
        raise ValueError(f"the matrices in {weights} are not those that --rank asks for: {error}") from error
    if unknown:
        raise ValueError(f"{weights} has tensors that the judge does not have: {', '.join(unknown[:3])}")


def stored_tensors(judge: Network) -> dict[str, Tensor]:
    """Return the tensors to store, in float16: all but the word embeddings of the encoder.

    A layer with a low-rank matrix is stored as that alone: `NAME.a` and `NAME.b`, whose product is added to the layer.
    """
    low_rank = {name: part for name, part in judge.named_modules() if isinstance(part, LowRank)}
    tensors: dict[str, Tensor] = {f"{name}.a": part.a for name, part in low_rank.items()}
    tensors |= {f"{name}.b": part.b * part.scale for name, part in low_rank.items()}
    shared = ("word_embeddings", "position_ids", "token_type_ids")
    for name, tensor in judge.state_dict().items():
        if not any(word in name for word in shared) and not (low_rank and name.startswith("bert")):
            tensors[name] = tensor
    return {name: tensor.detach().to("cpu", torch.float16).contiguous() for name, tensor in tensors.items()}
