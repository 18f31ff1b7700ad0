"""Run the cases of a test set one by one; a run that was stopped resumes where it was.

`cases.jsonl` gets a line as soon as its case is done. A line is reused only for the same case, asked with the same
code, models, settings and articles.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import resource
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar

import numpy as np
import typer
from rich.console import Console
from rich.progress import track

from eval import files
from eval.cases import Identified
from rag import (
    AUTO_JUDGE,
    GenerationFailed,
    InputError,
    NutgrafError,
    QuestionInvalid,
    Settings,
    compute_dtype,
    load_settings,
    make_folder,
    with_changes,
)

CASES, REPORT, PAGE = "cases.jsonl", "report.json", "page.html"
PRODUCT = ("rag", "embeddings")
# What an archive depends on, besides its articles.
_INGESTING = ("rag/reading", "rag/archive", "rag/search", "embeddings")
# Settings that change no answer.
_IRRELEVANT = frozenset(("home", "archive", "offline", "allow_private"))
# The judge unless the settings name one.
_JUDGE = "nutgraf-judge"
errors = Console(stderr=True)

Record = dict[str, Any]
LimitOption = Annotated[int | None, typer.Option(min=1, help="Ask a random sample of this size.")]
SeedOption = Annotated[int, typer.Option(min=0, help="Seed of the sample and of the intervals.")]
JsonOption = Annotated[str | None, typer.Option("--json", metavar="FILE", help="Write the figures as JSON; - prints.")]
ReportOption = Annotated[
    Path | None, typer.Option("--report", metavar="DIR", help="Write a report here, or resume the one here.")
]
ArchiveOption = Annotated[
    Path | None, typer.Option("--archive", metavar="DIR", help="Ask this archive instead of the articles of the set.")
]
CautionOption = Annotated[float | None, typer.Option(help="Override the setting `caution`, 0 to 1.")]
HeldOption = Annotated[bool, typer.Option("--show-held", help="Show the texts of held cases too.")]


class Job(NamedTuple):
    """What to run and where to report. `name` is that of a fixed set, "" for any other."""

    command: str
    seed: int
    json_file: str | None
    report: Path | None
    name: str = ""
    show_held: bool = False


class Stopped(Exception):
    """The run was interrupted; the message says how far it came."""


_Case = TypeVar("_Case", bound=Identified)


@contextmanager
def reporting() -> Iterator[None]:
    """Print an error in one line and exit with 1; exit with 130 after an interruption."""
    try:
        yield
    except NutgrafError as error:
        errors.print(f"error: {error}", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error
    except Stopped as stopped:
        errors.print(str(stopped), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(130) from stopped


def check(job: Job) -> None:
    """Check before the run what it will write. Raises: InputError."""
    check_writable(job.json_file)
    if not job.report:
        return
    report, cases = job.report / REPORT, job.report / CASES
    if cases.is_file() and not _is_ours(cases):
        raise InputError(f"{cases} is not part of a report", "choose another --report")
    for file in (report, job.report / PAGE):
        if file.exists() and not cases.is_file():
            raise InputError(f"{file} is not part of a report that can be resumed", "choose another --report")
    command = files.load(report).values.get("command", job.command) if report.is_file() else job.command
    if command != job.command:
        raise InputError(f"{job.report} is a report of `{command}`, not of `{job.command}`", "choose another --report")


def check_writable(file: str | None) -> None:
    """Raises: InputError, if a file that --json names cannot be written: better before the run than after it."""
    if not file or file == "-":
        return
    folder = Path(file).parent
    if Path(file).is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise InputError(f"{file} cannot be written", "name a file in an existing folder, or - to print")


def run(
    job: Job,
    cases: Sequence[_Case],
    ask: Callable[[_Case], dict[str, Any]],
    warm: Callable[[], object],
    settings: Settings,
    archive: str = "",
) -> list[Record]:
    """Return the record of every case, in order: `said` is what `ask` returned, or None with the reason in `error`.

    `archive` identifies the articles, if they do not come with each case. `warm` is called before the first case that
    is asked, so that loading models is charged to none. Raises: Stopped; NutgrafError, if no case could be run.
    """
    file = job.report / CASES if job.report else None
    product = fingerprint(settings) + archive
    keys = {case.id: _hash([product, case.written], 32) for case in cases}
    if file:
        _append(file, "")
    done = _reusable(file, set(keys.values())) if file else {}
    try:
        if not all(key in done for key in keys.values()):
            warm()
        for case in track(cases, "asking", console=errors, transient=True):
            if keys[case.id] not in done:
                done[keys[case.id]] = record = _record(case, keys[case.id], ask)
                if file:
                    _append(file, line(record))
    except KeyboardInterrupt:
        hint = "run the same command to resume" if file else "nothing is kept without --report"
        raise Stopped(f"stopped after {len(done)} of {len(cases)} cases: {hint}") from None
    return [done[key] for key in keys.values()]


def settings_for(overrides: Mapping[str, object] | None = None) -> Settings:
    """Load the settings. `auto` is always the small judge here: no figure may depend on what has been downloaded."""
    settings = load_settings(overrides)
    return with_changes(settings, {"judge": _JUDGE}) if settings.judge == AUTO_JUDGE else settings


def fingerprint(settings: Settings) -> str:
    """Identify what answers depend on besides the case: code and weights, settings, the arithmetic of the CPU."""
    chosen = {name: str(value) for name, value in asdict(settings).items() if name not in _IRRELEVANT}
    stamps = [_stamp(Path(name)) for name in (settings.encoder, settings.judge, settings.reader)]
    return _hash([code_hash(*PRODUCT), chosen, stamps, compute_dtype()], 16)


def archive_key(settings: Settings, articles: bytes) -> str:
    """Identify the archive that this code and these settings build from articles."""
    built = [settings.encoder, settings.passage_words, code_hash(*_INGESTING), hashlib.sha256(articles).hexdigest()]
    return _hash(built, 16)


def code_hash(*packages: str) -> str:
    """Hash every file of packages, or of parts of one such as `rag/reading`."""
    found = hashlib.sha256()
    for name in packages:
        package, _, part = name.partition("/")
        spec = importlib.util.find_spec(package)
        home = Path(next(iter(spec.submodule_search_locations or ()))) if spec else Path(package)
        for file in sorted(path for path in (home / part).rglob("*") if path.is_file() and path.suffix != ".pyc"):
            found.update(f"{file.relative_to(home)}\n".encode())
            found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


def costs(records: Sequence[Record]) -> dict[str, Any]:
    """Summarise what the cases cost: seconds, tokens and judged pairs as p50 and p95, and the peak memory."""
    said = [record["said"] for record in records if record["said"]]
    pairs = [float(one["judged_pairs"]) for one in said if "judged_pairs" in one]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "seconds": _percentiles(said, "seconds"),
        "tokens": _percentiles(said, "tokens"),
        **({"judged_pairs": _spread(pairs)} if pairs else {}),
        "memory_bytes": peak if sys.platform == "darwin" else peak * 1024,
    }


def _percentiles(said: Sequence[dict[str, Any]], kind: str) -> dict[str, dict[str, float]]:
    values: dict[str, list[float]] = {}
    for one in said:
        for name, value in one.get(kind, {}).items():
            values.setdefault(name, []).extend([] if value is None else [value])
    return {name: _spread(some) for name, some in values.items() if some}


def _spread(values: Sequence[float]) -> dict[str, float]:
    p50, p95 = np.percentile(values, (50, 95))
    return {"p50": float(p50), "p95": float(p95)}


def _stamp(path: Path) -> list[tuple[str, int, int]]:
    """Names, sizes and times of a model that is named by its path; [] for one that is named by its id."""
    paths = sorted(path.rglob("*")) if path.is_dir() else [path]
    return [(str(one), one.stat().st_size, one.stat().st_mtime_ns) for one in paths if one.is_file()]


def _hash(value: object, digits: int) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:digits]


def _record(case: _Case, key: str, ask: Callable[[_Case], dict[str, Any]]) -> Record:
    record: Record = {"id": case.id, "key": key, "case": case.written, "said": None, "error": ""}
    try:
        record["said"] = ask(case)
    except (QuestionInvalid, GenerationFailed) as error:
        record["error"] = str(error)
    return record


def _is_ours(file: Path) -> bool:
    """Whether a file begins with a record, or with one that was cut short."""
    with file.open(encoding="utf-8", errors="replace") as content:
        first = next((line for line in content if line.strip()), '{"id": ')
    try:
        found = json.loads(first)
    except ValueError:
        return first.startswith('{"id": ')
    return isinstance(found, dict) and "key" in found


def _reusable(file: Path, wanted: set[str]) -> dict[str, Record]:
    """Read the wanted records that have a result; skip lines that were cut short."""
    found = {}
    for text in file.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            record = json.loads(text)
        except ValueError:
            continue
        if isinstance(record, dict) and record.get("key") in wanted and record.get("said"):
            found[record["key"]] = record
    return found


def _append(file: Path, text: str) -> None:
    """Append to a file, first ending a line that was cut short."""
    try:
        make_folder(file.parent)
        file.touch(0o600)
        with file.open("ab+") as content:
            if content.tell():
                content.seek(-1, os.SEEK_END)
                content.write(b"" if content.read(1) == b"\n" else b"\n")
            content.write(text.encode())
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror or error}", "choose another --report") from error


def line(record: Record) -> str:
    """A line of `cases.jsonl`, in ASCII."""
    return json.dumps(record) + "\n"
