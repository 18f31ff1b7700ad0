"""Questions to begin with, each of which the archive answers."""

from __future__ import annotations

import streamlit as st

from rag import Assistant, Question, Suggestion
from ui import safe, shared, under_way
from ui.background import Background

_KEY = "suggestions"
_COUNT = 4


class Suggesting(Background):
    """The search for questions that the articles inside `filters` answer."""

    def __init__(self, assistant: Assistant, filters: Question) -> None:
        super().__init__("suggesting")
        self.assistant = assistant
        self.filters = filters
        self.found: tuple[Suggestion, ...] = ()

    def _work(self) -> None:
        for one in self.assistant.suggestions(_COUNT, self._stop_now, self.filters):
            self.found += (one,)
            self._tell()


def show(assistant: Assistant, filters: Question) -> str:
    """Show each question as soon as it is known to be answered; return the one that was chosen, "" for none."""
    work = _begun(assistant, filters)
    work.watch(shared.watcher())
    chosen, shown = "", 0
    place, below = st.container(), st.empty()
    while True:
        running = work.running
        with place:
            for one in work.found[shown:]:
                if not shown:
                    safe.line("The archive answers, for example:", "about")
                shown += 1
                if st.button(safe.label(one.text), key=f"suggestion-{shown}", type="tertiary"):
                    chosen = one.text
        if chosen or not running:
            below.empty()
            return chosen
        with below:
            safe.status("Looking for questions that the archive answers …")
        work.wait(1.0)


def stop() -> None:
    """End the search: somebody asks, and should not wait for it."""
    if work := under_way.find(_KEY, Suggesting):
        work.stop()
        under_way.put_away(_KEY, work)


def _begun(assistant: Assistant, filters: Question) -> Suggesting:
    """The search under way for these filters, else a new one, which remembers what others found."""
    while True:
        work = under_way.find(_KEY, Suggesting)
        if work and work.running and (work.assistant, work.filters) == (assistant, filters):
            return work
        stop()
        work = Suggesting(assistant, filters)
        # Another tab may be first.
        if under_way.begin(_KEY, work):
            return work
