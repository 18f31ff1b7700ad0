"""How likely a language model finds a text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import llama_cpp
import torch

from embeddings.batches import batched
from training.writer import llama

_BATCH_TOKENS = 1024


class Likelihood:
    """The shipped reader as a judge of plain English."""

    def __init__(self, path: Path) -> None:
        """Load the GGUF file `path`. Raises: OSError, ValueError."""
        self._model = llama.load(path)
        self._tokens = llama_cpp.Llama(str(path), vocab_only=True, verbose=False)

    def __call__(self, texts: Sequence[str]) -> list[float]:
        """The mean log-probability of each text's tokens, in nats."""
        rows = [self._tokens.tokenize(f"\n{text}".encode(), add_bos=True) for text in texts]
        order = sorted(range(len(rows)), key=lambda i: (len(rows[i]), texts[i]))
        found: dict[int, float] = {}
        for batch in batched(order, [len(row) for row in rows], _BATCH_TOKENS):
            found.update(zip(batch, self._means([rows[i] for i in batch]), strict=True))
        return [found[i] for i in range(len(texts))]

    def _means(self, rows: Sequence[list[int]]) -> list[float]:
        longest = max(len(row) for row in rows)
        ids = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            logits = self._model(ids, attention_mask=mask).logits[:, :-1].float()
        chosen = torch.log_softmax(logits, -1).gather(2, ids[:, 1:, None])[:, :, 0] * mask[:, 1:]
        means: list[float] = (chosen.sum(1) / mask[:, 1:].sum(1)).tolist()
        return means
