"""The vector index and the full-text index of an archive, kept in step with its store.

Both are derived: a file that is missing, damaged or older than the store is rebuilt from it. So what the store has
written stands, whether or not the disk has room for an index: without room, they are used from memory.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from embeddings import IndexUnusable, VectorIndex
from rag.archive import ArchiveLock, Store
from rag.archive.database import LEXICAL, VECTORS
from rag.errors import ArchiveCorrupt, ArchiveError
from rag.progress import Done, Progress, ignore
from rag.search.lexical import LexicalIndex, LexicalUnusable, Row

_TASK = "rebuilding the indexes"
_PASSAGES_PER_STEP = 500
_log = logging.getLogger(__name__)


class Indexes:
    """The two indexes of one archive. Thread-safe."""

    def __init__(self, folder: Path, store: Store, lock: ArchiveLock, progress: Progress = ignore) -> None:
        """`progress` counts passages while an index is rebuilt."""
        self._folder = folder
        self._progress = progress
        self._store = store
        self._archive_lock = lock
        self._lock = threading.RLock()
        self._generation = -1
        self._dense: VectorIndex | None = None
        self._lexical: LexicalIndex | None = None

    def current(self) -> tuple[VectorIndex, LexicalIndex]:
        """Return both indexes for the current generation of the store, loading or rebuilding them if needed."""
        with self._lock:
            generation = self._store.generation
            if self._dense is None or self._lexical is None or generation != self._generation:
                self._dense = self._load_dense(generation)
                self._lexical = self._load_lexical(generation)
                self._generation = generation
            return self._dense, self._lexical

    def save(self) -> None:
        """Bring both up to date and write them to disk, as far as it has room. The caller holds the archive's lock."""
        with self._lock:
            dense, lexical = self.current()
            _try_write(
                lambda: dense.save(self._folder / VECTORS, self._manifest(self._generation)), self._folder / VECTORS
            )
            sealed = _try_write(lambda: lexical.seal(self._state(self._generation)), self._folder / LEXICAL)
            if not sealed or lexical.needs_rebuild:
                self._lexical = self._build_lexical(self._folder / LEXICAL, self._generation)

    def unusable(self) -> dict[str, str]:
        """Map the indexes on disk that must be rebuilt, by name, to the reason."""
        generation = self._store.generation
        reasons = {}
        try:
            manifest = self._manifest(generation)
            VectorIndex.load(self._folder / VECTORS, manifest, int(manifest["dimension"]))
        except IndexUnusable as reason:
            reasons["vector index"] = str(reason)
        try:
            LexicalIndex.load(self._folder / LEXICAL, self._state(generation))
        except LexicalUnusable as reason:
            reasons["full-text index"] = str(reason)
        return reasons

    def rebuild(self) -> None:
        """Rebuild both from the store, whatever is on disk. The caller holds the archive's lock.

        Raises: ArchiveError, if they cannot be written.
        """
        with self._lock:
            self._dense = self._lexical = None
            (self._folder / VECTORS).unlink(missing_ok=True)
            shutil.rmtree(self._folder / LEXICAL, ignore_errors=True)
            self.save()
            if reasons := self.unusable():
                raise ArchiveError(
                    f"the indexes cannot be written to {self._folder}: {'; '.join(reasons.values())}",
                    "free some disk space, then rebuild again; nothing is lost",
                )

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Block searches between a write to the store and `follow`. The caller holds the archive's lock."""
        with self._lock:
            yield

    def follow(
        self,
        removed: Sequence[str],
        removed_ids: Sequence[int],
        added: Sequence[Row],
        vectors: npt.NDArray[np.float32] | None = None,
    ) -> None:
        """Apply the one write that the store just had, in memory; `vectors` are those of `added`.

        Indexes that were behind before that write stay behind, and `current` rebuilds them.
        """
        generation = self._store.generation
        if self._dense is None or self._lexical is None or self._generation != generation - 1:
            return
        self._dense.remove(removed_ids)
        if vectors is not None and not len(self._dense):
            # The first articles: an empty archive has no dimension.
            self._dense = VectorIndex(vectors.shape[1])
        if vectors is not None:
            self._dense.add([row[0] for row in added], vectors)
        lexical = self._lexical
        if _try_write(lambda: lexical.change(added, removed), self._folder / LEXICAL):
            self._generation = generation

    def _load_dense(self, generation: int) -> VectorIndex:
        manifest = self._manifest(generation)
        try:
            return VectorIndex.load(self._folder / VECTORS, manifest, int(manifest["dimension"]))
        except IndexUnusable as reason:
            ids, vectors = self._store.vectors()
            if ids:
                _log.info("rebuilding the vector index from %d stored vectors: %s", len(ids), reason)
            dense = VectorIndex(int(manifest["dimension"]))
            try:
                if ids:
                    dense.add(ids, vectors)
            except ValueError as error:
                raise ArchiveCorrupt(f"a stored vector is damaged: {error}", "run nutgraf convert --again") from error
            with self._archive_lock.try_hold(_TASK) as held:
                if held:
                    _try_write(lambda: dense.save(self._folder / VECTORS, manifest), self._folder / VECTORS)
            return dense

    def _load_lexical(self, generation: int) -> LexicalIndex:
        folder = self._folder / LEXICAL
        try:
            return LexicalIndex.load(folder, self._state(generation))
        except LexicalUnusable as reason:
            _log.info("rebuilding the full-text index: %s", reason)
            # While another process writes to the folder, use an index in memory.
            with self._archive_lock.try_hold(_TASK) as held:
                return self._build_lexical(folder if held else None, generation)

    def _build_lexical(self, folder: Path | None, generation: int) -> LexicalIndex:
        try:
            return LexicalIndex.build(folder, self._passages(), self._state(generation))
        except (OSError, ValueError, LexicalUnusable) as error:
            if folder is None:
                raise
            _log.warning("%s cannot be written (%s); using an index in memory", folder, error)
            return LexicalIndex.build(None, self._passages(), self._state(generation))

    def _passages(self) -> Iterator[Row]:
        """Yield every passage of the store, reporting progress."""
        total = self._store.count()[1]
        for number, passage in enumerate(self._store.all_passages(), start=1):
            yield passage
            if number == total or number % _PASSAGES_PER_STEP == 0:
                self._progress(Done(number / max(total, number), number))

    def _state(self, generation: int) -> str:
        """Identify archive and generation, so that an index copied from another archive is not trusted."""
        return f"{self._store.setting('archive')}/{generation}"

    def _manifest(self, generation: int) -> dict[str, str | int]:
        return {
            "made_from": self._state(generation),
            "encoder": self._store.setting("encoder") or "",
            "dimension": self._store.number("dimension") or 1,
            "chunking": self._store.setting("chunking") or "",
        }


def _try_write(write: Callable[[], object], path: Path) -> bool:
    """Write an index or a change of it; return whether the disk allowed it. If not, tantivy raises ValueError."""
    try:
        write()
    except (OSError, ValueError, LexicalUnusable) as error:
        reason = getattr(error, "strerror", None) or error
        _log.warning("%s cannot be written (%s); using an index in memory", path, reason)
        return False
    return True
