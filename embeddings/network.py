"""The judge: a BERT or MPNet that reads both texts at once, with a head for the span and one for the opinions.

Its word embeddings are those of the encoder that it was trained from, so only the layers above them are stored with it.
Importing this module imports torch, which takes a second: import it where a judge is made.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Encoding, Tokenizer
from torch import Tensor, nn

from embeddings.batches import batched, side_by_side
from embeddings.encoder import native_bfloat16
from embeddings.judge import MAX_SPAN_TOKENS, MAX_TOKENS, NEVER, Judgement, Pair
from embeddings.transformer import (
    Transformer,
    TransformerConfig,
    load_tokenizer,
    open_weights,
    read_config,
    read_tensors,
)

ANSWERS, SUPPORTS, DISPUTES, SILENT = 0, 1, 2, 3
_WORDS = "embeddings.word_embeddings.weight"


class Calibration(NamedTuple):
    """Turns the sum of a judge's two opinions of an answer into calibrated log-odds; stored with its weights."""

    scale: float = 0.5
    bias: float = 0.0


class Batch(NamedTuple):
    """Padded pairs: `(n, tokens)` int64, and which tokens an answer may contain: bool."""

    token_ids: Tensor
    kinds: Tensor
    mask: Tensor
    inside: Tensor


class Network(nn.Module):
    """A transformer with two heads: where an answer begins and ends, and the opinions of the pair as a whole."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.bert = Transformer(config)
        self.spans = nn.Linear(config.hidden_size, 2)
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)
        self.worth = nn.Linear(config.hidden_size, 4)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Give two float32 tensors of log-odds.

        `(n, 2, tokens)`: of each token to begin and to end an answer; the first token stands for no answer.
        `(n, 4)`: of `ANSWERS`, `SUPPORTS`, `DISPUTES` and `SILENT`.
        """
        states = self.bert(batch.token_ids, batch.mask, batch.kinds)
        allowed = batch.inside.clone()
        allowed[:, 0] = True
        spans = self.spans(states).float().transpose(1, 2).masked_fill(~allowed[:, None], NEVER)
        return spans, self.worth(torch.tanh(self.dense(states[:, 0]))).float()


class CrossJudge:
    """A trained network on disk. Thread-safe."""

    def __init__(self, base: Path, weights: Path, fingerprint: str) -> None:
        """Load `weights` over the word embeddings of the encoder in `base`. Raises: OSError, ValueError."""
        native = native_bfloat16(torch.cpu.get_capabilities())
        self._network = load(base, weights).to(torch.bfloat16 if native else torch.float32).eval()
        self._tokenizer = tokenizer(base)
        self._calibration = calibration(weights)
        self._threads = torch.get_num_threads()
        self.fingerprint = fingerprint

    def judge(self, pairs: Sequence[Pair]) -> list[Judgement]:
        """Judge each pair, in the order of `pairs`. Equal batches give equal bits."""
        encoded = encode(self._tokenizer, pairs)
        order = sorted(range(len(pairs)), key=lambda i: (len(encoded[i].ids), pairs[i]))
        batches = list(batched(order, [len(one.ids) for one in encoded]))
        work = [[(pairs[i], encoded[i]) for i in batch] for batch in batches]
        judged: dict[int, Judgement] = {}
        for batch, found in zip(batches, side_by_side(self._judge_batch, work, self._threads), strict=True):
            judged.update(zip(batch, found, strict=True))
        return [judged[i] for i in range(len(pairs))]

    def _judge_batch(self, batch: Sequence[tuple[Pair, Encoding]]) -> list[Judgement]:
        spans, worth = self._network(collated([pair for pair, _ in batch], [encoding for _, encoding in batch]))
        rows = zip(batch, spans.numpy(), worth.tolist(), strict=True)
        return [self._judgement(row, *best_span(spans, encoding, pair)) for (pair, encoding), spans, row in rows]

    def _judgement(self, worth: Sequence[float], span: float, start: int, end: int) -> Judgement:
        answers = self._calibration.scale * (worth[ANSWERS] + span) + self._calibration.bias
        return Judgement(answers, span, start, end, worth[SUPPORTS], worth[DISPUTES], worth[SILENT])


def load(base: Path, weights: Path | None) -> Network:
    """Load the encoder in `base` and over it `weights`; without `weights` the heads are random.

    Raises: OSError; ValueError, if something is damaged or does not fit.
    """
    network = Network(read_config(base / "config.json"))
    own = network.state_dict()
    stored = read_tensors(weights) if weights else {name: own[name] for name in own if not name.startswith("bert.")}
    low_rank = [name.removesuffix(".a") for name in stored if name.endswith(".a")]
    whole_base = not weights or low_rank
    wanted = {name.removeprefix("bert.") for name in own if name.startswith("bert.")} if whole_base else {_WORDS}
    tensors = {f"bert.{name}": rows for name, rows in read_tensors(base / "model.safetensors", wanted).items()}
    try:
        for name in low_rank:
            tensors[f"{name}.weight"] = tensors[f"{name}.weight"] + stored.pop(f"{name}.b") @ stored.pop(f"{name}.a")
        network.load_state_dict(tensors | stored, assign=True)
    except (KeyError, RuntimeError) as error:  # another encoder's layers, or of another size
        raise ValueError(f"{weights or base} is not a judge for the encoder in {base}") from error
    return network


def calibration(weights: Path) -> Calibration:
    """The calibration stored with the weights, else the default. Raises: OSError, ValueError."""
    with open_weights(weights) as file:
        stored = (file.metadata() or {}).get("calibration")
    return Calibration(*json.loads(stored)) if stored else Calibration()


def base_of(weights: Path) -> str | None:
    """The name of the encoder that the weights were trained over, if they say so. Raises: OSError, ValueError."""
    with open_weights(weights) as file:
        found: str | None = (file.metadata() or {}).get("base")
    return found


def tokenizer(base: Path) -> Tokenizer:
    """The encoder's tokenizer, truncating pairs to `MAX_TOKENS`. Raises: OSError, ValueError."""
    return load_tokenizer(base, MAX_TOKENS)


def encode(tokens: Tokenizer, pairs: Sequence[Pair]) -> list[Encoding]:
    return list(tokens.encode_batch([(pair.asked, pair.text) for pair in pairs]))


def collated(pairs: Sequence[Pair], encoded: Sequence[Encoding]) -> Batch:
    """Pad the pairs to the longest."""
    shape = len(pairs), max(len(one.ids) for one in encoded)
    token_ids, kinds = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    mask, inside = np.zeros(shape, np.int64), np.zeros(shape, np.bool_)
    for row, (pair, one) in enumerate(zip(pairs, encoded, strict=True)):
        size = len(one.ids)
        token_ids[row, :size], kinds[row, :size], mask[row, :size] = one.ids, one.type_ids, 1
        inside[row, :size] = [
            part == 1 and start >= pair.start for part, (start, _) in zip(one.sequence_ids, one.offsets, strict=True)
        ]
    return Batch(*(torch.from_numpy(rows) for rows in (token_ids, kinds, mask, inside)))


def best_span(spans: npt.NDArray[np.float32], encoded: Encoding, pair: Pair) -> tuple[float, int, int]:
    """The log-odds of the best answer against no answer, and its characters in the text; empty if there is no word.

    `spans` is `(2, tokens)`: log-odds of each token to begin and to end an answer; the first token stands for none.
    """
    begins, ends = spans[0, 1:], spans[1, 1:]
    if begins.max() <= NEVER:
        return NEVER, pair.start, pair.start
    both = begins[:, None] + ends[None, :]
    both[np.tril_indices(len(begins), -1)] = -np.inf
    both[np.triu_indices(len(begins), MAX_SPAN_TOKENS)] = -np.inf
    first, last = np.unravel_index(int(both.argmax()), both.shape)
    start, end = encoded.offsets[int(first) + 1][0], encoded.offsets[int(last) + 1][1]
    return float(both[first, last] - spans[0, 0] - spans[1, 0]), start, end
