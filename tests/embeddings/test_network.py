"""What holds for every judge, however it was trained: order, determinism, spans, threads, and errors."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from embeddings import network
from embeddings.judge import MAX_TOKENS, Pair
from embeddings.network import CrossJudge
from rag.models import weights as model_weights
from tests.conftest import ENCODER

TEXT = "Gas pipeline\nRussia will build a gas pipeline between Karachi and Lahore, Lavrov said on Tuesday."
PAIRS = [
    Pair("Which cities does the pipeline join?", TEXT, 13),
    Pair("Who said so?", TEXT, 13),
    *(Pair(f"How many homes, {n}?", "Heavy rain " * (1 + 13 * n % 40) + "destroyed 200 homes.") for n in range(30)),
]


@pytest.fixture(scope="module")
def base() -> Path:
    return model_weights.find(ENCODER, "encoder").path


@pytest.fixture(scope="module")
def weights(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained judge with random heads."""
    torch.manual_seed(0)
    made = network.load(base, None)
    path = tmp_path_factory.mktemp("judge") / "judge.safetensors"
    save_file({name: value for name, value in made.state_dict().items() if "word_embeddings" not in name}, path)
    return path


@pytest.fixture(scope="module")
def untrained(base: Path, weights: Path) -> CrossJudge:
    return CrossJudge(base, weights, "")


def test_each_pair_gets_its_own_judgement_in_any_order(untrained: CrossJudge) -> None:
    assert untrained.judge(PAIRS[::-1])[::-1] == untrained.judge(PAIRS)


def test_an_answer_is_a_span_of_the_text_after_its_start(untrained: CrossJudge) -> None:
    for pair, found in zip(PAIRS, untrained.judge(PAIRS), strict=True):
        assert pair.start <= found.start < found.end <= len(pair.text)


def test_no_pairs_give_no_judgements(untrained: CrossJudge) -> None:
    assert untrained.judge([]) == []


@pytest.mark.parametrize("text", ["", " ", "\n", "heading\n"], ids=ascii)
def test_a_text_without_words_gets_an_empty_span(untrained: CrossJudge, text: str) -> None:
    (found,) = untrained.judge([Pair("Who?", text, len(text))])

    assert text[found.start : found.end] == ""


def test_a_text_beyond_the_window_is_truncated(untrained: CrossJudge) -> None:
    (found,) = untrained.judge([Pair("Where?", "word " * 5000)])

    assert found.end <= 5 * MAX_TOKENS


def test_concurrent_threads_each_get_their_own_judgements(untrained: CrossJudge) -> None:
    alone = [untrained.judge(PAIRS[n : n + 5]) for n in range(8)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            together = list(threads.map(lambda n: untrained.judge(PAIRS[n % 8 : n % 8 + 5]), range(80)))
    finally:
        sys.setswitchinterval(interval)

    assert all(got == alone[n % 8] for n, got in enumerate(together))


def test_weights_of_another_model_are_refused(base: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    save_file({"weight": torch.zeros(2)}, other)
    with pytest.raises(ValueError, match="is not a judge for the encoder"):
        CrossJudge(base, other, "")


def test_damaged_weights_are_refused(base: Path, weights: Path, tmp_path: Path) -> None:
    torn = tmp_path / "torn.safetensors"
    torn.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(ValueError, match="are damaged"):
        CrossJudge(base, torn, "")
