"""BERT and MPNet without transformers: the same numbers as transformers computes, and nothing is taken for plain that
is not.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Transformer as Module
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling
from transformers import AutoModel, AutoTokenizer, BertConfig, BertModel, MPNetConfig, MPNetModel

from embeddings import SentenceEncoder, unit
from embeddings.fast_encoder import FastEncoder
from embeddings.transformer import Transformer, read_config, read_tensors
from rag.models import weights
from tests.conftest import ENCODER

VOCABULARY, HIDDEN = 30_600, 48
SIZES: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": HIDDEN,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 96,
    "initializer_range": 0.3,
}
KINDS: dict[str, tuple[Any, Any]] = {"bert": (BertConfig, BertModel), "mpnet": (MPNetConfig, MPNetModel)}
TEXTS = ["Who visited Islamabad?", "", "Lavrov arrived from India. " * 40, "gas " * 900, "İstanbul ß مرحبا"]


def save(folder: Path, kind: str, pooling: str) -> Path:
    """Save a small random encoder as sentence-transformers does."""
    torch.manual_seed(0)
    config, model = KINDS[kind]
    made = model(config(**SIZES))
    with torch.no_grad():
        for name, values in made.named_parameters():
            if name.endswith(("bias", "LayerNorm.weight")):
                values.normal_(1.0 if name.endswith("weight") else 0.0, 0.2)
    made.save_pretrained(folder / "raw")
    AutoTokenizer.from_pretrained(weights.find(ENCODER, "encoder").path).save_pretrained(folder / "raw")
    module = Module(str(folder / "raw"), max_seq_length=200)
    whole = SentenceTransformer(modules=[module, Pooling(HIDDEN, pooling), Normalize()], device="cpu")
    whole.save(str(folder / "encoder"))
    return folder / "encoder"


@pytest.fixture(scope="module", params=[(kind, pooling) for kind in KINDS for pooling in ("mean", "cls")], ids="-".join)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("models"), *request.param)


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("bert"), "bert", "mean")


@pytest.fixture
def copy(bert: Path, tmp_path: Path) -> Path:
    """A model that can be changed."""
    return Path(shutil.copytree(bert, tmp_path / "copy"))


def test_hidden_states_are_those_of_transformers(folder: Path) -> None:
    ours = Transformer(read_config(folder / "config.json"))
    ours.load_state_dict(read_tensors(folder / "model.safetensors"), strict=False, assign=True)
    theirs = AutoModel.from_pretrained(folder).eval()
    mask = torch.ones(3, 190, dtype=torch.long)
    mask[0, 7:], mask[1, 150:] = 0, 0
    ids = torch.randint(5, VOCABULARY, mask.shape) * mask + (1 - mask)
    with torch.inference_mode():
        found = ours.eval()(ids, mask)
        expected = theirs(input_ids=ids, attention_mask=mask).last_hidden_state

    assert torch.allclose(found[mask.bool()], expected[mask.bool()], atol=1e-4)


def test_vectors_are_those_of_sentence_transformers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embeddings.encoder.native_bfloat16", lambda _: False)
    FastEncoder(folder, torch.float32)  # raises nothing, so the encoder below uses it
    made = SentenceEncoder(folder, "small", "")
    fast = made.encode(TEXTS)
    expected = SentenceTransformer(str(folder), device="cpu").encode(TEXTS, normalize_embeddings=True)

    assert np.einsum("ij,ij->i", fast, expected).min() > 0.9999
    with monkeypatch.context() as patched:
        patched.setattr("embeddings.encoder.MAX_FAST_TEXTS", 0)
        assert np.einsum("ij,ij->i", made.encode(TEXTS), expected).min() > 0.9999
    assert made.encode(TEXTS).tobytes() == fast.tobytes(), "the weights are now shared"


def test_a_default_prompt_is_put_before_every_text(copy: Path) -> None:
    change(copy / "config_sentence_transformers.json", prompts={"q": "query: "}, default_prompt_name="q")
    expected = SentenceTransformer(str(copy), device="cpu").encode(TEXTS, normalize_embeddings=True)
    with torch.inference_mode():
        found = unit(FastEncoder(copy, torch.float32).encode(TEXTS))

    assert (found * expected).sum(1).min() > 0.9999


def change(path: Path, **values: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | values), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "values"),
    [
        ("config.json", {"hidden_act": "relu"}),
        ("config.json", {"position_embedding_type": "relative_key"}),
        ("config.json", {"model_type": "roberta"}),
        ("config.json", {"hidden_size": "wide"}),
        ("config.json", {"num_hidden_layers": 4}),
        ("config.json", {"intermediate_size": 100}),
        ("1_Pooling/config.json", {"pooling_mode": "max"}),
        ("sentence_bert_config.json", {"do_lower_case": True}),
    ],
)
def test_an_unusual_model_is_left_to_sentence_transformers(copy: Path, file: str, values: dict[str, Any]) -> None:
    change(copy / file, **values)

    with pytest.raises(ValueError, match=r"\w"):
        FastEncoder(copy, torch.float32)


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "config.json"])
def test_damaged_files_are_an_error_either_way(copy: Path, name: str) -> None:
    path = copy / name
    path.write_bytes(path.read_bytes()[:-100])

    for load in (lambda: FastEncoder(copy, torch.float32), lambda: SentenceEncoder(copy, "torn", "")):
        with pytest.raises((OSError, ValueError)):
            load()


def test_the_bundled_encoder_is_plain_and_agrees(encoder: SentenceEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    FastEncoder(weights.find(ENCODER, "encoder").path, torch.float32)
    fast = encoder.encode(TEXTS)
    monkeypatch.setattr("embeddings.encoder.MAX_FAST_TEXTS", 0)

    assert (fast * encoder.encode(TEXTS)).sum(1).min() > 0.9999
