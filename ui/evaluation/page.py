"""The Evaluation page: run a fixed set of questions, and see what a change did."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from rag import Settings
from ui import safe, shared
from ui.evaluation import comparing, opened, overview, reports, starting, tables

_OVER_TIME, _ONE, _TWO = "Over time", "One report", "Compare two"


def show() -> None:
    """Show the run that is under way or how to begin one, then the reports."""
    assistant = shared.archive()
    tables.style()
    st.title("Evaluation")
    safe.line("Ask questions whose answers are known, and see what a change of models or settings did.", "about")
    found = reports.shelf(assistant.settings)
    run = starting.last()
    place = starting.controls(run) if run and run.running else None
    if not place:
        # The form stays where it is when the outcome is put away.
        with st.container():
            if run:
                starting.outcome(assistant, run)
        starting.form(assistant, unfolded=not found.reports and not run)
    for problem in found.problems:
        safe.alert(problem.message, problem.hint)
    if found.reports:
        views = [_OVER_TIME, _ONE, _TWO]
        view = st.radio("What to look at", views, horizontal=True, key="view", persist_state="session")
        if view == _ONE:
            opened.show(found.reports)
        elif view == _TWO:
            comparing.show(assistant, found.reports)
    if not found.reports or st.session_state["view"] == _OVER_TIME:
        overview.show(assistant, found)
    if not found.reports and not place:
        safe.line(
            "There is no report yet. “Run the evaluation” above makes the first one; with “How many” at 20 it takes "
            "about a minute. Reports that `python -m eval … --report` wrote can be named below.",
        )
    _more(assistant.settings)
    if run and place:
        starting.follow(run, place)


def _more(settings: Settings) -> None:
    """Name more folders of reports."""
    with st.expander("More folders of reports"):
        before = "\n".join(reports.more_folders(settings))
        after = st.text_area("Folders on this machine, one a line", before)
        safe.line(f"The reports of this page are in {reports.home(settings)}.", "about")
        if st.button("Look there, too"):
            kept = dict.fromkeys(str(Path(line.strip()).expanduser()) for line in after.splitlines() if line.strip())
            reports.name_folders(settings, kept)
            st.rerun()
