"""One contract for the real encoder and the fake, and the precision of the real one."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from embeddings import Encoder, SentenceEncoder
from embeddings.encoder import native_bfloat16
from rag.models import weights
from tests.conftest import ENCODER
from tests.fakes import HashEncoder

# More than one batch, longest first: the encoder must sort them, since batches are padded to their longest text.
TEXTS = [" ".join(["Gas", *["pipeline"] * (60 - n)]) + f" number {n}" for n in range(40)]
NEWS = [
    "Lavrov arrived in Pakistan on Tuesday from India.",
    "Russia is also helping to construct a gas pipeline between Pakistan's port city of Karachi and eastern Lahore.",
    "Pakistan will purchase 5 million doses of the Russian Sputnik V vaccine.",
    "Heavy rain destroyed 200 homes.",
]
ODD = ["\N{ZERO WIDTH SPACE}", "\N{PILE OF POO}" * 40, "\x00\x07", "‮مرحبا", "İstanbul ß ﬁ", "\t\n \r"]


@pytest.fixture(params=["SentenceEncoder", "HashEncoder"])
def any_encoder(request: pytest.FixtureRequest, encoder: SentenceEncoder) -> Encoder:
    return encoder if request.param == "SentenceEncoder" else HashEncoder()


def cosines(first: Encoder, second: Encoder, texts: Sequence[str]) -> list[float]:
    return [float(a @ b) for a, b in zip(first.encode(texts), second.encode(texts), strict=True)]


def test_one_float32_unit_row_for_each_text(any_encoder: Encoder) -> None:
    vectors = any_encoder.encode(NEWS)

    assert vectors.shape == (len(NEWS), any_encoder.dimension)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(NEWS)), abs=1e-6)


def test_the_rows_are_in_the_order_of_the_texts(any_encoder: Encoder) -> None:
    together = any_encoder.encode(TEXTS)
    one_by_one = np.concatenate([any_encoder.encode([text]) for text in TEXTS])

    # Each row is nearest to itself, though the texts differ in little.
    assert (together @ one_by_one.T).argmax(axis=1).tolist() == list(range(len(TEXTS)))


def test_long_texts_are_spread_over_batches(encoder: SentenceEncoder) -> None:
    counts: list[int] = []
    vectors = encoder.encode(["gas " * 5000, *["pipeline " * 200] * 15], counts.append)

    assert np.isfinite(vectors).all()
    assert counts[-1] == 16
    assert len(counts) > 1


def test_the_number_of_threads_is_restored(encoder: SentenceEncoder) -> None:
    import torch

    before = torch.get_num_threads()
    encoder.encode(NEWS[:1])

    assert torch.get_num_threads() == before


def test_no_texts_give_no_rows(any_encoder: Encoder) -> None:
    vectors = any_encoder.encode([])

    assert vectors.shape == (0, any_encoder.dimension)
    assert vectors.dtype == np.float32


def test_an_empty_text_does_not_change_the_others(any_encoder: Encoder) -> None:
    vectors = any_encoder.encode([NEWS[0], "", NEWS[1]])

    assert np.isfinite(vectors).all()
    assert vectors[[0, 2]] == pytest.approx(any_encoder.encode(NEWS[:2]), abs=0.02)


@pytest.mark.parametrize("text", ODD, ids=ascii)
def test_odd_characters_give_a_finite_row(any_encoder: Encoder, text: str) -> None:
    (vector,) = any_encoder.encode([text])

    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector) in (0, pytest.approx(1, abs=1e-6))


def test_progress_grows_to_the_total(any_encoder: Encoder) -> None:
    counts: list[int] = []
    any_encoder.encode(TEXTS, counts.append)

    assert counts == sorted(set(counts))
    assert counts[-1] == len(TEXTS)


def test_the_same_texts_give_the_same_bits(any_encoder: Encoder) -> None:
    first = any_encoder.encode(TEXTS)

    assert any_encoder.encode(TEXTS).tobytes() == first.tobytes()


def test_the_order_of_the_texts_does_not_matter(any_encoder: Encoder) -> None:
    assert any_encoder.encode(TEXTS[::-1])[::-1].tobytes() == any_encoder.encode(TEXTS).tobytes()


def test_texts_with_similar_meaning_are_nearer(encoder: SentenceEncoder) -> None:
    question, answer, other = encoder.encode(["Where did Lavrov come from?", NEWS[0], NEWS[3]])

    assert question @ answer > question @ other + 0.3


def test_bfloat16_and_float32_agree(encoder: SentenceEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embeddings.encoder.native_bfloat16", lambda _: encoder.precision == "float32")
    located = weights.find(ENCODER, "encoder")
    other = SentenceEncoder(located.path, ENCODER, located.fingerprint)

    assert {encoder.precision, other.precision} == {"bfloat16", "float32"}
    assert min(cosines(encoder, other, NEWS)) > 0.999


@pytest.mark.parametrize(
    ("capabilities", "native"),
    [
        ({"amx_bf16": True}, True),
        ({"avx512_bf16": True}, True),
        ({"amx_bf16": False, "avx512_bf16": True}, True),
        ({"amx_bf16": False, "avx512_bf16": False}, False),
        ({"avx512_f": True, "avx2": True, "amx_int8": True}, False),
        ({"architecture": "aarch64", "bf16": True}, False),
        ({}, False),
    ],
    ids=str,
)
def test_bfloat16_is_used_only_where_the_cpu_multiplies_it(capabilities: dict[str, object], *, native: bool) -> None:
    assert native_bfloat16(capabilities) is native


def test_concurrent_threads_each_get_their_own_rows(encoder: SentenceEncoder) -> None:
    # A tokenizer keeps padding as state: threads that switch often would see each other's.
    batches = [["pipeline " * (1 + (7 * n + row) % 10) for row in range(4)] for n in range(8)]
    alone = [encoder.encode(batch) for batch in batches]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(len(batches)) as threads:
            together = list(threads.map(encoder.encode, batches * 20))
    finally:
        sys.setswitchinterval(interval)

    assert all(got.tobytes() == alone[n % len(batches)].tobytes() for n, got in enumerate(together))
