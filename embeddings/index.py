"""Nearest neighbours by inner product, exact, in a file that is never trusted unread."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

Manifest = Mapping[str, str | int]


class IndexUnusable(Exception):
    """The file is missing, torn, stale or of another archive; the index must be built again."""


class VectorIndex:
    """Unit vectors under integer ids. Reads and writes may come from several threads."""

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._lock = threading.Lock()
        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def ids(self) -> npt.NDArray[np.int64]:
        """The ids in the index, ascending: `(n,)` int64."""
        return np.sort(faiss.vector_to_array(self._index.id_map).astype(np.int64))

    def add(self, ids: Sequence[int], vectors: npt.NDArray[np.float32]) -> None:
        """Add `(n, dimension)` float32 unit rows under `n` new ids.

        Raises: ValueError, and then nothing was added.
        """
        vectors = self._checked(vectors)
        wanted = np.asarray(ids, dtype=np.int64)
        if wanted.shape != (len(vectors),):
            raise ValueError(f"{wanted.size} ids for {len(vectors)} vectors")
        if wanted.size and wanted.min() < 0:
            raise ValueError(f"id {wanted.min()} is negative")
        with self._lock:
            known = np.concatenate([self.ids(), wanted])
            unique, counts = np.unique(known, return_counts=True)
            if (counts > 1).any():
                raise ValueError(f"id {unique[counts > 1][0]} is given twice or stands in the index")
            self._index.add_with_ids(vectors, wanted)

    def remove(self, ids: Sequence[int]) -> int:
        """Remove what is there of `ids`; return how many that were."""
        with self._lock:
            return int(self._index.remove_ids(faiss.IDSelectorBatch(np.asarray(ids, dtype=np.int64))))

    def search(
        self, vector: npt.NDArray[np.float32], count: int, allowed: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """The `count` nearest as `(id, score)`, best first, ties by id; fewer where there are fewer.

        `vector` is `(dimension,)` float32; only ids in `allowed` are returned, where it is given.
        Raises: ValueError.
        """
        if count < 1:
            raise ValueError(f"count is {count}; it must be at least 1")
        query = self._checked(np.asarray(vector)[None, :] if np.ndim(vector) == 1 else vector)
        with self._lock:
            count = min(count, len(self))
            if not count or (allowed is not None and not len(allowed)):
                return []
            scores, ids = self._nearest(query, count, allowed)
        pairs = [(int(i), float(s)) for s, i in zip(scores, ids, strict=True) if i != -1]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:count]

    def save(self, path: Path, manifest: Manifest) -> None:
        """Write the index and, beside it, `manifest` with a checksum; a crash leaves old files or new ones."""
        with self._lock:
            content = faiss.serialize_index(self._index).tobytes()
        _replace(path, content)
        sealed = {**manifest, "sha256": hashlib.sha256(content).hexdigest()}
        _replace(_manifest_path(path), json.dumps(sealed, indent=1).encode())

    @classmethod
    def load(cls, path: Path, manifest: Manifest, dimension: int) -> VectorIndex:
        """Read what `save` wrote. Raises: IndexUnusable, unless the file is whole and `manifest` is its own."""
        try:
            stored = json.loads(_manifest_path(path).read_bytes())
            content = path.read_bytes()
        except (OSError, ValueError) as error:
            raise IndexUnusable(f"{path.name}: {error}") from error
        if not isinstance(stored, dict) or stored.pop("sha256", "") != hashlib.sha256(content).hexdigest():
            raise IndexUnusable(f"{path.name} is torn: its checksum is another")
        if stored != dict(manifest):
            raise IndexUnusable(f"{path.name} is of {stored}, not of {dict(manifest)}")
        index = cls(dimension)
        try:
            index._index = faiss.deserialize_index(np.frombuffer(content, dtype=np.uint8))
        except RuntimeError as error:
            raise IndexUnusable(f"{path.name} cannot be read: {' '.join(str(error).split())}") from error
        if index._index.d != dimension:
            raise IndexUnusable(f"{path.name} has dimension {index._index.d}, not {dimension}")
        return index

    def _nearest(self, query: npt.NDArray[np.float32], count: int, allowed: Sequence[int] | None) -> tuple[Any, Any]:
        """Scores and ids of the `count` nearest and of all that tie with the last: FAISS drops any of a tie."""
        wide = min(count + 1, len(self))
        while True:
            (scores,), (ids,) = self._index.search(query, wide, params=_only(allowed))
            if wide == len(self) or ids[-1] == -1 or scores[-1] < scores[count - 1]:
                return scores, ids
            wide = min(2 * wide, len(self))

    def _checked(self, vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        if vectors.dtype != np.float32:
            raise ValueError(f"the vectors are {vectors.dtype}; they must be float32")
        if vectors.ndim != 2 or vectors.shape[1] != self.dimension:
            raise ValueError(f"the vectors have shape {vectors.shape}; it must be (n, {self.dimension})")
        if not np.isfinite(vectors).all():
            raise ValueError("a vector holds NaN or infinity")
        return np.ascontiguousarray(vectors)


def _only(allowed: Sequence[int] | None) -> Any:  # noqa: ANN401
    if allowed is None:
        return None
    return faiss.SearchParameters(sel=faiss.IDSelectorBatch(np.asarray(allowed, dtype=np.int64)))


def _manifest_path(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _replace(path: Path, content: bytes) -> None:
    """Write beside `path`, flush to the disk, then take its place in one step."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
