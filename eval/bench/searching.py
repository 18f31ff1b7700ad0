"""How fast a search is: all of it beside query encoding and raw FAISS, and the vector index alone at any size."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import psutil

from embeddings import VectorIndex
from eval.bench import rivals
from eval.bench.asking import QUESTIONS
from eval.bench.tables import Table, percentiles, ratio
from rag import Assistant, Question, Settings

_DEPTH = 32
_DIMENSION = 384
_BLOCK_ROWS = 50_000
_CLUSTERS, _DIRECTIONS = 2000, 48


def all_in(archives: dict[int, Settings], searches: int, watched: rivals.Watched) -> Table:
    """From the question to the passages, at each size of archive.

    Ours ends when the found sentences go to the encoder, so it also counts cutting the passages into sentences.
    """
    rows = []
    with rivals.PlainLoop() as loop:
        for size, where in archives.items():
            with Assistant(where, encoder=watched) as assistant:
                loop.ask("fill", assistant.status().passages)
                ours, plain = list[float](), list[float]()
                _searched(assistant, watched, "warm")
                for number in range(searches):
                    text = f"{QUESTIONS[number % len(QUESTIONS)][:-1]} in report {number}?"
                    ours.append(_searched(assistant, watched, text))
                    plain.append(float(loop.ask("search", text, _DEPTH)))
                name = f"{size:,} articles, {assistant.status().passages:,} passages"
            rows.append((f"{name}: nutgraf", *percentiles(ours), ratio(ours, plain).partition(" ")[0]))
            rows.append((f"{name}: query encoding and IndexFlatIP", *percentiles(plain), "1.00"))
    title = f"A search all in, milliseconds ({searches} searches in turn; the ratio is the median)"
    return Table(title, ("p50", "p95", "p99", "ratio"), tuple(rows))


def index_alone(count: int, searches: int, folder: Path) -> Table:
    """The vector index over `count` clustered vectors, with questions further off than its vectors are."""
    memory = psutil.Process().memory_info().rss
    rows = _clustered(count)
    questions = _turned(rows[np.random.default_rng(1).choice(count, searches, replace=False)])
    clock = time.perf_counter()
    index = VectorIndex(_DIMENSION)
    index.add(range(count), rows)
    built = time.perf_counter() - clock
    seconds, found = [], []
    for question in questions:
        clock = time.perf_counter()
        hits = index.search(question, 10)
        seconds.append(time.perf_counter() - clock)
        found.append({i for i, _ in hits})
    truth = np.argpartition(-(questions @ rows.T), 10, axis=1)[:, :10]
    recall = np.mean([len(got & set(best.tolist())) / 10 for got, best in zip(found, truth, strict=True)])
    del rows
    held = psutil.Process().memory_info().rss - memory
    timed = {
        name: _seconds(call)
        for name, call in (
            ("save", lambda: index.save(folder / "vectors", {})),
            ("load", lambda: VectorIndex.load(folder / "vectors", {}, _DIMENSION)),
            ("add 1000", lambda: index.add(range(count, count + 1000), _clustered(1000))),
            ("remove 1000", lambda: index.remove(range(count, count + 1000))),
        )
    }
    figures = {"build": built, **timed}
    p50, p95, p99 = percentiles(seconds)
    lines = (
        ("p50 / p95 / p99 of a search, ms", f"{p50} / {p95} / {p99}"),
        ("recall@10 against all compared", f"{recall:.4f}"),
        *((f"{name}, seconds", f"{value:.2f}") for name, value in figures.items()),
        ("memory held, MiB", f"{held / 2**20:.0f}"),
        ("file, MiB", f"{(folder / 'vectors').stat().st_size / 2**20:.0f}"),
    )
    return Table(f"The vector index alone: {count:,} vectors of {_DIMENSION}, {searches} searches", ("",), lines)


def _searched(assistant: Assistant, watched: rivals.Watched, text: str) -> float:
    watched.forget()
    clock = time.perf_counter()
    steps = assistant.stream(Question(text))
    next(iter(steps))
    end = watched.began[1] if len(watched.began) > 1 else time.perf_counter()
    return end - clock


def _clustered(count: int) -> npt.NDArray[np.float32]:
    """Unit rows about centres that run into each other: as hard to part into cells as MiniLM's vectors of real news."""
    chance = np.random.default_rng(0)
    directions, centres = chance.normal(size=(_DIRECTIONS, _DIMENSION)), chance.normal(size=(_CLUSTERS, _DIRECTIONS))
    rows = np.empty((count, _DIMENSION), dtype=np.float32)
    for at in range(0, count, _BLOCK_ROWS):
        size = min(_BLOCK_ROWS, count - at)
        place = centres[chance.integers(0, _CLUSTERS, size)] + chance.normal(size=(size, _DIRECTIONS))
        some = place @ directions + chance.normal(size=(size, _DIMENSION), scale=0.5 * _DIRECTIONS**0.5)
        rows[at : at + size] = (some / np.linalg.norm(some, axis=1, keepdims=True)).astype(np.float16)
    return rows


def _turned(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    aside = np.random.default_rng(2).normal(size=rows.shape)
    turned = 0.5 * rows + (0.75**0.5) * aside / np.linalg.norm(aside, axis=1, keepdims=True)
    unit: npt.NDArray[np.float32] = (turned / np.linalg.norm(turned, axis=1, keepdims=True)).astype(np.float32)
    return unit


def _seconds(call: Callable[[], object]) -> float:
    clock = time.perf_counter()
    call()
    return time.perf_counter() - clock
