"""Nearest-neighbour search by inner product (FAISS), saved with a checksum that is verified on load.

A small index compares all vectors. A large one is an inverted file (IVF): vectors are clustered into cells and only the
cells nearest to the query are searched, as many as measured recall requires (figures: docs/performance.md).
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from embeddings.atomic import atomic_write

Manifest = Mapping[str, str | int]
Rows = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]
_Blocks = Iterator[tuple[Ids, Rows]]

# Comparing this many takes 4 ms; above it, cells pay.
_MAX_EXACT = 100_000
_TRAINING_ROWS_PER_CELL, _TRAINING_ROUNDS = 64, 10
# The cells are rebuilt when the index has grown this many times beyond the size they were made for.
_GROWTH = 2
# Half a point above the promised 98 of 100: a target of 0.98 on the sample gave 0.9798 on real questions.
_RECALL, _RECALL_AT = 0.985, 10
# Questions lie further from every passage than passages from each other. Passages turned to this cosine in a random
# direction need as many cells as 400 real questions did: 56 to their 59 of 118 (passages themselves: 41).
_QUESTION_COSINE = 0.4
_SAMPLE_QUESTIONS = 256
_BLOCK_ROWS, _BLOCK_BYTES = 16_384, 1 << 20
_log = logging.getLogger(__name__)


class IndexUnusable(Exception):
    """The file is missing, damaged, stale or from another archive; the index must be rebuilt."""


class VectorIndex:
    """Unit vectors under integer ids, stored as float16. Thread-safe.

    With up to `max_exact` vectors every search is exact. Above, it finds 98 % of the ten nearest, measured on the
    vectors themselves whenever the cells are made. A search among at most `max_exact` allowed ids is always exact.
    """

    def __init__(self, dimension: int, max_exact: int = _MAX_EXACT) -> None:
        self.dimension = dimension
        self._max_exact = max_exact
        self._lock = threading.Lock()
        flat = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        self._index: Any = faiss.IndexIDMap(flat)
        self._ids: Ids = np.empty(0, dtype=np.int64)  # ascending

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def exact(self) -> bool:
        """Whether a search compares every vector."""
        return not isinstance(self._index, faiss.IndexIVF)

    def ids(self) -> Ids:
        """The ids in the index, ascending: `(n,)` int64."""
        return self._ids.copy()

    def add(self, ids: Sequence[int], vectors: Rows) -> None:
        """Add `(n, dimension)` float32 unit rows under `n` new ids, rounded to float16.

        Raises: ValueError, and then nothing is added.
        """
        vectors = self._checked(vectors)
        with np.errstate(over="ignore"):
            if not np.isfinite(vectors.astype(np.float16)).all():
                raise ValueError("a vector holds a value outside the range of float16")
        wanted = np.asarray(ids, dtype=np.int64)
        if wanted.shape != (len(vectors),):
            raise ValueError(f"{wanted.size} ids for {len(vectors)} vectors")
        if wanted.size and wanted.min() < 0:
            raise ValueError(f"id {wanted.min()} is negative")
        with self._lock:
            known = self._merged_ids(wanted)
            if len(known) > self._capacity():
                self._index = self._clustered(wanted, vectors)
            else:
                self._index.add_with_ids(vectors, wanted)
            self._ids = known

    def remove(self, ids: Sequence[int]) -> int:
        """Remove those of `ids` that exist; return how many."""
        with self._lock:
            places = _places(self._ids, np.unique(np.asarray(ids, dtype=np.int64)))
            if len(places):
                self._index.remove_ids(faiss.IDSelectorBatch(self._ids[places]))
                self._ids = np.delete(self._ids, places)
            return len(places)

    def search(
        self, vector: npt.NDArray[np.float32], count: int, allowed: Sequence[int] | Ids | None = None
    ) -> list[tuple[int, float]]:
        """Return the `count` nearest as `(id, score)`, best first, ties by id; fewer if there are fewer.

        `vector` is `(dimension,)` float32. With `allowed`, only those ids are searched. Raises: ValueError.
        """
        if count < 1:
            raise ValueError(f"count is {count}; it must be at least 1")
        query = self._checked(np.asarray(vector)[None, :] if np.ndim(vector) == 1 else vector)
        only = None if allowed is None else np.asarray(allowed, dtype=np.int64)
        with self._lock:
            count = min(count, len(self))
            if not count or (only is not None and not only.size):
                return []
            scores, ids = self._nearest(query, count, only)
        pairs = [(int(i), float(s)) for s, i in zip(scores, ids, strict=True) if i != -1]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:count]

    def save(self, path: Path, manifest: Manifest) -> None:
        """Write the index and, in a second file, `manifest` with a checksum.

        A crash leaves the old files, or a pair that `load` refuses. Raises: OSError.
        """
        checksum = hashlib.sha256()
        with atomic_write(path) as file:

            def write(block: bytes) -> int:
                checksum.update(block)
                return file.write(block)

            with self._lock:
                faiss.write_index(self._index, faiss.PyCallbackIOWriter(write, _BLOCK_BYTES))
        with atomic_write(_manifest_path(path)) as file:
            file.write(json.dumps({**manifest, "sha256": checksum.hexdigest()}, indent=1).encode())

    @classmethod
    def load(cls, path: Path, manifest: Manifest, dimension: int) -> VectorIndex:
        """Read the output of `save`. Raises: IndexUnusable, unless the checksum and `manifest` match."""
        index = cls(dimension)
        try:
            stored = json.loads(_manifest_path(path).read_bytes())
            # Open once: another process may replace the file between the checksum and the read.
            with path.open("rb") as file:
                checksum = hashlib.file_digest(file, "sha256").hexdigest()
                if not isinstance(stored, dict) or stored.pop("sha256", "") != checksum:
                    raise IndexUnusable(f"{path.name} is damaged: its checksum does not match")
                if stored != dict(manifest):
                    raise IndexUnusable(f"{path.name} was made from {stored}, not from {dict(manifest)}")
                file.seek(0)
                index._index = faiss.read_index(faiss.PyCallbackIOReader(file.read, _BLOCK_BYTES))
        except (OSError, ValueError) as error:
            raise IndexUnusable(f"{path.name}: {error}") from error
        except RuntimeError as error:
            raise IndexUnusable(f"{path.name} cannot be read: {' '.join(str(error).split())}") from error
        if index._index.d != dimension:
            raise IndexUnusable(f"{path.name} has dimension {index._index.d}, not {dimension}")
        index._ids = np.sort(np.concatenate([index._ids, *_ids_of(index._index)]))
        return index

    def _nearest(self, query: Rows, count: int, allowed: Ids | None) -> tuple[Any, Any]:
        """Return scores and ids of the `count` nearest and all that tie with the last: FAISS drops ties at random."""
        wide = min(count + 1, len(self))
        everywhere = self.exact or (allowed is not None and allowed.size <= self._max_exact)
        while True:
            (scores,), (ids,) = self._index.search(query, wide, params=self._parameters(allowed, everywhere=everywhere))
            if ids[-1] == -1 and not everywhere:
                everywhere = True  # the probed cells hold too few
            elif wide == len(self) or ids[-1] == -1 or scores[-1] < scores[count - 1]:
                return scores, ids
            else:
                wide = min(2 * wide, len(self))

    def _parameters(self, allowed: Ids | None, *, everywhere: bool) -> Any:  # noqa: ANN401
        selector = None if allowed is None else faiss.IDSelectorBatch(allowed)
        if self.exact:
            return faiss.SearchParameters(sel=selector)
        return faiss.SearchParametersIVF(sel=selector, nprobe=self._index.nlist if everywhere else self._index.nprobe)

    def _merged_ids(self, wanted: Ids) -> Ids:
        """Return all ids including `wanted`, ascending. Raises: ValueError, if an id is not new."""
        new = np.sort(wanted)
        twice = np.concatenate([new[1:][new[1:] == new[:-1]], self._ids[_places(self._ids, new)]])
        if twice.size:
            raise ValueError(f"id {twice.min()} is given twice or already in the index")
        return np.insert(self._ids, np.searchsorted(self._ids, new), new)

    def _capacity(self) -> int:
        """How many vectors the index can hold before its cells must be made again."""
        return self._max_exact if self.exact else _GROWTH * (int(self._index.nlist) + 1) ** 2

    def _clustered(self, ids: Ids, vectors: Rows) -> Any:  # noqa: ANN401
        """Build an IVF index of the stored vectors and the new ones, with sqrt(n) cells."""

        def blocks() -> _Blocks:
            stored = _ivf_blocks(self._index) if not self.exact else _flat_blocks(self._index)
            return chain(stored, _blocks(ids, vectors))

        count = len(self) + len(ids)
        cells = math.isqrt(count)
        sample = _sample((rows for _, rows in blocks()), count, cells * _TRAINING_ROWS_PER_CELL)
        centres, kind = faiss.IndexFlatIP(self.dimension), faiss.ScalarQuantizer.QT_fp16
        by_residual = False  # so that the codes are exactly the given float16 values
        index = faiss.IndexIVFScalarQuantizer(
            centres, self.dimension, cells, kind, faiss.METRIC_INNER_PRODUCT, by_residual
        )
        index.cp.niter, index.cp.min_points_per_centroid, index.cp.spherical = _TRAINING_ROUNDS, 1, True
        index.train(sample)
        for some, rows in blocks():
            index.add_with_ids(rows, some)
        index.nprobe = _cells_needed(index, _pseudo_questions(sample))
        _log.info("clustered %d vectors into %d cells; a search probes %d", count, cells, index.nprobe)
        return index

    def _checked(self, vectors: Rows) -> Rows:
        if vectors.dtype != np.float32:
            raise ValueError(f"the vectors are {vectors.dtype}; they must be float32")
        if vectors.ndim != 2 or vectors.shape[1] != self.dimension:
            raise ValueError(f"the vectors have shape {vectors.shape}; it must be (n, {self.dimension})")
        if not np.isfinite(vectors).all():
            raise ValueError("a vector holds NaN or infinity")
        return np.ascontiguousarray(vectors)


def _places(ascending: Ids, wanted: Ids) -> npt.NDArray[np.int64]:
    """The positions in `ascending` of those of `wanted` that it contains."""
    places = np.searchsorted(ascending, wanted)
    inside = places < len(ascending)
    places, wanted = places[inside], wanted[inside]
    found: npt.NDArray[np.int64] = places[ascending[places] == wanted]
    return found


def _ids_of(index: Any) -> Iterator[Ids]:  # noqa: ANN401
    if isinstance(index, faiss.IndexIVF):
        yield from (ids for ids, _ in _ivf_blocks(index))
    else:
        yield faiss.vector_to_array(index.id_map).astype(np.int64)


def _flat_blocks(index: Any) -> _Blocks:  # noqa: ANN401
    """Yield the contents of an exact index."""
    ids = faiss.vector_to_array(index.id_map).astype(np.int64)
    for at in range(0, len(ids), _BLOCK_ROWS):
        some = ids[at : at + _BLOCK_ROWS]
        yield some, index.index.reconstruct_n(at, len(some))


def _ivf_blocks(index: Any) -> _Blocks:  # noqa: ANN401
    """Yield the contents of an IVF index, cell by cell."""
    for cell in range(index.nlist):
        size = index.invlists.list_size(cell)
        if size:
            codes = faiss.rev_swig_ptr(index.invlists.get_codes(cell), size * index.code_size)
            ids = faiss.rev_swig_ptr(index.invlists.get_ids(cell), size)
            yield ids.astype(np.int64), codes.view("<f2").reshape(size, index.d).astype(np.float32)


def _blocks(ids: Ids, vectors: Rows) -> _Blocks:
    for at in range(0, len(ids), _BLOCK_ROWS):
        yield ids[at : at + _BLOCK_ROWS], vectors[at : at + _BLOCK_ROWS]


def _sample(blocks: Iterable[Rows], count: int, size: int) -> Rows:
    """Draw `size` of the `count` rows in `blocks`, with a fixed seed."""
    drawn = np.sort(np.random.default_rng(0).choice(count, min(size, count), replace=False))
    taken, start = [], 0
    for rows in blocks:
        taken.append(rows[drawn[(drawn >= start) & (drawn < start + len(rows))] - start])
        start += len(rows)
    return np.concatenate(taken)


def _pseudo_questions(rows: Rows) -> Rows:
    """Some of `rows`, turned as far away as questions lie from the passages that answer them."""
    random = np.random.default_rng(1)
    some = rows[random.choice(len(rows), min(_SAMPLE_QUESTIONS, len(rows)), replace=False)]
    aside = random.normal(size=some.shape).astype(np.float32)
    aside -= (aside * some).sum(axis=1, keepdims=True) * some
    aside /= np.maximum(np.linalg.norm(aside, axis=1, keepdims=True), 1e-9)
    turned: Rows = _QUESTION_COSINE * some + math.sqrt(1 - _QUESTION_COSINE**2) * aside
    return np.ascontiguousarray(turned, dtype=np.float32)


def _cells_needed(index: Any, questions: Rows) -> int:  # noqa: ANN401
    """The fewest cells to probe that find `_RECALL` of the true `_RECALL_AT` nearest, by bisection."""

    def scores(cells: int) -> Any:  # noqa: ANN401
        found, _ = index.search(questions, _RECALL_AT, params=faiss.SearchParametersIVF(nprobe=cells))
        return found

    last = scores(index.nlist)[:, -1:]
    few, enough = 0, int(index.nlist)
    while enough - few > 1:
        cells = (few + enough) // 2
        # Compare scores, not ids: ties are interchangeable.
        if (scores(cells) >= last - 1e-6).mean() >= _RECALL:
            enough = cells
        else:
            few = cells
    return enough


def _manifest_path(path: Path) -> Path:
    return path.with_name(path.name + ".json")
