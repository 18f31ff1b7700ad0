"""The Evaluation page: run a set of questions, list the reports, open one, compare two."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path

import streamlit as st

from rag import Assistant, Settings, export_feedback
from ui import background, runs, safe, shared
from ui.runs import Report, RunJob

_RUN_KEY, _COMPARE_KEY = "evaluation", "comparison"
_A_PAGE, _FRAME_PIXELS = 20, 900
_FIGURES = {"right": "right", "refusal_recall": "refused rightly", "false_refusal": "refused wrongly"}


def show() -> None:
    """Show the run in progress or the form that starts one, then the reports; or the report in `?report=NAME`."""
    assistant = shared.assistant()
    settings = assistant.settings
    st.title("Evaluation")
    reports = runs.find_reports(settings)
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
    _list(settings, reports, job)
    if len(finished) > 1:
        watched += _compare(settings, finished)
    background.follow(watched)


def _form(assistant: Assistant, *, expanded: bool) -> None:
    """Show what can be run, and start it."""
    with st.expander("Run an evaluation", expanded=expanded):
        sets = [name for name in runs.SETS if name != runs.NEWS or runs.fixed_set(name)]
        of = st.radio("Questions", sets, format_func=lambda name: runs.SETS[name])
        questions = _questions(assistant, of)
        limit = int(st.number_input("How many, drawn at random (0: all)", min_value=0, value=0, step=1))
        seed = int(st.number_input("Seed of the draw", min_value=0, value=0, step=1)) if limit else 0
        safe.line("Needs about 1.2 GB of memory beside the chat, and about a second per question.", "muted")
        if st.button("Run the evaluation"):
            if not runs.count(questions):
                safe.alert("There are no questions to ask.", "Choose another set.")
                return
            _start(assistant.settings, *runs.create(assistant.settings, of, limit, seed, questions))


def _questions(assistant: Assistant, of: str) -> bytes:
    """Return the questions of a set, as JSON Lines."""
    if of == runs.MARKED:
        file = io.BytesIO()
        export_feedback(assistant.chats.marked(good=False), file)
        questions = file.getvalue()
        about = (
            f"{runs.count(questions)} marked on the Ask page, asked again of your archive. The right answer is the "
            "“answer: …” line of your note; without one, a refusal counts as right."
        )
    elif of == runs.FILE:
        uploaded = st.file_uploader("A file of questions (JSON Lines)", type=["jsonl"])
        questions = uploaded.getvalue() if uploaded else b""
        about = (
            'Asked of your archive. One question per line: {"id": "1", "question": "…", "answers": ["…"]}. With no '
            "answer in the list, a refusal counts as right."
        )
    else:
        questions = runs.fixed_set(of)
        about = (
            f"{runs.count(questions)} questions about {'two sample' if of == runs.SAMPLES else 'invented'} articles."
        )
    safe.line(about, "muted")
    return questions


def _start(settings: Settings, folder: Path, plan: runs.Plan) -> None:
    """Start or resume a run, unless another tab was first, and rerun the page."""
    background.begin(_RUN_KEY, RunJob(folder, plan, settings))
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
            key=f"item-{name}",
            type="tertiary",
            on_click=st.query_params.update,
            args=({"report": name},),
        )
        figures = [f"{report.measures[key]:.0%} {name}" for key, name in _FIGURES.items() if key in report.measures]
        safe.line(" · ".join((report.day, f"{report.cases:,} questions", *figures)), "muted")
        return
    if report.damaged:
        safe.heading(report.title, report.day)
        safe.alert("This report is damaged.", "Run the evaluation again, or remove its folder.")
        return
    total = f" of {report.plan.total:,}" if report.plan else ""
    safe.heading(report.title, f"{report.day} · unfinished, {report.cases:,}{total} questions asked")
    if report.plan and st.button("Resume", key=f"resume-{name}", disabled=not can_resume):
        _start(settings, report.folder, report.plan)


def _show_report(report: Report) -> None:
    """Show the page that the evaluation wrote."""
    st.button("All reports", icon=":material/arrow_back:", on_click=st.query_params.clear)
    safe.heading(report.title, f"{report.day} · {report.cases:,} questions · {report.folder}")
    file = report.folder / runs.PAGE
    if not file.is_file():
        safe.alert("This report has no page.", "Run the evaluation again.")
        return
    page = file.read_text(encoding="utf-8", errors="replace")
    st.download_button("Save as a file", page, f"{report.folder.name}.html", "text/html", icon=":material/download:")
    safe.sandboxed(page, "The report", _FRAME_PIXELS)


def _compare(settings: Settings, reports: list[Report]) -> list[background.Watched]:
    """Choose two reports and compare them; return the job while it runs."""
    st.header("Compare")
    # The folder's name makes each different: of two equal labels Streamlit always takes the first.
    names = [" · ".join(dict.fromkeys((report.title, report.folder.name))) for report in reports]
    choices = range(len(reports))
    a = reports[st.selectbox("Before", choices, index=1, format_func=lambda at: names[at])].folder
    b = reports[st.selectbox("After", choices, index=0, format_func=lambda at: names[at])].folder
    job = background.find(_COMPARE_KEY, runs.CompareJob)
    if st.button("Compare", disabled=bool(job and job.running) or a == b):
        background.begin(_COMPARE_KEY, runs.CompareJob(a, b, settings))
        st.rerun()
    if job and job.folders == (a, b):
        if job.running:
            return [background.Watched(job, st.empty(), partial(safe.status, "Comparing …"))]
        if job.problem:
            safe.alert(job.problem.message, job.problem.hint)
        else:
            safe.sandboxed(job.page, "The comparison", _FRAME_PIXELS)
    return []
