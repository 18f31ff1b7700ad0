"""The Ask page: questions, and answers with their quotes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from rag import Assistant, ChatUnknown, Transcript, Turn
from ui import safe, shared, under_way
from ui.ask import chats, exporting, narrowing, suggesting, tools, turns
from ui.ask.job import Job
from ui.library.adding import KEY, Adding
from ui.under_way import Watched

# What a follow-up may refer to.
_HISTORY = 8
# Turns that a chat shows at first, and that each click shows more of.
_SHOWN = 10


def show() -> None:
    """Show the chat that the address names, and take the next question."""
    assistant = shared.archive()
    transcript = _open(assistant)
    told = transcript.turns if transcript else ()
    if told:
        narrowing.start_from(told[-1].question)
    chats.show(assistant.chats, transcript)
    _head(assistant, transcript)
    running = next((turn for turn in told if turn.under_way), None)
    text = st.chat_input("Ask the archive", disabled=running is not None)
    for turn in told:
        if not turn.under_way:
            turns.show(turn, assistant.chats)
    if running:
        _follow(running)
    elif transcript and (again := tools.asked_instead(told[-1])):
        history = transcript._replace(turns=told[:-1]).history[-_HISTORY:]
        _begin(assistant, assistant.chats.replace(told[-1].id, replace(told[-1].question, text=again, history=history)))
    elif not (text or transcript):
        text = suggesting.show(assistant, narrowing.chosen())
    if text:
        history = transcript.history[-_HISTORY:] if transcript else ()
        question = replace(narrowing.chosen(), text=text, history=history)
        chat = assistant.chats
        _begin(assistant, chat.ask(transcript.chat.id, question) if transcript else chat.begin(question))


def _open(assistant: Assistant) -> Transcript | None:
    """The chat of the address; None for a new one."""
    chat_id = st.query_params.get("chat")
    if not chat_id:
        return None
    limit = st.session_state.setdefault(f"shown-{chat_id}", _SHOWN)
    try:
        return assistant.chats.read(chat_id, limit)
    except ChatUnknown as error:
        safe.alert(error.message, "It may have been deleted. A new one begins here.")
        st.query_params.clear()
        return None


def _head(assistant: Assistant, transcript: Transcript | None) -> None:
    if transcript is None:
        st.title("nutgraf")
        safe.line("Ask your archive. Every sentence of an answer is quoted, cited and checked.", "about")
        if not assistant.count():
            safe.block(
                '<p>The archive has no article yet. Add some in the <a href="library" target="_self">Library</a>; '
                "then ask about them here.</p>"
            )
        adding = under_way.find(KEY, Adding)
        if adding and adding.running:
            safe.line(f"Articles are being added, {adding.read:,} so far; they are asked once they are in.", "about")
        narrowing.show(assistant)
        return
    safe.title(transcript.chat.title)
    with st.container(horizontal=True):
        narrowing.show(assistant)
        exporting.show(assistant.chats, transcript.chat)
        chats.rename(assistant.chats, transcript.chat)
        chats.delete(assistant.chats, transcript.chat)
    if len(transcript.turns) < transcript.chat.turns:
        key = f"shown-{transcript.chat.id}"
        if st.button("Show earlier questions"):
            st.session_state[key] += _SHOWN
            st.rerun()


def _begin(assistant: Assistant, turn: Turn) -> None:
    """Have the question answered, and draw the page anew, with its chat in the address."""
    suggesting.stop()
    under_way.begin(_key(turn), Job(assistant, turn))
    st.query_params["chat"] = turn.chat_id
    st.rerun()


def _follow(turn: Turn) -> None:
    """Show how far an answer is at each change; when it is there, draw the page anew."""
    job = under_way.find(_key(turn), Job)
    if job and job.running:
        job.watch(shared.watcher())
        place = st.empty()
        st.button("Stop", on_click=job.stop, key=f"stop-{turn.id}")
        under_way.follow([Watched(job, place, partial(turns.under_way, job))])
    st.rerun()


def _key(turn: Turn) -> str:
    return f"question {turn.id}"
