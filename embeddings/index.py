"""Nearest neighbours by inner product, in a file that is never trusted unread.

Few vectors are all compared. Many are parted into cells, and the cells nearest to the question are looked through:
as many as find what comparing all would (docs/performance.md has the figures).
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import threading
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from embeddings import sampling
from embeddings.replacing import replacing

Manifest = Mapping[str, str | int]
Rows = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]
_Blocks = Iterator[tuple[Ids, Rows]]

# As many are compared one by one in 4 ms; more are parted into cells.
_EXACT_MOST = 100_000
_TRAINING_ROWS_PER_CELL = 64
_TRAINING_ROUNDS = 10
_GROWTH = 2  # times the vectors that the cells were made for, then they are made anew
# Half a point more than is promised, which is what the sample errs by: 0.98 of it gave 0.9798 of real questions.
_RECALL, _RECALL_AT = 0.985, 10
_BLOCK_ROWS, _BLOCK_BYTES = 16_384, 1 << 20
_log = logging.getLogger(__name__)


class IndexUnusable(Exception):
    """The file is missing, torn, stale or of another archive; the index must be built again."""


class VectorIndex:
    """Unit vectors, kept in float16, under integer ids. Reads and writes may come from several threads.

    Up to `exact_most` vectors, every search is exact; beyond, it finds 98 of 100 of the ten nearest, measured on the
    vectors themselves whenever the cells are made. A search among at most `exact_most` allowed ids is always exact.
    """

    def __init__(self, dimension: int, exact_most: int = _EXACT_MOST) -> None:
        self.dimension = dimension
        self._exact_most = exact_most
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
        """Add `(n, dimension)` float32 unit rows under `n` new ids; float16 is what is kept of them.

        Raises: ValueError, and then nothing was added.
        """
        vectors = self._checked(vectors)
        with np.errstate(over="ignore"):
            if not np.isfinite(vectors.astype(np.float16)).all():
                raise ValueError("a vector holds a number beyond float16")
        wanted = np.asarray(ids, dtype=np.int64)
        if wanted.shape != (len(vectors),):
            raise ValueError(f"{wanted.size} ids for {len(vectors)} vectors")
        if wanted.size and wanted.min() < 0:
            raise ValueError(f"id {wanted.min()} is negative")
        with self._lock:
            known = self._with(wanted)
            if len(known) > self._room():
                self._index = self._in_cells(wanted, vectors)
            else:
                self._index.add_with_ids(vectors, wanted)
            self._ids = known

    def remove(self, ids: Sequence[int]) -> int:
        """Remove what is there of `ids`; return how many that were."""
        with self._lock:
            places = _places(self._ids, np.unique(np.asarray(ids, dtype=np.int64)))
            if len(places):
                self._index.remove_ids(faiss.IDSelectorBatch(self._ids[places]))
                self._ids = np.delete(self._ids, places)
            return len(places)

    def search(
        self, vector: npt.NDArray[np.float32], count: int, allowed: Sequence[int] | Ids | None = None
    ) -> list[tuple[int, float]]:
        """The `count` nearest as `(id, score)`, best first, ties by id; fewer where there are fewer.

        `vector` is `(dimension,)` float32; only ids in `allowed` are returned, where it is given.
        Raises: ValueError.
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
        """Write the index and, beside it, `manifest` with a checksum; a crash leaves old files or new ones.

        Raises: OSError.
        """
        checksum = hashlib.sha256()
        with replacing(path) as file:

            def write(block: bytes) -> int:
                checksum.update(block)
                return file.write(block)

            with self._lock:
                faiss.write_index(self._index, faiss.PyCallbackIOWriter(write, _BLOCK_BYTES))
        with replacing(_manifest_path(path)) as file:
            file.write(json.dumps({**manifest, "sha256": checksum.hexdigest()}, indent=1).encode())

    @classmethod
    def load(cls, path: Path, manifest: Manifest, dimension: int) -> VectorIndex:
        """Read what `save` wrote. Raises: IndexUnusable, unless the file is whole and `manifest` is its own."""
        index = cls(dimension)
        try:
            stored = json.loads(_manifest_path(path).read_bytes())
            # Open once: another process may put a new file in its place between the checksum and the reading.
            with path.open("rb") as file:
                checksum = hashlib.file_digest(file, "sha256").hexdigest()
                if not isinstance(stored, dict) or stored.pop("sha256", "") != checksum:
                    raise IndexUnusable(f"{path.name} is torn: its checksum is another")
                if stored != dict(manifest):
                    raise IndexUnusable(f"{path.name} is of {stored}, not of {dict(manifest)}")
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
        """Scores and ids of the `count` nearest and of all that tie with the last: FAISS drops any of a tie."""
        wide = min(count + 1, len(self))
        everywhere = self.exact or (allowed is not None and allowed.size <= self._exact_most)
        while True:
            (scores,), (ids,) = self._index.search(query, wide, params=self._parameters(allowed, everywhere=everywhere))
            if ids[-1] == -1 and not everywhere:
                everywhere = True  # the nearest cells hold fewer than there are
            elif wide == len(self) or ids[-1] == -1 or scores[-1] < scores[count - 1]:
                return scores, ids
            else:
                wide = min(2 * wide, len(self))

    def _parameters(self, allowed: Ids | None, *, everywhere: bool) -> Any:  # noqa: ANN401
        selector = None if allowed is None else faiss.IDSelectorBatch(allowed)
        if self.exact:
            return faiss.SearchParameters(sel=selector)
        return faiss.SearchParametersIVF(sel=selector, nprobe=self._index.nlist if everywhere else self._index.nprobe)

    def _with(self, wanted: Ids) -> Ids:
        """The ids with `wanted` among them, ascending. Raises: ValueError, where one stands twice."""
        new = np.sort(wanted)
        twice = np.concatenate([new[1:][new[1:] == new[:-1]], self._ids[_places(self._ids, new)]])
        if twice.size:
            raise ValueError(f"id {twice.min()} is given twice or stands in the index")
        return np.insert(self._ids, np.searchsorted(self._ids, new), new)

    def _room(self) -> int:
        """How many vectors the index serves as it is."""
        return self._exact_most if self.exact else _GROWTH * (int(self._index.nlist) + 1) ** 2

    def _in_cells(self, ids: Ids, vectors: Rows) -> Any:  # noqa: ANN401
        """What the index holds, and `vectors`, parted into as many cells as the root of their number."""

        def blocks() -> _Blocks:
            held = _in_lists(self._index) if not self.exact else _in_order(self._index)
            return chain(held, _cut(ids, vectors))

        count = len(self) + len(ids)
        cells = math.isqrt(count)
        sample = sampling.draw((rows for _, rows in blocks()), count, cells * _TRAINING_ROWS_PER_CELL)
        centres, kind = faiss.IndexFlatIP(self.dimension), faiss.ScalarQuantizer.QT_fp16
        by_residual = False  # the codes are then the very float16 that were given
        index = faiss.IndexIVFScalarQuantizer(
            centres, self.dimension, cells, kind, faiss.METRIC_INNER_PRODUCT, by_residual
        )
        index.cp.niter, index.cp.min_points_per_centroid, index.cp.spherical = _TRAINING_ROUNDS, 1, True
        index.train(sample)
        for some, rows in blocks():
            index.add_with_ids(rows, some)
        index.nprobe = _cells_needed(index, sampling.like_questions(sample))
        _log.info("parted %d vectors into %d cells, of which a search sees %d", count, cells, index.nprobe)
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
    """Where those of `wanted` that are in `ascending` stand in it."""
    places = np.searchsorted(ascending, wanted)
    inside = places < len(ascending)
    places, wanted = places[inside], wanted[inside]
    found: npt.NDArray[np.int64] = places[ascending[places] == wanted]
    return found


def _ids_of(index: Any) -> Iterator[Ids]:  # noqa: ANN401
    if isinstance(index, faiss.IndexIVF):
        yield from (ids for ids, _ in _in_lists(index))
    else:
        yield faiss.vector_to_array(index.id_map).astype(np.int64)


def _in_order(index: Any) -> _Blocks:  # noqa: ANN401
    """What an exact index holds."""
    ids = faiss.vector_to_array(index.id_map).astype(np.int64)
    for at in range(0, len(ids), _BLOCK_ROWS):
        some = ids[at : at + _BLOCK_ROWS]
        yield some, index.index.reconstruct_n(at, len(some))


def _in_lists(index: Any) -> _Blocks:  # noqa: ANN401
    """What an index in cells holds, cell by cell."""
    for cell in range(index.nlist):
        size = index.invlists.list_size(cell)
        if size:
            codes = faiss.rev_swig_ptr(index.invlists.get_codes(cell), size * index.code_size)
            ids = faiss.rev_swig_ptr(index.invlists.get_ids(cell), size)
            yield ids.astype(np.int64), codes.view("<f2").reshape(size, index.d).astype(np.float32)


def _cut(ids: Ids, vectors: Rows) -> _Blocks:
    for at in range(0, len(ids), _BLOCK_ROWS):
        yield ids[at : at + _BLOCK_ROWS], vectors[at : at + _BLOCK_ROWS]


def _cells_needed(index: Any, questions: Rows) -> int:  # noqa: ANN401
    """The fewest cells that find `_RECALL` of the `_RECALL_AT` nearest that all cells hold."""

    def scores(cells: int) -> Any:  # noqa: ANN401
        found, _ = index.search(questions, _RECALL_AT, params=faiss.SearchParametersIVF(nprobe=cells))
        return found

    last = scores(index.nlist)[:, -1:]
    few, enough = 0, int(index.nlist)
    while enough - few > 1:
        cells = (few + enough) // 2
        # By score: of equals, any is as good.
        if (scores(cells) >= last - 1e-6).mean() >= _RECALL:
            enough = cells
        else:
            few = cells
    return enough


def _manifest_path(path: Path) -> Path:
    return path.with_name(path.name + ".json")
