"""The charts of a report: what each shows, its figures as a table, and its Vega-Lite spec, without colours or fonts.

Whoever draws a spec brings a theme: `eval.drawing` the report's, a chat its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import altair as alt

from eval import showing

_WIDTH, _ROW, _HEIGHT = 560, 24, 220
_BAR = alt.RelativeBandSize(0.7)
_SHARES = alt.Scale(domain=[0, 1])
_CURVES = {
    "refused_unanswerable": "refused of unanswerable",
    "refused_answerable": "refused of answerable",
    "f1": "F1 of all",
}


class Chart(NamedTuple):
    """`description` says in words what the picture shows; `rows` are its figures, a cell a column, as text."""

    title: str
    description: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    spec: dict[str, Any]


def charts(report: Mapping[str, Any]) -> dict[str, Chart]:
    """Every chart that the figures of a report make, by what it is of."""
    makers = {
        "measures": _measures,
        "types": _types,
        "tradeoff": _tradeoff,
        "ranks": _ranks,
        "waterfall": _waterfall,
    }
    return {name: make(report) for name, make in makers.items() if report.get(name)}


def _measures(report: Mapping[str, Any]) -> Chart:
    measures, before = report["measures"], (report.get("against") or {}).get("measures", {})
    rows = [{"measure": name, **one} for name, one in measures.items() if one["n"]]
    rows = [row | ({"before": before[row["measure"]]["a"]} if row["measure"] in before else {}) for row in rows]
    base = _chart(rows).encode(y=_names("measure"))
    title = "share (hollow: the earlier run)" if before else "share"
    layers = [
        base.mark_rule(strokeWidth=3, opacity=0.45).encode(x=alt.X("low:Q", scale=_SHARES, title=title), x2="high:Q"),
        base.mark_point(filled=True, size=70, opacity=1).encode(x="mean:Q"),
    ]
    if before:
        layers.append(base.mark_point(filled=False, shape="diamond", size=220, opacity=1).encode(x="before:Q"))
    columns = ("measure", "mean", "low", "high", *(("before",) if before else ()), "n")
    also = " The earlier run is a hollow diamond." if before else ""
    return Chart(
        "Measures, each with its 95% interval",
        f"A dot for the mean of each measure, a line for its interval, from 0 to 1.{also} "
        + _told((row["measure"], row["mean"]) for row in rows),
        columns,
        tuple(_cells(row, columns) for row in rows),
        _spec(alt.layer(*layers), len(rows)),
    )


def _types(report: Mapping[str, Any]) -> Chart:
    rows = [
        {"type": name, **one, "share": one["right"] / one["cases"], "counts": f"{one['right']} of {one['cases']}"}
        for name, one in report["types"].items()
    ]
    base = _chart(rows).encode(y=_names("type"), x=alt.X("share:Q", scale=_SHARES, title="share that is right"))
    columns = ("type", "cases", "right", "refused", "share")
    return Chart(
        "Right, by the type of the case",
        "A bar for each type: the share of its cases that is right. "
        + ", ".join(f"{row['type']} {row['counts']}" for row in rows),
        columns,
        tuple(_cells(row, columns) for row in rows),
        _spec(
            alt.layer(base.mark_bar(height=_BAR), base.mark_text(align="left", dx=4).encode(text="counts:N")), len(rows)
        ),
    )


def _tradeoff(report: Mapping[str, Any]) -> Chart:
    points = report["tradeoff"]
    curves = {name: words for name, words in _CURVES.items() if any(point[name] is not None for point in points)}
    rows = [
        {"threshold": point["threshold"], "share": point[name], "curve": words}
        for name, words in curves.items()
        for point in points
        if point[name] is not None
    ]
    curve = alt.Color("curve:N", title=None, sort=None, legend=alt.Legend(orient="top", symbolType="stroke"))
    line = (
        _chart(rows)
        .mark_line(point=True, strokeWidth=2)
        .encode(
            x=alt.X("threshold:Q", scale=_SHARES, title="refused below this confidence, too"),
            y=alt.Y("share:Q", scale=_SHARES, title="share"),
            color=curve,
            strokeDash=alt.StrokeDash("curve:N", title=None, sort=None),
        )
    )
    columns = ("threshold", *_CURVES)
    ends = [f"{words} from {points[0][name]:.2f} to {points[-1][name]:.2f}" for name, words in curves.items()]
    return Chart(
        "What refusing more would gain and cost",
        f"Lines over the threshold from {points[0]['threshold']} to {points[-1]['threshold']}: {', '.join(ends)}",
        ("threshold", *_CURVES.values()),
        tuple(_cells(point, columns) for point in points),
        _spec(line),
    )


def _ranks(report: Mapping[str, Any]) -> Chart:
    rows = [{"rank": rank, "cases": count} for rank, count in report["ranks"].items()]
    base = _chart(rows).encode(
        x=alt.X(
            "rank:N",
            sort=None,
            title="rank of the first that answers (beyond 10: or not found)",
            axis=alt.Axis(labelAngle=0),
        ),
        y=alt.Y("cases:Q", title="cases", axis=alt.Axis(tickMinStep=1)),
    )
    first, last = rows[0], rows[-1]
    return Chart(
        "Where the search puts what answers",
        f"A bar for each rank: what answers stands first in {first['cases']} cases, and in {last['cases']} it is "
        f"{last['rank']} or not found.",
        ("rank", "cases"),
        tuple(_cells(row, ("rank", "cases")) for row in rows),
        _spec(alt.layer(base.mark_bar(), base.mark_text(dy=-7).encode(text="cases:Q"))),
    )


def _waterfall(report: Mapping[str, Any]) -> Chart:
    rows = [one | {"mean": one["end"] - one["start"]} for one in report["waterfall"]]
    rows = [row | {"seconds": f"{row['mean']:.2f} s"} for row in rows]
    base = _chart(rows).encode(y=_names("stage"))
    bars = base.mark_bar(height=_BAR).encode(
        x=alt.X("start:Q", title="seconds in the mean case", axis=alt.Axis(tickCount=8)), x2="end:Q"
    )
    text = base.mark_text(align="left", dx=4).encode(x="end:Q", text="seconds:N")
    columns = ("stage", "mean", "p50", "p95", "n")
    return Chart(
        "Where the time goes",
        "Bars one after another, each as long as the mean case takes for the stage: "
        + ", ".join(f"{row['stage']} {row['seconds']}" for row in rows),
        columns,
        tuple(_cells(row, columns) for row in rows),
        _spec(alt.layer(bars, text), len(rows)),
    )


def _chart(rows: Sequence[Mapping[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=[dict(row) for row in rows]))


def _names(field: str) -> alt.Y:
    """A name on each row, in the order of the figures."""
    return alt.Y(f"{field}:N", sort=None, title=None)


def _spec(chart: alt.TopLevelMixin, rows: int = 0) -> dict[str, Any]:
    """The spec of a chart as high as its rows; what altair would set of the looks is left out."""
    spec: dict[str, Any] = chart.properties(width=_WIDTH, height=_ROW * rows or _HEIGHT).to_dict()
    return {name: value for name, value in spec.items() if name != "config"}


def _cells(row: Mapping[str, Any], columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(_cell(row.get(column)) for column in columns)


def _cell(value: float | str | None) -> str:
    if value is None:
        return "-"
    return showing.cell(value) if isinstance(value, float) else str(value)


def _told(figures: Iterator[tuple[str, float]]) -> str:
    return ", ".join(f"{name} {mean:.2f}" for name, mean in figures)
