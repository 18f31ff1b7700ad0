"""Surveys on the Ask page: a timeline, outlets compared, every article that answers. The address names each."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rag import Answer, Assistant, Done, Question, Survey, SurveyKind, table_bytes
from ui import address, background, filters, findings, holdings, safe, shared, source


class Named(NamedTuple):
    """A kind of survey in words: its name, what it tells, what to type for it, and the link from an answer to it."""

    name: str
    tells: str
    prompt: str
    link: str
    icon: str
    progress: str


KINDS: dict[SurveyKind, Named] = {
    "timeline": Named(
        "Timeline",
        "What happened, day by day",
        "Name a topic, as the articles do",
        "Timeline",
        ":material/timeline:",
        "Reading passage",
    ),
    "compare": Named(
        "Compare outlets",
        "What several outlets tell, and what one alone",
        "Name a topic that several outlets tell of",
        "Compare outlets",
        ":material/compare_arrows:",
        "Comparing pair of sentences",
    ),
    "find": Named(
        "Find every article",
        "Every article that answers",
        "Ask what the articles should answer",
        "Find every article that answers",
        ":material/manage_search:",
        "Reading passage",
    ),
}
_MIN_OUTLETS = 2
_FORMATS = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
# In the session: the survey that this tab shows; its job, also when it has ended; the name of its kind.
_SHOWN, _JOB = "survey", "survey-job"
_KIND = "survey-kind"
# The name of the choice to have the question answered.
_ANSWER = "Answer"


class SurveyJob(background.Job):
    """Runs one survey; `found` is there once it has ended, also if it was stopped, unless it failed."""

    def __init__(self, assistant: Assistant, survey: Survey, key: str) -> None:
        super().__init__("survey")
        self.survey = survey
        self.key = key
        self.done: Done | None = None
        self.found: findings.Findings | None = None
        self._assistant = assistant

    def _work(self) -> None:
        kind, question = self.survey
        if kind == "find":
            self.found = self._assistant.find_all(question, self._progress, self._should_stop)
        elif kind == "timeline":
            self.found = self._assistant.timeline(question, self._progress, self._should_stop)
        else:
            self.found = self._assistant.compare(question, self._progress, self._should_stop)

    def _progress(self, done: Done) -> None:
        self.done = done
        self._notify()


# The page


def arrive(survey: Survey | None) -> bool:
    """Notice which survey the address names, None for a chat; return whether this tab has just shown another.

    Then the filters become those of the survey, and what ran for the one before is stopped. Call it at the beginning
    of a run.
    """
    before = st.session_state.get(_SHOWN)
    if survey == before:
        return False
    st.session_state[_SHOWN] = survey
    findings.forget()
    source.forget()
    job = st.session_state.get(_JOB)
    if job and job.running:
        job.stop()
        background.dismiss(job.key, job)
        st.session_state.pop(_JOB)
    if survey:
        filters.use(survey.question)
        st.session_state[_KIND] = KINDS[survey.kind].name
    else:
        filters.use(without_compared(before, filters.in_force()))
    return True


def without_compared(survey: Survey | None, question: Question) -> Question:
    """Return a question that is asked after a survey: of all outlets, not only those that were compared."""
    return replace(question, sources=()) if survey and survey.kind == "compare" else question


def show(assistant: Assistant, survey: Survey) -> Question | None:
    """Show a survey: how it was read, then how far it is, or what it found. Starts it if need be.

    Returns its question if that is to be answered instead.
    """
    st.button(
        "Back to the chat" if address.chat() else "Ask a question",
        type="tertiary",
        icon=":material/arrow_back:",
        on_click=address.leave,
    )
    safe.title(survey.question.text)
    chosen = _read_as(survey)
    tools = st.container(horizontal=True, vertical_alignment="center", gap="xsmall")
    with tools:
        usable = filters.show(assistant)
    if chosen is None:
        return without_compared(survey, survey.question)
    now = Survey(chosen, replace(filters.in_force(), text=survey.question.text))
    if now != survey:
        address.go(now)
        st.rerun()
    if not assistant.count():
        holdings.say_empty()
    elif usable and (survey.kind != "compare" or _choose_outlets(assistant, survey)):
        _run(assistant, survey, tools)
    return None


def links(answer: Answer, turn_id: int) -> None:
    """Show buttons that lead from an answer to the surveys of the same question."""
    kinds: list[SurveyKind] = [] if answer.refusal else ["find"]
    if answer.mode == "history":
        kinds.insert(0, "timeline")
    elif answer.mode == "comparison":
        kinds.insert(0, "compare")
    question = replace(answer.question, text=answer.asked, history=(), mode=None, passages=None)
    for kind in kinds:
        st.button(
            KINDS[kind].link,
            key=f"{kind}-{turn_id}",
            type="tertiary",
            icon=KINDS[kind].icon,
            on_click=address.go,
            args=(Survey(kind, question),),
        )


def _read_as(survey: Survey) -> SurveyKind | None:
    """Show which survey the question is read as; return the one that is chosen, None for an answer."""
    kinds = {one.name: kind for kind, one in KINDS.items()}
    # Set here and on arrival, not as a default: the back button may show another kind than was clicked last.
    st.session_state.setdefault(_KIND, KINDS[survey.kind].name)
    chosen = st.segmented_control("Read as", [_ANSWER, *kinds], required=True, key=_KIND, width="content")
    return kinds.get(str(chosen))


def _choose_outlets(assistant: Assistant, survey: Survey) -> bool:
    """Let the user choose the outlets to compare; return whether the survey names enough."""
    before = survey.question.sources
    counts = assistant.facets(replace(survey.question, sources=())).sources
    names = {one.value: f"{one.value} ({one.articles:,})" for one in counts if one.value}
    if len(names) < _MIN_OUTLETS:
        safe.line(
            "A comparison needs articles of two outlets. Add some in the Library, name the outlets of those there, or "
            "change the filters.",
            "notice",
        )
        return False
    options = [*names, *(name for name in before if name not in names)]
    chosen = st.multiselect(
        "Outlets to compare, two or more", options, before, lambda name: names.get(name, f"{name} (0)")
    )
    compared = replace(survey.question, sources=tuple(chosen))
    unchanged = compared.sources == before
    if len(before) < _MIN_OUTLETS or not unchanged:
        st.button(
            "Compare",
            disabled=len(chosen) < _MIN_OUTLETS or unchanged,
            on_click=address.go,
            args=(Survey("compare", compared),),
        )
    return len(before) >= _MIN_OUTLETS


def _run(assistant: Assistant, survey: Survey, tools: DeltaGenerator) -> None:
    job = _job(assistant, survey)
    if job.running:
        job.watch(shared.connection())
        # In the place of what the survey before found, which would stay on the page until this one ends.
        st.empty()
        place = st.empty()
        st.button("Stop", on_click=job.stop)
        background.follow([background.Watched(job, place, partial(_show_progress, job))])
    with st.container():
        if job.problem:
            safe.alert(job.problem.message, job.problem.hint)
        with tools:
            _tools(job)
        if job.found:
            if job.found.stopped:
                safe.line(f"Stopped early. {_read(job)} What follows is a part of what there is.", "notice")
            findings.show(job.found)


def _job(assistant: Assistant, survey: Survey) -> SurveyJob:
    """Return the job of a survey of this archive as it is now, or start one."""
    key = f"survey {assistant.settings} {assistant.count()} {survey}"
    own = st.session_state.get(_JOB)
    job = own if own and own.key == key else background.find(key, SurveyJob)
    while job is None:
        begun = SurveyJob(assistant, survey, key)
        # Another tab may have been first.
        job = begun if background.begin(key, begun) else background.find(key, SurveyJob)
    # Kept here too: the jobs of all tabs forget one that has ended when the next begins.
    st.session_state[_JOB] = job
    return job


def _show_progress(job: SurveyJob) -> None:
    if job.stopping:
        safe.status("Stopping …")
    elif job.done is None:
        safe.status("Searching the archive …")
    else:
        safe.line(f"{KINDS[job.survey.kind].progress} {job.done.things:,} of {_total(job.done):,}")
        st.progress(min(job.done.share, 1.0))


def _read(job: SurveyJob) -> str:
    """Say how much was read before it was stopped."""
    done = job.done or Done(0.0, 0)
    things = "pairs of sentences were compared" if job.survey.kind == "compare" else "passages were read"
    return f"{done.things:,} of {_total(done):,} {things}." if done.share else f"No {things}."


def _total(done: Done) -> int:
    return round(done.things / done.share) if done.share else done.things


def _tools(job: SurveyJob) -> None:
    """Show what can be done with a survey that has ended."""
    st.button("Run again", type="tertiary", icon=":material/refresh:", on_click=_forget, args=(job,))
    if not job.found:
        return
    for ending, mime in _FORMATS.items():
        st.download_button(
            ending.upper(),
            # Made on the click.
            partial(_table, job.found, f".{ending}"),
            f"nutgraf-{job.survey.kind}.{ending}",
            mime,
            type="tertiary",
            icon=":material/download:",
            on_click="ignore",
        )


def _table(found: findings.Findings, ending: str) -> bytes:
    return table_bytes(findings.table(found), Path(f"table{ending}"))


def _forget(job: SurveyJob) -> None:
    background.dismiss(job.key, job)
    st.session_state.pop(_JOB, None)
