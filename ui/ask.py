"""The Ask page: a chat, suggested questions, and the filters of the next question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial

import streamlit as st

from rag import Assistant, ChatUnknown, FacetCount, Facets, Mode, Question, Suggestion, Transcript, Turn
from ui import add, answer, background, chats, holdings, safe, shared, source

# How many earlier exchanges a follow-up question can refer to.
_HISTORY = 8
_TURNS_SHOWN = 10
_SUGGESTIONS, _SUGGESTIONS_KEY = 4, "suggestions"
_NO_FILTERS = Question("")
_FIRST_DAY, _LAST_DAY = date(1600, 1, 1), date(2999, 12, 31)


class SuggestionJob(background.Job):
    """Looks for questions that the articles inside `filters` answer."""

    def __init__(self, assistant: Assistant, filters: Question) -> None:
        super().__init__("suggesting")
        self.assistant = assistant
        self.filters = filters
        self.found: tuple[Suggestion, ...] = ()

    def _work(self) -> None:
        for suggestion in self.assistant.suggestions(_SUGGESTIONS, self._should_stop, self.filters):
            self.found += (suggestion,)
            self._notify()


def show() -> None:
    """Show the chat that the address names (`?chat=ID`), and take the next question."""
    assistant = shared.assistant()
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
    text, mode = _ask(disabled=running is not None)
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
        text = _suggested(assistant, _filters())
    if text:
        history = transcript.history[-_HISTORY:] if transcript else ()
        question = replace(_filters(), text=text, history=history, mode=mode)
        saved = assistant.chats
        _begin(assistant, saved.ask(transcript.chat.id, question) if transcript else saved.begin(question))


def _ask(*, disabled: bool) -> tuple[str | None, Mode | None]:
    """Show the question box, and beside it the form of reply; return what was asked."""
    with st.bottom, st.container(horizontal=True, vertical_alignment="center", gap="small", key="question-box"):
        text = st.chat_input("Ask about your articles", disabled=disabled)
        name = st.selectbox(
            "Form of reply",
            list(answer.MODES),
            label_visibility="collapsed",
            width=140,
            key="mode",
            persist_state="session",
        )
    return text, answer.MODES[name]


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
        st.query_params.clear()
        return None


def _welcome(assistant: Assistant) -> None:
    st.title("nutgraf")
    safe.line("Answers come from your own articles, quoted and cited. If they do not say, nutgraf says so.", "muted")
    if not assistant.count():
        safe.block(
            '<p>Your archive is empty. Add articles in the <a href="library" target="_self">Library</a>, '
            "then ask about them here.</p>"
        )
    holdings.show(assistant)
    ingest = background.find(add.KEY, add.IngestJob)
    if ingest and ingest.running:
        safe.line(f"Articles are being added: {ingest.read:,} read so far. You can ask about them soon.", "muted")
    _show_filters(assistant)


def _chat_head(assistant: Assistant, transcript: Transcript) -> None:
    safe.title(transcript.chat.title)
    with st.container(horizontal=True):
        _show_filters(assistant)
        chats.tools(assistant.chats, transcript.chat)
    if len(transcript.turns) < transcript.chat.turns and st.button("Show earlier questions"):
        st.session_state[f"shown-{transcript.chat.id}"] += _TURNS_SHOWN
        st.rerun()


def _begin(assistant: Assistant, turn: Turn) -> None:
    """Start answering, and rerun the page with the chat in its address."""
    _stop_suggesting()
    background.begin(_job_key(turn), answer.AnswerJob(assistant, turn))
    st.query_params["chat"] = turn.chat_id
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


def _suggested(assistant: Assistant, filters: Question) -> str:
    """Show each suggested question as soon as it is found; return the one that was clicked, "" for none."""
    job = _suggestion_job(assistant, filters)
    job.watch(shared.connection())
    clicked, shown = "", 0
    place, below = st.container(gap="small"), st.empty()
    while True:
        running = job.running
        with place:
            for suggestion in job.found[shown:]:
                if not shown:
                    safe.line("Try one of these:", "muted")
                shown += 1
                if st.button(safe.label(suggestion.text), key=f"suggestion-{shown}"):
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


def _suggestion_job(assistant: Assistant, filters: Question) -> SuggestionJob:
    """Return the running search for these filters, or start one; the assistant caches what it found before."""
    while True:
        job = background.find(_SUGGESTIONS_KEY, SuggestionJob)
        if job and job.running and (job.assistant, job.filters) == (assistant, filters):
            return job
        _stop_suggesting()
        job = SuggestionJob(assistant, filters)
        # Another tab may have been first.
        if background.begin(_SUGGESTIONS_KEY, job):
            return job


# Filters


def _filters() -> Question:
    """Return the filters in force, as a question without text."""
    filters: Question = st.session_state.get("filters", _NO_FILTERS)
    return filters


def _show_filters(assistant: Assistant) -> None:
    """Show the button that opens the filters, and how many articles they leave."""
    before = _filters()
    opened = st.popover("Filters", icon=":material/filter_list:", on_change="rerun", key="filters-open")
    if opened.open:
        with opened:
            st.session_state["filters"] = _choose_filters(before, assistant.facets(before))
        if _filters() != before:
            st.rerun()
    if before.narrowed:
        facets = assistant.facets(before)
        safe.line(f"{facets.articles:,} of {assistant.count():,} articles match. {facets.outside}", "muted")


def _choose_filters(filters: Question, facets: Facets) -> Question:
    """Show a widget for each filter; return what they are set to."""
    # A widget keeps its value under its key: after "Clear filters" new keys start empty.
    cleared = st.session_state.setdefault("filters-cleared", 0)
    if filters.narrowed and st.button("Clear filters"):
        st.session_state["filters-cleared"] += 1
        return _NO_FILTERS
    first, last, as_of = (
        st.date_input(label, day, _FIRST_DAY, _LAST_DAY, key=f"{label}-{cleared}")
        for label, day in (
            ("Published from", filters.published_from),
            ("Published to", filters.published_to),
            ("As known on (ignores later articles)", filters.as_of),
        )
    )
    sources, languages, stories = (
        _choose_several(label, f"{label}-{cleared}", counts, chosen)
        for label, counts, chosen in (
            ("Outlets", facets.sources, filters.sources),
            ("Languages", facets.languages, filters.languages),
            ("Stories", facets.stories, filters.stories),
        )
    )
    return replace(
        filters,
        published_from=first,
        published_to=last,
        as_of=as_of,
        sources=sources,
        languages=languages,
        stories=stories,
    )


def _choose_several(label: str, key: str, counts: Sequence[FacetCount], chosen: tuple[str, ...]) -> tuple[str, ...]:
    names = {one.value: f"{one.title or one.value} ({one.articles:,})" for one in counts if one.value}
    options = [*names, *(value for value in chosen if value not in names)]
    return tuple(st.multiselect(label, options, chosen, lambda value: names.get(value, f"{value} (0)"), key=key))
