"""Save a whole chat as a file."""

from __future__ import annotations

from functools import partial

import streamlit as st

from rag import Chat, Chats, Form, share_chat

_FILES: tuple[tuple[Form, str, str, str], ...] = (
    ("markdown", "Markdown", "md", "text/markdown"),
    ("html", "HTML", "html", "text/html"),
    ("json", "JSON", "json", "application/json"),
)


def show(chats: Chats, chat: Chat) -> None:
    """Show the button that saves `chat` with its quotes, where they stand, hashes and addresses."""
    with st.popover("Export", icon=":material/download:"):
        for form, name, ending, mime in _FILES:
            st.download_button(
                name,
                # Made when it is asked for, of all turns, also those that are not on the page.
                partial(_written, chats, chat.id, form),
                f"nutgraf-{chat.id}.{ending}",
                mime,
                key=f"export-{chat.id}-{ending}",
                on_click="ignore",
                width="stretch",
            )


def _written(chats: Chats, chat_id: str, form: Form) -> bytes:
    return share_chat(chats.read(chat_id), form).encode()
