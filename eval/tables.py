"""The tables of reports, for the terminal and for their pages."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table as RichTable

from eval import statistics

# What is shown for each type, and of the held cases beside the others.
GROUP_MEASURES = (
    *("right", "f1_answerable", "refusal_recall", "false_refusal"),
    *("misled", "gold_cited", "uncited", "auroc"),
)
_WIDTH = 120


class Table(NamedTuple):
    """The first column is text, the others are figures."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def of_report(report: Mapping[str, Any], *, intervals: bool = False) -> dict[str, Table]:
    """The tables of a report by what they show; with `intervals`, also in the table of types."""
    found = {"measures": _measures_table(report)}
    if report["types"]:
        rows = (
            (
                name,
                str(one["cases"]),
                *(cell(one["measures"].get(measure), wide=intervals) for measure in GROUP_MEASURES),
            )
            for name, one in report["types"].items()
        )
        found["types"] = Table("By type", ("type", "n", *GROUP_MEASURES), tuple(rows))
    for name, title, columns in (
        ("refusals", "Refusals by kind", ("kind", "cases")),
        ("ranks", "Rank of the first passage that answers", ("rank", "cases")),
    ):
        if counts := report.get(name):
            found[name] = Table(title, columns, tuple((kind, str(count)) for kind, count in counts.items()))
    if counts := report.get("confusion"):
        rows = ((right, *map(str, given.values())) for right, given in counts.items())
        found["confusion"] = Table("Right (rows) and given (columns)", ("", *next(iter(counts.values()))), tuple(rows))
    if points := report.get("tradeoff"):
        columns = tuple(points[0])
        rows = (tuple(number(point[column]) for column in columns) for point in points)
        found["tradeoff"] = Table("If replies below a confidence were refused too", columns, tuple(rows))
    if points := report.get("reliability"):
        rows = ((number(one["confidence"]), number(one["right"]), str(one["n"])) for one in points)
        title = "How often answers are right, by their confidence"
        found["reliability"] = Table(title, ("confidence", "right", "answers"), tuple(rows))
    if orders := report.get("orders"):
        rows = (
            (order, name, cell(one["figure"], wide=True), cell(one["less_shipped"], wide=True, sign="+"))
            for order, measures in orders.items()
            for name, one in measures.items()
        )
        found["orders"] = Table("Other orders", ("order", "measure", "mean", "less what ships"), tuple(rows))
    found["costs"] = Table("Cost of a case", ("", "p50", "p95"), tuple(_cost_rows(report)))
    return found


def console(json_file: str | None) -> Console:
    """Standard output, unless the JSON goes there."""
    return Console(width=_WIDTH, stderr=json_file == "-", markup=False, highlight=False)


def show(out: Console, found: Iterable[Table]) -> None:
    for one in found:
        table = RichTable(title=one.title, title_justify="left")
        for place, column in enumerate(one.columns):
            table.add_column(column, justify="right" if place else "left")
        for row in one.rows:
            table.add_row(*row)
        out.print(table)


def of_comparison(compared: Mapping[str, Any]) -> Table:
    rows = (
        (
            *(name, number(one["a"]), number(one["b"]), number(one["mean"], "+")),
            f"{number(one['low'], '+')} to {number(one['high'], '+')}",
            *(f"{one['p_holm']:.3f}" if one["p_holm"] >= 0.001 else "<0.001", str(one["n"]), one["verdict"]),
        )
        for name, one in compared["measures"].items()
    )
    title = f"{compared['cases']} cases that A and B have in common; noise: p is {statistics.LEVEL} or more"
    return Table(title, ("measure", "A", "B", "B less A", "95% interval", "p (Holm)", "n", "B is"), tuple(rows))


def number(value: float | None, sign: str = "") -> str:
    return "-" if value is None or math.isnan(value) else f"{value:{sign}.3f}"


def cell(one: Mapping[str, float | None] | None, *, wide: bool = False, sign: str = "") -> str:
    """A figure of a report; if `wide`, with its interval."""
    if not one or one["mean"] is None:
        return "-"
    interval = f" ({number(one['low'], sign)} to {number(one['high'], sign)})" if wide else ""
    return f"{number(one['mean'], sign)}{interval}"


def _measures_table(report: Mapping[str, Any]) -> Table:
    halves = [half for half in ("held", "not_held") if report.get(half)]
    rows = (
        (
            *(name, cell(one), f"{number(one['low'])} to {number(one['high'])}", str(one["n"])),
            *(cell(report[half].get(name), wide=True) for half in halves),
        )
        for name, one in report["measures"].items()
    )
    title = f"{report['cases']} cases{', ' + report['set'] if report.get('set') else ''}, caution {report['caution']}"
    columns = ("measure", "mean", "95% interval", "n", *(half.replace("_", " ") for half in halves))
    return Table(title, columns, tuple(rows))


def _cost_rows(report: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for stage, one in report["seconds"].items():
        yield f"seconds, {stage}", number(one["p50"]), number(one["p95"])
    counts = {f"tokens, {stage}": one for stage, one in report["tokens"].items()}
    if "judged_pairs" in report:
        counts["pairs judged"] = report["judged_pairs"]
    for name, one in counts.items():
        yield name, f"{one['p50']:g}", f"{one['p95']:g}"
    yield "peak memory, MiB", f"{report['memory_bytes'] / 2**20:,.0f}", ""
