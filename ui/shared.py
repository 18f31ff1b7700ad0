"""What all tabs share: the open archive."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from rag import Assistant, NutgrafError, load_settings

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
    opened.assistant = opened.assistant.with_archive(folder)


@st.cache_resource(show_spinner="Opening the archive …")
def _opened() -> _Opened:
    assistant = Assistant(load_settings())
    threading.Thread(target=_warm, args=(assistant,), name="warm", daemon=True).start()
    return _Opened(assistant)


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
