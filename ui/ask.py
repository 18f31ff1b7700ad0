"""The Ask page: a chat with suggested questions, or a survey, and the box for the next question."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from rag import (
    Assistant,
    ChatUnknown,
    Mode,
    Question,
    QuestionInvalid,
    Suggestion,
    Survey,
    SurveyKind,
    Transcript,
    Turn,
)
from ui import add, address, answer, background, chats, filters, holdings, safe, shared, source, survey

# How many earlier exchanges a follow-up question can refer to.
_HISTORY = 8
_TURNS_SHOWN = 10
_SUGGESTIONS, _SUGGESTIONS_KEY = 4, "suggestions"


class SuggestionJob(background.Job):
    """Looks for questions that the articles inside the filters answer."""

    def __init__(self, assistant: Assistant, inside: Question) -> None:
        super().__init__("suggesting")
        self.assistant = assistant
        self.inside = inside
        self.found: tuple[Suggestion, ...] = ()

    def _work(self) -> None:
        for suggestion in self.assistant.suggestions(_SUGGESTIONS, self._should_stop, self.inside):
            self.found += (suggestion,)
            self._notify()


def show() -> None:
    """Show the survey (`?timeline=TOPIC`) or the chat (`?chat=ID`) that the address names; take the next question."""
    assistant = shared.assistant()
    named, wrong = None, None
    try:
        named = address.survey()
    except QuestionInvalid as error:
        wrong = error
        address.leave()
    # Each has a place of its own and empties that of the other, which would stay on the page while this one is running.
    if named:
        st.empty()
        with st.container():
            chats.show(assistant.chats, None)
            _show_survey(assistant, named)
        return
    if survey.arrive(None):
        st.session_state["mode"] = answer.DETECT
    place = st.container()
    st.empty()
    with place:
        if wrong:
            safe.alert(wrong.message, wrong.hint)
        _show_chat(assistant)


def _show_survey(assistant: Assistant, shown: Survey) -> None:
    survey.arrive(shown)
    text, kind, mode = _ask(disabled=False)
    if text:
        # In the chat that the survey was reached from.
        inside = survey.without_compared(shown, filters.in_force())
        _send(assistant, _open(assistant), replace(inside, text=text, mode=mode), kind)
    if question := survey.show(assistant, shown):
        _answer(assistant, _open(assistant), question)


def _show_chat(assistant: Assistant) -> None:
    transcript = _open(assistant)
    turns = transcript.turns if transcript else ()
    if turns:
        # The chat's last filters, unless others were chosen on this page.
        st.session_state.setdefault("filters", replace(turns[-1].question, text="", history=(), mode=None))
    chats.show(assistant.chats, transcript)
    if transcript:
        # In the place of the welcome, which would otherwise stay on the page until the first answer is there.
        st.empty()
        _chat_head(assistant, transcript)
    else:
        with st.container():
            _welcome(assistant)
    running = next((turn for turn in turns if turn.under_way), None)
    text, kind, mode = _ask(disabled=running is not None)
    for turn in turns:
        if not turn.under_way:
            answer.show(turn, assistant.chats)
    source.show(turns)
    if running:
        _follow(running)
    elif transcript and (again := answer.ask_again(turns[-1])):
        history = transcript._replace(turns=turns[:-1]).history[-_HISTORY:]
        _begin(assistant, assistant.chats.replace(turns[-1].id, replace(again, history=history)))
    elif not (text or transcript):
        text = _suggested(assistant, filters.in_force())
    if text:
        _send(assistant, transcript, replace(filters.in_force(), text=text, mode=mode), kind)


def _ask(*, disabled: bool) -> tuple[str | None, SurveyKind | None, Mode | None]:
    """Show the question box, and beside it the form of reply; return what was asked, and for which survey or mode."""
    surveys = {one.name: kind for kind, one in survey.KINDS.items()}
    chosen = surveys.get(st.session_state.get("mode", ""))
    with st.bottom, st.container(horizontal=True, vertical_alignment="center", gap="small", key="question-box"):
        text = st.chat_input(
            survey.KINDS[chosen].prompt if chosen else "Ask about your articles",
            disabled=disabled,
            # What was typed stays when the form of reply changes.
            key="question",
        )
        name = st.selectbox(
            "Form of reply",
            [*answer.MODES, *surveys],
            label_visibility="collapsed",
            width=180,
            key="mode",
            persist_state="session",
        )
    if chosen and not address.kind():
        with st.bottom:
            # Below: what stands above the box would draw it anew, and empty it, when it comes.
            safe.line(f"{survey.KINDS[chosen].name}: {survey.KINDS[chosen].tells.lower()}.", "muted")
    return text, surveys.get(name), answer.MODES.get(name)


def _send(assistant: Assistant, transcript: Transcript | None, question: Question, kind: SurveyKind | None) -> None:
    """Start the survey that was chosen or that the question plainly asks for, else answer."""
    with st.spinner("Reading the question …"):
        asked_for = Survey(kind, question) if kind else assistant.survey_for(question)
    if asked_for:
        _stop_suggesting()
        address.go(asked_for)
        st.rerun()
    _answer(assistant, transcript, question)


def _answer(assistant: Assistant, transcript: Transcript | None, question: Question) -> None:
    """Ask in the chat, or in a new one."""
    question = replace(question, history=transcript.history[-_HISTORY:] if transcript else ())
    saved = assistant.chats
    _begin(assistant, saved.ask(transcript.chat.id, question) if transcript else saved.begin(question))


def _open(assistant: Assistant) -> Transcript | None:
    """Read the chat that the address names; None for a new one."""
    chat_id = st.query_params.get("chat")
    if not chat_id:
        return None
    limit = st.session_state.setdefault(f"shown-{chat_id}", _TURNS_SHOWN)
    try:
        return assistant.chats.read(chat_id, limit)
    except ChatUnknown as error:
        safe.alert(error.message, "It may have been deleted. This is a new chat.")
        del st.query_params["chat"]
        return None


def _welcome(assistant: Assistant) -> None:
    st.title("nutgraf")
    safe.line("Answers come from your own articles, quoted and cited. If they do not say, nutgraf says so.", "muted")
    if not assistant.count():
        holdings.say_empty()
    holdings.show(assistant)
    ingest = background.find(add.KEY, add.IngestJob)
    if ingest and ingest.running:
        safe.line(f"Articles are being added: {ingest.read:,} read so far. You can ask about them soon.", "muted")
    filters.show(assistant)


def _chat_head(assistant: Assistant, transcript: Transcript) -> None:
    safe.title(transcript.chat.title)
    with st.container(horizontal=True, key="chat-tools"):
        filters.show(assistant)
        chats.tools(assistant.chats, transcript.chat)
    if len(transcript.turns) < transcript.chat.turns and st.button("Show earlier questions"):
        st.session_state[f"shown-{transcript.chat.id}"] += _TURNS_SHOWN
        st.rerun()


def _begin(assistant: Assistant, turn: Turn) -> None:
    """Start answering, and rerun the page with the chat in its address."""
    _stop_suggesting()
    background.begin(_job_key(turn), answer.AnswerJob(assistant, turn))
    st.query_params.from_dict({"chat": turn.chat_id})
    st.rerun()


def _follow(turn: Turn) -> None:
    """Show an answer in progress until it is there, then rerun the page."""
    job = background.find(_job_key(turn), answer.AnswerJob)
    if job and job.running:
        job.watch(shared.connection())
        place = st.empty()
        st.button("Stop", on_click=job.stop, key=f"stop-{turn.id}")
        background.follow([background.Watched(job, place, partial(answer.show_progress, job))])
    st.rerun()


def _job_key(turn: Turn) -> str:
    return f"question {turn.id}"


# Suggestions


def _suggested(assistant: Assistant, inside: Question) -> str:
    """Show each suggested question as soon as it is found; return the one that was clicked, "" for none."""
    job = _suggestion_job(assistant, inside)
    job.watch(shared.connection())
    clicked, shown = "", 0
    place, below = st.container(gap="small"), st.empty()
    while True:
        running = job.running
        with place:
            for suggestion in job.found[shown:]:
                if not shown:
                    safe.line("Ask what is known about:", "muted")
                shown += 1
                if st.button(safe.label(suggestion.headline), key=f"suggestion-{shown}"):
                    clicked = suggestion.text
        if clicked or not running:
            below.empty()
            return clicked
        with below:
            safe.status("Finding questions that your archive answers …")
        job.wait(1.0)


def _stop_suggesting() -> None:
    """Stop the search for suggestions: a question that is asked should not wait for it."""
    if job := background.find(_SUGGESTIONS_KEY, SuggestionJob):
        job.stop()
        background.dismiss(_SUGGESTIONS_KEY, job)


def _suggestion_job(assistant: Assistant, inside: Question) -> SuggestionJob:
    """Return the running search for these filters, or start one; the assistant caches what it found before."""
    while True:
        job = background.find(_SUGGESTIONS_KEY, SuggestionJob)
        if job and job.running and (job.assistant, job.inside) == (assistant, inside):
            return job
        _stop_suggesting()
        job = SuggestionJob(assistant, inside)
        # Another tab may have been first.
        if background.begin(_SUGGESTIONS_KEY, job):
            return job
