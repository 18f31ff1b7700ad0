"""Fit the judge: all of it but the word embeddings, which it shares with the encoder."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import Encoding, Tokenizer
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from embeddings import network
from embeddings.batches import batched
from embeddings.network import Batch, Network
from training import lowrank
from training.judge import teaching
from training.judge.examples import Example
from training.judge.teaching import Opinion, Teacher
from training.lowrank import LowRank

LEARNING_RATE, LOW_RANK_LEARNING_RATE = 1e-4, 4e-4
_SPAN_SHARE = 0.5
# Where there is a teacher: what is told of an example may be wrong, and one that it alone judges has nothing told.
_TOLD_SHARE, _TAUGHT_SHARE = 0.3, 0.5
_TOLD = (
    (network.ANSWERS, "answers"),
    (network.SUPPORTS, "supports"),
    (network.DISPUTES, "disputes"),
    (network.SILENT, "silent"),
)
# Lengths are rounded up to these, and a batch has as many rows as fit: oneDNN prepares itself for each new shape.
_STEP_TOKENS = 32
# Examples of like length go together, out of so many at a time.
_POOL = 2000
Encoded = tuple[Example, Encoding]


def prepared(network: Network, device: str, rank: int = 0) -> Network:
    """The network on its device, with all to be learnt but the word embeddings.

    With a `rank`, only its heads, and matrices of that rank beside each layer of the encoder.
    """
    # Drawing chances for every layer takes longer than its matrices, and attention with them its slow path.
    for name, part in network.named_modules():
        if isinstance(part, nn.Dropout) and not name.startswith("bert.embeddings"):
            part.p = 0.0
    network.bert.embeddings.word_embeddings.weight.requires_grad = False
    if rank:
        layers = [name for name, part in network.bert.named_modules() if isinstance(part, nn.Linear)]
        network.bert.requires_grad_(requires_grad=False)
        lowrank.widen(network.bert, layers, rank, 2.0 * rank)
    return network.to(device)


def take_up(network: Network, weights: Path) -> None:
    """Begin with what `learnt` stored of a network with matrices of the same rank. Raises: ValueError."""
    stored = {name: rows.float() for name, rows in load_file(weights).items()}
    try:
        for name, part in network.named_modules():
            if isinstance(part, LowRank):
                part.a.data.copy_(stored.pop(f"{name}.a"))
                part.b.data.copy_(stored.pop(f"{name}.b") / part.scale)
        unknown = network.load_state_dict(stored, strict=False).unexpected_keys
    except (KeyError, RuntimeError) as error:
        raise ValueError(f"{weights} has other matrices than --rank asks for: {error}") from error
    if unknown:
        raise ValueError(f"{weights} has tensors that the judge has not: {', '.join(unknown[:3])}")


def loss(judge: Network, some: Sequence[Encoded], size: int, teacher: Teacher | None = None) -> Tensor:
    """How far the network is from what is told of each example and, where there is one, from its teacher.

    On a processor the batch is filled up to `size` tokens.
    """
    device = judge.worth.weight.device
    batch = network.collated([example.pair for example, _ in some], [found for _, found in some])
    if device.type == "cpu":
        batch = _filled_up(batch, size)
    batch = Batch(*(part.to(device) for part in batch))
    spans, worth = judge(batch)
    told = _heads(worth, some) + _places(spans, some)
    if teacher is None:
        return told
    asked = [(head, [row for row, (one, _) in enumerate(some) if _asked(one, head, name)]) for head, name in _TOLD]
    opinion = teacher.ask([example.pair for example, _ in some])
    taught = teaching.distance(Opinion(spans, worth, batch.inside), opinion, asked)
    return _TOLD_SHARE * told + _TAUGHT_SHARE * taught


def _asked(example: Example, head: int, told: str) -> bool:
    return getattr(example, told) is not None or head in example.asks


def _heads(worth: Tensor, some: Sequence[Encoded]) -> Tensor:
    total = torch.zeros((), device=worth.device)
    for head, name in _TOLD:
        told = [getattr(example, name) for example, _ in some]
        rows = [row for row, one in enumerate(told) if one is not None]
        if rows:
            right = torch.tensor([float(bool(told[row])) for row in rows], device=worth.device)
            total = total + binary_cross_entropy_with_logits(worth[rows, head], right) * len(rows) / len(some)
    return total


def _places(spans: Tensor, some: Sequence[Encoded]) -> Tensor:
    places = [(row, place) for row, one in enumerate(some) if (place := target(*one)) is not None]
    if not places:
        return torch.zeros((), device=spans.device)
    rows = [row for row, _ in places]
    begins, ends = (torch.tensor([place[at] for _, place in places], device=spans.device) for at in (0, 1))
    both = cross_entropy(spans[rows, 0], begins) + cross_entropy(spans[rows, 1], ends)
    return _SPAN_SHARE * both * len(rows) / len(some)


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


def steps_of(examples: Sequence[Example], tokens: Tokenizer, size: int) -> int:
    """How many batches an epoch over such examples has."""
    return sum(1 for _ in batches(examples, tokens, random.Random(0), size))


def batches(
    examples: Sequence[Example], tokens: Tokenizer, chance: random.Random, size: int
) -> Iterator[list[Encoded]]:
    """The examples in a random order, those of like length together, in batches of about `size` tokens."""
    shuffled = list(examples)
    chance.shuffle(shuffled)
    for at in range(0, len(shuffled), _POOL):
        pool = shuffled[at : at + _POOL]
        encoded = network.encode(tokens, [example.pair for example in pool])
        sizes = [len(one.ids) for one in encoded]
        order = sorted(range(len(pool)), key=lambda i: (sizes[i], pool[i].pair))
        found = list(batched(order, [_rounded(length) for length in sizes], size))
        chance.shuffle(found)
        for batch in found:
            yield [(pool[i], encoded[i]) for i in batch]


def _rounded(size: int) -> int:
    return -(-size // _STEP_TOKENS) * _STEP_TOKENS


def _filled_up(batch: Batch, size: int) -> Batch:
    """Empty rows and tokens up to a shape that others have too; each empty row sees its first token."""
    rows, tokens = batch.token_ids.shape
    more = max(0, size // _rounded(tokens) - rows)
    filled = Batch(*(nn.functional.pad(part, (0, _rounded(tokens) - tokens, 0, more)) for part in batch))
    filled.mask[rows:, 0] = 1
    return filled


def learnt(network: Network) -> dict[str, Tensor]:
    """What is stored of a fitted network, in float16: all but the encoder's own word embeddings.

    Of a layer with low-rank matrices beside it only those, as `NAME.a` and `NAME.b`, whose product is to be added.
    """
    wide = {name: part for name, part in network.named_modules() if isinstance(part, LowRank)}
    found: dict[str, Tensor] = {f"{name}.a": part.a for name, part in wide.items()}
    found |= {f"{name}.b": part.b * part.scale for name, part in wide.items()}
    found |= {
        name: weight
        for name, weight in network.state_dict().items()
        if "word_embeddings" not in name
        and "position_ids" not in name
        and "token_type_ids" not in name
        and not (wide and name.startswith("bert"))
    }
    return {name: rows.detach().to("cpu", torch.float16).contiguous() for name, rows in found.items()}
