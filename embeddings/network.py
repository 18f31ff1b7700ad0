"""The judge: a BERT that reads both texts at once, with a head for places and one for worth.

Its word embeddings are those of the encoder that it was trained from, so only the layers above them are stored with
it. Importing this takes seconds, for torch: import it where a judge is made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError, safe_open
from tokenizers import Encoding, Tokenizer
from torch import Tensor, nn
from transformers import AutoConfig, BertModel, MPNetModel, PretrainedConfig

from embeddings.batches import batched, side_by_side
from embeddings.encoder import native_bfloat16
from embeddings.judge import MAX_SPAN_TOKENS, MAX_TOKENS, NEVER, Judgement, Pair

ANSWERS, SUPPORTS, DISPUTES, SILENT = 0, 1, 2, 3
_BODIES: dict[str, Any] = {"bert": BertModel, "mpnet": MPNetModel}


class Calibration(NamedTuple):
    """What makes log-odds that hold of the sum of a judge's two opinions of an answer; stored with its weights."""

    scale: float = 0.5
    bias: float = 0.0


class Batch(NamedTuple):
    """Pairs as the network takes them: `(n, tokens)` int64, and which tokens an answer may hold: bool."""

    token_ids: Tensor
    kinds: Tensor
    mask: Tensor
    inside: Tensor


class Network(nn.Module):
    """An encoder with two heads: where an answer begins and ends, and what the pair as a whole is worth."""

    def __init__(self, config: PretrainedConfig) -> None:
        super().__init__()
        self.bert = _BODIES[config.model_type](config, add_pooling_layer=False)
        self.spans = nn.Linear(config.hidden_size, 2)
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)
        self.worth = nn.Linear(config.hidden_size, 4)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """`(n, 2, tokens)`: log-odds of each token to begin and to end an answer, the first stands for none; `(n, 4)`:
        log-odds of `ANSWERS`, `SUPPORTS`, `DISPUTES` and `SILENT`. Both float32.
        """
        kinds = {"token_type_ids": batch.kinds} if isinstance(self.bert, BertModel) else {}
        states = self.bert(input_ids=batch.token_ids, attention_mask=batch.mask, **kinds).last_hidden_state
        allowed = batch.inside.clone()
        allowed[:, 0] = True
        spans = self.spans(states).float().transpose(1, 2).masked_fill(~allowed[:, None], NEVER)
        return spans, self.worth(torch.tanh(self.dense(states[:, 0]))).float()


class CrossJudge:
    """A trained network on this machine, for any number of threads."""

    def __init__(self, base: Path, weights: Path, fingerprint: str) -> None:
        """Load `weights` over the word embeddings of the encoder in `base`. Raises: OSError, ValueError."""
        native = native_bfloat16(torch.cpu.get_capabilities())
        self._network = load(base, weights).to(torch.bfloat16 if native else torch.float32).eval()
        self._tokenizer = tokenizer(base)
        self._calibration = calibration(weights)
        self._threads = torch.get_num_threads()
        self.fingerprint = fingerprint

    def judge(self, pairs: Sequence[Pair]) -> list[Judgement]:
        """Judge each pair, in the order of `pairs`. Equal pairs beside equal pairs give equal bits."""
        encoded = encode(self._tokenizer, pairs)
        order = sorted(range(len(pairs)), key=lambda i: (len(encoded[i].ids), pairs[i]))
        judged: dict[int, Judgement] = {}
        batches = list(batched(order, [len(one.ids) for one in encoded]))
        some = [[(pairs[i], encoded[i]) for i in batch] for batch in batches]
        for batch, found in zip(batches, side_by_side(self._judged, some, self._threads), strict=True):
            judged.update(zip(batch, found, strict=True))
        return [judged[i] for i in range(len(pairs))]

    def _judged(self, some: Sequence[tuple[Pair, Encoding]]) -> list[Judgement]:
        torch.set_num_threads(1)
        try:
            with torch.inference_mode():
                spans, worth = self._network(collated([pair for pair, _ in some], [found for _, found in some]))
        finally:
            torch.set_num_threads(self._threads)
        rows = zip(some, spans.numpy(), worth.tolist(), strict=True)
        return [self._judgement(row, *best_span(spans, found, pair)) for (pair, found), spans, row in rows]

    def _judgement(self, worth: Sequence[float], span: float, start: int, end: int) -> Judgement:
        answers = self._calibration.scale * (worth[ANSWERS] + span) + self._calibration.bias
        return Judgement(answers, span, start, end, worth[SUPPORTS], worth[DISPUTES], worth[SILENT])


def load(base: Path, weights: Path | None) -> Network:
    """The network with the weights of `base`, and over them those of `weights`. Raises: OSError, ValueError."""
    network = Network(AutoConfig.from_pretrained(base))
    network.bert.load_state_dict(_tensors(base / "model.safetensors"), strict=False)
    if weights:
        try:
            left = network.load_state_dict(_merged(network, _tensors(weights)), strict=False)
        except (AttributeError, RuntimeError) as error:  # another encoder's layers, or of another size
            raise ValueError(f"{weights} is no judge for the encoder in {base}") from error
        if left.unexpected_keys or set(left.missing_keys) - {"bert.embeddings.word_embeddings.weight"}:
            raise ValueError(f"{weights} is no judge for the encoder in {base}")
    return network


def _merged(network: Network, stored: dict[str, Tensor]) -> dict[str, Tensor]:
    """Stored tensors as the network has them: the product of `NAME.b` and `NAME.a` is added to its `NAME.weight`."""
    whole = {name: rows for name, rows in stored.items() if not name.endswith((".a", ".b"))}
    for name in (name.removesuffix(".a") for name in stored if name.endswith(".a")):
        inner: Tensor = network.get_parameter(f"{name}.weight").detach()
        whole[f"{name}.weight"] = inner + stored[f"{name}.b"] @ stored[f"{name}.a"]
    if len(whole) < len(stored):
        whole = {f"bert.{name}": rows for name, rows in network.bert.state_dict().items()} | whole
    return whole


def calibration(weights: Path) -> Calibration:
    """What is stored with the weights; the default where nothing is. Raises: OSError, ValueError."""
    with _opened(weights) as file:
        stored = (file.metadata() or {}).get("calibration")
    return Calibration(*json.loads(stored)) if stored else Calibration()


def base_of(weights: Path) -> str | None:
    """The name of the encoder that the weights are for, where they say so. Raises: OSError, ValueError."""
    with _opened(weights) as file:
        found: str | None = (file.metadata() or {}).get("base")
    return found


def tokenizer(base: Path) -> Tokenizer:
    """The encoder's tokenizer, set to cut a pair's text off at `MAX_TOKENS`, and for nothing else. Raises: OSError."""
    found = Tokenizer.from_file(str(base / "tokenizer.json"))
    found.no_padding()
    found.enable_truncation(MAX_TOKENS, strategy="longest_first")
    return found


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
    """The log-odds of the best answer beside none, and its characters in the text; none where the text has no word.

    `spans` is `(2, tokens)`: the log-odds of each token to begin and to end one; the first stands for none.
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


def _tensors(path: Path) -> dict[str, Tensor]:
    """Every tensor of a file, in float32. Raises: OSError, ValueError."""
    with _opened(path) as file:
        return {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Raises: OSError, ValueError."""
    try:
        with safe_open(path, "pt") as file:
            yield file
    except SafetensorError as error:
        raise ValueError(f"the weights {path} are damaged: {error}") from error
