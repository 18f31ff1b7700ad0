"""How fast articles are taken in: beside a plain loop, into a full archive beside an empty one, and in what memory."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from eval.bench import articles, processes, rivals
from eval.bench.rivals import Chance, Watched
from eval.bench.tables import Table, ratio
from rag import Assistant, Settings, Upload, load_settings


def against_plain(uploads: Sequence[Upload], rounds: int, home: Path, watched: Watched) -> Table:
    """Both take in each part of `uploads`, one after the other, into an archive of its own."""
    ours, plain, inside, passages = list[float](), list[float](), list[float](), 0
    size = max(1, len(uploads) // rounds)
    with rivals.PlainLoop() as loop:
        for number in range(rounds):
            watched.forget()
            ours.append(_taken(settings(home / f"ingest-{number}"), watched, uploads[number * size :][:size]))
            inside.append(watched.seconds)
            passages += len(watched.texts)
            plain.append(float(loop.ask("ingest", watched.texts)))
    rows = (
        ("nutgraf: read, split, encode, store, index", f"{size * rounds / sum(ours):.2f}"),
        ("plain: encode at the defaults, IndexFlatIP.add", f"{size * rounds / sum(plain):.2f}"),
        ("times as fast: median (least to most)", ratio(plain, ours)),
        ("share of nutgraf's time outside the encoder", f"{1 - sum(inside) / sum(ours):.3f}"),
    )
    title = f"Ingest of {size * rounds} articles ({passages} passages), {rounds} rounds in turn"
    return Table(title, ("articles a second",), rows)


def into_full(large: int, rounds: int, home: Path, watched: Watched, full: Settings) -> Table:
    """Add 100 articles to an archive of `large`, and to an empty one."""
    outside, whole = (list[float](), list[float]()), (list[float](), list[float]())
    for number in range(rounds):
        some = articles.synthetic(100, first=10_000_000 + 100 * number)
        for at, where in enumerate((settings(home / f"empty-{number}"), full)):
            watched.forget()
            seconds = _taken(where, watched, some)
            whole[at].append(seconds)
            outside[at].append(seconds - watched.seconds)
    rows = tuple(
        (name, f"{sorted(empty)[rounds // 2]:.2f}", f"{sorted(filled)[rounds // 2]:.2f}", ratio(filled, empty))
        for name, (empty, filled) in (("all in", whole), ("outside the encoder", outside))
    )
    return Table(f"Adding 100 articles, seconds (median of {rounds})", ("to none", f"to {large:,}", "ratio"), rows)


def memory(uploads: Sequence[Upload], home: Path) -> Table:
    """The most memory that `nutgraf ingest` holds, in a process of its own."""
    folder = home / "articles"
    folder.mkdir()
    for upload in uploads:
        (folder / upload.name).write_bytes(upload.content)
    command = [sys.executable, "-m", "rag", "ingest", "--archive", str(home / "memory"), str(folder)]
    ran = processes.run(command)
    rows = (
        ("peak resident memory, MiB", f"{ran.peak_mib:.0f}"),
        ("articles a second, start included", f"{len(uploads) / ran.seconds:.2f}"),
    )
    return Table(f"`nutgraf ingest` of {len(uploads)} articles, a process of its own", ("",), rows)


def fill(count: int, home: Path) -> Settings:
    """An archive of `count` synthetic articles under vectors of chance."""
    where = settings(home / f"full-{count}")
    _taken(where, Chance(), articles.synthetic(count))
    return where


def settings(home: Path) -> Settings:
    return load_settings({"home": home})


def _taken(where: Settings, encoder: Watched | Chance, uploads: Sequence[Upload]) -> float:
    with Assistant(where, encoder=encoder) as assistant:
        clock = time.perf_counter()
        report = assistant.ingest(uploads)
        seconds = time.perf_counter() - clock
    if len(report.added) != len(uploads):
        raise RuntimeError(f"of {len(uploads)} articles {len(report.added)} were added: {report.rejected[:3]}")
    return seconds
