"""Buttons that put an answer into the clipboard: as plain text, Markdown, or formatted."""

from __future__ import annotations

from html import escape

import streamlit as st

from rag import Answer, Form, share_answer
from ui import safe, scripts

_FORMS: tuple[tuple[Form, str], ...] = (("plain", "Plain text"), ("markdown", "Markdown"), ("html", "Formatted"))


def show(answer: Answer) -> None:
    """Show the buttons. What they copy waits beside them as text, the HTML too, and is never shown."""
    buttons = "".join(f'<button type="button" data-form="{form}">{name}</button>' for form, name in _FORMS)
    held = "".join(f'<span hidden data-form="{form}">{escape(share_answer(answer, form))}</span>' for form, _ in _FORMS)
    safe.block(f'<div class="copy">{buttons}<p class="about" role="status" aria-live="polite"></p>{held}</div>')
    st.html(scripts.COPY, unsafe_allow_javascript=True)
