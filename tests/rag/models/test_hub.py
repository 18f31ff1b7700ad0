"""Downloads: what is fetched, what is verified, and the errors."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.errors import ModelCorrupt, ModelMissing
from rag.models import catalogue, weights
from tests.hub import COMMIT, Hub, forget_hugging_face, pull, serve, sha256

_WEIGHTS = b"tiny weights"
_GGUF = b"GGUF tiny reader"
_ENCODER_FILES = {
    "config.json": b"{}",
    "modules.json": b"[]",
    "tokenizer.json": b'{"a": 1}',
    "1_Pooling/config.json": b'{"b": 2}',
    "model.safetensors": _WEIGHTS,
}
_NLI_CONFIG = (
    b'{"architectures": ["BertForSequenceClassification"],'
    b' "id2label": {"0": "contradiction", "1": "entailment", "2": "neutral"}}'
)
_CROSS_ENCODER_FILES = {
    "config.json": _NLI_CONFIG,
    "tokenizer.json": b'{"a": 1}',
    "spiece.model": b"pieces",
    "model.safetensors": b"tiny judge",
}
# As sentence-transformers 6 saves cross-encoders.
_SAVED_LIKE_AN_ENCODER = {"modules.json": b"[]", "config_sentence_transformers.json": b'{"model_type": "CrossEncoder"}'}
_NOT_NEEDED = {
    "README.md": b"read me",
    "onnx/model.onnx": b"onnx",
    "onnx/config.json": b"onnx config",
    "openvino/openvino_model.bin": b"openvino",
    "tf_model.h5": b"tf",
    "pytorch_model.bin": b"torch",
}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return forget_hugging_face(monkeypatch, tmp_path / "hf")


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serve() as running:
        running.repositories = {
            "desk/tiny-encoder": {**_ENCODER_FILES, **_NOT_NEEDED},
            "desk/tiny-nli": {**_CROSS_ENCODER_FILES, **_NOT_NEEDED},
            "desk/tiny-GGUF": {"tiny-q4.gguf": _GGUF, "sub/other.gguf": b"GGUF other"},
        }
        yield running


def _blob(cache: Path, content: bytes) -> Path:
    return next(cache.glob(f"models--*/blobs/{sha256(content)}"))


def test_pull_fetches_what_an_encoder_needs_and_find_then_finds_it(hub: Hub, cache: Path) -> None:
    pulled = pull("desk/tiny-encoder", hub.url)

    assert (pulled["role"], pulled["origin"]) == ("encoder", "hub cache")
    assert pulled["sha256"] == sha256(_WEIGHTS)
    found = weights.find("desk/tiny-encoder", "encoder")
    assert str(found.path) == pulled["path"]
    assert found.path == cache / "models--desk--tiny-encoder" / "snapshots" / COMMIT
    assert found.fingerprint == f"desk/tiny-encoder@{sha256(_WEIGHTS)[:16]}"
    there = {str(file.relative_to(found.path)) for file in found.path.rglob("*") if file.is_file()}
    assert there == set(_ENCODER_FILES)


@pytest.mark.parametrize("shared", [False, True], ids=["new cache", "shared cache"])
def test_a_new_cache_is_for_its_owner_alone_and_a_shared_one_stays_shared(hub: Hub, cache: Path, shared: bool) -> None:  # noqa: FBT001
    if shared:
        cache.mkdir(parents=True)
        cache.chmod(0o755)
    pull("desk/tiny-encoder", hub.url)

    reference = cache / "models--desk--tiny-encoder" / "refs" / "main"
    assert cache.stat().st_mode & 0o777 == (0o755 if shared else 0o700)
    assert reference.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("beside", [{}, _SAVED_LIKE_AN_ENCODER], ids=["bare", "with modules.json"])
def test_pull_fetches_what_a_cross_encoder_needs_and_find_then_finds_a_judge(
    hub: Hub, cache: Path, beside: dict[str, bytes]
) -> None:
    hub.repositories["desk/tiny-nli"].update(beside)
    pulled = pull("desk/tiny-nli", hub.url)

    assert (pulled["role"], pulled["sha256"]) == ("judge", sha256(b"tiny judge"))
    found = weights.find("desk/tiny-nli", "judge")
    assert str(found.path) == pulled["path"]
    assert found.fingerprint == f"desk/tiny-nli@{sha256(b'tiny judge')[:16]}"
    there = {str(file.relative_to(found.path)) for file in found.path.rglob("*") if file.is_file()}
    assert there == {*_CROSS_ENCODER_FILES, *beside}
    if not beside:
        with pytest.raises(ModelMissing, match="the encoder desk/tiny-nli is not on this machine"):
            weights.find("desk/tiny-nli", "encoder")


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (_NLI_CONFIG.replace(b', "2": "neutral"', b""), "these labels: 0: contradiction, 1: entailment; expected"),
        (_NLI_CONFIG.replace(b"SequenceClassification", b"CausalLM"), "names BertForCausalLM; expected"),
        (b"{}", "names no architecture; expected"),
        (b"{", "its config.json cannot be read"),
    ],
)
def test_the_weights_of_an_unusable_model_are_not_fetched(hub: Hub, config: bytes, said: str) -> None:
    hub.repositories["desk/tiny-nli"]["config.json"] = config
    answer = pull("desk/tiny-nli", hub.url)

    assert answer["error"] == "ModelMissing"
    assert answer["text"].startswith("desk/tiny-nli is neither an encoder nor a judge: ")
    assert said in answer["text"]
    assert not any("model.safetensors" in request for request in hub.requests)
    with pytest.raises(ModelMissing):
        weights.find("desk/tiny-nli", "judge")


@pytest.mark.parametrize("no_links", ["0", "1"])
def test_pull_fetches_one_gguf(hub: Hub, no_links: str) -> None:
    name = "desk/tiny-GGUF/tiny-q4.gguf"
    pulled = pull(name, hub.url, {"HF_HUB_DISABLE_SYMLINKS": no_links})

    found = weights.find(name, "reader")
    assert pulled["origin"] == found.origin == "hub cache"
    assert found.path.read_bytes() == _GGUF
    assert found.model.role == "reader"
    assert not any("other.gguf" in request for request in hub.requests)


def test_pull_finds_a_gguf_in_a_subfolder(hub: Hub) -> None:
    assert pull("desk/tiny-GGUF/sub/other.gguf", hub.url)["path"].endswith("sub/other.gguf")


def test_a_second_pull_transfers_nothing(hub: Hub) -> None:
    pull("desk/tiny-encoder", hub.url)
    hub.requests.clear()
    assert "path" in pull("desk/tiny-encoder", hub.url)
    assert hub.requests == ["GET /api/models/desk/tiny-encoder"]


def test_an_interrupted_transfer_is_resumed(hub: Hub) -> None:
    megabyte = 1 << 20
    content = b"GGUF" + bytes(12 * megabyte)
    hub.repositories["desk/tiny-GGUF"]["big.gguf"] = content
    hub.interrupted[content] = 11 * megabyte
    assert pull("desk/tiny-GGUF/big.gguf", hub.url)["sha256"] == sha256(content)
    assert hub.ranges == [f"bytes={10 * megabyte}-"]


def test_progress_counts_all_files_together_and_never_goes_back(hub: Hub) -> None:
    content = bytes(25_000_000)
    hub.repositories["desk/tiny-encoder"]["model.safetensors"] = content
    told = pull("desk/tiny-encoder", hub.url)["progress"]

    small = sum(len(file) for name, file in _ENCODER_FILES.items() if name != "model.safetensors")
    assert told == sorted(told)
    assert told[0][0] < small / len(content) * 2
    assert len({megabytes for _, megabytes in told}) > 2
    assert told[-1] == [1.0, 25]


def test_a_cancelled_download_leaves_only_complete_files(hub: Hub, cache: Path) -> None:
    content = bytes(25_000_000)
    hub.repositories["desk/tiny-encoder"]["model.safetensors"] = content
    assert pull("desk/tiny-encoder", hub.url, stop_at=20)["text"] == "stopped"
    sizes = [file.stat().st_size for file in cache.rglob("*") if file.is_file()]
    assert max(sizes) < 1000
    with pytest.raises(ModelMissing):
        weights.find("desk/tiny-encoder", "encoder")
    hub.requests.clear()

    assert pull("desk/tiny-encoder", hub.url)["sha256"] == sha256(content)
    assert not any(request.startswith("GET") and request.endswith(".json") for request in hub.requests)


@pytest.mark.parametrize("no_links", ["0", "1"])
@pytest.mark.parametrize(
    ("name", "role", "content"),
    [
        ("desk/tiny-encoder", "encoder", _WEIGHTS),
        ("desk/tiny-nli", "judge", _CROSS_ENCODER_FILES["model.safetensors"]),
        ("desk/tiny-GGUF/tiny-q4.gguf", "reader", _GGUF),
    ],
)
def test_a_corrupt_download_is_refused_and_removed(
    hub: Hub, cache: Path, name: str, role: catalogue.Role, content: bytes, no_links: str
) -> None:
    hub.sent[content] = bytes(len(content))
    answer = pull(name, hub.url, {"HF_HUB_DISABLE_SYMLINKS": no_links})

    assert answer["error"] == "ModelCorrupt"
    assert sha256(content)[:16] in answer["text"]
    assert sha256(bytes(len(content)))[:16] in answer["text"]
    assert answer["hint"] == f"run `nutgraf models pull {name}` again"
    left = [file for file in cache.rglob("*") if file.is_file() and file.read_bytes() == bytes(len(content))]
    assert left == []
    with pytest.raises(ModelMissing):
        weights.find(name, role)
    hub.sent.clear()
    assert "path" in pull(name, hub.url, {"HF_HUB_DISABLE_SYMLINKS": no_links})


def test_pull_repairs_corrupt_weights_in_the_cache(hub: Hub, cache: Path) -> None:
    pull("desk/tiny-encoder", hub.url)
    blob = _blob(cache, _WEIGHTS)
    blob.write_bytes(b"bad")

    with pytest.raises(ModelCorrupt) as caught:
        weights.find("desk/tiny-encoder", "encoder")
    assert "model.safetensors" in caught.value.message
    assert sha256(_WEIGHTS)[:16] in caught.value.message
    assert sha256(b"bad")[:16] in caught.value.message
    assert caught.value.hint == "repair it: nutgraf models pull desk/tiny-encoder"
    assert pull("desk/tiny-encoder", hub.url)["sha256"] == sha256(_WEIGHTS)
    assert weights.find("desk/tiny-encoder", "encoder").origin == "hub cache"


def test_weights_other_than_the_pinned_ones_are_not_fetched(hub: Hub) -> None:
    hub.repositories["BAAI/bge-small-en-v1.5"] = _ENCODER_FILES
    answer = pull("BGE-small-en-v1.5", hub.url)
    assert answer["error"] == "ModelCorrupt"
    assert "than the known good ones" in answer["text"]
    assert hub.requests == ["GET /api/models/BAAI/bge-small-en-v1.5"]


def test_an_incomplete_download_is_not_found(hub: Hub, cache: Path) -> None:
    pull("desk/tiny-encoder", hub.url)
    (cache / "models--desk--tiny-encoder" / "snapshots" / COMMIT / "modules.json").unlink()
    with pytest.raises(ModelMissing):
        weights.find("desk/tiny-encoder", "encoder")


@pytest.mark.parametrize(
    ("name", "error", "said"),
    [
        ("desk/unheard-of", "ModelMissing", "Hugging Face has no desk/unheard-of, or it is private"),
        ("desk/members-only", "ModelError", "denies access to desk/members-only: it is gated"),
        ("desk/bare", "ModelMissing", "desk/bare on Hugging Face has no config.json"),
        ("desk/tiny-GGUF/absent.gguf", "ModelMissing", "desk/tiny-GGUF on Hugging Face has no absent.gguf"),
        ("tiny", "ModelMissing", "no model is called 'tiny'"),
    ],
)
def test_pull_says_why_a_model_cannot_be_downloaded(hub: Hub, name: str, error: str, said: str) -> None:
    hub.repositories["desk/members-only"] = _ENCODER_FILES
    hub.repositories["desk/bare"] = {"model.safetensors": _WEIGHTS}
    hub.gated.add("desk/members-only")
    answer = pull(name, hub.url)
    assert answer["error"] == error
    assert said in answer["text"]
    assert answer["hint"]
    assert "\n" not in answer["text"]


def test_pull_fails_at_once_when_the_hub_is_down() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: a connection is refused
        started = time.monotonic()
        answer = pull("Qwen3-0.6B", f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert time.monotonic() - started < 10
    assert answer["error"] == "ModelError"
    assert answer["text"].startswith("Hugging Face cannot be reached: ")
    assert "refused" in answer["text"]
    assert "run `nutgraf models pull Qwen3-0.6B` again" in answer["hint"]


def test_pull_does_not_wait_for_a_hub_that_never_answers() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        started = time.monotonic()
        answer = pull("Qwen3-0.6B", f"http://127.0.0.1:{silent.getsockname()[1]}", reach=0.5)
    assert time.monotonic() - started < 10
    assert answer["text"].startswith("Hugging Face cannot be reached: ")


@pytest.mark.parametrize(
    ("offline", "environment", "reason"),
    [
        (True, {}, "the setting offline is on"),
        (False, {"HF_HUB_OFFLINE": "1"}, "HF_HUB_OFFLINE is set"),
        (False, {"TRANSFORMERS_OFFLINE": "yes"}, "TRANSFORMERS_OFFLINE is set"),
    ],
)
def test_pull_asks_nothing_when_offline(hub: Hub, environment: dict[str, str], reason: str, *, offline: bool) -> None:
    answer = pull("desk/tiny-encoder", hub.url, environment, offline=offline)
    assert answer["error"] == "ModelMissing"
    assert answer["text"].startswith(f"desk/tiny-encoder cannot be downloaded: {reason}")
    assert hub.requests == []


def test_the_cache_is_hugging_faces_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub: Hub) -> None:
    elsewhere = tmp_path / "elsewhere"
    pulled = pull("desk/tiny-encoder", hub.url, {"HF_HUB_CACHE": str(elsewhere)})
    assert Path(pulled["path"]).is_relative_to(elsewhere)
    with pytest.raises(ModelMissing):
        weights.find("desk/tiny-encoder", "encoder")
    monkeypatch.setenv("HF_HUB_CACHE", str(elsewhere))
    assert weights.find("desk/tiny-encoder", "encoder").path == Path(pulled["path"])
