"""Show one question with its answer, its refusal, or how far it is."""

from __future__ import annotations

import streamlit as st

from rag import Answer, Chats, Citation, Turn, Verdict
from ui import safe
from ui.ask import quotes, tools
from ui.ask.job import Job

_NEAREST = 3
_USER, _NUTGRAF = ":material/person:", ":material/newspaper:"


def show(turn: Turn, chats: Chats) -> None:
    """Show a question that was answered, or was not, and what can be done with its answer."""
    _asked(turn)
    with st.chat_message("assistant", avatar=_NUTGRAF):
        if turn.problem:
            safe.alert(turn.problem.message, turn.problem.hint)
        elif turn.answer and turn.answer.refusal:
            _refusal(turn.answer)
        elif turn.answer:
            _answer(turn.answer, turn.id)
        if turn.answer:
            tools.show(chats, turn, turn.answer)


def under_way(job: Job) -> None:
    """Show how far an answer is."""
    _asked(job.turn)
    with st.chat_message("assistant", avatar=_NUTGRAF):
        for verdict in job.verdicts:
            safe.sentence(verdict.shown, verdict.markers)
        safe.status(_doing(job))


def _asked(turn: Turn) -> None:
    with st.chat_message("user", avatar=_USER):
        safe.line(turn.question.text)


def _doing(job: Job) -> str:
    if job.stopping:
        return "Stopping …"
    if job.place:
        return f"In the queue: {job.place} before this question. Stop leaves it."
    return "Writing and checking …" if job.searched else "Searching the archive …"


def _refusal(answer: Answer) -> None:
    for note in answer.notes:
        safe.line(note, "about")
    safe.line(f"Not answered. {answer.refusal.message if answer.refusal else ''}", "refusal")
    if answer.hits:
        with st.expander("The nearest passages in the archive"):
            for hit in answer.hits[:_NEAREST]:
                safe.heading(hit.article.title, hit.article.byline)
                safe.line(hit.passage.text)


def _answer(answer: Answer, turn_id: int) -> None:
    for note in answer.notes:
        safe.line(note, "about")
    cited = {citation.marker: citation for citation in answer.citations}
    for at, verdict in enumerate(answer.verdicts):
        _sentence(verdict, cited, f"{turn_id}-{at}")
    stopped = " · stopped early" if answer.trace.stopped else ""
    safe.line(f"{_checked(answer)} · {answer.trace.total_seconds:.1f} s · {answer.trace.reader}{stopped}", "about")


def _sentence(verdict: Verdict, cited: dict[int, Citation], key: str) -> None:
    """A sentence, and beside it a chip for each quote that it stands on."""
    with st.container(horizontal=True, vertical_alignment="top", gap="xsmall", wrap=False, key=f"sentence-{key}"):
        safe.sentence(verdict.shown, ())
        for marker in verdict.markers:
            if marker in cited:
                quotes.chip(cited[marker], f"{key}-{marker}")


def _checked(answer: Answer) -> str:
    """How the sentences stand: a quote is the article's own words, and others were held against theirs."""
    quoted = sum(verdict.quoted for verdict in answer.verdicts)
    written = len(answer.verdicts) - quoted
    told = [f"{quoted} quoted word for word"] if quoted else []
    told += [f"{written} written and checked against the quote"] if written else []
    return ", ".join(told)
