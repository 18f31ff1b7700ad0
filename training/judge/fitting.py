"""Fit the judge: all of it but the word embeddings, which it shares with the encoder."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Encoding, Tokenizer
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from embeddings import network
from embeddings.batches import batched
from embeddings.network import Batch, Network
from training.judge.examples import Example

_BATCH_TOKENS = 2048
_LEARNING_RATE = 1e-4
_WARM = 0.06
_SPAN_SHARE = 0.5
# Lengths are rounded up to these, and a batch has as many rows as fit: oneDNN prepares itself for each new shape.
_STEP_TOKENS = 32
# Examples of like length go together, out of so many at a time.
_POOL = 2000
_SAVE_SECONDS = 300.0


class Fitting:
    """One training, which goes on from its checkpoint where there is one."""

    def __init__(self, network: Network, tokens: Tokenizer, device: str, steps: int, checkpoint: Path) -> None:
        """`steps` is about how many there will be in all: the learning rate falls to 0 by then."""
        self.network = network.to(device)
        # Drawing chances for every layer takes longer than its matrices, and attention with them its slow path.
        for name, part in network.named_modules():
            if isinstance(part, nn.Dropout) and not name.startswith("bert.embeddings"):
                part.p = 0.0
        self._tokens = tokens
        self._device = device
        self._steps = steps
        self._checkpoint = checkpoint
        self.network.bert.embeddings.word_embeddings.weight.requires_grad = False
        learnt = [weight for weight in network.parameters() if weight.requires_grad]
        self._optimizer = torch.optim.AdamW(learnt, lr=_LEARNING_RATE, weight_decay=0.01)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimizer, self._rate)
        self.epoch, self._done = 0, 0
        self._saved = time.monotonic()
        if checkpoint.is_file():
            self._restore(torch.load(checkpoint, map_location=device, weights_only=True))

    def run(self, examples: Sequence[Example], seed: int, report: Callable[[str], None]) -> None:
        """One epoch over `examples`; after a restart, what is left of it."""
        self.network.train()
        losses, clock, pairs = list[float](), time.monotonic(), 0
        batches = list(_batches(examples, self._tokens, random.Random(f"{seed}/{self.epoch}")))
        for number, batch in enumerate(batches):
            if number < self._done:
                continue
            losses.append(self._step(batch))
            pairs += len(batch)
            self._done = number + 1
            if time.monotonic() - self._saved > _SAVE_SECONDS:
                self.save()
            if self._done % 50 == 0 or self._done == len(batches):
                rate = pairs / (time.monotonic() - clock)
                recent = sum(losses[-50:]) / len(losses[-50:])
                report(f"epoch {self.epoch} batch {self._done}/{len(batches)} loss {recent:.4f} {rate:.0f} pairs/s")
        self.epoch, self._done = self.epoch + 1, 0
        self.save()

    def save(self) -> None:
        """Write the checkpoint whole or not at all."""
        state = {
            "network": self.network.state_dict(),
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
        self.network.load_state_dict(state["network"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        self.epoch, self._done = state["place"]
        torch.set_rng_state(state["chance"].cpu())

    def _rate(self, step: int) -> float:
        warm = max(1, int(_WARM * self._steps))
        return (step + 1) / warm if step < warm else max(0.0, (self._steps - step) / max(1, self._steps - warm))

    def _step(self, some: Sequence[tuple[Example, Encoding]]) -> float:
        with torch.autocast(self._device, torch.bfloat16):
            loss = self._loss(some)
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self._optimizer.step()
        self._schedule.step()
        return float(loss.detach())

    def _loss(self, some: Sequence[tuple[Example, Encoding]]) -> Tensor:
        batch = network.collated([example.pair for example, _ in some], [found for _, found in some])
        batch = Batch(*(part.to(self._device) for part in _filled_up(batch)))
        spans, worth = self.network(batch)
        loss = torch.zeros((), device=self._device)
        for head, told in (
            (network.ANSWERS, [example.answers for example, _ in some]),
            (network.SUPPORTS, [example.supports for example, _ in some]),
            (network.DISPUTES, [example.disputes for example, _ in some]),
            (network.SILENT, [example.silent for example, _ in some]),
        ):
            rows = [row for row, one in enumerate(told) if one is not None]
            if rows:
                right = torch.tensor([float(bool(told[row])) for row in rows], device=self._device)
                loss = loss + binary_cross_entropy_with_logits(worth[rows, head], right) * len(rows) / len(some)
        places = [(row, place) for row, one in enumerate(some) if (place := target(*one)) is not None]
        if places:
            rows = [row for row, _ in places]
            begins, ends = (torch.tensor([place[at] for _, place in places], device=self._device) for at in (0, 1))
            both = cross_entropy(spans[rows, 0], begins) + cross_entropy(spans[rows, 1], ends)
            loss = loss + _SPAN_SHARE * both * len(rows) / len(some)
        return loss


def target(example: Example, encoded: Encoding) -> tuple[int, int] | None:
    """The first and the last token of the answer; the first of all where there is none; None where it is not told."""
    if example.answers is None:
        return None
    if not example.answers:
        return 0, 0
    if example.span is None:
        return None
    inside = [
        at
        for at, (part, (start, end)) in enumerate(zip(encoded.sequence_ids, encoded.offsets, strict=True))
        if part == 1 and start < example.span.end and end > example.span.start
    ]
    # An answer that the truncation cut off is none that can be learnt.
    return (inside[0], inside[-1]) if inside else None


def steps_of(examples: Sequence[Example], tokens: Tokenizer) -> int:
    """How many batches an epoch over such examples has."""
    return sum(1 for _ in _batches(examples, tokens, random.Random(0)))


def _batches(
    examples: Sequence[Example], tokens: Tokenizer, chance: random.Random
) -> Iterator[list[tuple[Example, Encoding]]]:
    shuffled = list(examples)
    chance.shuffle(shuffled)
    for at in range(0, len(shuffled), _POOL):
        pool = shuffled[at : at + _POOL]
        encoded = network.encode(tokens, [example.pair for example in pool])
        sizes = [len(one.ids) for one in encoded]
        order = sorted(range(len(pool)), key=lambda i: (sizes[i], pool[i].pair))
        batches = list(batched(order, [_rounded(size) for size in sizes], _BATCH_TOKENS))
        chance.shuffle(batches)
        for batch in batches:
            yield [(pool[i], encoded[i]) for i in batch]


def _rounded(size: int) -> int:
    return -(-size // _STEP_TOKENS) * _STEP_TOKENS


def _filled_up(batch: Batch) -> Batch:
    """Empty rows and tokens up to a shape that others have too; each empty row sees its first token."""
    rows, tokens = batch.token_ids.shape
    more = max(0, _BATCH_TOKENS // _rounded(tokens) - rows)
    filled = Batch(*(nn.functional.pad(part, (0, _rounded(tokens) - tokens, 0, more)) for part in batch))
    filled.mask[rows:, 0] = 1
    return filled


def learnt(network: Network) -> dict[str, Tensor]:
    """What is stored of a fitted network, in float16: all but the encoder's own word embeddings."""
    return {
        name: weight.detach().to("cpu", torch.float16).contiguous()
        for name, weight in network.state_dict().items()
        if "word_embeddings" not in name and "position_ids" not in name and "token_type_ids" not in name
    }
