"""What all tabs share: the open archive. And what one tab knows of itself: whether its browser is still there."""

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
class _Shared:
    assistant: Assistant


def assistant() -> Assistant:
    """Return the assistant that all tabs use; its models load in the background. Raises: NutgrafError."""
    return _shared().assistant


def open_archive(folder: Path) -> None:
    """Open the archive in `folder` in every tab; on an error the old one stays open. Raises: NutgrafError.

    The old archive is not closed: a question or an ingest in flight ends in it.
    """
    shared = _shared()
    shared.assistant = shared.assistant.with_archive(folder)


@st.cache_resource(show_spinner="Opening the archive …")
def _shared() -> _Shared:
    opened = Assistant(load_settings())
    threading.Thread(target=_warm, args=(opened,), name="warm", daemon=True).start()
    return _Shared(opened)


def _warm(opened: Assistant) -> None:
    try:
        opened.warm()
    except NutgrafError as error:
        # The first question reports it again, on the page.
        _log.warning("%s", error)


def connection() -> Callable[[], bool]:
    """Return a function that tells whether the browser this page is drawn for is still connected."""
    context = get_script_run_ctx()
    if context is None or not runtime.exists():
        return lambda: True
    session = context.session_id
    return lambda: runtime.get_instance().is_active_session(session)
