"""What the benchmark compares with and measures from outside: a process that answers lines of JSON.

It is a process of its own so that neither side tunes the other, and because Linux counts the memory of whoever starts a
command as that command's: here that is a few MiB. Run as `python eval/plain.py [ENCODER]`; with an encoder it is the
plain loop: sentence-transformers at its defaults and FAISS, with nothing around them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import faiss


class Plain:
    """Encode texts and search them by brute force."""

    def __init__(self, folder: str) -> None:
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(folder, device="cpu", local_files_only=True)
        self._index: faiss.IndexFlatIP | None = None

    def ingest(self, texts: list[str], passage_words: int) -> float:
        """Return the seconds it takes to cut `texts` into passages, encode these and add them to a new index."""
        import faiss

        clock = time.perf_counter()
        words = [text.split() for text in texts]
        passages = [
            " ".join(some[at : at + passage_words]) for some in words for at in range(0, len(some), passage_words)
        ]
        vectors = self._model.encode(passages, normalize_embeddings=True, show_progress_bar=False)
        self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(vectors)
        return time.perf_counter() - clock

    def fill(self, count: int) -> None:
        """Index `count` random unit vectors."""
        import faiss
        import numpy as np

        rows = (
            np.random.default_rng(0)
            .normal(size=(count, int(self._model.get_embedding_dimension() or 0)))
            .astype(np.float32)
        )
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        self._index = faiss.IndexFlatIP(rows.shape[1])
        self._index.add(rows)

    def search(self, question: str, count: int) -> float:
        """Return the seconds it takes to encode `question` and find its `count` nearest."""
        clock = time.perf_counter()
        vectors = self._model.encode([question], normalize_embeddings=True, show_progress_bar=False)
        if self._index is not None:
            self._index.search(vectors, count)
        return time.perf_counter() - clock


def run(command: list[str]) -> tuple[str, int, float, float]:
    """Run a command; return its output, its status, the seconds it took and its peak memory in MiB."""
    clock = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        output = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    # macOS counts bytes, Linux KiB.
    peak_mib = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return output, process.returncode, time.perf_counter() - clock, peak_mib


def serve(calls: Mapping[str, Callable[..., object]]) -> None:
    """Answer each line, a name and arguments, with what that call returns."""
    out, sys.stdout = sys.stdout, sys.stderr  # what a library prints must not pass for an answer
    for line in sys.stdin:
        name, arguments = json.loads(line)
        out.write(json.dumps(calls[name](*arguments)) + "\n")
        out.flush()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        plain = Plain(sys.argv[1])
        serve({"ingest": plain.ingest, "fill": plain.fill, "search": plain.search})
    else:
        serve({"run": run})
