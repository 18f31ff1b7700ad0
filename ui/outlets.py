"""The outlets of the archive: joined where two names mean one, and split again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from rag import Assistant, NutgrafError
from ui import safe

_PROBLEM = "outlet-problem"
_MAX_SHOWN = 50


def show(assistant: Assistant) -> None:
    """Show the outlets with their numbers of articles, and the forms that join and split them."""
    outlets = assistant.outlets()
    if not outlets:
        return
    with st.expander("Outlets"):
        if problem := st.session_state.pop(_PROBLEM, None):
            safe.alert(problem.message, problem.hint)
        rows = [(f"{one.articles:,}", one.name, ", ".join(one.names)) for one in outlets[:_MAX_SHOWN]]
        safe.facts([(count, name, joined and f"joined: {joined}") for count, name, joined in rows])
        if len(outlets) > _MAX_SHOWN:
            safe.line(f"and {len(outlets) - _MAX_SHOWN:,} more", "muted")
        names = [one.name for one in outlets]
        safe.line("Where two names mean one outlet, show its articles under one name, now and when you add more.")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.selectbox("Articles from", names, index=None, key="join-name")
            shown = st.selectbox("Show as", names, index=None, accept_new_options=True, key="join-shown")
            work = partial(assistant.join_outlet, str(name), str(shown))
            st.button("Join", on_click=_change, args=(work,), disabled=not (name and shown))
        if joined := [other for one in outlets for other in one.names]:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                name = st.selectbox("Joined outlet", joined, key="split-name")
                st.button("Split", on_click=_change, args=(partial(assistant.split_outlet, str(name)),))


def _change(work: Callable[[], object]) -> None:
    try:
        work()
    except NutgrafError as error:
        st.session_state[_PROBLEM] = error
