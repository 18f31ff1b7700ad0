"""The saved chats: listed in the sidebar, opened, renamed, exported, deleted."""

from __future__ import annotations

from functools import partial

import streamlit as st

from rag import Chat, Chats, Form, NutgrafError, Transcript, share_chat
from ui import background, safe
from ui.answer import DETECT, AnswerJob

_A_PAGE = 15
_EXPORTS: tuple[tuple[Form, str, str, str], ...] = (
    ("markdown", "Markdown", "md", "text/markdown"),
    ("html", "HTML", "html", "text/html"),
    ("json", "JSON", "json", "application/json"),
)


def show(chats: Chats, current: Transcript | None) -> None:
    """Show the list of chats in the sidebar."""
    with st.sidebar:
        if st.button("New chat", icon=":material/add:", width="stretch", disabled=not st.query_params):
            _open("")
        words = st.text_input("Search chats", placeholder="Titles, questions, answers")
        limit = st.session_state.setdefault("chats-shown", _A_PAGE)
        found = chats.find(words, limit + 1)
        if not found:
            safe.line("No chat matches." if words else "Your chats are saved here, on this machine.", "muted")
        for chat in found[:limit]:
            _row(chat, is_current=current is not None and chat.id == current.chat.id)
        if len(found) > limit and st.button("Show more chats", type="tertiary"):
            st.session_state["chats-shown"] += _A_PAGE
            st.rerun()


def _row(chat: Chat, *, is_current: bool) -> None:
    if st.button(
        safe.label(chat.title),
        key=f"open-{chat.id}",
        help=f"{chat.turns} question{'' if chat.turns == 1 else 's'}, last on {chat.changed_at:%Y-%m-%d}",
        type="secondary" if is_current else "tertiary",
        width="stretch",
    ):
        _open(chat.id)


def tools(chats: Chats, chat: Chat) -> None:
    """Show the buttons that export, rename and delete a chat."""
    with st.popover("Export", icon=":material/download:"):
        for form, name, ending, mime in _EXPORTS:
            st.download_button(
                name,
                # Made on the click, from all turns, also those that are not on the page.
                partial(_exported, chats, chat.id, form),
                f"nutgraf-{chat.id}.{ending}",
                mime,
                key=f"export-{chat.id}-{ending}",
                on_click="ignore",
                width="stretch",
            )
    with st.popover("Rename", icon=":material/edit:"), st.form(f"rename-{chat.id}", border=False):
        title = st.text_input("Title", chat.title)
        if st.form_submit_button("Save title"):
            try:
                chats.rename(chat.id, title)
            except NutgrafError as error:
                safe.alert(error.message, error.hint)
            else:
                st.rerun()
    with st.popover("Delete", icon=":material/delete:"):
        safe.line("This deletes the chat with its questions, answers and notes. It cannot be undone.", "muted")
        if st.button("Delete chat", key=f"delete-{chat.id}"):
            _delete(chats, chat)


def _exported(chats: Chats, chat_id: str, form: Form) -> bytes:
    return share_chat(chats.read(chat_id), form).encode()


def _delete(chats: Chats, chat: Chat) -> None:
    for job in tuple(background.registry().values()):
        if isinstance(job, AnswerJob) and job.turn.chat_id == chat.id:
            job.stop()
    chats.delete(chat.id)
    _open("")


def _open(chat_id: str) -> None:
    """Open a chat; "" is a new one."""
    st.query_params.clear()
    # The chat that opens brings its own filters.
    st.session_state.pop("filters", None)
    st.session_state["mode"] = DETECT
    if chat_id:
        st.query_params["chat"] = chat_id
    st.rerun()
