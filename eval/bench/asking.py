"""How long a question takes, from a cold start and warm, in an archive of the sample articles."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from eval.bench.tables import Table, percentiles
from rag import Answer, Assistant, Question, load

_SEEDS = Path(__file__).parent.parent.parent / "seeds"
QUESTIONS = (
    "How many doses of Sputnik V will Pakistan purchase, and who said so?",
    "Which cities does the gas pipeline join?",
    "What is the name of the maritime drill?",
    "When and where was the Washington-Taliban agreement signed?",
    "How long had it been since the last such visit by a Russian foreign minister?",
    "From which country did Lavrov arrive in Pakistan?",
    "What did Qureshi say about rail?",
    "What is the May 1 deadline?",
)
_REFUSED = ("What is the capital of France?", "How much does the gas pipeline cost?")
_IMPORTS = (
    ("Python starts", "pass"),
    ("import rag", "import rag"),
    ("and torch", "import rag, torch"),
    ("and sentence_transformers", "import rag, torch, sentence_transformers"),
)


def asked(home: Path, rounds: int) -> list[Table]:
    """A new process, `nutgraf ask` from a cold start, and questions to an assistant that is warm."""
    with Assistant(load({"home": home})) as assistant:
        assistant.ingest([_SEEDS])
        return [_imports(rounds), _cold(assistant.settings.archive, rounds), _warm(assistant, rounds)]


def _imports(rounds: int) -> Table:
    rows = tuple(
        (name, _median(_run([sys.executable, "-c", code])[0] for _ in range(rounds))) for name, code in _IMPORTS
    )
    return Table(f"A new process, seconds (median of {rounds})", ("",), rows)


def _cold(archive: Path, rounds: int) -> Table:
    command = [sys.executable, "-m", "rag", "ask", "--json", "--archive", str(archive)]
    runs = [_run([*command, QUESTIONS[0]]) for _ in range(rounds)]
    answers = [json.loads(output)["seconds"] for _, output in runs]
    rows = (
        ("the whole command", _median(seconds for seconds, _ in runs)),
        ("encoder loaded, passages retrieved", _median(seconds["retrieve"] for seconds in answers)),
        ("and reader loaded, first token", _median(seconds["first_token"] for seconds in answers)),
        ("and answer checked", _median(seconds["total"] for seconds in answers)),
    )
    title = f"`nutgraf ask` from a cold start, seconds (median of {rounds}; all files in the page cache)"
    return Table(title, ("",), rows)


def _warm(assistant: Assistant, rounds: int) -> Table:
    assistant.ask(Question(QUESTIONS[0]))
    answered = [assistant.ask(Question(text)) for _ in range(rounds) for text in QUESTIONS]
    refused = [assistant.ask(Question(text)) for _ in range(rounds) for text in _REFUSED]
    rows = (
        _stage("retrieve and choose", [answer.trace.retrieve_seconds for answer in answered]),
        _stage("first token", [answer.trace.first_token_seconds or 0.0 for answer in answered]),
        _stage("whole answer", [answer.trace.total_seconds for answer in answered]),
        _stage("whole refusal", [answer.trace.total_seconds for answer in refused]),
    )
    written = f"{_share_written(answered):.2f} of the answers were written by the reader and kept"
    title = f"Warm, milliseconds of {len(answered)} answers and {len(refused)} refusals; {written}"
    return Table(title, ("p50", "p95", "p99"), rows)


def _share_written(answers: list[Answer]) -> float:
    return statistics.mean(any(not verdict.quoted for verdict in answer.verdicts) for answer in answers)


def _run(command: list[str]) -> tuple[float, str]:
    clock = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return time.perf_counter() - clock, done.stdout


def _stage(name: str, seconds: list[float]) -> tuple[str, ...]:
    return (name, *percentiles(seconds))


def _median(seconds: Iterable[float]) -> str:
    return f"{statistics.median(seconds):.2f}"
