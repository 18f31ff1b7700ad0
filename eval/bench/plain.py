"""What nutgraf is measured against: sentence-transformers at its defaults and FAISS, with nothing around them.

It runs in a process of its own, so that neither tunes the other: `python -m eval.bench.plain ENCODER`.
"""

from __future__ import annotations

import sys
import time

import faiss
import numpy as np
from sentence_transformers import SentenceTransformer

from eval.bench.serving import serve


class Plain:
    def __init__(self, folder: str) -> None:
        self._model = SentenceTransformer(folder, device="cpu", local_files_only=True)
        self._index = faiss.IndexFlatIP(int(self._model.get_embedding_dimension() or 0))

    def ingest(self, texts: list[str]) -> float:
        """Seconds to encode `texts` and add them to a new index."""
        clock = time.perf_counter()
        vectors = self._model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        return time.perf_counter() - clock

    def fill(self, count: int) -> None:
        """Hold `count` unit vectors of chance."""
        rows = np.random.default_rng(0).normal(size=(count, self._index.d)).astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        self._index = faiss.IndexFlatIP(self._index.d)
        self._index.add(rows)

    def search(self, question: str, count: int) -> float:
        """Seconds to encode `question` and find its `count` nearest."""
        clock = time.perf_counter()
        vectors = self._model.encode([question], normalize_embeddings=True, show_progress_bar=False)
        self._index.search(vectors, count)
        return time.perf_counter() - clock


if __name__ == "__main__":
    plain = Plain(sys.argv[1])
    serve({"ingest": plain.ingest, "fill": plain.fill, "search": plain.search})
