"""Surveys on the Ask page: a timeline, outlets compared, every article that says so. The address names each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

import streamlit as st

from rag import Answer, Assistant, Done, Question, parse_day, table_bytes
from ui import background, filters, findings, holdings, safe, shared, source

Kind = Literal["timeline", "compare", "find"]


class Named(NamedTuple):
    """A kind of survey in words: its name, what it tells, what to type for it, and the link from an answer to it."""

    name: str
    tells: str
    prompt: str
    link: str
    icon: str
    progress: str


KINDS: dict[Kind, Named] = {
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
        "Every article that says so",
        "Ask what the articles should say",
        "Find every article that says so",
        ":material/manage_search:",
        "Reading passage",
    ),
}
_MIN_OUTLETS = 2
_FORMATS = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
# In the session: the survey that this tab shows, and its job, also when it has ended.
_SHOWN, _JOB = "survey", "survey-job"


class Survey(NamedTuple):
    """What the address names: a kind, and a question with filters."""

    kind: Kind
    question: Question


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


# The address


def kind_named() -> Kind | None:
    """Return the kind of survey that the address names; None for a chat."""
    return next((kind for kind in KINDS if st.query_params.get(kind)), None)


def named(kind: Kind) -> Survey:
    """Read a survey from the address. Raises: QuestionInvalid, for an invalid date."""
    address = st.query_params
    question = Question(
        address[kind],
        published_from=_day("from"),
        published_to=_day("to"),
        as_of=_day("as_of"),
        sources=tuple(address.get_all("source")),
        languages=tuple(address.get_all("language")),
        stories=tuple(address.get_all("story")),
    )
    return Survey(kind, question)


def _day(name: str) -> date | None:
    text = st.query_params.get(name)
    return parse_day(text) if text else None


def go(survey: Survey) -> None:
    """Name a survey in the address, for the next run of the page. A chat that stands there stays, to go back to."""
    question = survey.question
    days = {"from": question.published_from, "to": question.published_to, "as_of": question.as_of}
    names = {"source": question.sources, "language": question.languages, "story": question.stories}
    address: dict[str, str | list[str]] = {survey.kind: question.text}
    address |= {name: day.isoformat() for name, day in days.items() if day}
    address |= {name: list(several) for name, several in names.items() if several}
    address |= _chat()
    st.query_params.from_dict(address)


def _leave() -> None:
    """Go back to the chat in the address, or to a new one."""
    st.query_params.from_dict(_chat())


def _chat() -> dict[str, str]:
    chat = st.query_params.get("chat")
    return {"chat": chat} if chat else {}


def arrive(survey: Survey | None) -> None:
    """Notice which survey the address names, None for a chat; call it at the beginning of a run.

    The form of reply and the filters become those of a survey that this tab has not just shown, and what ran for the
    one before is stopped.
    """
    before = st.session_state.get(_SHOWN)
    if survey == before:
        return
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
        st.session_state["mode"] = KINDS[survey.kind].name
    else:
        st.session_state.pop("mode", None)


# The page


def show(assistant: Assistant, survey: Survey) -> None:
    """Show a survey: its head, then how far it is, or what it found. Starts it if need be."""
    safe.title(survey.question.text)
    chosen = _choose_kind(survey)
    filters.show(assistant)
    now = Survey(chosen, replace(filters.in_force(), text=survey.question.text))
    if now != survey:
        go(now)
        st.rerun()
    if not assistant.count():
        holdings.say_empty()
    elif survey.kind != "compare" or _choose_outlets(assistant, survey):
        _run(assistant, survey)


def links(answer: Answer, turn_id: int) -> None:
    """Show buttons that lead from an answer to the surveys of the same question."""
    kinds: list[Kind] = [] if answer.refusal else ["find"]
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
            on_click=go,
            args=(Survey(kind, question),),
        )


def _choose_kind(survey: Survey) -> Kind:
    kinds = {one.name: kind for kind, one in KINDS.items()}
    name = st.segmented_control(
        "Survey",
        list(kinds),
        default=KINDS[survey.kind].name,
        required=True,
        # A new one for each survey: it would keep its value when the back button shows another.
        key=f"kind-{survey.kind}",
        label_visibility="collapsed",
    )
    safe.line(f"{KINDS[survey.kind].tells}.", "muted")
    return kinds[name]


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
            type="primary",
            disabled=len(chosen) < _MIN_OUTLETS or unchanged,
            on_click=go,
            args=(Survey("compare", compared),),
        )
    return len(before) >= _MIN_OUTLETS


def _run(assistant: Assistant, survey: Survey) -> None:
    job = _job(assistant, survey)
    if job.running:
        job.watch(shared.connection())
        place = st.empty()
        st.button("Stop", on_click=job.stop)
        background.follow([background.Watched(job, place, partial(_show_progress, job))])
    if job.problem:
        safe.alert(job.problem.message, job.problem.hint)
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
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="survey-tools"):
        back = "Back to the chat" if _chat() else "Ask a question"
        st.button(back, type="tertiary", icon=":material/arrow_back:", on_click=_leave)
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
