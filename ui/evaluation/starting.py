"""Begin an evaluation, show how far it is, and say how it ended."""

from __future__ import annotations

import io
import json
from functools import partial
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rag import Assistant, InputError, export_feedback
from ui import safe, under_way
from ui.evaluation import plans, reports, tables, told
from ui.evaluation.plans import FILE, FIXED, MARKED, Plan
from ui.evaluation.run import KEY, Run
from ui.under_way import Watched

_CHOICES = {
    FIXED: "The fixed set, over the two sample articles",
    MARKED: "Questions that were marked bad on the Ask page, over your archive",
    FILE: "A file of mine",
}
_ABOUT = (
    "It runs beside the chat with models of its own: it takes about 1.2 GB of memory, and about a second for each "
    "question. Nothing leaves this machine."
)


def last() -> Run | None:
    """The run that some tab began, also when it has ended."""
    return under_way.find(KEY, Run)


def start(assistant: Assistant, folder: Path, plan: Plan) -> None:
    """Begin, or go on; one at a time."""
    if not under_way.begin(KEY, Run(folder, plan, assistant.settings)):
        raise InputError("An evaluation is under way.", "wait for it, or stop it")


def form(assistant: Assistant, *, unfolded: bool) -> None:
    """Show what can be run, and begin it."""
    with st.expander("Run an evaluation", expanded=unfolded):
        of = st.radio("Which questions", list(_CHOICES), format_func=lambda name: _CHOICES[name])
        cases = _cases(assistant, of)
        own = of == MARKED or (of == FILE and _own_archive())
        limit = st.number_input("How many, drawn at random (0: all)", min_value=0, value=0, step=1)
        seed = st.number_input("Seed of the drawing", min_value=0, value=0, step=1) if limit else 0
        safe.line(_ABOUT, "about")
        if st.button("Run the evaluation"):
            if not plans.count(cases):
                safe.alert("There is no question to ask.", "Choose other questions above.")
                return
            archive = str(assistant.settings.archive) if own else ""
            folder, plan = plans.begin(reports.home(assistant.settings), of, archive, int(limit), int(seed), cases)
            start(assistant, folder, plan)
            st.rerun()


def _cases(assistant: Assistant, of: str) -> bytes:
    if of == FIXED:
        cases = plans.fixed_set().read_bytes()
        safe.line(f"{plans.count(cases)} questions whose answers are known.", "about")
    elif of == MARKED:
        cases = _marked(assistant)
    else:
        uploaded = st.file_uploader("A questions.jsonl", type=["jsonl"])
        cases = uploaded.getvalue() if uploaded else b""
        safe.line(
            'A line for each question: {"id": "1", "question": "…", "answers": ["…"]}. No answers: it must refuse.',
            "about",
        )
    return cases


def _marked(assistant: Assistant) -> bytes:
    file = io.BytesIO()
    export_feedback(assistant.chats.marked(good=False), file)
    cases = file.getvalue()
    total = plans.count(cases)
    if not total:
        safe.line("No answer is marked bad yet: the thumbs under an answer on the Ask page do that.", "about")
        return b""
    answered = sum(bool(told.texts(json.loads(line).get("answers"))) for line in cases.splitlines())
    safe.line(
        f"Marked bad: {total}. A right answer is in the notes of {answered} (a line “answer: …”); "
        "of the others, a refusal counts as right.",
        "about",
    )
    return cases


def _own_archive() -> bool:
    words = {True: "My archive", False: "The two sample articles"}
    return bool(st.radio("Asked of", list(words), format_func=lambda own: words[own], horizontal=True))


def controls(run: Run) -> DeltaGenerator:
    """The button that stops a run, and the place where `follow` shows how far it is."""
    place = st.empty()
    st.button("Stop the evaluation", on_click=run.stop, disabled=run.stopping)
    return place


def follow(run: Run, place: DeltaGenerator) -> None:
    """Show it at each change until it ends; then run the whole page once more."""
    under_way.follow([Watched(run, place, partial(_progress, run))])


def _progress(run: Run) -> None:
    left = run.seconds_left
    if run.stopping:
        doing = "Stopping: the question that is being asked comes to its end …"
    elif run.done == run.earlier and run.done < run.plan.total:
        doing = f"{run.done} of {run.plan.total} cases · the models are loading …"
    elif run.done < run.plan.total:
        doing = f"{run.done} of {run.plan.total} cases" + (f" · about {_span(left)} to go" if left is not None else "")
    else:
        doing = f"{run.done} of {run.plan.total} cases · the report is being written …"
    st.progress(run.share, text=doing)
    if run.question:
        safe.line(f"Asked last: {run.question}", "about")


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def outcome(assistant: Assistant, run: Run) -> None:
    """Say how the last run ended, until that is put away."""
    with st.container(border=True):
        if run.stopped:
            safe.line(
                f"Stopped after {run.done} of {run.plan.total} cases. They are kept: going on asks the others.",
            )
        elif run.problem:
            safe.alert(run.problem.message, run.problem.hint)
            if run.last_lines and run.problem.message not in run.last_lines.replace("\n", " "):
                tables.lines(run.last_lines, "what it wrote last")
        else:
            safe.line(f"Done: {run.plan.total} cases of {run.plan.words}. The report stands below.")
        with st.container(horizontal=True):
            if (run.stopped or run.problem) and st.button("Go on with it"):
                start(assistant, run.folder, run.plan)
                st.rerun()
            if st.button("Put this away"):
                under_way.put_away(KEY, run)
                st.rerun()
