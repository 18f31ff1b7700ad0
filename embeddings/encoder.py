"""Text to unit vectors, with a sentence-transformers model."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from embeddings.batches import batched, side_by_side

_log = logging.getLogger(__name__)


class Encoder(Protocol):
    """What turns texts into unit vectors. `fingerprint` changes whenever the vectors would."""

    name: str
    fingerprint: str
    dimension: int

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> npt.NDArray[np.float32]:
        """Encode `texts`: `(n, dimension)` float32, unit rows, in the order of `texts`.

        `progress` is told the number of texts done, as it grows.
        """
        ...


class SentenceEncoder:
    """A sentence-transformers model on this machine, for any number of threads; text beyond its window is cut off.

    It computes in bfloat16 where the CPU multiplies it natively, else in float32: the vectors agree to a
    cosine of 0.9999, so the fingerprint leaves the precision out.
    """

    def __init__(self, folder: Path, name: str, fingerprint: str) -> None:
        """Load the weights in `folder`. Raises: OSError, ValueError."""
        # Imported here: it takes seconds, and most commands never encode.
        import torch
        from safetensors import SafetensorError
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()
        dtype = torch.bfloat16 if native_bfloat16(torch.cpu.get_capabilities()) else torch.float32
        try:
            self._model = SentenceTransformer(
                str(folder), device="cpu", local_files_only=True, model_kwargs={"dtype": dtype}
            )
        except SafetensorError as error:
            raise ValueError(f"the weights are damaged: {error}") from error
        self._model.eval()
        self._torch = torch
        self._threads = torch.get_num_threads()
        self.name = name
        self.fingerprint = fingerprint
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        self.precision = str(dtype).removeprefix("torch.")
        # A fast tokenizer keeps its padding and truncation in itself: two threads would pad each other's batches.
        self._tokenizing = threading.Lock()
        _log.info("loaded encoder %s in %s", name, self.precision)

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> npt.NDArray[np.float32]:
        """See `Encoder.encode`. Equal batches give equal bits: the order of `texts` decides nothing."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        done = 0
        batches = self._batches(texts)
        rows = side_by_side(self._encoded, [[texts[i] for i in batch] for batch in batches], self._threads)
        for batch, encoded in zip(batches, rows, strict=True):
            vectors[batch] = encoded
            done += len(batch)
            if progress:
                progress(done)
        return unit(vectors)

    def _encoded(self, texts: list[str]) -> npt.NDArray[np.float32]:
        """One batch, by one thread: several would wait for each other at every layer."""
        with self._tokenizing:
            features = self._model.preprocess(texts, prompt=self._prompt())
        self._torch.set_num_threads(1)
        try:
            with self._torch.inference_mode():
                rows: npt.NDArray[np.float32] = self._model(features)["sentence_embedding"].float().numpy()
        finally:
            self._torch.set_num_threads(self._threads)
        return rows

    def _prompt(self) -> str | None:
        """What the model's own settings put before every text."""
        name = self._model.default_prompt_name
        return self._model.prompts.get(name) if name else None

    def _batches(self, texts: Sequence[str]) -> list[list[int]]:
        """Indices of `texts` by batch, fewest tokens first."""
        if not texts:
            return []
        with self._tokenizing:
            token_ids = self._model.tokenizer(list(texts), truncation=True, add_special_tokens=True)["input_ids"]
        sizes = [len(ids) for ids in token_ids]
        return list(batched(sorted(range(len(texts)), key=lambda i: (sizes[i], texts[i])), sizes))


def unit(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The rows at length 1: `(n, dim)` float32; a row of zeros stays one."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    norms[norms == 0] = 1
    scaled: npt.NDArray[np.float32] = (rows / norms).astype(np.float32)
    return scaled


def native_bfloat16(capabilities: Any) -> bool:  # noqa: ANN401
    """Whether a CPU with these `torch.cpu.get_capabilities()` multiplies bfloat16 in hardware."""
    return bool(capabilities.get("amx_bf16") or capabilities.get("avx512_bf16"))
