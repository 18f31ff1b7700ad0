"""What all tabs share: the open archive, and the work under way in it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from rag import Assistant, NutgrafError, load
from ui.background import Background

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Opened:
    assistant: Assistant


def archive() -> Assistant:
    """The one assistant; its models load in the background. Raises: NutgrafError."""
    return _opened().assistant


def open_archive(folder: Path) -> None:
    """Open the archive in `folder`, in every tab; what fails leaves the old one open. Raises: NutgrafError.

    The old one is not closed: a question or a reading under way ends in it.
    """
    opened = _opened()
    opened.assistant = opened.assistant.elsewhere(folder)


@st.cache_resource(show_spinner="Opening the archive …")
def _opened() -> _Opened:
    assistant = Assistant(load())
    threading.Thread(target=_warm, args=(assistant,), name="warm", daemon=True).start()
    return _Opened(assistant)


@st.cache_resource(show_spinner=False)
def under_way() -> dict[str, Background]:
    """Work that a tab began, by what it does: another tab, and the same one after a reload, go on showing it."""
    return {}


def begin(key: str, work: Background) -> None:
    """Start `work` for all tabs to find under `key`, and forget what of its kind has ended.

    Of other kinds an end is still to be told on their pages.
    """
    every = under_way()
    for name in [name for name, one in every.items() if type(one) is type(work) and one.ended]:
        every.pop(name, None)
    # It runs before anybody finds it: what does not run has ended.
    work.start()
    every[key] = work


def watcher() -> Callable[[], bool]:
    """What tells whether the browser that this page is drawn for is still there."""
    context = get_script_run_ctx()
    if context is None or not runtime.exists():
        return lambda: True
    session = context.session_id
    return lambda: runtime.get_instance().is_active_session(session)


def _warm(assistant: Assistant) -> None:
    try:
        assistant.warm()
    except NutgrafError as error:
        # The first question will say it again, on the page.
        _log.warning("%s", error)
