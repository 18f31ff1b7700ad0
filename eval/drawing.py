"""Draw a Vega-Lite spec as SVG whose colours are those of the page that it stands in, light or dark."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import vl_convert

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Variables of the page; what is text has the page's own colour.
_TEXT, _LINES, _MARKS = "currentColor", "var(--lines)", ("var(--first)", "var(--second)", "var(--third)")
_AXES = {"labelColor": _TEXT, "titleColor": _TEXT, "gridColor": _LINES, "domainColor": _LINES, "tickColor": _LINES}
_THEME = {
    "background": "transparent",
    # Drawn by the metrics of Liberation Sans, which are Arial's; the padding is for whoever has neither.
    "font": "Arial, Liberation Sans, Helvetica, sans-serif",
    "padding": {"left": 24, "right": 8, "top": 5, "bottom": 5},
    "axis": _AXES | {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelLimit": 260},
    "axisX": {"labelFlush": False},
    "legend": {"labelColor": _TEXT, "labelFontSize": 12, "symbolStrokeWidth": 2, "columnPadding": 28},
    "view": {"stroke": None},
    "mark": {"color": _MARKS[0]},
    "rule": {"color": _MARKS[0]},
    "text": {"color": _TEXT, "fontSize": 12},
    "range": {"category": list(_MARKS)},
}


def svg(spec: Mapping[str, Any]) -> str:
    """An `<svg>` element; what stands in the spec's own figures is escaped, and nothing is asked of a network."""
    drawn: str = vl_convert.vegalite_to_svg(_drawable(dict(spec)), config=_THEME, allowed_base_urls=[])
    return drawn


def _drawable(told: Any) -> Any:  # noqa: ANN401
    """The same without the characters that XML cannot hold: one of them in a name would end the whole process."""
    if isinstance(told, Mapping):
        return {name: _drawable(one) for name, one in told.items()}
    if isinstance(told, list):
        return [_drawable(one) for one in told]
    return _NO_XML.sub("\ufffd", told) if isinstance(told, str) else told
