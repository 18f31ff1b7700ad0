"""The Ask page: questions, and answers with their quotes."""

from __future__ import annotations

import streamlit as st

from rag import Answer, Exchange, Question
from ui import safe, shared
from ui.ask import turns
from ui.ask.job import Job

# What a follow-up may refer to.
_HISTORY = 8


def show() -> None:
    assistant = shared.archive()
    st.title("nutgraf")
    safe.line("Ask your archive. Every sentence of an answer is quoted, cited and checked.", "about")
    jobs: list[Job] = st.session_state.setdefault("jobs", [])
    text = st.chat_input("Ask the archive", disabled=any(job.running for job in jobs))
    for number, job in enumerate(jobs):
        if job.running:
            _follow(job, number)
        else:
            turns.show(job, number)
    if text:
        history = tuple(_exchange(job.answer) for job in jobs if job.answer)
        job = Job(assistant, Question(text, history=history[-_HISTORY:]))
        job.start()
        jobs.append(job)
        st.rerun()


def _exchange(answer: Answer) -> Exchange:
    """What was said, for a follow-up to refer to; a refusal says nothing."""
    return Exchange(answer.asked, "" if answer.refusal else answer.text)


def _follow(job: Job, number: int) -> None:
    """Show a running job at each change; when it ends, run the whole page once more."""
    st.button("Stop", key=f"stop-{number}", on_click=job.stop, disabled=job.stopping)
    place = st.empty()
    while job.running:
        with place.container():
            turns.show(job, number)
        job.wait(1.0)
    st.rerun()
