"""The reports of evaluations on this machine, read as far as the page shows them. Any of them may be damaged."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from rag import InputError, Settings
from ui.evaluation import plans, told
from ui.evaluation.plans import Plan

CASES = "cases.jsonl"
_REPORT, _FOLDERS = "report.json", "folders.txt"
_MOST_BYTES = 64_000_000
_OTHER = "it is of another version of nutgraf, or of something else: run the evaluation again"


class Figure(NamedTuple):
    """A measure with its 95% interval; None where it has no value."""

    mean: float | None
    low: float | None
    high: float | None
    n: int

    @property
    def words(self) -> str:
        if self.mean is None:
            return "-"
        interval = f" ({self.low:.3f} to {self.high:.3f})" if self.low is not None and self.high is not None else ""
        return f"{self.mean:.3f}{interval}"

    @property
    def short(self) -> str:
        """As narrow columns have room for it."""
        if self.mean is None:
            return "-"
        interval = f" ({self.low:.2f}–{self.high:.2f})" if self.low is not None and self.high is not None else ""
        return f"{self.mean:.2f}{interval}"


@dataclass(frozen=True, slots=True)
class Report:
    """A finished evaluation; `rest` is all else of its JSON. `at` is UTC; `of` is "" where nobody noted the set."""

    folder: Path
    at: datetime
    of: str
    command: str
    cases: int
    measures: Mapping[str, Figure]
    rest: Mapping[str, Any]

    @property
    def when(self) -> str:
        return f"{self.at.astimezone():%Y-%m-%d %H:%M}"

    @property
    def stamp(self) -> str:
        """To the second, as a chart tells reports apart."""
        return f"{self.at.astimezone():%Y-%m-%d %H:%M:%S}"

    @property
    def set_words(self) -> str:
        """What tells the reports that can be held side by side from others."""
        return f"{self.command}, {self.cases:,} cases{f', {self.of}' if self.of else ''}"

    @property
    def label(self) -> str:
        return f"{self.when} · {self.set_words} · {self.folder.name}"


class Unfinished(NamedTuple):
    """A run that was stopped, or is under way; `plan` is None where it was not begun on the page."""

    folder: Path
    kept: int
    plan: Plan | None


class Shelf(NamedTuple):
    """All that was found, the latest first, and why some could not be read."""

    reports: tuple[Report, ...]
    unfinished: tuple[Unfinished, ...]
    problems: tuple[InputError, ...]


def home(settings: Settings) -> Path:
    """Where the page keeps the reports of its own runs."""
    return settings.home / "reports"


def more_folders(settings: Settings) -> list[str]:
    """Those that the user has named besides."""
    try:
        lines = (home(settings) / _FOLDERS).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    return [line.strip() for line in lines if line.strip()]


def name_folders(settings: Settings, folders: Iterable[str]) -> None:
    """Raises: InputError."""
    file = home(settings) / _FOLDERS
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{one}\n" for one in folders), encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror or error}", "mend its permissions") from error


def shelf(settings: Settings) -> Shelf:
    """Every report in the page's own folder, and in those that were named."""
    reports: list[Report] = []
    unfinished: list[Unfinished] = []
    problems: list[InputError] = []
    folders = _inside(home(settings), must_hold=False)
    for named in more_folders(settings):
        try:
            folders += _named(Path(named).expanduser())
        except InputError as error:
            problems.append(error)
    for folder in dict.fromkeys(folders):
        try:
            found = _read(folder)
        except InputError as error:
            problems.append(error)
        else:
            if isinstance(found, Report):
                reports.append(found)
            else:
                unfinished.append(found)
    return Shelf(tuple(sorted(reports, key=lambda one: one.at, reverse=True)), tuple(unfinished), tuple(problems))


def _inside(place: Path, *, must_hold: bool) -> list[Path]:
    """The folders in a folder; only those that hold a report, where they are not all meant to."""
    try:
        return sorted(one for one in place.iterdir() if one.is_dir() and (not must_hold or _is_report(one)))
    except OSError:
        return []


def _named(place: Path) -> list[Path]:
    """A report, or those in a folder. Raises: InputError."""
    if not place.is_dir():
        raise InputError(f"{place} is no folder that is there", "name another one below, or take it off the list")
    found = [place] if _is_report(place) else _inside(place, must_hold=True)
    if not found:
        raise InputError(f"{place} holds no report", "name a folder that `--report` wrote, or one of such folders")
    return found


def _is_report(folder: Path) -> bool:
    return any((folder / name).is_file() for name in (_REPORT, CASES))


def _read(folder: Path) -> Report | Unfinished:
    """Raises: InputError, where it is neither."""
    file = folder / _REPORT
    plan = plans.read(folder)
    try:
        seen = file.stat()
    except FileNotFoundError:
        return Unfinished(folder, _count(folder / CASES), plan)
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}", "mend its permissions") from error
    if seen.st_size > _MOST_BYTES:
        raise InputError(f"{file} has {seen.st_size:,} bytes", _OTHER)
    content = _parsed(str(file), seen.st_mtime_ns, seen.st_size)
    at = datetime.fromisoformat(plan.at) if plan else datetime.fromtimestamp(seen.st_mtime, UTC)
    command, cases = content.get("command"), content.get("cases")
    if not isinstance(command, str) or not isinstance(cases, int) or not isinstance(content.get("measures"), dict):
        raise InputError(f"{file} lacks the command, the number of cases or the measures of a report", _OTHER)
    measures = {name: _figure(file, name, one) for name, one in content["measures"].items()}
    return Report(folder, at, plan.words if plan else "", command, cases, measures, content)


def _figure(file: Path, name: str, one: object) -> Figure:
    values = told.mapping(one)
    if "mean" not in values:
        raise InputError(f"{file}: the measure {name:.40} has no mean", _OTHER)
    mean, low, high = (told.number(values.get(part)) for part in ("mean", "low", "high"))
    return Figure(mean, low, high, int(told.number(values.get("n")) or 0))


@st.cache_resource(show_spinner=False, max_entries=500)
def _parsed(file: str, changed_ns: int, size: int) -> Mapping[str, Any]:  # noqa: ARG001
    """The JSON of a report, without its worst cases, of which cases.jsonl has more. Raises: InputError."""
    try:
        found = json.loads(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{file} is damaged: {error}", "run the evaluation again, or remove the folder") from error
    if not isinstance(found, dict):
        raise InputError(f"{file} is no report", _OTHER)
    return {name: value for name, value in found.items() if name != "worst"}


def _count(cases: Path) -> int:
    try:
        with cases.open("rb") as lines:
            return sum(bool(line.strip()) for line in lines)
    except OSError:
        return 0
