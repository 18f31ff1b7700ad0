"""Text to unit vectors, with a sentence-transformers model."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

_BATCH_TEXTS = 16
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
        self.name = name
        self.fingerprint = fingerprint
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        self.precision = str(dtype).removeprefix("torch.")
        # A fast tokenizer keeps its padding and truncation in itself: two threads would pad each other's batches.
        self._lock = threading.Lock()
        _log.info("loaded encoder %s in %s", name, self.precision)

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> npt.NDArray[np.float32]:
        """See `Encoder.encode`. Equal batches give equal bits: the order of `texts` decides nothing."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        order = self._by_length(texts)
        for at in range(0, len(order), _BATCH_TEXTS):
            batch = order[at : at + _BATCH_TEXTS]
            with self._lock:  # a batch, not the whole: a question need not wait for an ingest
                encoded = self._model.encode(
                    [texts[i] for i in batch],
                    batch_size=_BATCH_TEXTS,
                    convert_to_tensor=True,
                    show_progress_bar=False,
                )
            vectors[batch] = encoded.float().numpy()
            if progress:
                progress(at + len(batch))
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        norms[norms == 0] = 1
        vectors /= norms
        return vectors

    def _by_length(self, texts: Sequence[str]) -> list[int]:
        """Indices of `texts`, fewest tokens first: a batch is padded to its longest text."""
        if len(texts) <= 1:
            return list(range(len(texts)))
        with self._lock:
            token_ids = self._model.tokenizer(list(texts), truncation=True, add_special_tokens=True)["input_ids"]
        return sorted(range(len(texts)), key=lambda i: (len(token_ids[i]), texts[i]))


def native_bfloat16(capabilities: Any) -> bool:  # noqa: ANN401
    """Whether a CPU with these `torch.cpu.get_capabilities()` multiplies bfloat16 in hardware."""
    return bool(capabilities.get("amx_bf16") or capabilities.get("avx512_bf16"))
