"""Batches of texts of like length, several computed side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

# Padded tokens of a batch. The cores compute a batch each: small ones stay in their caches, and none waits for another.
TOKENS = 512
Batch = TypeVar("Batch")
Rows = TypeVar("Rows")


def batched(order: Sequence[int], sizes: Sequence[int], most_tokens: int = TOKENS) -> Iterator[list[int]]:
    """Parts of `order`, each of at most `most_tokens` tokens when padded to its longest, or of one text.

    `sizes` are the tokens of each text; few are wasted where `order` is by size.
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
    """What `work` makes of each batch, in turn; `threads` are computed at once. What is broken off starts no more."""
    if len(batches) < 2:
        yield from map(work, batches)
        return
    pool = ThreadPoolExecutor(threads)
    try:
        yield from pool.map(work, batches)
    finally:
        pool.shutdown(cancel_futures=True)
