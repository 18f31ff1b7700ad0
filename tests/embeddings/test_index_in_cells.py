"""An index too large to compare all of: what it finds, how it grows, and that a narrow search stays exact."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from embeddings import VectorIndex

Rows = npt.NDArray[np.float32]
MANIFEST: dict[str, str | int] = {"generation": 1}
EXACT_MOST = 400


def clustered(count: int, dimension: int = 32, seed: int = 0) -> Rows:
    """Unit rows around forty centres, as float16 gives them back."""
    chance = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(40, dimension))
    rows = centres[chance.integers(0, 40, count)] + 0.5 * chance.normal(size=(count, dimension))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rounded: Rows = rows.astype(np.float16).astype(np.float32)
    return rounded


def ids_of(count: int) -> list[int]:
    return [int(i) for i in np.random.default_rng(3).permutation(10 * count)[:count]]


def filled(ids: list[int], rows: Rows) -> VectorIndex:
    index = VectorIndex(rows.shape[1], EXACT_MOST)
    index.add(ids, rows)
    return index


def nearest(ids: list[int], rows: Rows, query: Rows, count: int) -> list[int]:
    scores = rows @ query
    return [ids[at] for at in sorted(range(len(ids)), key=lambda at: (-scores[at], ids[at]))[:count]]


def recall(index: VectorIndex, ids: list[int], rows: Rows, queries: Rows) -> float:
    found = [{i for i, _ in index.search(query, 10)} & set(nearest(ids, rows, query, 10)) for query in queries]
    return sum(map(len, found)) / (10 * len(queries))


def test_it_stays_exact_until_there_are_too_many() -> None:
    ids, rows = ids_of(EXACT_MOST + 1), clustered(EXACT_MOST + 1)
    index = filled(ids[:-1], rows[:-1])
    assert index.exact
    index.add(ids[-1:], rows[-1:])

    assert not index.exact
    assert index.ids().tolist() == sorted(ids)


@pytest.mark.parametrize("batch", [3000, 170], ids=["at once", "in batches"])
def test_in_cells_it_finds_98_of_100_of_the_ten_nearest(batch: int) -> None:
    ids, rows = ids_of(3000), clustered(3000)
    index = VectorIndex(rows.shape[1], EXACT_MOST)
    for at in range(0, len(ids), batch):
        index.add(ids[at : at + batch], rows[at : at + batch])

    assert not index.exact
    assert recall(index, ids, rows, clustered(200, seed=7)) >= 0.98


def test_fewer_cells_are_searched_than_there_are() -> None:
    index = filled(ids_of(3000), clustered(3000))

    assert index._index.nprobe < index._index.nlist


def test_scores_are_those_of_the_vectors_themselves() -> None:
    ids, rows = ids_of(1000), clustered(1000)
    query = clustered(1, seed=8)[0]

    for i, score in filled(ids, rows).search(query, 10):
        assert score == pytest.approx(rows[ids.index(i)] @ query, abs=1e-5)


@pytest.mark.parametrize("allowed", [1, 7, 300])
def test_a_search_among_few_ids_is_exact(allowed: int) -> None:
    ids, rows = ids_of(2000), clustered(2000)
    index = filled(ids, rows)

    for query in clustered(20, seed=9):
        found = [i for i, _ in index.search(query, 10, ids[:allowed])]
        assert found == nearest(ids[:allowed], rows[:allowed], query, 10)


def test_more_asked_for_than_its_cells_hold_gives_all() -> None:
    ids, rows = ids_of(1000), clustered(1000)

    assert {i for i, _ in filled(ids, rows).search(rows[0], 1000)} == set(ids)


def test_a_tie_at_the_cut_goes_to_the_lowest_ids() -> None:
    rows = np.tile(clustered(1), (500, 1))
    ids = ids_of(500)

    assert [i for i, _ in filled(ids, rows).search(rows[0], 5)] == sorted(ids)[:5]


def test_what_is_removed_is_gone_and_can_be_added_again() -> None:
    ids, rows = ids_of(1000), clustered(1000)
    index = filled(ids, rows)

    assert index.remove([*ids[:100], 10**9]) == 100
    assert index.ids().tolist() == sorted(ids[100:])
    assert ids[5] not in [i for i, _ in index.search(rows[5], 10)]
    index.add(ids[5:6], rows[5:6])
    assert index.search(rows[5], 1)[0][0] == ids[5]


def test_a_known_id_is_turned_away_and_nothing_is_added() -> None:
    ids, rows = ids_of(1000), clustered(1000)
    index = filled(ids, rows)
    with pytest.raises(ValueError, match=f"id {ids[3]} "):
        index.add([10**9, ids[3]], rows[:2])

    assert index.ids().tolist() == sorted(ids)


def test_twice_as_many_are_parted_into_more_cells() -> None:
    ids, rows = ids_of(2500), clustered(2500)
    index = filled(ids[:1000], rows[:1000])
    cells = index._index.nlist
    index.add(ids[1000:1500], rows[1000:1500])
    assert index._index.nlist == cells

    index.add(ids[1500:], rows[1500:])

    assert index._index.nlist > cells
    assert index.ids().tolist() == sorted(ids)
    assert recall(index, ids, rows, clustered(100, seed=7)) >= 0.98


def test_what_was_saved_in_cells_is_loaded_and_finds_the_same(tmp_path: Path) -> None:
    ids, rows = ids_of(1000), clustered(1000)
    index = filled(ids, rows)
    index.save(tmp_path / "vectors", MANIFEST)

    loaded = VectorIndex.load(tmp_path / "vectors", MANIFEST, rows.shape[1])

    assert not loaded.exact
    assert loaded.ids().tolist() == index.ids().tolist()
    for query in clustered(20, seed=9):
        assert loaded.search(query, 10) == index.search(query, 10)
    assert loaded.remove(ids[:1]) == 1


def test_the_same_vectors_give_the_same_answers_twice() -> None:
    ids, rows = ids_of(1000), clustered(1000)
    first, second = filled(ids, rows), filled(ids, rows)

    for query in clustered(20, seed=9):
        assert first.search(query, 10) == second.search(query, 10)
