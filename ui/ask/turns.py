"""Show one question with its answer, its refusal, or how far it is."""

from __future__ import annotations

import streamlit as st

from rag import Answer, Citation, Hit
from ui import safe
from ui.ask.job import Job

_CONTEXT_CHARS = 300
_NEAREST = 3


def show(job: Job, number: int) -> None:
    """Show a turn as it stands now; `number` tells its widgets from those of other turns."""
    with st.chat_message("user"):
        safe.line(job.question.text)
    with st.chat_message("assistant"):
        if job.problem:
            safe.alert(job.problem.message, job.problem.hint)
        elif job.answer:
            _answer(job.answer, number)
        else:
            _under_way(job)


def _under_way(job: Job) -> None:
    if job.stopping:
        doing = "Stopping …"
    elif job.place:
        doing = f"Waiting: {job.place} before this question …"
    else:
        doing = "Writing and checking …" if job.searched else "Searching the archive …"
    safe.line(doing, "about")
    for verdict in job.verdicts:
        safe.sentence(verdict.shown, verdict.markers)


def _answer(answer: Answer, number: int) -> None:
    if answer.refusal:
        safe.line(f"Not answered. {answer.refusal.message}", "refusal")
        if answer.hits:
            with st.expander("The nearest passages in the archive"):
                for hit in answer.hits[:_NEAREST]:
                    _nearest(hit)
        return
    for note in answer.notes:
        safe.line(note, "about")
    for verdict in answer.verdicts:
        safe.sentence(verdict.shown, verdict.markers)
    for citation in answer.citations:
        _citation(citation, f"{number}-{citation.marker}")
    stopped = " · stopped early" if answer.trace.stopped else ""
    safe.line(f"{answer.trace.total_seconds:.1f} s · {answer.trace.reader}{stopped}", "about")


def _citation(citation: Citation, key: str) -> None:
    """The quote inside its article: what stands around it, or the whole."""
    evidence = citation.evidence
    with st.expander(f"[{citation.marker}] The quote in its article"):
        safe.heading(evidence.article.title, evidence.article.byline)
        if citation.outlets:
            told = ", ".join(citation.outlets)
            safe.line(f"The same story in {len(citation.outlets)} outlets: {told}", "about")
        if evidence.article.url:
            safe.line(evidence.article.url, "about")
        whole = st.toggle("Whole article", key=f"whole-{key}")
        text = evidence.article.text
        before, after = text[: evidence.start], text[evidence.end :]
        if not whole and len(before) > _CONTEXT_CHARS:
            before = f"… {before[-_CONTEXT_CHARS:].partition(' ')[2]}"
        if not whole and len(after) > _CONTEXT_CHARS:
            after = f"{after[:_CONTEXT_CHARS].rpartition(' ')[0]} …"
        safe.highlighted(before, evidence.text, after)


def _nearest(hit: Hit) -> None:
    safe.heading(hit.article.title, hit.article.byline)
    safe.line(hit.passage.text)
