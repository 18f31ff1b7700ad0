"""A large vector index in cells: recall, growth, and exact filtered search."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from embeddings import VectorIndex

Rows = npt.NDArray[np.float32]


MANIFEST: dict[str, str | int] = {"generation": 1}


MAX_EXACT = 400


def clustered(count: int, dimension: int = 32, seed: int = 0) -> Rows:
    """Random unit rows around forty centres, rounded to float16."""
    chance = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(40, dimension))
    rows = centres[chance.integers(0, 40, count)] + 0.5 * chance.normal(size=(count, dimension))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rounded: Rows = rows.astype(np.float16).astype(np.float32)
    return rounded


def ids_of(count: int) -> list[int]:
    return [int(i) for i in np.random.default_rng(3).permutation(10 * count)[:count]]


def filled(ids: list[int], rows: Rows) -> VectorIndex:
    index = VectorIndex(rows.shape[1], MAX_EXACT)
    index.add(ids, rows)
    return index


def nearest(ids: list[int], rows: Rows, query: Rows, count: int) -> list[int]:
    scores = rows @ query
    return [ids[at] for at in sorted(range(len(ids)), key=lambda at: (-scores[at], ids[at]))[:count]]


def recall(index: VectorIndex, ids: list[int], rows: Rows, queries: Rows) -> float:
    found = [{i for i, _ in index.search(query, 10)} & set(nearest(ids, rows, query, 10)) for query in queries]
    return sum(map(len, found)) / (10 * len(queries))


def test_it_is_exact_up_to_the_limit() -> None:
    ids, rows = ids_of(MAX_EXACT + 1), clustered(MAX_EXACT + 1)
    index = filled(ids[:-1], rows[:-1])
    assert index.exact
    index.add(ids[-1:], rows[-1:])

    assert not index.exact
    assert index.ids().tolist() == sorted(ids)


@pytest.mark.parametrize("batch", [3000, 170], ids=["at once", "in batches"])
def test_it_finds_98_percent_of_the_ten_nearest(batch: int) -> None:
    ids, rows = ids_of(3000), clustered(3000)
    index = VectorIndex(rows.shape[1], MAX_EXACT)
    for at in range(0, len(ids), batch):
        index.add(ids[at : at + batch], rows[at : at + batch])

    assert not index.exact
    assert recall(index, ids, rows, clustered(200, seed=7)) >= 0.98


def test_not_all_cells_are_probed() -> None:
    index = filled(ids_of(3000), clustered(3000))

    assert index._index.nprobe < index._index.nlist


def test_scores_are_exact() -> None:
    ids, rows = ids_of(1000), clustered(1000)
    query = clustered(1, seed=8)[0]

    for i, score in filled(ids, rows).search(query, 10):
        assert score == pytest.approx(rows[ids.index(i)] @ query, abs=1e-5)


@pytest.mark.parametrize("allowed", [1, 7, 300])
def test_a_filtered_search_is_exact(allowed: int) -> None:
    ids, rows = ids_of(2000), clustered(2000)
    index = filled(ids, rows)

    for query in clustered(20, seed=9):
        found = [i for i, _ in index.search(query, 10, ids[:allowed])]
        assert found == nearest(ids[:allowed], rows[:allowed], query, 10)


def test_a_count_beyond_the_probed_cells_gives_all() -> None:
    ids, rows = ids_of(1000), clustered(1000)

    assert {i for i, _ in filled(ids, rows).search(rows[0], 1000)} == set(ids)


def test_a_tie_at_the_cutoff_goes_to_the_lowest_ids() -> None:
    rows = np.tile(clustered(1), (500, 1))
    ids = ids_of(500)

    assert [i for i, _ in filled(ids, rows).search(rows[0], 5)] == sorted(ids)[:5]


def test_ids_can_be_removed_and_added_again() -> None:
    ids, rows = ids_of(1000), clustered(1000)
    index = filled(ids, rows)

    assert index.remove([*ids[:100], 10**9]) == 100
    assert index.ids().tolist() == sorted(ids[100:])
    assert ids[5] not in [i for i, _ in index.search(rows[5], 10)]
    index.add(ids[5:6], rows[5:6])
    assert index.search(rows[5], 1)[0][0] == ids[5]


def test_a_known_id_is_refused_and_nothing_added() -> None:
    ids, rows = ids_of(1000), clustered(1000)
    index = filled(ids, rows)
    with pytest.raises(ValueError, match=f"id {ids[3]} "):
        index.add([10**9, ids[3]], rows[:2])

    assert index.ids().tolist() == sorted(ids)


def test_cells_are_rebuilt_when_the_index_doubles() -> None:
    ids, rows = ids_of(2500), clustered(2500)
    index = filled(ids[:1000], rows[:1000])
    cells = index._index.nlist
    index.add(ids[1000:1500], rows[1000:1500])
    assert index._index.nlist == cells

    index.add(ids[1500:], rows[1500:])

    assert index._index.nlist > cells
    assert index.ids().tolist() == sorted(ids)
    assert recall(index, ids, rows, clustered(100, seed=7)) >= 0.98


def test_a_saved_index_finds_the_same(tmp_path: Path) -> None:
    ids, rows = ids_of(1000), clustered(1000)
    index = filled(ids, rows)
    index.save(tmp_path / "vectors", MANIFEST)

    loaded = VectorIndex.load(tmp_path / "vectors", MANIFEST, rows.shape[1])

    assert not loaded.exact
    assert loaded.ids().tolist() == index.ids().tolist()
    for query in clustered(20, seed=9):
        assert loaded.search(query, 10) == index.search(query, 10)
    assert loaded.remove(ids[:1]) == 1


def test_it_is_deterministic() -> None:
    ids, rows = ids_of(1000), clustered(1000)
    first, second = filled(ids, rows), filled(ids, rows)

    for query in clustered(20, seed=9):
        assert first.search(query, 10) == second.search(query, 10)
