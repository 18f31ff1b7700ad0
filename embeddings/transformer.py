"""BERT and MPNet in plain torch, over weights as Hugging Face's transformers stores them.

Importing transformers takes two to three seconds, and one question needs only a forward pass of two small networks.
Importing this module imports torch, which takes a second: import it where a network is made.

Sources: Devlin et al. 2019 (BERT), Song et al. 2020 (MPNet).
"""

from __future__ import annotations

import json
import math
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from tokenizers import Tokenizer
from torch import Tensor, nn

# MPNet keeps its attention under other names; here both have BERT's.
_BERT_NAMES = (
    (".attention.attn.q.", ".attention.self.query."),
    (".attention.attn.k.", ".attention.self.key."),
    (".attention.attn.v.", ".attention.self.value."),
    (".attention.attn.o.", ".attention.output.dense."),
    (".attention.LayerNorm.", ".attention.output.LayerNorm."),
)
# Beyond this distance MPNet does not tell positions apart.
_MAX_DISTANCE = 128


class TransformerConfig(NamedTuple):
    """The fields of a `config.json` that decide the computation, under its own names."""

    model_type: str
    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    max_position_embeddings: int
    layer_norm_eps: float
    hidden_dropout_prob: float
    attention_probs_dropout_prob: float
    type_vocab_size: int = 2
    relative_attention_num_buckets: int = 32

    @property
    def max_tokens(self) -> int:
        """The longest text; MPNet's first two positions are never a token's."""
        return self.max_position_embeddings - (2 if self.model_type == "mpnet" else 0)


def read_config(path: Path) -> TransformerConfig:
    """Read a `config.json`. Raises: OSError; ValueError, if `Transformer` does not compute what it describes."""
    config = json.loads(path.read_text(encoding="utf-8"))
    kind = config.get("model_type") if isinstance(config, dict) else None
    usual = kind in ("bert", "mpnet") and config.get("hidden_act") == "gelu" and not config.get("is_decoder")
    if not usual or config.get("position_embedding_type", "absolute") != "absolute":
        raise ValueError(f"{path} describes neither a plain BERT nor a plain MPNet")
    values = {name: config[name] for name in TransformerConfig._fields if name in config}
    wrong = [name for name, value in values.items() if name != "model_type" and not isinstance(value, (int, float))]
    missing = set(TransformerConfig._fields) - set(values) - set(TransformerConfig._field_defaults)
    if wrong or missing:
        raise ValueError(f"{path} lacks a number for {', '.join([*wrong, *sorted(missing)])}")
    return TransformerConfig(**values)


def load_tokenizer(folder: Path, max_tokens: int) -> Tokenizer:
    """Load `tokenizer.json` without padding, truncating to `max_tokens`. Thread-safe as long as nobody changes it.

    Raises: OSError, ValueError.
    """
    text = (folder / "tokenizer.json").read_text(encoding="utf-8")
    # tokenizers raises a bare Exception for both faults.
    if "model" not in json.loads(text):
        raise ValueError(f"{folder / 'tokenizer.json'} is not a tokenizer")
    found: Tokenizer = Tokenizer.from_str(text)
    found.no_padding()
    found.enable_truncation(max_tokens, strategy="longest_first")
    return found


def read_tensors(path: Path, wanted: Container[str] | None = None) -> dict[str, Tensor]:
    """Read the tensors of a safetensors file as float32, by their `bert_name`; only those in `wanted` if it is given.

    Raises: OSError, ValueError.
    """
    with open_weights(path) as file:
        names = {name: bert_name(name) for name in file.keys()}  # noqa: SIM118
        return {new: file.get_tensor(name).float() for name, new in names.items() if wanted is None or new in wanted}


@contextmanager
def open_weights(path: Path) -> Iterator[Any]:
    """Open a safetensors file. Raises: OSError; ValueError, if it is damaged."""
    try:
        with safe_open(path, "pt") as file:
            yield file
    except SafetensorError as error:
        raise ValueError(f"the weights {path} are damaged: {error}") from error


def bert_name(name: str) -> str:
    """The name that `Transformer` has for a parameter of BERT or MPNet."""
    for own, bert in _BERT_NAMES:
        name = name.replace(own, bert)
    return name


class Transformer(nn.Module):
    """A BERT or an MPNet without its pooler. Its parameters have no values until `load_state_dict(assign=True)`."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.embeddings = _Embeddings(config)
        self.encoder = _Encoder(config)

    def forward(self, token_ids: Tensor, mask: Tensor, kinds: Tensor | None = None) -> Tensor:
        """The hidden states of the last layer: `(n, tokens, hidden_size)`.

        `token_ids`, `mask` (1 for a token, 0 for padding) and `kinds` (BERT's token types) are `(n, tokens)` int64.
        """
        states: Tensor = self.encoder(self.embeddings(token_ids, mask, kinds), mask)
        return states


# The parts are made on torch's meta device, which draws no initial values: that takes longer than a question.
def _linear(inputs: int, outputs: int) -> nn.Linear:
    return nn.Linear(inputs, outputs, device="meta")


def _embedding(rows: int, size: int) -> nn.Embedding:
    # The usual way to make one on the meta device imports sympy, which takes most of a second.
    made: nn.Embedding = nn.Embedding.from_pretrained(torch.empty(rows, size, device="meta"), freeze=False)  # type: ignore[no-untyped-call]
    return made


def _norm(config: TransformerConfig) -> nn.LayerNorm:
    return nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps, device="meta")


class _Embeddings(nn.Module):
    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.word_embeddings = _embedding(config.vocab_size, config.hidden_size)
        self.position_embeddings = _embedding(config.max_position_embeddings, config.hidden_size)
        self.token_type_embeddings = (
            _embedding(config.type_vocab_size, config.hidden_size) if config.model_type == "bert" else None
        )
        self.LayerNorm = _norm(config)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, token_ids: Tensor, mask: Tensor, kinds: Tensor | None) -> Tensor:
        states: Tensor = self.word_embeddings(token_ids)
        if self.token_type_embeddings:
            states = states + self.token_type_embeddings(torch.zeros_like(token_ids) if kinds is None else kinds)
            positions = torch.arange(token_ids.shape[1], device=token_ids.device)
        else:
            # MPNet counts from 2 on; 1 stands for padding.
            positions = mask.cumsum(1) * mask + 1
        normed: Tensor = self.dropout(self.LayerNorm(states + self.position_embeddings(positions)))
        return normed


class _Encoder(nn.Module):
    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.layer = nn.ModuleList(_Layer(config) for _ in range(config.num_hidden_layers))
        self.relative_attention_bias = (
            _embedding(config.relative_attention_num_buckets, config.num_attention_heads)
            if config.model_type == "mpnet"
            else None
        )

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        attended = None if mask.all() else mask.bool()[:, None, None, :]
        if self.relative_attention_bias:
            buckets = _distance_buckets(mask.shape[1], self.relative_attention_bias.num_embeddings).to(mask.device)
            bias: Tensor = self.relative_attention_bias(buckets).permute(2, 0, 1)[None]
            attended = bias if attended is None else bias.masked_fill(~attended, torch.finfo(bias.dtype).min)
        for layer in self.layer:
            states = layer(states, attended)
        return states


def _distance_buckets(tokens: int, buckets: int) -> Tensor:
    """For each pair of positions its bucket: near distances one each, far ones by logarithm (Raffel et al. 2020)."""
    places = torch.arange(tokens)
    distance = places[:, None] - places[None, :]
    half = buckets // 2
    exact = half // 2
    near = distance.abs()
    far = exact + (torch.log(near.float() / exact) / math.log(_MAX_DISTANCE / exact) * (half - exact)).long()
    return (distance < 0).long() * half + torch.where(near < exact, near, far.clamp(max=half - 1))


class _Layer(nn.Module):
    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.attention = _Attention(config)
        self.intermediate = nn.ModuleDict({"dense": _linear(config.hidden_size, config.intermediate_size)})
        self.output = _Output(config, config.intermediate_size)

    def forward(self, states: Tensor, attended: Tensor | None) -> Tensor:
        states = self.attention(states, attended)
        found: Tensor = self.output(nn.functional.gelu(self.intermediate["dense"](states)), states)
        return found


class _Attention(nn.Module):
    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.self = _SelfAttention(config)
        self.output = _Output(config, config.hidden_size)

    def forward(self, states: Tensor, attended: Tensor | None) -> Tensor:
        found: Tensor = self.output(self.self(states, attended), states)
        return found


class _SelfAttention(nn.Module):
    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self._heads = config.num_attention_heads
        self.query = _linear(config.hidden_size, config.hidden_size)
        self.key = _linear(config.hidden_size, config.hidden_size)
        self.value = _linear(config.hidden_size, config.hidden_size)
        self.dropout = nn.Dropout(config.attention_probs_dropout_prob)

    def forward(self, states: Tensor, attended: Tensor | None) -> Tensor:
        query, key, value = (
            part(states).unflatten(-1, (self._heads, -1)).transpose(1, 2) for part in (self.query, self.key, self.value)
        )
        dropout = self.dropout.p if self.training else 0.0
        found = nn.functional.scaled_dot_product_attention(query, key, value, attended, dropout)
        return found.transpose(1, 2).flatten(-2)


class _Output(nn.Module):
    """A projection back to the hidden size, added to what went in."""

    def __init__(self, config: TransformerConfig, size: int) -> None:
        super().__init__()
        self.dense = _linear(size, config.hidden_size)
        self.LayerNorm = _norm(config)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, states: Tensor, before: Tensor) -> Tensor:
        found: Tensor = self.LayerNorm(self.dropout(self.dense(states)) + before)
        return found
