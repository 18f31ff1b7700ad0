"""Evaluations: `python -m eval` in a child process, so that a crash there is none of the chat, and its reports."""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from rag import InputError, NutgrafError, Settings, atomic_write, make_folder
from ui import background

NEWS, SAMPLES, MARKED, FILE = "news", "seeds", "marked", "file"
SETS = {NEWS: "News set", SAMPLES: "Sample questions", MARKED: "Answers marked bad", FILE: "Own questions"}
# The sets that come with `python -m eval`. The others are asked of the user's archive.
_FIXED = {NEWS: "news/questions.jsonl", SAMPLES: "seeds.jsonl"}
_PLAN, _QUESTIONS, _CASES, _REPORT, PAGE = "plan.json", "questions.jsonl", "cases.jsonl", "report.json", "page.html"
_POLL_SECONDS = 0.3
# An interrupt takes effect when the native code returns. Finished cases are saved in any case.
_INTERRUPT_SECONDS = 20.0
_MAX_OUTPUT_BYTES = 64_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run asks; saved beside its cases, so that it can be resumed on another day.

    `archive` is "" for the articles of a fixed set, `limit` 0 for all questions, `total` is how many are asked.
    """

    of: str
    archive: str
    limit: int
    seed: int
    total: int

    @property
    def title(self) -> str:
        return f"{SETS[self.of]}{f', {self.total} drawn with seed {self.seed}' if self.limit else ''}"

    def arguments(self, folder: Path) -> tuple[str, ...]:
        """Return the command that runs it, and that resumes it."""
        questions = ("--set", self.of) if self.of in _FIXED else (str(folder / _QUESTIONS), "--archive", self.archive)
        limit = ("--limit", str(self.limit)) if self.limit else ()
        return ("run", *questions, "--report", str(folder), *limit, "--seed", str(self.seed))


class Report(NamedTuple):
    """A report folder, also of a run that has not finished: then `cases` counts those asked so far.

    `measures` is None in an unfinished run and in a damaged report.
    """

    folder: Path
    plan: Plan | None
    at: datetime
    cases: int
    measures: Mapping[str, float] | None = None
    damaged: bool = False

    @property
    def title(self) -> str:
        return self.plan.title if self.plan else self.folder.name

    @property
    def day(self) -> str:
        return f"{self.at.astimezone():%Y-%m-%d %H:%M}"


class EvalJob(background.Job):
    """A command of `python -m eval`; `output` is the end of what it printed, once it has ended."""

    def __init__(self, arguments: Sequence[str], settings: Settings) -> None:
        super().__init__("eval")
        self.output = ""
        self._status: int | None = None
        self._arguments = [sys.executable, "-P", "-m", "eval", *arguments]
        # The settings of the chat, wherever it has them from.
        chosen = {f"NUTGRAF_{name.upper()}": str(value) for name, value in asdict(settings).items()}
        self._environment = os.environ | chosen

    @property
    def stopped(self) -> bool:
        """Whether it was stopped before it finished."""
        return self.stopping and not self.running and self._status != 0

    def _look(self) -> None:
        """See how far the process is."""

    def _work(self) -> None:
        with tempfile.TemporaryFile() as out:
            process = subprocess.Popen(  # noqa: S603
                self._arguments, env=self._environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
            # The process must not outlive the chat.
            terminate = atexit.register(process.terminate)
            try:
                while process.poll() is None:
                    self._look()
                    if self.stopping:
                        _end(process)
                    with suppress(subprocess.TimeoutExpired):
                        process.wait(_POLL_SECONDS)
            finally:
                atexit.unregister(terminate)
            self._look()
            out.seek(max(0, out.seek(0, os.SEEK_END) - _MAX_OUTPUT_BYTES))
            self.output = out.read().decode("utf-8", "replace")
        self._status = process.returncode
        if self._status and not self.stopping:
            _, refused, why = f"\n{self.output}".rpartition("\nerror: ")
            message = " ".join(why.split()) if refused else f"The evaluation ended with status {self._status}."
            raise NutgrafError(message, "Finished questions are saved. Resume it, or run another.")


class RunJob(EvalJob):
    """An evaluation; `done` of `plan.total` questions have been asked."""

    def __init__(self, folder: Path, plan: Plan, settings: Settings) -> None:
        super().__init__(plan.arguments(folder), settings)
        self.folder = folder
        self.plan = plan
        self._lines = self._offset = 0
        self._look()

    @property
    def done(self) -> int:
        return min(self._lines, self.plan.total)

    def _look(self) -> None:
        with suppress(FileNotFoundError), (self.folder / _CASES).open("rb") as file:
            file.seek(self._offset)
            added = file.read()
            self._offset += len(added)
            self._lines += added.count(b"\n")
            self._notify()


class CompareJob(EvalJob):
    """A comparison of two reports; `page` is its HTML page, once it has ended."""

    def __init__(self, a: Path, b: Path, settings: Settings) -> None:
        super().__init__(("compare", str(a), str(b)), settings)
        self.folders = (a, b)
        self.page = ""

    def _work(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, PAGE)
            self._arguments += ["--page", str(file)]
            super()._work()
            self.page = file.read_text(encoding="utf-8")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Interrupt it, so that it saves its work; kill it where it ignores that, as the children of some shells do."""
    process.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)
    try:
        process.wait(_INTERRUPT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def fixed_set(name: str) -> bytes:
    """Return the questions of a fixed set as JSON Lines, b"" where it is not installed."""
    file = resources.files("eval").joinpath("questions", _FIXED[name])
    return file.read_bytes() if file.is_file() else b""


def count(questions: bytes) -> int:
    """Count the lines of JSON Lines."""
    return sum(bool(line.strip()) for line in questions.splitlines())


def home(settings: Settings) -> Path:
    """Return the folder that holds the report folders."""
    return settings.home / "reports"


def create(settings: Settings, of: str, limit: int, seed: int, questions: bytes) -> tuple[Path, Plan]:
    """Make the folder of a new run, with its plan and its questions. Raises: InputError."""
    total = count(questions)
    archive = "" if of in _FIXED else str(settings.archive)
    plan = Plan(of, archive, limit if limit < total else 0, seed, min(limit or total, total))
    folder = home(settings) / f"{datetime.now(UTC):%Y-%m-%d-%H%M%S}"
    try:
        make_folder(folder.parent)
        folder.mkdir(0o700)
        if of not in _FIXED:
            with atomic_write(folder / _QUESTIONS) as file:
                file.write(questions)
        with atomic_write(folder / _PLAN) as file:
            file.write(json.dumps(asdict(plan)).encode())
    except OSError as error:
        raise InputError(f"{folder} cannot be made: {error.strerror}", "Check the permissions.") from error
    return folder, plan


def find_reports(settings: Settings) -> list[Report]:
    """Read every report folder, the latest first."""
    folders = [path for path in home(settings).iterdir() if path.is_dir()] if home(settings).is_dir() else []
    return sorted(map(_read, folders), key=lambda report: report.at, reverse=True)


def _read(folder: Path) -> Report:
    file, cases, plan = folder / _REPORT, folder / _CASES, _read_plan(folder)
    finished = file.is_file()
    changed = (file if finished else folder).stat()
    at = datetime.fromtimestamp(changed.st_mtime, UTC)
    if not finished:
        return Report(folder, plan, at, cases.read_bytes().count(b"\n") if cases.is_file() else 0)
    figures = _figures(str(file), changed.st_mtime_ns)
    return Report(folder, plan, at, *figures) if figures else Report(folder, plan, at, 0, damaged=True)


def _read_plan(folder: Path) -> Plan | None:
    """Return the plan of a run; None where the command line made the report, or the plan cannot be read."""
    try:
        plan = Plan(**json.loads((folder / _PLAN).read_text(encoding="utf-8")))
        return plan if plan.of in SETS and plan.total > 0 else None
    except (OSError, ValueError, TypeError):
        return None


@st.cache_resource(show_spinner=False, max_entries=500)
def _figures(file: str, changed_ns: int) -> tuple[int, dict[str, float]] | None:  # noqa: ARG001
    """Return the number of cases of a report.json and the mean of each measure; None where it is damaged."""
    try:
        report = json.loads(Path(file).read_text(encoding="utf-8"))
        means = {name: one["mean"] for name, one in report["measures"].items()}
        return int(report["cases"]), {name: float(mean) for name, mean in means.items() if mean is not None}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
