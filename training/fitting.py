"""Fit a network, so that what is broken off can be gone on with."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import torch
from torch import Tensor, nn

_WARM = 0.06
_SAVE_SECONDS = 300.0
Item = TypeVar("Item")


class Plan(NamedTuple):
    """What a training is told: the folder of the public sets, where it leaves its files, and how long it goes on.

    Each of the `epochs` takes a `part` of the questions, another one each time. `start` are weights to begin with,
    `base` the folder of an encoder, and `rank` that of the matrices learnt beside its layers, 0 to learn those.
    A step takes about so many `tokens`. `teachers` are weights of trained judges to learn from, too, over the encoder
    in `teacher_base`.
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
    tokens: int = 2048
    teachers: Sequence[Path] = ()
    teacher_base: Path | None = None


class Fitting(Generic[Item]):
    """One training, which goes on from its checkpoint where there is one."""

    def __init__(
        self,
        network: nn.Module,
        loss: Callable[[Sequence[Item]], Tensor],
        steps: int,
        learning_rate: float,
        checkpoint: Path,
    ) -> None:
        """`network` stands on its device. What requires a gradient is learnt, by the `loss` of a batch.

        `steps` is about how many there will be in all: the learning rate falls to 0 by then.
        """
        self.network = network
        self._loss = loss
        self._steps = steps
        self._checkpoint = checkpoint
        self._learnt = {name: weight for name, weight in network.named_parameters() if weight.requires_grad}
        self._device = next(iter(self._learnt.values())).device
        self._optimizer = torch.optim.AdamW(self._learnt.values(), lr=learning_rate, weight_decay=0.01)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimizer, self._rate)
        self.epoch, self._done = 0, 0
        self._saved = time.monotonic()
        if checkpoint.is_file():
            self._restore(torch.load(checkpoint, map_location=self._device, weights_only=True))

    def run(self, batches: Sequence[Sequence[Item]], report: Callable[[str], None]) -> None:
        """One epoch over `batches`; after a restart, what is left of it."""
        self.network.train()
        losses, clock, items = list[float](), time.monotonic(), 0
        for number, batch in enumerate(batches):
            if number < self._done:
                continue
            losses.append(self._step(batch))
            items += len(batch)
            self._done = number + 1
            if time.monotonic() - self._saved > _SAVE_SECONDS:
                self.save()
            if self._done % 50 == 0 or self._done == len(batches):
                rate = items / (time.monotonic() - clock)
                recent = sum(losses[-50:]) / len(losses[-50:])
                report(f"epoch {self.epoch} batch {self._done}/{len(batches)} loss {recent:.4f} {rate:.0f} examples/s")
        self.epoch, self._done = self.epoch + 1, 0
        self.save()

    def save(self) -> None:
        """Write the checkpoint whole or not at all."""
        state = {
            "learnt": {name: weight.detach() for name, weight in self._learnt.items()},
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
            "place": (self.epoch, self._done),
            "chance": torch.get_rng_state(),
        }
        half = self._checkpoint.with_suffix(".part")
        torch.save(state, half)
        half.replace(self._checkpoint)
        self._saved = time.monotonic()

    def _restore(self, state: dict[str, Any]) -> None:
        self.network.load_state_dict(state["learnt"], strict=False)
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        self.epoch, self._done = state["place"]
        torch.set_rng_state(state["chance"].cpu())

    def _rate(self, step: int) -> float:
        warm = max(1, int(_WARM * self._steps))
        return (step + 1) / warm if step < warm else max(0.0, (self._steps - step) / max(1, self._steps - warm))

    def _step(self, some: Sequence[Item]) -> float:
        with torch.autocast(self._device.type, torch.bfloat16):
            loss = self._loss(some)
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._learnt.values(), 1.0)
        self._optimizer.step()
        self._schedule.step()
        return float(loss.detach())
