"""What the articles tell, value by value: the leading one large, the others in rows, amounts over time in a chart."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import streamlit as st

from rag import Answer, Citation, Told, told
from ui import safe, source

_MIN_POINTS = 3
# Over more days, the five labels of the axis are months.
_MAX_LABELLED_DAYS = 150
_SCALES = ((10**9, "billion"), (10**6, "million"), (1, ""))


class _Point(NamedTuple):
    day: date
    amount: float
    told: Told


def show(answer: Answer, turn_id: int) -> None:
    """Show the values above the quotes, if the articles tell any."""
    rows = told(answer)
    cited = {citation.marker: citation for citation in answer.citations}
    with st.container(gap=None):
        for at, row in enumerate(rows):
            with st.container(gap=None, key=f"{'other' if at else 'leading'}-{turn_id}-{at}"):
                safe.line(row.value, "value")
                source.chip(cited[row.marker], turn_id, f"value-{at}")
                if row.note:
                    safe.line(row.note, "muted")
                source.warn(cited[row.marker].evidence)
    unit, points = _series(answer, rows, cited)
    if points:
        _chart(unit, points, f"chart-{turn_id}")


def _series(answer: Answer, rows: tuple[Told, ...], cited: Mapping[int, Citation]) -> tuple[str, tuple[_Point, ...]]:
    """Return the amounts of the unit that most rows have, one a day, with the unit; () if they are few.

    Amounts without a unit go with any, as they do for `Value.comparable`. An amount that was corrected is none.
    """
    testimonies = {one.evidence.place: one for one in answer.testimonies}
    series = defaultdict[str, dict[date, _Point]](dict)
    for row in rows:
        evidence = cited[row.marker].evidence
        one = testimonies[evidence.article.id, evidence.start]
        day = evidence.article.published and evidence.article.published.day_known
        if day and not one.corrected_by and (amount := _amount(one.value, one.unit)) is not None:
            series[one.unit].setdefault(day, _Point(day, amount, row))
    unit = max(series, key=lambda name: len(series[name]) if name else 0, default="")
    points = sorted((series[""] | series[unit]).values())
    return unit, tuple(points) if len(points) >= _MIN_POINTS else ()


def _amount(value: str, unit: str) -> float | None:
    """Return an amount; None for a day, for words, and for four digits without a unit, which may be a year."""
    try:
        amount = float(value)
    except ValueError:
        return None
    is_year = not unit and len(value) == len("2026")
    return None if is_year or not math.isfinite(amount) else amount


def _chart(unit: str, points: tuple[_Point, ...], key: str) -> None:
    """Show the amounts by day of publication, from zero, as a change looks larger on an axis that starts elsewhere."""
    largest = max(abs(point.amount) for point in points)
    scale, name = next(((scale, name) for scale, name in _SCALES if largest >= scale), _SCALES[-1])
    values = [
        {
            "day": point.day.isoformat(),
            "amount": point.amount / scale,
            "value": point.told.value,
            "outlet": point.told.outlet_and_day,
        }
        for point in points
    ]
    spoken = "; ".join(f"{point.told.value} on {point.day}" for point in points)
    days = "%Y-%m" if (points[-1].day - points[0].day).days > _MAX_LABELLED_DAYS else "%Y-%m-%d"
    axis = {"title": None, "grid": False, "format": days, "labelOverlap": True, "tickCount": 5}
    amounts = " ".join(filter(None, (name, unit and f"({unit})"))) or None
    st.vega_lite_chart(
        {
            "data": {"values": values},
            "height": 180,
            "mark": {"type": "line", "point": True},
            "encoding": {
                "x": {"field": "day", "type": "temporal", "axis": axis},
                "y": {"field": "amount", "type": "quantitative", "axis": {"title": amounts, "tickCount": 4}},
                "tooltip": [
                    {"field": "value", "title": "Value"},
                    {"field": "outlet", "title": "Told by"},
                ],
            },
        },
        key=key,
        alt=f"Amounts by day of publication: {spoken}",
    )
