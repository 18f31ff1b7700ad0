"""How long a question takes, from a cold start and warm, in an archive of the sample articles."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from eval.bench import processes, rivals
from eval.bench.processes import Loop
from eval.bench.questions import ANSWERED, REFUSED
from eval.bench.tables import Table, percentiles, ratio
from rag import Answer, Assistant, Question, Settings, load_settings

_SEEDS = Path(__file__).parent.parent.parent / "seeds"
QUESTIONS = tuple(sample.text for sample in ANSWERED)
_IMPORTS = (
    ("Python starts", "pass"),
    ("import rag", "import rag"),
    ("and torch", "import rag, torch"),
    ("and sentence_transformers", "import rag, torch, sentence_transformers"),
)


def asked(home: Path, rounds: int) -> list[Table]:
    """A new process, `nutgraf ask` from a cold start, and questions to an assistant that is warm."""
    with Assistant(load_settings({"home": home})) as assistant:
        assistant.ingest([_SEEDS])
        archive = assistant.settings.archive
        return [_imports(rounds), _cold(archive, rounds), _warm(assistant, rounds), _beside_llama(assistant, rounds)]


def _imports(rounds: int) -> Table:
    rows = tuple(
        (name, _median(processes.run([sys.executable, "-c", code]).seconds for _ in range(rounds)))
        for name, code in _IMPORTS
    )
    return Table(f"A new process, seconds (median of {rounds})", ("",), rows)


def _cold(archive: Path, rounds: int) -> Table:
    command = [sys.executable, "-m", "rag", "ask", "--json", "--archive", str(archive)]
    runs = [processes.run([*command, QUESTIONS[0]]) for _ in range(rounds)]
    answers = [json.loads(ran.output)["seconds"] for ran in runs]
    rows = (
        ("the whole command", _median(ran.seconds for ran in runs)),
        ("encoder loaded, passages retrieved", _median(seconds["retrieve"] for seconds in answers)),
        ("and reader loaded, first token", _median(seconds["first_token"] for seconds in answers)),
        ("and answer checked", _median(seconds["total"] for seconds in answers)),
        ("peak resident memory, MiB", f"{max(ran.peak_mib for ran in runs):.0f}"),
    )
    title = f"`nutgraf ask` from a cold start, seconds (median of {rounds}; all files in the page cache)"
    return Table(title, ("",), rows)


def _warm(assistant: Assistant, rounds: int) -> Table:
    assistant.ask(Question(QUESTIONS[0]))
    answers = [assistant.ask(Question(sample.text)) for _ in range(rounds) for sample in ANSWERED + REFUSED]
    answered = [answer for answer in answers if answer.refusal is None]
    refused = [answer for answer in answers if answer.refusal is not None]
    first = [seconds for answer in answered if (seconds := answer.trace.first_token_seconds) is not None]
    rows = (
        _stage("retrieve and choose", [answer.trace.retrieve_seconds for answer in answered]),
        _stage("first token, where the reader is asked", first),
        _stage("whole answer", [answer.trace.total_seconds for answer in answered]),
        _stage("whole refusal", [answer.trace.total_seconds for answer in refused]),
    )
    written = f"the reader was asked for {len(first)}, and {_share_written(answered):.2f} have a sentence of its"
    title = f"Warm, milliseconds of {len(answered)} answers and {len(refused)} refusals; {written}"
    return Table(title, ("p50", "p95", "p99"), rows)


def _beside_llama(assistant: Assistant, rounds: int) -> Table:
    """Our first token beside that of llama.cpp given the same prompt, in turn; both have kept the instructions."""
    settings = assistant.settings
    whole, reading, bare = list[float](), list[float](), list[float]()
    tokens, same = 0, 0
    with Loop("eval.bench.bare", rivals.reader_file(), rivals.writer_file(), settings.context_tokens) as llama:
        prompts = _prompts(settings)
        # Once to warm both.
        for number, (text, prompt) in enumerate(prompts[:1] + prompts * rounds):
            answer = assistant.ask(Question(text))
            seconds, read, written = llama.ask("first_token", prompt.system, prompt.examples, prompt.user)
            if number and answer.trace.first_token_seconds is not None:
                whole.append(answer.trace.first_token_seconds)
                reading.append(answer.trace.first_token_seconds - answer.trace.retrieve_seconds)
                bare.append(seconds)
                tokens, same = tokens + read, same + answer.trace.draft.startswith(written)
    rows = (
        ("from the question to the first token", *percentiles(whole), ratio(whole, bare)),
        ("from the chosen evidence to the first token", *percentiles(reading), ratio(reading, bare)),
        ("llama.cpp alone, the same prompt", *percentiles(bare), "1.00"),
    )
    title = (
        f"First token, milliseconds of {len(bare)} answers in turn; {tokens / len(bare):.0f} tokens of a prompt are "
        f"new, and the first token was the same {same} of {len(bare)} times"
    )
    return Table(title, ("p50", "p95", "p99", "times llama.cpp: median (least to most)"), rows)


def _prompts(settings: Settings) -> list[tuple[str, Any]]:
    """Every question that the reader is asked to answer, with the first prompt that it is given."""
    listening = rivals.Listening(adapted=True)
    found = []
    with Assistant(settings, reader=listening) as assistant:
        for text in QUESTIONS:
            listening.prompts.clear()
            assistant.ask(Question(text))
            if listening.prompts:
                found.append((text, listening.prompts[0]))
    return found


def _share_written(answers: list[Answer]) -> float:
    return statistics.mean(any(not verdict.quoted for verdict in answer.verdicts) for answer in answers)


def _stage(name: str, seconds: list[float]) -> tuple[str, ...]:
    return (name, *percentiles(seconds))


def _median(seconds: Iterable[float]) -> str:
    return f"{statistics.median(seconds):.2f}"
