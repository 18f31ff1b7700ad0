"""The health of the archive: what `nutgraf doctor` says, on demand."""

from __future__ import annotations

import streamlit as st

from rag import Finding, Settings, diagnose
from ui import safe, under_way
from ui.background import Background
from ui.under_way import Watched

KEY = "examining"
_KINDS = {"good": "", "self-repairing": "refusal", "needs attention": "problem"}


class Examination(Background):
    """One examination under way."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(KEY)
        self.findings: list[Finding] = []
        self._settings = settings

    def _work(self) -> None:
        for finding in diagnose(self._settings):
            self.findings.append(finding)
            self._tell()
            if self.stopping:
                return


def show(settings: Settings) -> Watched | None:
    """Show the button, or what is found so far; give what is still to be followed."""
    st.subheader("Health")
    work = under_way.find(KEY, Examination)
    if work and work.running:
        st.button("Stop examining", key="stop-examining", on_click=work.stop, disabled=work.stopping)
        return Watched(work, st.empty(), lambda: _so_far(work))
    safe.line("Checks the whole archive and the models, and says what needs attention.", "about")
    if work:
        _ended(work)
    if st.button("Examine the archive"):
        under_way.begin(KEY, Examination(settings))
        st.rerun()
    return None


def _so_far(work: Examination) -> None:
    safe.line("Stopping …" if work.stopping else "Examining …", "about")
    _findings(work)


def _ended(work: Examination) -> None:
    _findings(work)
    needed = sum(finding.state == "needs attention" for finding in work.findings)
    if work.problem:
        safe.alert(work.problem.message, work.problem.hint)
    elif work.stopping:
        safe.line("Stopped: not everything was examined.", "about")
    elif needed:
        safe.line(f"{needed} {'thing needs' if needed == 1 else 'things need'} attention.")
    else:
        safe.line("Nothing needs attention.")


def _findings(work: Examination) -> None:
    with st.container(gap=None):
        for finding in tuple(work.findings):
            safe.line(f"{finding.name}: {finding.state}. {finding.detail}", _KINDS[finding.state])
