"""Show text of articles, models and users as text: escaped, never Markdown, never HTML of theirs."""

from __future__ import annotations

from html import escape

import streamlit as st

_STYLE = """
<style>
.nutgraf p { margin: 0 0 .6rem; line-height: 1.55; white-space: pre-wrap; overflow-wrap: anywhere; }
.nutgraf .title { margin: 0; font-weight: 600; line-height: 1.35; }
.nutgraf .about { color: inherit; opacity: .75; font-size: .875rem; }
.nutgraf .marker { font-weight: 600; font-size: .8em; vertical-align: super; }
.nutgraf mark { background: #ffe58a; color: #1a1a1a; padding: .1em .15em; border-radius: .2em; }
.nutgraf .refusal { border-left: .3rem solid #b7791f; padding: .5rem .8rem; background: rgba(183, 121, 31, .12); }
.nutgraf .good { border-left: .3rem solid #2f855a; padding: .5rem .8rem; background: rgba(47, 133, 90, .12); }
.nutgraf .problem { border-left: .3rem solid #c53030; padding: .5rem .8rem; background: rgba(197, 48, 48, .12); }
</style>
"""


def style() -> None:
    """Send the page's few rules of style; once a run."""
    st.html(_STYLE)


def line(text: str, kind: str = "") -> None:
    """One paragraph; `kind` is one of the style's classes."""
    block(f'<p class="{kind}">{escape(text)}</p>')


def heading(title: str, byline: str) -> None:
    """An article's title, and under it what is known of where it is from."""
    block(f'<p class="title">{escape(title)}</p><p class="about">{escape(byline)}</p>')


def sentence(text: str, markers: tuple[int, ...]) -> None:
    """One sentence of an answer with its markers."""
    numbers = "".join(f'<span class="marker">[{marker}]</span>' for marker in markers)
    block(f'<p class="sentence"><bdi>{escape(text)}</bdi> {numbers}</p>')


def alert(text: str, hint: str = "") -> None:
    """What went wrong, and what to do about it."""
    block(f'<p class="problem" role="alert">{escape(text)}{f"<br>{escape(hint)}" if hint else ""}</p>')


def highlighted(before: str, quote: str, after: str) -> None:
    """A quote inside its article."""
    block(f"<p>{escape(before)}<mark>{escape(quote)}</mark>{escape(after)}</p>")


def block(html: str) -> None:
    """Our own markup, in which every text of others has been escaped."""
    st.html(f'<div class="nutgraf">{html}</div>')
