"""Begin a change, and show how far it is or how it ended."""

from __future__ import annotations

import streamlit as st

from rag import fixed_by
from ui import safe, shared
from ui.settings.work import Change

_KEY = "settings"


def under_way() -> Change | None:
    """The change that runs, or the last one that ended and was not put aside."""
    work = shared.under_way().get(_KEY)
    return work if isinstance(work, Change) else None


def begin(work: Change) -> None:
    """Start it, where none runs."""
    last = under_way()
    if last is None or not last.running:
        shared.under_way()[_KEY] = work
        work.start()


def blocked(key: str = "") -> bool:
    """Whether a control is to be dead: a change runs, or the environment says what `key` is."""
    last = under_way()
    return bool(key and fixed_by(key)) or bool(last and last.running)


def why_fixed(key: str) -> None:
    """Say so, where the environment sets `key`."""
    if name := fixed_by(key):
        safe.line(f"Set by {name}, which wins over this page: end the chat, unset it, and start again.", "about")


def ended(work: Change) -> None:
    """How a change ended."""
    if work.problem:
        safe.alert(work.problem.message, work.problem.hint)
    else:
        safe.line(f"{work.name}: {work.done}" if work.name else work.done, "good")
    st.button("Close this message", on_click=_put_aside)


def _put_aside() -> None:
    shared.under_way().pop(_KEY, None)


def follow(work: Change) -> None:
    """Show a change until it ends; then run the page once more."""
    if work.name:
        safe.line(work.name)
    st.button("Stop", on_click=work.stop, disabled=work.stopping)
    place = st.empty()
    while work.running:
        counted = f" {work.count:,} {work.things}" if work.count else ""
        with place.container():
            st.progress(work.share, text="Stopping …" if work.stopping else f"{work.doing}{counted}")
        work.wait(1.0)
    st.rerun()
