"""Tables and texts of this page: every cell is escaped, and a screen reader hears the names of rows and columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import streamlit as st

from ui import safe

_STYLE = """
<style>
.nutgraf .scroll { overflow-x: auto; }
.nutgraf table { border-collapse: collapse; font-size: .875rem; width: 100%; }
.nutgraf caption { text-align: left; padding-bottom: .3rem; }
.nutgraf th, .nutgraf td { text-align: left; font-weight: normal; padding: .3rem .8rem .3rem 0; vertical-align: top;
  border-bottom: 1px solid rgba(128, 128, 128, .35); font-variant-numeric: tabular-nums; overflow-wrap: break-word; }
.nutgraf thead th { font-weight: 600; }
.nutgraf tbody th, .nutgraf .figure { white-space: nowrap; }
.nutgraf .figure { text-align: right; }
.nutgraf pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .8rem; margin: 0; max-height: 24rem;
  overflow-y: auto; padding: .6rem; border: 1px solid rgba(128, 128, 128, .35); }
</style>
"""


def style() -> None:
    """Send the rules of style of tables; once a run."""
    st.html(_STYLE)


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]], texts: int = 1) -> None:
    """The first `texts` columns are text, the others are figures."""
    kinds = ["" if place < texts else ' class="figure"' for place in range(len(columns))]
    head = "".join(f'<th scope="col"{kind}>{escape(one)}</th>' for one, kind in zip(columns, kinds, strict=True))
    body = "".join(f"<tr>{_row(row, kinds)}</tr>" for row in rows)
    safe.block(
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(caption)}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def lines(text: str, called: str) -> None:
    """Text as it was written, line by line; `called` tells a screen reader what it is."""
    safe.block(f'<pre tabindex="0" role="region" aria-label="{escape(called)}">{escape(text)}</pre>')


def _row(row: Sequence[str], kinds: Sequence[str]) -> str:
    name, *others = (f"{kind}>{escape(cell)}" for cell, kind in zip(row, kinds, strict=True))
    return f'<th scope="row"{name}</th>' + "".join(f"<td{one}</td>" for one in others)
