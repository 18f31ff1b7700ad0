"""The vector index: it finds what numpy finds, refuses bad input, and verifies files before use."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import NoReturn

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings import IndexUnusable, VectorIndex
from tests.disk import full_disk

Rows = npt.NDArray[np.float32]


def unit_rows(count: int, dimension: int = 4, seed: int = 0) -> Rows:
    """Random unit rows, rounded to float16 as the index stores them."""
    rows = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rounded: Rows = rows.astype(np.float16).astype(np.float32)
    return rounded


def filled(ids: list[int], rows: Rows) -> VectorIndex:
    index = VectorIndex(rows.shape[1])
    index.add(ids, rows)
    return index


def expected(ids: list[int], rows: Rows, query: Rows, count: int, allowed: list[int] | None) -> list[tuple[int, float]]:
    """Search with numpy, by sorting everything."""
    scores = rows.astype(np.float64) @ query.astype(np.float64)
    pairs = [(i, float(s)) for i, s in zip(ids, scores, strict=True) if allowed is None or i in allowed]
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:count]


@settings(deadline=None)
@given(
    ids=st.lists(st.integers(0, 2**62), min_size=1, max_size=40, unique=True),
    dimension=st.integers(1, 9),
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 50),
    restrict=st.booleans(),
)
def test_it_agrees_with_numpy(ids: list[int], dimension: int, seed: int, count: int, *, restrict: bool) -> None:
    rows = unit_rows(len(ids), max(dimension, 2), seed)
    query = unit_rows(1, rows.shape[1], seed + 1)[0]
    allowed = ids[::2] if restrict else None

    found = filled(ids, rows).search(query, count, allowed)

    wanted = expected(ids, rows, query, count, allowed)
    assert [i for i, _ in found] == [i for i, _ in wanted]
    assert [s for _, s in found] == pytest.approx([s for _, s in wanted], abs=1e-5)


def test_a_larger_count_gives_all() -> None:
    found = filled([3, 5], unit_rows(2)).search(unit_rows(1)[0], 100)

    assert {i for i, _ in found} == {3, 5}


def test_an_empty_index_finds_nothing() -> None:
    assert VectorIndex(4).search(unit_rows(1)[0], 3) == []


@pytest.mark.parametrize(
    ("allowed", "ids"),
    [(None, [1, 2, 3]), ([], []), ([2], [2]), ([3, 1], [1, 3]), ([9], []), ([2, 2, 9], [2])],
    ids=str,
)
def test_only_allowed_ids_are_found(allowed: list[int] | None, ids: list[int]) -> None:
    found = filled([1, 2, 3], unit_rows(3)).search(unit_rows(1)[0], 3, allowed)

    assert sorted(i for i, _ in found) == ids


def test_equal_scores_are_ordered_by_id() -> None:
    same = np.tile(unit_rows(1), (5, 1))
    found = filled([50, 10, 40, 20, 30], same).search(same[0], 5)

    assert [i for i, _ in found] == [10, 20, 30, 40, 50]


@pytest.mark.parametrize("count", [1, 2, 30])
@pytest.mark.parametrize("allowed", [None, list(range(100, 0, -1))], ids=["all", "allowed"])
def test_a_tie_at_the_cutoff_goes_to_the_lowest_ids(count: int, allowed: list[int] | None) -> None:
    same = np.tile(unit_rows(1), (100, 1))
    ids = np.random.default_rng(0).permutation(np.arange(1, 101)).tolist()

    assert [i for i, _ in filled(ids, same).search(same[0], count, allowed)] == list(range(1, count + 1))


def test_removed_ids_are_not_found_again() -> None:
    rows = unit_rows(3)
    index = filled([1, 2, 3], rows)

    assert index.remove([2, 9]) == 1
    assert index.ids().tolist() == [1, 3]
    assert 2 not in [i for i, _ in index.search(rows[1], 3)]


def test_a_removed_id_can_be_added_again() -> None:
    rows = unit_rows(2)
    index = filled([1], rows[:1])
    index.remove([1])
    index.add([1], rows[1:])

    ((found, score),) = index.search(rows[1], 1)
    assert found == 1
    assert score == pytest.approx(rows[1] @ rows[1], abs=1e-6)


NAN = np.array([[1, 0, 0, 0], [0, np.nan, 0, 0]], dtype=np.float32)


BEYOND = np.array([[1, 0, 0, 0], [0, 70_000, 0, 0]], dtype=np.float32)


INFINITE = np.array([[1, 0, 0, 0], [0, np.inf, 0, 0]], dtype=np.float32)


@pytest.mark.parametrize(
    ("ids", "rows", "message"),
    [
        ([8, 8], unit_rows(2), "id 8 "),
        ([8, 1], unit_rows(2), "id 1 "),
        ([8, -4], unit_rows(2), "id -4 "),
        ([8, 9], NAN, "NaN"),
        ([8, 9], INFINITE, "infinity"),
        ([8, 9], BEYOND, "outside the range of float16"),
        ([8, 9], unit_rows(2).astype(np.float64), "float64"),
        ([8, 9], unit_rows(2, 5), r"\(2, 5\).*4"),
        ([8], unit_rows(1)[0], r"\(4,\)"),
        ([8], unit_rows(2), "1 ids for 2 vectors"),
        ([8, 9, 10], unit_rows(2), "3 ids for 2 vectors"),
    ],
    ids=[
        "twice",
        "known",
        "negative",
        "nan",
        "inf",
        "beyond",
        "float64",
        "dimension",
        "one row",
        "few ids",
        "many ids",
    ],
)
def test_invalid_input_is_refused_and_nothing_added(ids: list[int], rows: Rows, message: str) -> None:
    index = filled([1, 2], unit_rows(2))
    with pytest.raises(ValueError, match=message):
        index.add(ids, rows)

    assert index.ids().tolist() == [1, 2]


@pytest.mark.parametrize(
    ("query", "count", "message"),
    [
        (unit_rows(1, 5)[0], 3, "5"),
        (NAN[1], 3, "NaN"),
        (unit_rows(1)[0].astype(np.float64), 3, "float64"),
        (unit_rows(1)[0], 0, "count is 0"),
        (unit_rows(1)[0], -1, "count is -1"),
    ],
    ids=["dimension", "nan", "float64", "none", "less"],
)
def test_an_invalid_search_is_refused(query: Rows, count: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        filled([1], unit_rows(1)).search(query, count)


MANIFEST: dict[str, str | int] = {"encoder": "hash@4", "dimension": 4, "generation": 7}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "vectors.faiss"
    filled([4, 9], unit_rows(2)).save(path, MANIFEST)
    return path


def manifest_of(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def test_a_saved_index_can_be_loaded(saved: Path) -> None:
    loaded = VectorIndex.load(saved, MANIFEST, 4)

    query = unit_rows(1, seed=5)[0]
    assert loaded.search(query, 2) == filled([4, 9], unit_rows(2)).search(query, 2)
    loaded.add([10], unit_rows(1))
    assert loaded.remove([4]) == 1


def test_an_empty_index_is_saved_and_loaded(tmp_path: Path) -> None:
    VectorIndex(4).save(tmp_path / "empty", MANIFEST)

    assert len(VectorIndex.load(tmp_path / "empty", MANIFEST, 4)) == 0


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_truncated_file_is_unusable(saved: Path, share: float) -> None:
    whole = saved.read_bytes()
    saved.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(IndexUnusable, match=r"vectors\.faiss is damaged"):
        VectorIndex.load(saved, MANIFEST, 4)


def test_one_flipped_bit_is_unusable(saved: Path) -> None:
    content = bytearray(saved.read_bytes())
    content[-1] ^= 1
    saved.write_bytes(content)
    with pytest.raises(IndexUnusable, match="damaged"):
        VectorIndex.load(saved, MANIFEST, 4)


@pytest.mark.parametrize(
    "content",
    [b"", b'{"encoder": "ha', b"[]", b"null", b'"text"', b"{}", b'{"sha256": 5}', b"\xff\xfe\x00"],
    ids=str,
)
def test_a_malformed_manifest_is_unusable(saved: Path, content: bytes) -> None:
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
    with pytest.raises(IndexUnusable, match="not from"):
        VectorIndex.load(saved, other, 4)


def test_another_dimension_is_unusable(saved: Path) -> None:
    with pytest.raises(IndexUnusable, match="dimension 4, not 5"):
        VectorIndex.load(saved, MANIFEST, 5)


def test_other_bytes_with_a_valid_checksum_are_unusable(saved: Path) -> None:
    saved.write_bytes(b"no index at all")
    sealed = {**MANIFEST, "sha256": hashlib.sha256(b"no index at all").hexdigest()}
    manifest_of(saved).write_text(json.dumps(sealed))
    with pytest.raises(IndexUnusable, match="cannot be read"):
        VectorIndex.load(saved, MANIFEST, 4)


def fail(*_: object) -> NoReturn:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("at", ["os.fsync", "pathlib.Path.replace"])
def test_a_crash_while_saving_keeps_the_old_files(saved: Path, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(at, fail)
        with pytest.raises(OSError, match="No space"):
            filled([77], unit_rows(1)).save(saved, MANIFEST)

    assert VectorIndex.load(saved, MANIFEST, 4).ids().tolist() == [4, 9]
    assert len(list(saved.parent.iterdir())) == 2, "no temporary file stays"


def test_a_crash_between_the_two_files_is_detected(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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

    with pytest.raises(IndexUnusable, match="damaged"):
        VectorIndex.load(saved, MANIFEST, 4)


def test_a_full_disk_keeps_the_old_files(saved: Path) -> None:
    with full_disk(64), pytest.raises(OSError, match="File too large"):
        filled([77], unit_rows(1)).save(saved, MANIFEST)

    assert VectorIndex.load(saved, MANIFEST, 4).ids().tolist() == [4, 9]
