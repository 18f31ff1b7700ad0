"""Show the figures: as tables for people and as JSON for scripts."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from eval.figures import Figure
from rag import InputError, Settings, compute_dtype

_WIDTH = 100
_LEAST_P = 0.001


def console(json_file: str | None) -> Console:
    """Where the tables go: standard output, unless the JSON goes there."""
    return Console(width=_WIDTH, stderr=json_file == "-", markup=False, highlight=False)


def measures(title: str, figures: Mapping[str, Figure]) -> Table:
    """The mean, the interval and the number of cases of each measure."""
    rows = ((name, cell(one.mean), interval(one), str(one.n)) for name, one in figures.items())
    return table(title, ("measure", "mean", "95% interval", "n"), rows)


def confusion(counts: Mapping[str, Mapping[str, int]]) -> Table:
    """What was right downwards, what was given across."""
    columns = ("", *next(iter(counts.values())))
    rows = ((right, *map(str, given.values())) for right, given in counts.items())
    return table("right (rows) and given (columns)", columns, rows)


def failures(console: Console, errors: Mapping[str, str]) -> None:
    """Name the cases without a result."""
    if errors:
        console.print(f"without a result, and so wrong in every measure: {len(errors)}")
    for case_id, error in errors.items():
        console.print(f"{case_id}: {error}", soft_wrap=True)


def named(console: Console, ids: Mapping[str, Sequence[str]]) -> None:
    """Count and name the cases of each kind that there are."""
    for kind, names in ids.items():
        if names:
            console.print(f"{kind}: {len(names)} ({', '.join(names)})", soft_wrap=True)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """The first column is text, the others are figures."""
    made = Table(title=title, title_justify="left")
    for place, column in enumerate(columns):
        made.add_column(column, justify="right" if place else "left")
    for row in rows:
        made.add_row(*row)
    return made


def cell(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"


def interval(one: Figure) -> str:
    return f"{cell(one.low)} to {cell(one.high)}" if one.n else "-"


def difference(one: Figure) -> tuple[str, str]:
    """The cells of a difference and of its interval."""
    return (f"{one.mean:+.3f}", f"{one.low:+.3f} to {one.high:+.3f}") if one.n else ("-", "-")


def p_value(value: float) -> str:
    return f"{value:.3f}" if value >= _LEAST_P else f"<{_LEAST_P}"


def timings(seconds: Mapping[str, Mapping[str, float]]) -> Table:
    rows = ((stage, cell(one["p50"]), cell(one["p95"])) for stage, one in seconds.items())
    return table("seconds", ("stage", "p50", "p95"), rows)


def report(
    command: str,
    cases: int,
    figures: Mapping[str, Figure],
    costs: Mapping[str, Any],
    settings: Settings,
) -> dict[str, Any]:
    """What every command writes with --json; it may add to this. `costs` are those of `eval.costs`."""
    return {
        "command": command,
        "cases": cases,
        "measures": {name: numbers(one) for name, one in figures.items()},
        **costs,
        "models": models(settings, "encoder", "judge", "reader"),
        "caution": settings.caution,
    }


def models(settings: Settings, *roles: str) -> dict[str, str]:
    """The models of these roles, and what they compute in: of another arithmetic, a case on the edge may differ."""
    return {role: str(getattr(settings, role)) for role in roles} | {"arithmetic": compute_dtype()}


def numbers(found: NamedTuple) -> dict[str, float | None]:
    """The fields of `found`; what has no value is null."""
    return {name: None if math.isnan(value) else value for name, value in found._asdict().items()}


def write(json_file: str, report: Mapping[str, Any]) -> None:
    """Write or print the report as one JSON object. Raises: InputError."""
    text = json.dumps(report, ensure_ascii=False, allow_nan=False)
    if json_file == "-":
        sys.stdout.write(f"{text}\n")
        return
    try:
        Path(json_file).write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{json_file} cannot be written: {error.strerror}", "name another --json") from error
