"""What was done to articles in this session: each step can be undone, the last one first."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from rag import IndexOutdated, InputError, NutgrafError
from ui import safe

_STEPS = "undo-steps"


class Step(NamedTuple):
    """Something that was done: how the page says it, and the function that undoes it."""

    said: str
    undo: Callable[[], object]


def attempt(work: Callable[[], Step], place: str) -> bool:
    """Do something, in a callback; if it fails, `show_problem(place)` says why."""
    try:
        _steps().append(work())
    except NutgrafError as error:
        st.session_state[_problem(place)] = error
        return False
    # What was clicked may be far below the Undo button.
    st.toast(safe.label(f"{_steps()[-1].said}. To take this back, press Undo at the top of the page."))
    return True


def show_problem(place: str) -> None:
    """Show why what was last attempted here failed, once."""
    if problem := st.session_state.pop(_problem(place), None):
        safe.alert(problem.message, problem.hint)


def show() -> None:
    """Show the last step with an Undo button, and why an undo failed."""
    show_problem(_STEPS)
    if steps := _steps():
        safe.status(steps[-1].said, "notice")
        st.button("Undo", on_click=_undo)
        if len(steps) > 1:
            safe.line(f"Done before it, and can be undone next: {len(steps) - 1:,}", "muted")


def _undo() -> None:
    steps = _steps()
    try:
        steps[-1].undo()
        steps.pop()
    except NutgrafError as error:
        st.session_state[_problem(_STEPS)] = error
        # Trying again would not help; the earlier steps can still be undone.
        if isinstance(error, InputError | IndexOutdated):
            steps.pop()


def _steps() -> list[Step]:
    steps: list[Step] = st.session_state.setdefault(_STEPS, [])
    return steps


def _problem(place: str) -> str:
    return f"problem-{place}"
