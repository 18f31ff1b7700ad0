"""Write a report as one page of HTML: no script, nothing asked of a network, every text of others escaped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from eval import drawing, showing
from eval.charts import Chart

_TEMPLATE = "page.html"
_MIB = 2**20


def page(report: Mapping[str, Any], charts: Mapping[str, Chart]) -> str:
    """The page of a report; `charts` are drawn in it, light or dark as the reader's system is."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["figure"] = _figure
    # The drawings are our own markup; what they show of others was escaped when they were drawn.
    drawings = {name: Markup(drawing.svg(chart.spec)) for name, chart in charts.items()}  # noqa: S704
    found = {
        "costs": list(_costs(report)),
        "confusion": _confusion(report.get("confusion", {})),
        "refusals": list(report.get("refusals", {}).items()),
        "memory": f"{report['memory_bytes'] / _MIB:,.0f} MiB",
    }
    return made.get_template(_TEMPLATE).render(found, report=report, charts=charts, drawings=drawings).lstrip()


def _costs(report: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The rows of what a case costs, seconds first."""
    for stage, one in report["seconds"].items():
        yield f"seconds, {stage}", _figure(one["p50"]), _figure(one["p95"])
    counts = {f"tokens, {stage}": one for stage, one in report["tokens"].items()}
    if "judged_pairs" in report:
        counts["pairs that the judge read"] = report["judged_pairs"]
    for name, one in counts.items():
        yield name, f"{one['p50']:g}", f"{one['p95']:g}"


def _confusion(counts: Mapping[str, Mapping[str, int]]) -> list[list[str]]:
    """The head and the rows of what was given, by what was right; nothing without counts."""
    head = [["", *next(iter(counts.values()))]] if counts else []
    return head + [[right, *map(str, given.values())] for right, given in counts.items()]


def _figure(value: float | None) -> str:
    """A share or a number of seconds, as the tables print it."""
    return "-" if value is None else showing.cell(value)
