"""Remove articles, and undo that: the last removed first, for as long as the session lasts."""

from __future__ import annotations

import streamlit as st

from rag import Assistant, IndexOutdated, InputError, NutgrafError, Removed
from ui import safe

_PROBLEM = "removal-problem"


def show(assistant: Assistant) -> None:
    """Show what was removed last, with the button that undoes it, and why a removal or its undoing failed."""
    problem = st.session_state.pop(_PROBLEM, None)
    if problem:
        safe.alert(problem.message, problem.hint)
    removed = _removed()
    if removed:
        safe.line(f"Removed: {removed[-1].article.title}", "refusal")
        st.button("Undo the removal", on_click=_undo, args=(assistant,))
        if len(removed) > 1:
            safe.line(f"{len(removed) - 1:,} removed before it can be undone after it.", "about")


def button(assistant: Assistant, article_id: str, label: str) -> None:
    """The button that removes an article; the label is ours."""
    st.button(label, key=f"remove-{article_id}", on_click=_remove, args=(assistant, article_id))


def _removed() -> list[Removed]:
    stack: list[Removed] = st.session_state.setdefault("removed", [])
    return stack


def _remove(assistant: Assistant, article_id: str) -> None:
    try:
        _removed().append(assistant.remove(article_id))
        st.query_params.pop("article", None)
    except NutgrafError as error:
        st.session_state[_PROBLEM] = error


def _undo(assistant: Assistant) -> None:
    removed = _removed()
    try:
        assistant.put_back(removed[-1])
        removed.pop()
    except NutgrafError as error:
        st.session_state[_PROBLEM] = error
        # These two will not change by waiting; those below can still be undone.
        if isinstance(error, InputError | IndexOutdated):
            removed.pop()
