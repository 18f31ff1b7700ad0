"""Text to unit vectors, with a sentence-transformers model."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from embeddings.batches import batched, side_by_side

_log = logging.getLogger(__name__)
# Up to this many texts are encoded without sentence-transformers: a question, a claim with its evidence, a few
# articles. The number alone decides, so the same texts always get the same vectors.
MAX_FAST_TEXTS = 64
# Of the six of all-MiniLM-L6-v2, whose modes `training/modes.py` fits on them.
_FORM_LAYERS = 4


class Encoder(Protocol):
    """Turns texts into unit vectors. `fingerprint` changes whenever the vectors would."""

    name: str
    fingerprint: str
    dimension: int

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> npt.NDArray[np.float32]:
        """Encode `texts`: `(n, dimension)` float32, unit rows, in the order of `texts`.

        `progress` is called with the number of texts done so far.
        """
        ...


class SentenceEncoder:
    """A sentence-transformers model on disk. Thread-safe. Text beyond the model's window is truncated.

    Importing sentence-transformers takes several seconds, so a few texts are encoded without it where the model is a
    plain BERT or MPNet. Both ways agree to a cosine of 0.9999, and so do bfloat16, which is used where the CPU
    multiplies it natively, and float32: the fingerprint is the same.
    """

    def __init__(self, folder: Path, name: str, fingerprint: str) -> None:
        """Load the weights in `folder`. Raises: OSError, ValueError."""
        # Imported here: they take a second, and most commands never encode.
        import torch

        from embeddings.fast_encoder import FastEncoder

        self._folder = folder
        self._dtype = torch.bfloat16 if native_bfloat16(torch.cpu.get_capabilities()) else torch.float32
        self._threads = torch.get_num_threads()
        self._loading = threading.Lock()
        self._full: _FullEncoder | None = None
        self._fast: FastEncoder | None = None
        try:
            self._fast = FastEncoder(folder, self._dtype)
        except (OSError, ValueError) as error:
            _log.debug("%s needs sentence-transformers: %s", folder, error)
        self.name = name
        self.fingerprint = fingerprint
        self.dimension = (self._fast or self._load_full()).dimension
        self.precision = str(self._dtype).removeprefix("torch.")
        _log.info("loaded encoder %s in %s", name, self.precision)

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> npt.NDArray[np.float32]:
        """See `Encoder.encode`. Equal batches give equal bits, whatever the order of the texts."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        if not texts:
            return vectors
        model = self._fast if self._fast and len(texts) <= MAX_FAST_TEXTS else self._load_full()
        sizes = model.count_tokens(texts)
        batches = list(batched(sorted(range(len(texts)), key=lambda i: (sizes[i], texts[i])), sizes))
        rows = side_by_side(model.encode, [[texts[i] for i in batch] for batch in batches], self._threads)
        done = 0
        for batch, encoded in zip(batches, rows, strict=True):
            vectors[batch] = encoded
            done += len(batch)
            if progress:
                progress(done)
        return unit(vectors)

    def _load_full(self) -> _FullEncoder:
        with self._loading:
            if self._full is None:
                self._full = _FullEncoder(self._folder, self._dtype)
                if self._fast:
                    # Equal tensors: memory need not hold them twice.
                    self._fast.take_weights(self._full.weights())
            return self._full


class FormEncoder:
    """Encodes how short texts are worded rather than what they are about. Thread-safe.

    The middle layers of a sentence encoder still hold the form of a text (Jawahar et al. 2019, "What does BERT learn
    about the structure of language?"); towards the last layer it gives way to the topic.
    """

    def __init__(self, folder: Path) -> None:
        """Load the lower layers of the plain encoder in `folder`. Raises: OSError, ValueError."""
        # Imported here: they take a second, and most commands never encode.
        import torch

        from embeddings.fast_encoder import FastEncoder

        self._threads = torch.get_num_threads()
        self._fast = FastEncoder(folder, torch.float32, layers=_FORM_LAYERS)

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Encode `texts` one by one: `(n, dimension)` float32, not scaled to length 1."""
        return np.concatenate([*side_by_side(self._fast.encode, [[text] for text in texts], self._threads)])


class _FullEncoder:
    """The model as sentence-transformers runs it."""

    def __init__(self, folder: Path, dtype: Any) -> None:  # noqa: ANN401
        # Imported here: it takes several seconds, and a question does without.
        from safetensors import SafetensorError
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()
        try:
            self._model = SentenceTransformer(
                str(folder), device="cpu", local_files_only=True, model_kwargs={"dtype": dtype}
            )
        except SafetensorError as error:
            raise ValueError(f"the weights are damaged: {error}") from error
        self._model.eval()
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        # A fast tokenizer keeps its padding and truncation as state: threads would change each other's.
        self._tokenizing = threading.Lock()

    def weights(self) -> Mapping[str, Any]:
        """The tensors of the transformer, by the names in its file."""
        transformer: Any = self._model[0]
        tensors: Mapping[str, Any] = transformer.auto_model.state_dict()
        return tensors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        with self._tokenizing:
            token_ids = self._model.tokenizer(list(texts), truncation=True, add_special_tokens=True)["input_ids"]
        return [len(ids) for ids in token_ids]

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Encode one batch."""
        default = self._model.default_prompt_name
        with self._tokenizing:
            features = self._model.preprocess(list(texts), prompt=self._model.prompts.get(default) if default else None)
        rows: npt.NDArray[np.float32] = self._model(features)["sentence_embedding"].float().numpy()
        return rows


def unit(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Scale the rows to length 1: `(n, dim)` float32. A row of zeros stays as it is."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    norms[norms == 0] = 1
    scaled: npt.NDArray[np.float32] = (rows / norms).astype(np.float32)
    return scaled


def native_bfloat16(capabilities: Any) -> bool:  # noqa: ANN401
    """Whether a CPU with these `torch.cpu.get_capabilities()` multiplies bfloat16 in hardware."""
    return bool(capabilities.get("amx_bf16") or capabilities.get("avx512_bf16"))
