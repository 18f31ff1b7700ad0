"""Batches of texts of similar length, several computed in parallel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

# Padded tokens in a batch. Each core computes its own batch: small ones stay in its caches, and no core waits.
TOKENS = 512
Batch = TypeVar("Batch")
Rows = TypeVar("Rows")


def batched(order: Sequence[int], sizes: Sequence[int], most_tokens: int = TOKENS) -> Iterator[list[int]]:
    """Split `order` into batches of at most `most_tokens` tokens when padded to the longest text, or of one text.

    `sizes` are the token counts of the texts. Order them by size to keep the padding small.
    """
    batch: list[int] = []
    for i in order:
        if batch and max(sizes[i], *(sizes[j] for j in batch)) * (len(batch) + 1) > most_tokens:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def side_by_side(work: Callable[[Batch], Rows], batches: Sequence[Batch], threads: int) -> Iterator[Rows]:
    """Yield `work(batch)` for each batch, in order, with `threads` batches computed at once.

    Each batch is computed by a single thread of torch's: several would wait for each other at every layer. Closing
    the iterator early starts no further batch.
    """
    # Imported here: it takes a second.
    import torch

    def work_alone(batch: Batch) -> Rows:
        torch.set_num_threads(1)
        try:
            with torch.inference_mode():
                return work(batch)
        finally:
            torch.set_num_threads(threads)

    if len(batches) < 2:
        yield from map(work_alone, batches)
        return
    pool = ThreadPoolExecutor(threads)
    try:
        yield from pool.map(work_alone, batches)
    finally:
        pool.shutdown(cancel_futures=True)
