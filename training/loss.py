"""The judge's loss: against the labels of the examples and, with a teacher, against larger judges (distillation)."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from tokenizers import Encoding, Tokenizer
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from embeddings import network
from embeddings.batches import batched
from embeddings.judge import Pair
from embeddings.network import Batch, Network
from training.examples import Example

_SPAN_WEIGHT = 0.5
# With a teacher. Labels may be wrong, and some examples have none.
_LABEL_WEIGHT, _TEACHER_WEIGHT = 0.3, 0.5
# Log-odds are divided by it, so that what a teacher nearly rules out still counts (Hinton et al. 2015).
_TEMPERATURE = 2.0
# Each head of the network and the field of an example that is its label.
_LABELS = (
    (network.ANSWERS, "answers"),
    (network.SUPPORTS, "supports"),
    (network.DISPUTES, "disputes"),
    (network.SILENT, "silent"),
)
# Lengths are rounded up to multiples of this, and batches filled with empty rows: oneDNN compiles for each new shape.
_LENGTH_STEP = 32
# Examples are sorted by length within pools of this size.
_POOL = 2000
Encoded = tuple[Example, Encoding]


class Outputs(NamedTuple):
    """What a judge gives for `n` pairs: the two tensors of `Network`, and which tokens an answer may contain.

    `spans` is `(n, 2, tokens)`, `worth` `(n, 4)`, `inside` `(n, tokens)`.
    """

    spans: Tensor
    worth: Tensor
    inside: Tensor


class Teacher:
    """Trained judges over one encoder, with frozen weights. Of several, the mean of their log-odds counts."""

    def __init__(self, base: Path, weights: Sequence[Path], device: str) -> None:
        """Load each of `weights` over the encoder in `base`. Raises: OSError, ValueError."""
        judges = [network.load(base, path).to(device).eval() for path in weights]
        self._networks = [judge.requires_grad_(requires_grad=False) for judge in judges]
        self._tokenizer = network.tokenizer(base)
        self._device = device

    def judge(self, pairs: Sequence[Pair]) -> Outputs:
        batch = network.collated(pairs, network.encode(self._tokenizer, pairs))
        batch = Batch(*(part.to(self._device) for part in batch))
        with torch.no_grad():
            spans, worth = zip(*(judge(batch) for judge in self._networks), strict=True)
        return Outputs(torch.stack(spans).mean(0), torch.stack(worth).mean(0), batch.inside)


def loss(judge: Network, rows: Sequence[Encoded], batch_tokens: int, teacher: Teacher | None = None) -> Tensor:
    """Compute the mean loss of a batch. On a CPU the batch is padded to about `batch_tokens` tokens."""
    device = judge.worth.weight.device
    batch = network.collated([example.pair for example, _ in rows], [encoding for _, encoding in rows])
    if device.type == "cpu":
        batch = _with_empty_rows(batch, batch_tokens)
    batch = Batch(*(part.to(device) for part in batch))
    spans, worth = judge(batch)
    labelled = _head_loss(worth, rows) + _span_loss(spans, rows)
    if teacher is None:
        return labelled
    taught = [
        (head, [i for i, (one, _) in enumerate(rows) if getattr(one, label) is not None or head in one.teacher_heads])
        for head, label in _LABELS
    ]
    targets = teacher.judge([example.pair for example, _ in rows])
    distilled = distillation(Outputs(spans, worth, batch.inside), targets, taught)
    return _LABEL_WEIGHT * labelled + _TEACHER_WEIGHT * distilled


def distillation(student: Outputs, teacher: Outputs, heads: Sequence[tuple[int, Sequence[int]]]) -> Tensor:
    """Compute the cross entropy with the teacher's probabilities, a mean over the batch.

    `heads` are columns of `worth`, each with its rows; the first is `ANSWERS`, and spans are compared in its rows.
    """
    total = torch.zeros((), device=student.worth.device)
    for head, rows in heads:
        if rows:
            ours, theirs = (outputs.worth[list(rows), head] / _TEMPERATURE for outputs in (student, teacher))
            total = total + binary_cross_entropy_with_logits(ours, theirs.sigmoid(), reduction="sum")
    for row in heads[0][1]:
        ours, theirs = _span_logits(student, row), _span_logits(teacher, row)
        # The tokens are the same, unless the two tokenizers truncated the text at different places.
        if ours.shape == theirs.shape:
            total = total + cross_entropy(ours, theirs.softmax(1), reduction="sum") / 2
    # The temperature makes the gradients smaller by its square.
    return total * _TEMPERATURE**2 / len(teacher.worth)


def batches(
    examples: Sequence[Example], tokenizer: Tokenizer, rng: random.Random, batch_tokens: int
) -> Iterator[list[Encoded]]:
    """Yield the examples in random batches of about `batch_tokens` tokens, each of examples of similar length."""
    shuffled = list(examples)
    rng.shuffle(shuffled)
    for start in range(0, len(shuffled), _POOL):
        pool = shuffled[start : start + _POOL]
        encoded = network.encode(tokenizer, [example.pair for example in pool])
        lengths = [len(encoding.ids) for encoding in encoded]
        order = sorted(range(len(pool)), key=lambda i: (lengths[i], pool[i].pair))
        grouped = list(batched(order, [_rounded_up(length) for length in lengths], batch_tokens))
        rng.shuffle(grouped)
        for group in grouped:
            yield [(pool[i], encoded[i]) for i in group]


def answer_tokens(example: Example, encoding: Encoding) -> tuple[int, int] | None:
    """Return the answer's first and last token; (0, 0) if there is no answer; None if it is unknown or truncated."""
    if example.answers is False:
        return 0, 0
    if example.answers is None or example.span is None:
        return None
    inside = [
        at
        for at, (part, (start, end)) in enumerate(zip(encoding.sequence_ids, encoding.offsets, strict=True))
        if part == 1 and start < example.span.end and end > example.span.start
    ]
    return (inside[0], inside[-1]) if inside else None


def _head_loss(worth: Tensor, rows: Sequence[Encoded]) -> Tensor:
    total = torch.zeros((), device=worth.device)
    for head, name in _LABELS:
        labels = [getattr(example, name) for example, _ in rows]
        labelled = [i for i, label in enumerate(labels) if label is not None]
        if labelled:
            targets = torch.tensor([float(labels[i]) for i in labelled], device=worth.device)
            entropy = binary_cross_entropy_with_logits(worth[labelled, head], targets)
            total = total + entropy * len(labelled) / len(rows)
    return total


def _span_loss(spans: Tensor, rows: Sequence[Encoded]) -> Tensor:
    targets = [(i, tokens) for i, row in enumerate(rows) if (tokens := answer_tokens(*row)) is not None]
    if not targets:
        return torch.zeros((), device=spans.device)
    labelled = [i for i, _ in targets]
    starts, ends = (torch.tensor([tokens[side] for _, tokens in targets], device=spans.device) for side in (0, 1))
    entropy = cross_entropy(spans[labelled, 0], starts) + cross_entropy(spans[labelled, 1], ends)
    return _SPAN_WEIGHT * entropy * len(labelled) / len(rows)


def _span_logits(outputs: Outputs, row: int) -> Tensor:
    """Return `(2, places)`: log-odds of the first token, for no answer, and of those that an answer may contain."""
    allowed = outputs.inside[row].clone()
    allowed[0] = True
    return outputs.spans[row][:, allowed] / _TEMPERATURE


def _rounded_up(length: int) -> int:
    return -(-length // _LENGTH_STEP) * _LENGTH_STEP


def _with_empty_rows(batch: Batch, batch_tokens: int) -> Batch:
    """Pad a batch to one of a few shapes. Each empty row attends to its first token, or it would give NaN."""
    rows, length = batch.token_ids.shape
    more_rows = max(0, batch_tokens // _rounded_up(length) - rows)
    padded = Batch(*(nn.functional.pad(part, (0, _rounded_up(length) - length, 0, more_rows)) for part in batch))
    padded.mask[rows:, 0] = 1
    return padded
