"""An index on the disk: what was saved is loaded, and what is torn, stale or of another archive is not trusted."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import NoReturn

import pytest

from embeddings import IndexUnusable, VectorIndex
from tests.embeddings.test_index import filled, unit_rows

MANIFEST: dict[str, str | int] = {"encoder": "hash@4", "dimension": 4, "generation": 7}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "vectors.faiss"
    filled([4, 9], unit_rows(2)).save(path, MANIFEST)
    return path


def manifest_of(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def test_what_was_saved_is_loaded(saved: Path) -> None:
    loaded = VectorIndex.load(saved, MANIFEST, 4)

    query = unit_rows(1, seed=5)[0]
    assert loaded.search(query, 2) == filled([4, 9], unit_rows(2)).search(query, 2)
    loaded.add([10], unit_rows(1))
    assert loaded.remove([4]) == 1


def test_an_empty_index_is_saved_and_loaded(tmp_path: Path) -> None:
    VectorIndex(4).save(tmp_path / "empty", MANIFEST)

    assert len(VectorIndex.load(tmp_path / "empty", MANIFEST, 4)) == 0


def test_saving_leaves_two_files(saved: Path) -> None:
    assert sorted(path.name for path in saved.parent.iterdir()) == ["vectors.faiss", "vectors.faiss.json"]


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_torn_file_is_unusable(saved: Path, share: float) -> None:
    whole = saved.read_bytes()
    saved.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(IndexUnusable, match=r"vectors\.faiss is torn"):
        VectorIndex.load(saved, MANIFEST, 4)


def test_one_flipped_bit_is_unusable(saved: Path) -> None:
    content = bytearray(saved.read_bytes())
    content[-1] ^= 1
    saved.write_bytes(content)
    with pytest.raises(IndexUnusable, match="torn"):
        VectorIndex.load(saved, MANIFEST, 4)


@pytest.mark.parametrize(
    "content",
    [b"", b'{"encoder": "ha', b"[]", b"null", b'"text"', b"{}", b'{"sha256": 5}', b"\xff\xfe\x00"],
    ids=str,
)
def test_a_torn_manifest_is_unusable(saved: Path, content: bytes) -> None:
    manifest_of(saved).write_bytes(content)
    with pytest.raises(IndexUnusable):
        VectorIndex.load(saved, MANIFEST, 4)


@pytest.mark.parametrize("gone", [(0,), (1,), (0, 1)], ids=str)
def test_a_missing_file_is_unusable(saved: Path, gone: tuple[int, ...]) -> None:
    for which in gone:
        (saved, manifest_of(saved))[which].unlink()
    with pytest.raises(IndexUnusable, match=r"vectors\.faiss"):
        VectorIndex.load(saved, MANIFEST, 4)


@pytest.mark.parametrize(
    "other",
    [{**MANIFEST, "generation": 8}, {**MANIFEST, "encoder": "other@4"}, {}, {**MANIFEST, "more": 1}],
    ids=["generation", "encoder", "empty", "more"],
)
def test_a_stale_manifest_is_unusable(saved: Path, other: dict[str, str | int]) -> None:
    with pytest.raises(IndexUnusable, match="not of"):
        VectorIndex.load(saved, other, 4)


def test_another_dimension_is_unusable(saved: Path) -> None:
    with pytest.raises(IndexUnusable, match="dimension 4, not 5"):
        VectorIndex.load(saved, MANIFEST, 5)


def test_bytes_that_are_no_index_are_unusable_even_with_their_checksum(saved: Path) -> None:
    saved.write_bytes(b"no index at all")
    sealed = {**MANIFEST, "sha256": hashlib.sha256(b"no index at all").hexdigest()}
    manifest_of(saved).write_text(json.dumps(sealed))
    with pytest.raises(IndexUnusable, match="cannot be read"):
        VectorIndex.load(saved, MANIFEST, 4)


def fail(*_: object) -> NoReturn:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("at", ["os.fsync", "pathlib.Path.replace"])
def test_a_crash_while_saving_leaves_the_old_pair(saved: Path, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(at, fail)
        with pytest.raises(OSError, match="No space"):
            filled([77], unit_rows(1)).save(saved, MANIFEST)

    assert VectorIndex.load(saved, MANIFEST, 4).ids().tolist() == [4, 9]
    assert len(list(saved.parent.iterdir())) == 2, "no temporary file stays"


def test_a_crash_between_the_two_files_is_seen_as_torn(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flush, calls = os.fsync, list[int]()

    def fail_the_second_time(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 2:
            fail()
        flush(descriptor)

    with monkeypatch.context() as broken:
        broken.setattr("os.fsync", fail_the_second_time)
        with pytest.raises(OSError, match="No space"):
            filled([77], unit_rows(1)).save(saved, MANIFEST)

    with pytest.raises(IndexUnusable, match="torn"):
        VectorIndex.load(saved, MANIFEST, 4)


def test_a_disk_that_fills_up_while_writing_leaves_the_old_pair(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def __init__(self, *_: object) -> None: ...
        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None: ...

        write = staticmethod(fail)

    with monkeypatch.context() as broken:
        broken.setattr("pathlib.Path.open", Full)
        with pytest.raises(OSError, match="No space"):
            filled([77], unit_rows(1)).save(saved, MANIFEST)

    assert VectorIndex.load(saved, MANIFEST, 4).ids().tolist() == [4, 9]
