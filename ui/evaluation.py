"""The Evaluation page: run a set of questions, list the reports, open one, compare two."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path

import streamlit as st

from rag import Assistant, InputError, Settings, write_cases
from ui import background, runs, safe, shared
from ui.runs import Report, RunJob

_RUN_KEY, _COMPARE_KEY = "evaluation", "comparison"
_A_PAGE, _FRAME_PIXELS = 20, 900
# What a list has room for: the first of these that a report has.
_KEY_FIGURES = ("contains", "refusal_f1", "false_refusal", "macro_f1", "balanced_accuracy", "ndcg@10", "f1", "auroc")
_MAX_FIGURES = 4
_SETS = {
    runs.FIXED: "The fixed set, about the two sample articles",
    runs.MARKED: "Questions whose answers you marked bad, about your archive",
    runs.FILE: "A file of your own",
}


class CompareJob(runs.EvalJob):
    """`python -m eval compare` of two reports."""

    def __init__(self, a: Path, b: Path, settings: Settings) -> None:
        super().__init__(("compare", str(a), str(b)), settings)
        self.folders = (a, b)


def show() -> None:
    """Show the run in progress or the form that starts one, then the reports; or the report in `?report=NAME`."""
    assistant = shared.assistant()
    settings = assistant.settings
    st.title("Evaluation")
    reports, problems = runs.find_reports(settings)
    finished = [report for report in reports if report.measures is not None]
    name = st.query_params.get("report", "")
    if opened := next((report for report in finished if report.folder.name == name), None):
        _show_report(opened)
        return
    safe.line("Ask questions whose answers are known, and see what a change of models or settings does.", "muted")
    job = background.find(_RUN_KEY, RunJob)
    watched = []
    # In a container, so that dismissing the outcome does not move the form.
    with st.container():
        if job and job.running:
            watched.append(background.Watched(job, st.empty(), partial(_progress, job)))
            st.button("Stop the evaluation", on_click=job.stop, disabled=job.stopping)
        elif job:
            _outcome(settings, job)
    if not watched:
        _form(assistant, expanded=not reports and not job)
    for problem in problems:
        safe.alert(problem.message, problem.hint)
    _list(settings, reports, job)
    if len(finished) > 1:
        watched += _compare(settings, finished)
    background.follow(watched)


def _form(assistant: Assistant, *, expanded: bool) -> None:
    """Show what can be run, and start it."""
    with st.expander("Run an evaluation", expanded=expanded):
        of = st.radio("Questions", list(_SETS), format_func=lambda name: _SETS[name])
        questions = _questions(assistant, of)
        own = of == runs.MARKED
        if of == runs.FILE:
            own = st.radio("Archive", ["Yours", "The two sample articles"], horizontal=True) == "Yours"
        limit = int(st.number_input("How many, drawn at random (0: all)", min_value=0, value=0, step=1))
        seed = int(st.number_input("Seed of the draw", min_value=0, value=0, step=1)) if limit else 0
        safe.line("Needs about 1.2 GB of memory beside the chat, and about a second per question.", "muted")
        if st.button("Run the evaluation", type="primary"):
            if not runs.count(questions):
                safe.alert("There are no questions to ask.", "Choose another set.")
                return
            archive = str(assistant.settings.archive) if own else ""
            _start(assistant.settings, *runs.create(assistant.settings, of, archive, limit, seed, questions))


def _questions(assistant: Assistant, of: str) -> bytes:
    """Return the questions of a set, as JSON Lines."""
    if of == runs.FIXED:
        questions = runs.fixed_set()
        safe.line(f"{runs.count(questions)} questions with known answers.", "muted")
    elif of == runs.MARKED:
        file = io.BytesIO()
        write_cases(assistant.chats.marked(good=False), file)
        questions = file.getvalue()
        safe.line(
            f"{runs.count(questions)} marked on the Ask page. The right answer is the line “answer: …” of your note; "
            "without one, a refusal counts as right.",
            "muted",
        )
    else:
        uploaded = st.file_uploader("A file of questions (JSON Lines)", type=["jsonl"])
        questions = uploaded.getvalue() if uploaded else b""
        safe.line(
            'One question per line: {"id": "1", "question": "…", "answers": ["…"]}. Without an answer in the list, '
            "a refusal counts as right.",
            "muted",
        )
    return questions


def _start(settings: Settings, folder: Path, plan: runs.Plan) -> None:
    """Start or resume a run, one at a time, and rerun the page."""
    if not background.begin(_RUN_KEY, RunJob(folder, plan, settings)):
        raise InputError("Another evaluation is running.", "Wait for it, or stop it.")
    st.rerun()


def _progress(job: RunJob) -> None:
    doing = "stopping after the current question …" if job.stopping else "asking …"
    st.progress(job.done / job.plan.total, text=f"{job.done} of {job.plan.total} questions · {doing}")


def _outcome(settings: Settings, job: RunJob) -> None:
    """Show how the last run ended."""
    if job.stopped:
        safe.line(f"Stopped after {job.done} of {job.plan.total} questions. Resume it to ask the others.", "notice")
    elif job.problem:
        safe.alert(job.problem.message, job.problem.hint)
        if job.output:
            safe.scrolled(job.output, "The output of the evaluation", "pre")
    else:
        safe.line(f"Finished: {job.plan.title}, {job.plan.total} questions.", "success")
    with st.container(horizontal=True):
        if (job.stopped or job.problem) and st.button("Resume"):
            _start(settings, job.folder, job.plan)
        st.button("Dismiss", on_click=partial(background.dismiss, _RUN_KEY, job))


def _list(settings: Settings, reports: list[Report], job: RunJob | None) -> None:
    """Show every report with its day and key figures, and every unfinished run with a Resume button."""
    st.header("Reports")
    if not reports:
        safe.line("No reports yet. Run an evaluation: 20 questions take about a minute.", "muted")
    pages = -(-len(reports) // _A_PAGE)
    first = (st.pagination(pages, key="report-page") - 1) * _A_PAGE if pages > 1 else 0
    for report in reports[first : first + _A_PAGE]:
        if job and job.folder == report.folder and report.measures is None:
            continue
        with st.container(border=True, gap=None):
            _row(settings, report, can_resume=not (job and job.running))
    safe.line(f"Reports are kept in {runs.home(settings)}. A report folder copied there is listed too.", "muted")


def _row(settings: Settings, report: Report, *, can_resume: bool) -> None:
    name = report.folder.name
    if report.measures is not None:
        # A label is Markdown, and anybody may have named the folder.
        st.button(
            safe.label(report.title),
            key=f"open-{name}",
            type="tertiary",
            on_click=st.query_params.update,
            args=({"report": name},),
        )
        names = [measure for measure in _KEY_FIGURES if measure in report.measures] or list(report.measures)
        figures = [f"{measure} {report.measures[measure]:.2f}" for measure in names[:_MAX_FIGURES]]
        safe.line(" · ".join((report.day, f"{report.cases:,} questions", *figures)), "muted")
        return
    total = f" of {report.plan.total:,}" if report.plan else ""
    safe.heading(report.title, f"{report.day} · unfinished, {report.cases:,}{total} questions asked")
    if report.plan and st.button("Resume", key=f"resume-{name}", disabled=not can_resume):
        _start(settings, report.folder, report.plan)


def _show_report(report: Report) -> None:
    """Show the page that the evaluation wrote."""
    st.button("All reports", icon=":material/arrow_back:", on_click=st.query_params.clear)
    safe.heading(report.title, f"{report.day} · {report.cases:,} questions · {report.folder}")
    page = report.page()
    if not page:
        safe.alert("This report has no page.", "Run the evaluation again into the same folder.")
        return
    st.download_button("Save as a file", page, f"{report.folder.name}.html", "text/html", icon=":material/download:")
    safe.sandboxed(page, "The report", _FRAME_PIXELS)


def _compare(settings: Settings, reports: list[Report]) -> list[background.Watched]:
    """Choose two reports and compare them; return the job while it runs."""
    st.header("Compare")
    names = [f"{report.title} · {report.day}" for report in reports]
    choices = range(len(reports))
    a = reports[st.selectbox("Before", choices, index=1, format_func=lambda at: names[at])].folder
    b = reports[st.selectbox("After", choices, index=0, format_func=lambda at: names[at])].folder
    job = background.find(_COMPARE_KEY, CompareJob)
    if st.button("Compare", disabled=bool(job and job.running) or a == b):
        background.begin(_COMPARE_KEY, CompareJob(a, b, settings))
        st.rerun()
    if job and job.folders == (a, b):
        if job.running:
            return [background.Watched(job, st.empty(), partial(safe.status, "Comparing …"))]
        if job.problem:
            safe.alert(job.problem.message, job.problem.hint)
        else:
            safe.scrolled(job.output, "The comparison", "pre")
    return []
