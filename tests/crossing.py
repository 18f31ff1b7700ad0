"""Cross-encoders of chance, as small as they can be, saved as sentence-transformers' own are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer, BertConfig, BertForSequenceClassification

from embeddings import Pair
from embeddings.encoder import native_bfloat16
from rag.models import weights as models
from tests.conftest import ENCODER

RELEVANCE = ("LABEL_0",)
NLI = ("contradiction", "entailment", "neutral")


def cross_encoder(folder: Path, labels: Sequence[str] = RELEVANCE, bias: Sequence[float] | None = None) -> Path:
    """Save a BERT of two layers with `labels`, and the embedded encoder's tokenizer; `bias` is that of its labels."""
    torch.manual_seed(len(labels))
    config = BertConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        initializer_range=0.4,
        id2label=dict(enumerate(labels)),
        label2id={label: at for at, label in enumerate(labels)},
    )
    model = BertForSequenceClassification(config)
    if bias:
        model.classifier.bias.data = torch.tensor(bias)
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(models.find(ENCODER, "encoder").path).save_pretrained(folder)
    return folder


def reconfigure(folder: Path, **changed: Any) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | changed), encoding="utf-8")


def logits(folder: Path, first: str, second: str, **tokenizing: Any) -> list[float]:
    """What transformers itself makes of one pair, at the precision of this machine."""
    native = native_bfloat16(torch.cpu.get_capabilities())
    dtype = torch.bfloat16 if native else torch.float32
    model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=dtype).eval()
    encoded = AutoTokenizer.from_pretrained(folder)(first, second, return_tensors="pt", **tokenizing)
    with torch.inference_mode():
        found: list[float] = model(**encoded).logits[0].double().tolist()
    return found


def log_odds(folder: Path, pair: Pair, at: int) -> float:
    """Those of the label at `at` against all others, for a text and what is claimed of it."""
    shares = torch.tensor(logits(folder, pair.text, pair.asked), dtype=torch.float64).softmax(0)
    return float(shares[at].log() - torch.log1p(-shares[at]))
