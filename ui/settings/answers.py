"""How answers are made: how sure, from how much, how fast."""

from __future__ import annotations

import streamlit as st

from rag import Assistant
from ui.settings import change
from ui.settings.work import Switch

_CAUTION = {
    0.0: "answers whenever it can",
    0.25: "rather answers",
    0.5: "balanced",
    0.75: "rather refuses",
    1.0: "only when sure",
}
_MOST_PASSAGES, _MOST_THREADS = 50, 1024


def show(assistant: Assistant) -> None:
    settings = assistant.settings
    st.header("Answers")
    for key in ("caution", "passages", "threads"):
        change.why_fixed(key)
    # Keys that tell the value in use: a change in another tab shows here, too.
    with st.form(f"answers-{settings.caution}-{settings.passages}-{settings.threads}"):
        caution = st.select_slider(
            "Caution",
            options=sorted({*_CAUTION, settings.caution}),
            value=settings.caution,
            format_func=lambda value: _CAUTION.get(value, f"{value:g}"),
            disabled=change.blocked("caution"),
        )
        passages = st.number_input(
            "Passages that a question retrieves",
            1,
            _MOST_PASSAGES,
            settings.passages,
            disabled=change.blocked("passages"),
        )
        threads = st.number_input(
            "Processor threads of the reader (0: what suits it)",
            0,
            _MOST_THREADS,
            settings.threads,
            disabled=change.blocked("threads"),
        )
        submitted = st.form_submit_button("Use these", disabled=change.blocked())
    if not submitted:
        return
    chosen = {"caution": float(caution), "passages": int(passages), "threads": int(threads)}
    changes = {key: value for key, value in chosen.items() if value != getattr(settings, key)}
    if changes:
        change.begin(Switch(assistant, changes))
        st.rerun()
