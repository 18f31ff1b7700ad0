"""Begin a change, and show how far it is or how it ended."""

from __future__ import annotations

from functools import partial

import streamlit as st

from rag import overridden_by
from ui import safe, under_way
from ui.settings.work import Change
from ui.under_way import Watched

_KEY = "settings"


def last() -> Change | None:
    """The change that runs, or the last one that ended and was not put away."""
    return under_way.find(_KEY, Change)  # type: ignore[type-abstract]


def begin(work: Change) -> None:
    """Start it, where none runs."""
    under_way.begin(_KEY, work)


def blocked(key: str = "") -> bool:
    """Whether a control is to be dead: a change runs, or the environment says what `key` is."""
    work = last()
    return bool(key and overridden_by(key)) or bool(work and work.running)


def why_fixed(key: str) -> None:
    """Say so, where the environment sets `key`."""
    if name := overridden_by(key):
        safe.line(f"Set by {name}, which wins over this page: end the chat, unset it, and start again.", "about")


def ended(work: Change) -> None:
    """How a change ended."""
    if work.problem:
        safe.alert(work.problem.message, work.problem.hint)
    else:
        safe.line(f"{work.name}: {work.done}" if work.name else work.done, "good")
    st.button("Close this message", on_click=partial(under_way.put_away, _KEY, work))


def follow(work: Change) -> None:
    """Show a change until it ends; then run the page once more."""
    if work.name:
        safe.line(work.name)
    st.button("Stop", on_click=work.stop, disabled=work.stopping)
    under_way.follow([Watched(work, st.empty(), partial(_progress, work))])


def _progress(work: Change) -> None:
    counted = f" {work.count:,} {work.things}" if work.count else ""
    st.progress(work.share, text="Stopping …" if work.stopping else f"{work.doing}{counted}")
