"""A cross-encoder that the settings name as judge: found, shown, asked, and refused where it cannot judge."""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file

from embeddings import Pair, SentenceEncoder
from rag import Assistant, ModelCorrupt, ModelMissing, NutgrafError, Question, diagnose, settings
from rag.models import weights as models
from rag.models.llm import LlamaReader
from rag.models.loading import Models
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
    return Assistant(settings.load({"home": home, "judge": str(judge)}, {}), **models_given)


def in_cache(cache: Path, name: str, folder: Path) -> Path:
    """Put a folder into the hub cache, as `pull` does."""
    there = cache / f"models--{name.replace('/', '--')}"
    (there / "refs").mkdir(parents=True)
    (there / "refs" / "main").write_text(COMMIT, encoding="utf-8")
    return Path(shutil.copytree(folder, there / "snapshots" / COMMIT))


def test_a_folder_can_be_named_as_judge(tmp_path: Path) -> None:
    folder = cross_encoder(tmp_path / "mine", NLI)
    named = models.find(str(folder), "judge")
    own = models.find("nutgraf-judge", "judge")
    assert (named.path, named.origin, named.model.id) == (folder, "path", "mine")

    judge = Models(settings.load({"home": tmp_path, "judge": str(folder)}, {})).judge()

    assert judge.fingerprint == f"{own.fingerprint}+{named.fingerprint}"
    pair = Pair("Who opened the bridge?", CLAIM)
    assert judge.judge([pair])[0].supports == pytest.approx(log_odds(folder, pair, 1))
    assert pair.text[judge.judge([pair])[0].start :].startswith("Ada")


def test_a_hub_id_can_be_named_as_judge(tmp_path: Path, cache: Path) -> None:
    with opened(tmp_path, "desk/nli") as archive:
        with pytest.raises(ModelMissing) as caught:
            archive.check(CLAIM, CLAIM)
        assert caught.value.hint == "get it: nutgraf models pull desk/nli"
        in_cache(cache, "desk/nli", cross_encoder(tmp_path / "nli", NLI, ON_ENTAILMENT))
        assert archive.check(CLAIM, CLAIM).supported


def test_a_check_is_what_the_entailment_says(tmp_path: Path) -> None:
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
def test_a_question_is_answered_where_the_relevance_says_so(
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
        (two_labels, ModelCorrupt, "these labels: 0: no, 1: yes; wanted is"),
        (generative, ModelCorrupt, "names BertForCausalLM; wanted is"),
        (old_weights, ModelMissing, "holds no model.safetensors"),
        (torn, ModelCorrupt, "its weights are damaged"),
    ],
)
def test_what_cannot_judge_is_an_error_that_names_it(
    tmp_path: Path, damage: Any, error: type[NutgrafError], said: str
) -> None:
    folder = cross_encoder(tmp_path / "mine")
    damage(folder)
    fakes = {"encoder": HashEncoder(), "reader": ScriptedReader()}
    with opened(tmp_path / "home", folder, **fakes) as archive, pytest.raises(error) as caught:
        archive.check(CLAIM, CLAIM)
    assert str(folder) in caught.value.message
    assert said in caught.value.message
    assert caught.value.hint
    assert "\n" not in str(caught.value)


def test_weights_that_went_bad_in_the_cache_name_the_command_that_mends_them(tmp_path: Path, cache: Path) -> None:
    snapshot = in_cache(cache, "desk/nli", cross_encoder(tmp_path / "nli", NLI))
    blob = snapshot / f"{'a' * 64}"
    (snapshot / "model.safetensors").rename(blob)
    (snapshot / "model.safetensors").symlink_to(blob)
    with pytest.raises(ModelCorrupt) as caught:
        models.find("desk/nli", "judge")
    assert caught.value.hint == "mend it: nutgraf models pull desk/nli"


def test_the_doctor_shows_both_and_what_is_wrong(filled: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = cross_encoder(tmp_path / "mine", NLI)
    monkeypatch.setenv("NUTGRAF_JUDGE", str(folder))
    (told,) = [one["detail"] for one in filled("doctor", "--json").json["findings"] if one["name"] == "judge"]
    own = models.find("nutgraf-judge", "judge").path
    assert told == f"{folder} for the opinion supports, {own} for the rest"
    assert f"judge     {folder}\n" in filled("status").out

    two_labels(folder)
    ran = filled("doctor")
    assert ran.code == 1
    (line,) = [line for line in ran.out.splitlines() if line.startswith("needs attention")]
    assert "these labels: 0: no, 1: yes" in line


def test_a_claim_is_held_against_its_evidence_by_one_encoder_whichever_the_archive_has(tmp_path: Path) -> None:
    usual = Models(settings.load({"home": tmp_path}, {}))
    other = Models(settings.load({"home": tmp_path, "encoder": "elsewhere"}, {}))

    assert usual.claim_encoder() is usual.encoder()
    found = other.claim_encoder()
    assert found is other.claim_encoder()
    assert found is not None
    assert found.fingerprint == usual.encoder().fingerprint


def test_where_a_cross_encoder_decides_claims_no_encoder_does(tmp_path: Path) -> None:
    entailing = settings.load({"home": tmp_path, "judge": str(cross_encoder(tmp_path / "nli", NLI))}, {})
    ranking = settings.load({"home": tmp_path, "judge": str(cross_encoder(tmp_path / "rank"))}, {})

    assert Models(entailing).claim_encoder() is None
    assert Models(ranking).claim_encoder() is not None


def test_a_judge_over_another_encoder_names_it(tmp_path: Path) -> None:
    own, encoder = models.find("nutgraf-judge", "judge").path, models.find("all-MiniLM-L6-v2", "encoder").path
    shutil.copytree(encoder, tmp_path / "larger")
    weights = tmp_path / "judge.safetensors"
    chosen = settings.load({"home": tmp_path, "judge": str(weights)}, {})
    save_file(load_file(own), weights, {"base": str(tmp_path / "larger")})
    pair = Pair("Who opened the bridge?", "Ada Holm opened the bridge.")
    there = Models(chosen).judge().judge([pair])
    (tmp_path / "larger" / "model.safetensors").unlink()

    with pytest.raises(ModelMissing, match="larger"):
        Models(chosen).judge()
    assert there[0].answers > 0
    save_file(load_file(own), weights, {"base": "all-mpnet-base-v2"})
    with pytest.raises(ModelMissing, match="the encoder all-mpnet-base-v2 is not on this machine"):
        Models(chosen).judge()
    with opened(tmp_path, weights, encoder=HashEncoder()) as archive:
        (found,) = (one for one in diagnose(archive.settings) if one.name == "judge")
    assert found.state == "needs attention"
    assert "get it: nutgraf models pull all-mpnet-base-v2" in found.detail


def test_to_pull_a_judge_that_ships_is_to_pull_its_encoder_unless_it_is_here(tmp_path: Path, cache: Path) -> None:
    files = {"config.json": b"{}", "modules.json": b"[]", "model.safetensors": b"others"}
    with serve() as hub:
        hub.repositories = {"sentence-transformers/all-mpnet-base-v2": files}
        larger = pull("nutgraf-judge-mpnet", hub.url)
        own = pull("nutgraf-judge", hub.url)

    assert larger["error"] == "ModelCorrupt"
    assert "than are known to be good" in larger["text"]
    assert Path(own["path"]).name == "judge.safetensors"
    assert hub.requests == ["GET /api/models/sentence-transformers/all-mpnet-base-v2"], "the other is in a package"
