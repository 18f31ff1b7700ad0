"""Run the cases one by one: with a progress bar, stopped at any time, gone on with where it was stopped.

`cases.jsonl` gets a line as soon as its case is done. A line is used again only for the same case, by the same code
and models with the same settings.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeVar

import typer
from rich.console import Console
from rich.progress import track

from rag import GenerationFailed, InputError, NutgrafError, QuestionInvalid, Settings, compute_dtype

_CASES = "cases.jsonl"
# What `eval.publishing` writes beside it.
_WRITTEN = ("report.json", "report.html")
_PRODUCT = ("rag", "embeddings")
# Another number whenever what is kept of a case changes: an older line could not be read.
_FORMAT = 2
# What changes no answer.
_ELSEWHERE = frozenset(("home", "archive", "offline", "allow_private"))
errors = Console(stderr=True)

Record = dict[str, Any]
LimitOption = Annotated[int | None, typer.Option(min=1, help="A random sample of so many cases.")]
SeedOption = Annotated[int, typer.Option(min=0, help="Of the sample and of the intervals.")]
JsonOption = Annotated[str | None, typer.Option("--json", metavar="FILE", help="Write the figures here; - prints.")]
ReportOption = Annotated[
    Path | None, typer.Option("--report", metavar="DIR", help="Keep every case of the run here, and go on from it.")
]
AgainstOption = Annotated[
    Path | None, typer.Option(metavar="DIR", help="An earlier --report: the new one tells what is better and worse.")
]
CautionOption = Annotated[float | None, typer.Option(help="As the setting of that name, 0 to 1.")]


class Asked(Protocol):
    """What can be run: `written` is all of it, as JSON."""

    @property
    def id(self) -> str: ...

    @property
    def written(self) -> dict[str, Any]: ...


_Kind = TypeVar("_Kind", bound=Asked)


class Stopped(Exception):
    """The run was interrupted; its text says how far it was."""


@contextmanager
def reporting() -> Iterator[None]:
    """Tell an error in one line and exit with 1; exit with 130 after an interruption."""
    try:
        yield
    except NutgrafError as error:
        errors.print(f"error: {error}", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error
    except Stopped as stopped:
        errors.print(str(stopped), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(130) from stopped


def run(
    cases: Sequence[_Kind],
    ask: Callable[[_Kind], dict[str, Any]],
    warm: Callable[[], object],
    settings: Settings,
    folder: Path | None,
    archive: str = "",
) -> list[Record]:
    """The record of every case, in their order; `error` is "" or says why there is no result in `said`.

    `archive` stands for the articles that are asked, where they do not come with each case.
    `warm` is called before the first case that is asked, so that no case is charged for the loading of models. Raises:
    Stopped; NutgrafError, where no other case could be run either.
    """
    file = _begun(folder) if folder else None
    product = fingerprint(settings) + archive
    keys = {case.id: _key(product, case) for case in cases}
    done = _earlier(file, set(keys.values())) if file else {}
    try:
        if not all(key in done for key in keys.values()):
            warm()
        for case in track(cases, "asking", console=errors, transient=True):
            if keys[case.id] not in done:
                done[keys[case.id]] = record = _record(case, keys[case.id], ask)
                if file:
                    _append(file, record)
    except KeyboardInterrupt:
        kept = "the same command goes on from there" if folder else "nothing is kept without --report"
        raise Stopped(f"stopped after {len(done)} of {len(cases)} cases: {kept}") from None
    return [done[key] for key in keys.values()]


def keep(folder: Path, records: Sequence[Record]) -> None:
    """Write `cases.jsonl` anew, with these records and no others. Raises: InputError."""
    half = folder / f"{_CASES}.part"
    try:
        half.write_text("".join(map(_line, records)), encoding="utf-8")
        half.replace(folder / _CASES)
    except OSError as error:
        raise _unwritable(folder, error) from error


def writable(file: str | None) -> None:
    """Raises: InputError, where a file could not be written: better before the run than after it."""
    if not file or file == "-":
        return
    folder = Path(file).parent
    if Path(file).is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise InputError(f"{file} cannot be written", "name a file in a folder that is there, or - to print it")


def fingerprint(settings: Settings) -> str:
    """What answers depend on, besides the case: the code and weights, the settings, the arithmetic."""
    found = hashlib.sha256()
    for package in _PRODUCT:
        spec = importlib.util.find_spec(package)
        home = Path(next(iter(spec.submodule_search_locations or ()))) if spec else Path(package)
        for file in sorted(path for path in home.rglob("*") if path.is_file() and path.suffix != ".pyc"):
            found.update(f"{file.relative_to(home)}\n".encode())
            found.update(hashlib.sha256(file.read_bytes()).digest())
    chosen = {name: str(value) for name, value in asdict(settings).items() if name not in _ELSEWHERE}
    stamps = [_stamp(Path(settings.encoder)), _stamp(Path(settings.judge)), _stamp(Path(settings.reader))]
    found.update(json.dumps([_FORMAT, chosen, stamps, compute_dtype()]).encode())
    return found.hexdigest()[:16]


def _stamp(path: Path) -> list[tuple[str, int, int]]:
    """Names, sizes and times of a model that the settings name by its path; nothing for one named by its id."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    return [(str(one), one.stat().st_size, one.stat().st_mtime_ns) for one in files if one.is_file()]


def _record(case: _Kind, key: str, ask: Callable[[_Kind], dict[str, Any]]) -> Record:
    record: Record = {"id": case.id, "key": key, "case": case.written, "said": None, "error": ""}
    try:
        record["said"] = ask(case)
    except (QuestionInvalid, GenerationFailed) as error:
        record["error"] = str(error)
    return record


def _key(product: str, case: Asked) -> str:
    told = json.dumps([product, case.written], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _begun(folder: Path) -> Path:
    """The file of the cases, ending in a whole line: one that was cut short gets its end. Raises: InputError."""
    file = folder / _CASES
    _refuse_foreign(folder, file)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with file.open("ab+") as lines:
            if lines.tell():
                lines.seek(-1, os.SEEK_END)
                lines.write(b"" if lines.read(1) == b"\n" else b"\n")
    except OSError as error:
        raise _unwritable(folder, error) from error
    return file


def _refuse_foreign(folder: Path, file: Path) -> None:
    """Raises: InputError, where what would be written over is no report of ours."""
    if file.is_file():
        with file.open(encoding="utf-8", errors="replace") as lines:
            first = next((line for line in lines if line.strip()), "")
        foreign = [file] if first and not _is_record(first) else []
    else:
        foreign = [folder / name for name in _WRITTEN if (folder / name).exists()]
    if foreign:
        raise InputError(f"{foreign[0]} is of no report that could be gone on with", "name another --report")


def _is_record(line: str) -> bool:
    """Whether it is one of `_line`, or the beginning of one."""
    try:
        told = json.loads(line)
    except ValueError:
        return line.startswith('{"id": ')
    return isinstance(told, dict) and "key" in told


def _earlier(file: Path, wanted: set[str]) -> dict[str, Record]:
    """The records with a result that are wanted. A line that is none was cut short."""
    found = {}
    for line in file.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict) and record.get("key") in wanted and record.get("said"):
            found[record["key"]] = record
    return found


def _append(file: Path, record: Record) -> None:
    try:
        with file.open("a", encoding="utf-8") as lines:
            lines.write(_line(record))
    except OSError as error:
        raise _unwritable(file.parent, error) from error


def _line(record: Record) -> str:
    return json.dumps(record, ensure_ascii=True) + "\n"


def _unwritable(folder: Path, error: OSError) -> InputError:
    return InputError(f"{folder} cannot be written: {error.strerror or error}", "name another --report")
