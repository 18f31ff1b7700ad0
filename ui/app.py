"""The chat page. `nutgraf chat` starts it."""

from __future__ import annotations

import logging
import threading

import streamlit as st

from rag import Answer, Assistant, Exchange, NutgrafError, Question, load
from ui import library, safe, turns
from ui.worker import Job

_REFRESH_SECONDS = 0.25
# What a follow-up may refer to.
_HISTORY = 8
_log = logging.getLogger(__name__)


@st.cache_resource(show_spinner="Opening the archive …")
def open_assistant() -> Assistant:
    """The one assistant that all tabs share; its models load in the background."""
    assistant = Assistant(load())
    threading.Thread(target=_warm, args=(assistant,), name="warm", daemon=True).start()
    return assistant


def _warm(assistant: Assistant) -> None:
    try:
        assistant.warm()
    except NutgrafError as error:
        # The first question will say it again, on the page.
        _log.warning("%s", error)


def main() -> None:
    st.set_page_config(page_title="nutgraf", page_icon="📰", layout="centered")
    safe.style()
    try:
        assistant = open_assistant()
        with st.sidebar:
            library.show(assistant)
    except NutgrafError as error:
        safe.alert(error.message, error.hint)
        return
    st.title("nutgraf")
    safe.line("Ask your archive. Every sentence of an answer is quoted, cited and checked.", "about")
    jobs: list[Job] = st.session_state.setdefault("jobs", [])
    for number, job in enumerate(jobs):
        if job.running:
            _follow(job, number)
        else:
            turns.show(job, number)
    text = st.chat_input("Ask the archive", disabled=any(job.running for job in jobs))
    if text:
        history = tuple(_exchange(job.answer) for job in jobs if job.answer)
        job = Job(assistant, Question(text, history=history[-_HISTORY:]))
        job.start()
        jobs.append(job)
        st.rerun()


def _exchange(answer: Answer) -> Exchange:
    """What was said, for a follow-up to refer to; a refusal says nothing."""
    return Exchange(answer.asked, "" if answer.refusal else answer.text)


@st.fragment(run_every=_REFRESH_SECONDS)
def _follow(job: Job, number: int) -> None:
    """Show a running job again and again; when it ends, run the whole page once more."""
    if not job.running:
        st.rerun()
    turns.show(job, number)
    st.button("Stop", key=f"stop-{number}", on_click=job.stop, disabled=job.stopping)


if __name__ == "__main__":
    main()
