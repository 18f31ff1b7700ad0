"""The offline switch, and exactly what would leave this machine."""

from __future__ import annotations

from html import escape

import streamlit as st

from rag import Assistant, offline_reason, outgoing_traffic
from ui import safe
from ui.settings import change
from ui.settings.work import Switch


def show(assistant: Assistant) -> None:
    settings = assistant.settings
    st.header("What would leave this machine")
    safe.line(
        "Nothing by itself: no question, no answer, no article, no count of use. Only what is listed here, and only "
        "when you ask for it."
    )
    offline = st.toggle(
        "Offline: refuse every use of the network",
        settings.offline,
        key=f"offline-{settings.offline}",
        disabled=change.blocked("offline"),
    )
    change.why_fixed("offline")
    if offline != settings.offline:
        change.begin(Switch(assistant, {"offline": offline}))
        st.rerun()
    if barred := offline_reason(settings):
        safe.line(f"The network is not used at all: {barred} says so.", "good")
    elif barred := offline_reason(settings, hub_only=True):
        safe.line(f"No model is downloaded: {barred} says so. Addresses you add in the Library are still read.", "good")
    rows = outgoing_traffic(settings)
    with st.expander(f"The whole list ({len(rows)})"):
        for row in rows:
            state = f"Refused now: {row.blocked_by}." if row.blocked_by else "Allowed, when you do it."
            safe.block(
                f'<p class="title">{escape(row.when)}</p>'
                f"<p>To {escape(row.to)}: {escape(row.what)}.<br><span class='about'>{escape(state)}</span></p>"
            )
    safe.line("The browser is told, too, to load nothing from and to send nothing to another machine.", "about")
