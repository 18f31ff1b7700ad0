"""A cross-encoder beside the judge: which opinion it replaces, and which models are refused."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import (
    AutoTokenizer,
    DistilBertConfig,
    DistilBertForSequenceClassification,
    RobertaConfig,
    RobertaForSequenceClassification,
)

from embeddings import ComposedJudge, CrossEncoder, Pair
from embeddings.network import CrossJudge
from tests.crossing import NLI, cross_encoder, log_odds, logits, reconfigure

TEXT = "Gas pipeline\nRussia will build a gas pipeline between Karachi and Lahore, Lavrov said on Tuesday."
PAIRS = [
    Pair("Which cities does the pipeline join?", TEXT, 13),
    Pair("Who said so?", TEXT, 13),
    Pair("Who said so?", ""),
    *(Pair(f"How many homes, {n}?", "Heavy rain " * (1 + 13 * n % 40) + "destroyed 200 homes.") for n in range(30)),
]


@pytest.fixture(scope="module")
def relevance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cross_encoder(tmp_path_factory.mktemp("relevance"))


@pytest.fixture(scope="module")
def nli(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cross_encoder(tmp_path_factory.mktemp("nli"), NLI)


@pytest.fixture
def copy(relevance: Path, tmp_path: Path) -> Path:
    """A copy that can be damaged."""
    return Path(shutil.copytree(relevance, tmp_path / "mine"))


def test_one_label_replaces_only_how_well_the_text_answers(judge: CrossJudge, relevance: Path) -> None:
    composed = ComposedJudge(judge, CrossEncoder(relevance, "mine"))
    usual = judge.judge(PAIRS)

    assert [one._replace(answers=0) for one in composed.judge(PAIRS)] == [one._replace(answers=0) for one in usual]
    assert composed.fingerprint == f"{judge.fingerprint}+mine"
    expected = [logits(relevance, pair.asked, pair.text) for pair in PAIRS[:8]]
    assert len({logit for (logit,) in expected}) > 4
    for pair, (logit,) in zip(PAIRS, expected, strict=False):
        assert composed.judge([pair])[0].answers == logit


def test_entailment_replaces_only_whether_the_text_supports_the_claim(judge: CrossJudge, nli: Path) -> None:
    composed = ComposedJudge(judge, CrossEncoder(nli, "mine"))
    usual = judge.judge(PAIRS)

    assert [one._replace(supports=0) for one in composed.judge(PAIRS)] == [one._replace(supports=0) for one in usual]
    expected = [log_odds(nli, pair, 1) for pair in PAIRS[:8]]
    assert len(set(expected)) > 4
    for pair, odds in zip(PAIRS, expected, strict=False):
        assert composed.judge([pair])[0].supports == pytest.approx(odds)


@pytest.mark.parametrize(
    "labels", [("entailment", "neutral", "contradiction"), ("CONTRADICTION", "NEUTRAL", "ENTAILMENT")], ids=str
)
def test_labels_may_have_any_order_and_case(tmp_path: Path, labels: tuple[str, ...]) -> None:
    folder = cross_encoder(tmp_path / "nli", labels)
    at = [label.casefold() for label in labels].index("entailment")
    (found,) = CrossEncoder(folder, "").log_odds(PAIRS[:1])

    assert found == pytest.approx(log_odds(folder, PAIRS[0], at))


def test_certainty_is_a_finite_number(tmp_path: Path) -> None:
    sure = CrossEncoder(cross_encoder(tmp_path / "nli", NLI, (-2000.0, 2000.0, -2000.0)), "")
    never = CrossEncoder(cross_encoder(tmp_path / "one", bias=(-5000.0,)), "")

    assert sure.log_odds(PAIRS[:1]) == [100.0]
    assert never.log_odds(PAIRS[:1]) == [-100.0]


def test_each_pair_gets_its_own_number_in_any_order(relevance: Path) -> None:
    found = CrossEncoder(relevance, "")

    assert found.log_odds(PAIRS[::-1])[::-1] == found.log_odds(PAIRS)
    assert found.log_odds([]) == []
    together = zip(found.log_odds(PAIRS), (found.log_odds([pair])[0] for pair in PAIRS), strict=True)
    assert all(one == pytest.approx(alone, abs=0.1) for one, alone in together)


def test_concurrent_threads_each_get_their_own_numbers(nli: Path) -> None:
    found = CrossEncoder(nli, "")
    alone = [found.log_odds(PAIRS[n : n + 5]) for n in range(8)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            together = list(threads.map(lambda n: found.log_odds(PAIRS[n % 8 : n % 8 + 5]), range(40)))
    finally:
        sys.setswitchinterval(interval)

    assert all(got == alone[n % 8] for n, got in enumerate(together))


def test_a_pair_beyond_the_window_is_truncated(relevance: Path) -> None:
    long = Pair("Where?", "rain fell " * 5000)
    (found,) = CrossEncoder(relevance, "").log_odds([long])

    assert [found] == logits(relevance, long.asked, long.text, truncation=True, max_length=512)


def test_the_window_leaves_room_for_positions_counted_from_two(copy: Path) -> None:
    config = RobertaConfig(
        vocab_size=30522,
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=66,
        pad_token_id=1,
        id2label={0: "LABEL_0"},
    )
    RobertaForSequenceClassification(config).save_pretrained(copy)
    AutoTokenizer.from_pretrained(copy, model_max_length=10**30).save_pretrained(copy)

    assert len(CrossEncoder(copy, "").log_odds([Pair("Where?", "word " * 5000)])) == 1


def test_inputs_that_a_model_does_not_take_are_left_out(copy: Path) -> None:
    config = DistilBertConfig(dim=32, n_layers=1, n_heads=2, hidden_dim=64, id2label={0: "LABEL_0"})
    DistilBertForSequenceClassification(config).save_pretrained(copy)

    assert len(CrossEncoder(copy, "").log_odds(PAIRS)) == len(PAIRS)


def torn(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def headless(folder: Path) -> None:
    path = folder / "model.safetensors"
    save_file(
        {name: value for name, value in load_file(path).items() if "classifier" not in name}, path, {"format": "pt"}
    )


def broken(folder: Path) -> None:
    path = folder / "model.safetensors"
    save_file({name: value * torch.nan for name, value in load_file(path).items()}, path, {"format": "pt"})


def without(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def written(name: str, text: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_text(text, encoding="utf-8")


def configured(**changed: Any) -> Callable[[Path], None]:
    return lambda folder: reconfigure(folder, **changed)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (torn, "its weights are damaged"),
        (headless, "2 of its weights are missing or of another size, classifier.bias among them"),
        (broken, "it gives nan instead of numbers"),
        (without("model.safetensors"), "no file named model.safetensors"),
        (without("tokenizer.json"), "it has no tokenizer"),
        (without("config.json"), "its config.json cannot be read"),
        (written("tokenizer.json", '{"model'), "Unterminated string"),
        (written("tokenizer.json", "{}"), "added_tokens"),
        (written("config.json", "{"), "its config.json cannot be read"),
        (written("config.json", "[]"), "its config.json is not one JSON object"),
        (configured(id2label={"0": "no", "1": "yes"}), "has these labels: 0: no, 1: yes; expected"),
        (configured(id2label={"0": "a", "1": "b", "2": "c"}), "has these labels: 0: a, 1: b, 2: c; expected"),
        (configured(id2label={"0": "entailment", "1": "neutral", "3": "contradiction"}), "3: contradiction;"),
        (configured(id2label=None), "has these labels: none; expected"),
        (configured(id2label=3), "has an id2label that cannot be read"),
        (configured(id2label={"first": "a"}), "has an id2label that cannot be read"),
        (configured(architectures=["BertForCausalLM"]), "names BertForCausalLM; expected a ...ForSequence"),
        (configured(architectures=None), "names no architecture; expected"),
        (configured(vocab_size=99), "of its weights are missing or of another size, bert"),
        (configured(num_hidden_layers=3), "of its weights are missing or of another size, bert"),
        (configured(hidden_size="wide"), "expected int, got str"),
        (configured(hidden_act="none such"), "none such"),
        (configured(model_type="own"), "transformers knows no model of type own"),
        (configured(model_type=None), "transformers knows no model of type None"),
    ],
)
def test_an_unusable_model_says_why(copy: Path, damage: Callable[[Path], object], said: str) -> None:
    damage(copy)
    with pytest.raises(ValueError, match=r"\A[^\n]+\Z") as caught:
        CrossEncoder(copy, "")
    assert said in str(caught.value)


def test_a_tokenizer_with_more_tokens_than_the_weights_is_refused(copy: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(copy)
    tokenizer.add_tokens(["nutgraf"])
    tokenizer.save_pretrained(copy)
    with pytest.raises(ValueError, match="its tokenizer knows 30523 words and its weights 30522"):
        CrossEncoder(copy, "")


def test_code_that_comes_with_a_model_is_never_run(copy: Path, tmp_path: Path) -> None:
    reconfigure(
        copy, model_type="own", auto_map={"AutoConfig": "own.Own", "AutoModelForSequenceClassification": "own.Own"}
    )
    (copy / "own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n", encoding="utf-8")
    with pytest.raises(ValueError, match="code that comes with a model is not run"):
        CrossEncoder(copy, "")
    assert not (tmp_path / "ran").exists()
