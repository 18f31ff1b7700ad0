"""Write a report as one page of HTML: no script, nothing asked of a network, every text of others escaped."""

from __future__ import annotations

from collections.abc import Mapping
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
    memory = f"{report['memory_bytes'] / _MIB:,.0f} MiB"
    return made.get_template(_TEMPLATE).render(report=report, charts=charts, drawings=drawings, memory=memory).lstrip()


def _figure(value: float | None) -> str:
    """A share or a number of seconds, as the tables print it."""
    return "-" if value is None else showing.cell(value)
