"""How long a question takes, from a cold start and warm: `python -m eval.bench`.

The archive is made anew from the sample articles in a temporary folder. Shares within one run are what counts: the
seconds are those of this machine at this moment.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rag import Answer, Assistant, Question, load

_SEEDS = Path(__file__).parent.parent / "seeds"
_QUESTIONS = (
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


def main() -> None:
    parser = argparse.ArgumentParser(description="How long a question takes, from a cold start and warm.")
    parser.add_argument("--rounds", type=int, default=5, help="how often each thing is done (default: 5)")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as home:
        os.environ["NUTGRAF_HOME"] = home
        with Assistant(load()) as assistant:
            assistant.ingest([_SEEDS])
            _imports(rounds)
            _cold(home, rounds)
            _warm(assistant, rounds)


def _imports(rounds: int) -> None:
    _heading(f"A new process, seconds (median of {rounds})")
    for name, code in _IMPORTS:
        _row(name, statistics.median(_run([sys.executable, "-c", code])[0] for _ in range(rounds)))


def _cold(home: str, rounds: int) -> None:
    _heading(f"`nutgraf ask` from a cold start, seconds (median of {rounds}; all files in the page cache)")
    command = [sys.executable, "-m", "rag", "ask", "--json", "--archive", str(Path(home, "archive"))]
    runs = [_run([*command, _QUESTIONS[0]]) for _ in range(rounds)]
    _row("the whole command", statistics.median(seconds for seconds, _ in runs))
    answers = [json.loads(output)["seconds"] for _, output in runs]
    _row("  encoder loaded, passages retrieved", statistics.median(seconds["retrieve"] for seconds in answers))
    _row("  and reader loaded, first token", statistics.median(seconds["first_token"] for seconds in answers))
    _row("  and answer checked", statistics.median(seconds["total"] for seconds in answers))


def _warm(assistant: Assistant, rounds: int) -> None:
    assistant.ask(Question(_QUESTIONS[0]))
    answered = [assistant.ask(Question(text)) for _ in range(rounds) for text in _QUESTIONS]
    refused = [assistant.ask(Question(text)) for _ in range(rounds) for text in _REFUSED]
    _heading(f"Warm, seconds: p50 and p95 of {len(answered)} answers and {len(refused)} refusals")
    _stage("retrieve and choose", [answer.trace.retrieve_seconds for answer in answered])
    _stage("first token", [answer.trace.first_token_seconds or 0.0 for answer in answered])
    _stage("whole answer", [answer.trace.total_seconds for answer in answered])
    _stage("whole refusal", [answer.trace.total_seconds for answer in refused])
    _heading("Of the answers")
    _row("written by the reader and kept, share", _share_written(answered))


def _share_written(answers: list[Answer]) -> float:
    return statistics.mean(any(not verdict.quoted for verdict in answer.verdicts) for answer in answers)


def _run(command: list[str]) -> tuple[float, str]:
    clock = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return time.perf_counter() - clock, done.stdout


def _stage(name: str, seconds: list[float]) -> None:
    cuts = statistics.quantiles(seconds, n=20)
    sys.stdout.write(f"{name:<40} {statistics.median(seconds):6.2f} {cuts[-1]:6.2f}\n")


def _row(name: str, value: float) -> None:
    sys.stdout.write(f"{name:<40} {value:6.2f}\n")


def _heading(text: str) -> None:
    sys.stdout.write(f"\n{text}\n")


if __name__ == "__main__":
    main()
