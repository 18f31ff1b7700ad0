"""Draw charts, those of a report among them, in the colours of the page.

A report may come from anybody, and a Vega-Lite spec can load a picture or follow a link. So a spec is drawn only where
it is made of nothing but what the reports of nutgraf are made of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from rag import InputError
from ui import safe
from ui.evaluation import told
from ui.evaluation.reports import Figure
from ui.evaluation.tables import table

_MARKS = ("bar", "line", "point", "rule", "text")
_KEYS = frozenset(
    "$schema align axis band color dx dy encoding field filled height labelAngle layer legend mark name opacity orient "
    "point scale size sort strokeDash strokeWidth symbolType text tickCount tickMinStep title type width x x2 y "
    "domain shape".split()
)
_DATA = ("data", "datasets")
_MOST_ROWS = 1_000
# Beside the axes: what a spec's height is of the bars alone, the page counts with its axes.
_AXES_PIXELS = 70
_SHARES = {"domain": [0, 1]}


def stored(name: str, chart: Mapping[str, Any]) -> None:
    """Draw a chart of a report's JSON, and under it its figures. Raises: InputError, where it is not one of ours."""
    spec = _safe(chart.get("spec"))
    title, description = (told.text(chart.get(name)) for name in ("title", "description"))
    safe.line(title, "title")
    _draw(spec, description or title)
    columns = told.texts(chart.get("columns"))
    rows = [list(map(told.text, row)) for row in told.rows(chart.get("rows"))[:_MOST_ROWS]]
    fitting = [row for row in rows if len(row) == len(columns)]
    if columns and fitting and st.toggle("As a table", key=f"table-{name}"):
        table(title, columns, fitting)


def over_time(measure: str, figures: Sequence[tuple[str, Figure]]) -> None:
    """A measure of reports one after another, each with its interval."""
    # Numbered: two may have been begun in the same second.
    rows = [
        {"run": f"{number}. {when}", **one._asdict()}
        for number, (when, one) in enumerate(figures, start=1)
        if one.mean is not None
    ]
    x = {"field": "run", "type": "ordinal", "sort": None, "title": None, "axis": {"labelAngle": -40}}
    spec = {
        "data": {"values": rows},
        "height": 240,
        "layer": [
            {"mark": {"type": "rule", "strokeWidth": 3, "opacity": 0.45}, "encoding": {"x": x, **_interval(measure)}},
            {
                "mark": {"type": "line", "point": {"filled": True, "size": 70}},
                "encoding": {"x": x, "y": {"field": "mean", "type": "quantitative", "scale": _SHARES}},
            },
        ],
    }
    words = ", ".join(f"{row['run']} {row['mean']:.2f}" for row in rows)
    _draw(spec, f"{measure} over time, with its 95% interval: {words}")


def _draw(spec: Mapping[str, Any], words: str) -> None:
    """Draw it as wide as the page; `words` are for whoever does not see it."""
    # Of what is neither a bar nor a line, Streamlit's theme leaves the colour alone: black, also where all is dark.
    ink = "#fafafa" if st.context.theme.type == "dark" else "#31333f"
    colours = {"rule": {"color": "#808495"}, "text": {"color": ink}}
    height = (told.number(spec.get("height")) or 0) + _AXES_PIXELS
    st.vega_lite_chart(spec={**spec, "height": height, "config": colours}, width="stretch", alt=words)


def _interval(measure: str) -> dict[str, Any]:
    return {
        "y": {"field": "low", "type": "quantitative", "scale": _SHARES, "title": measure},
        "y2": {"field": "high"},
    }


def _safe(spec: object) -> dict[str, Any]:
    """The spec with its figures in it, and nothing else. Raises: InputError."""
    if not isinstance(spec, dict):
        raise _not_ours("it has no spec")
    drawn = {name: value for name, value in spec.items() if name not in _DATA}
    _check(drawn)
    return drawn | {"data": {"values": _rows(spec)}}


def _check(part: object) -> None:
    if isinstance(part, list):
        for one in part:
            _check(one)
    if not isinstance(part, dict):
        return
    for name, value in part.items():
        if name not in _KEYS:
            raise _not_ours(f"it says `{name:.40}`")
        if name == "mark" and (value.get("type") if isinstance(value, dict) else value) not in _MARKS:
            raise _not_ours("its marks are of another kind")
        _check(value)


def _rows(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The figures, which stand in the spec as rows of numbers and texts."""
    named = told.mapping(spec.get("data"))
    rows = told.mapping(spec.get("datasets")).get(told.text(named.get("name")), named.get("values"))
    if not isinstance(rows, list) or len(rows) > _MOST_ROWS or not all(map(_plain, rows)):
        raise _not_ours("its figures are not with it")
    return rows


def _plain(row: object) -> bool:
    return isinstance(row, dict) and not any(isinstance(one, (dict, list)) for one in row.values())


def _not_ours(reason: str) -> InputError:
    return InputError(f"A chart of this report is not drawn: {reason}.", "its figures stand in the tables")
