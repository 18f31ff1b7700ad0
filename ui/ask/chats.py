"""The chats that are kept: listed in the sidebar, opened, renamed, deleted."""

from __future__ import annotations

import streamlit as st

from rag import Chat, Chats, NutgrafError, Transcript
from ui import safe, under_way
from ui.ask.job import Job

_SHOWN = 15


def show(chats: Chats, present: Transcript | None) -> None:
    """List the chats."""
    with st.sidebar:
        if st.button("New chat", icon=":material/add:", width="stretch", disabled=present is None):
            _go("")
        words = st.text_input("Find a chat", placeholder="words of its title, questions or answers")
        limit = st.session_state.setdefault("chats-shown", _SHOWN)
        found = chats.find(words, limit + 1)
        if not found:
            safe.line("No chat has these words." if words else "Chats are kept here, on this machine.", "about")
        for chat in found[:limit]:
            _row(chat, here=present is not None and chat.id == present.chat.id)
        if len(found) > limit and st.button("Show more chats", type="tertiary"):
            st.session_state["chats-shown"] += _SHOWN
            st.rerun()


def _row(chat: Chat, *, here: bool) -> None:
    if st.button(
        safe.label(chat.title),
        key=f"open-{chat.id}",
        help=f"{chat.turns} question{'' if chat.turns == 1 else 's'}, last {chat.changed_at:%Y-%m-%d}",
        type="secondary" if here else "tertiary",
        width="stretch",
    ):
        _go(chat.id)


def rename(chats: Chats, chat: Chat) -> None:
    """Show the button that gives a chat another title."""
    with st.popover("Rename", icon=":material/edit:"), st.form(f"rename-{chat.id}", border=False):
        title = st.text_input("Title", chat.title)
        if st.form_submit_button("Rename this chat"):
            try:
                chats.rename(chat.id, title)
            except NutgrafError as error:
                safe.alert(error.message, error.hint)
            else:
                st.rerun()


def delete(chats: Chats, chat: Chat) -> None:
    """Show the button that deletes a chat, once it is pressed twice."""
    with st.popover("Delete", icon=":material/delete:"):
        safe.line("Its questions, answers and notes are gone for good.", "about")
        if st.button("Delete this chat", key=f"delete-{chat.id}"):
            for work in tuple(under_way.board().values()):
                if isinstance(work, Job) and work.turn.chat_id == chat.id:
                    work.stop()
            chats.delete(chat.id)
            _go("")


def _go(chat_id: str) -> None:
    """Open a chat; "" is a new one."""
    st.query_params.clear()
    # It begins with the filters that it had.
    st.session_state.pop("filters", None)
    if chat_id:
        st.query_params["chat"] = chat_id
    st.rerun()
