"""What all tabs share: the open archive, and the work under way in it."""

from __future__ import annotations

import logging
import threading

import streamlit as st

from rag import Assistant, NutgrafError, load
from ui.background import Background

_log = logging.getLogger(__name__)


@st.cache_resource(show_spinner="Opening the archive …")
def archive() -> Assistant:
    """The one assistant; its models load in the background. Raises: NutgrafError."""
    assistant = Assistant(load())
    threading.Thread(target=_warm, args=(assistant,), name="warm", daemon=True).start()
    return assistant


@st.cache_resource(show_spinner=False)
def under_way() -> dict[str, Background]:
    """Work that a tab began, by what it does: another tab, and the same one after a reload, go on showing it."""
    return {}


def _warm(assistant: Assistant) -> None:
    try:
        assistant.warm()
    except NutgrafError as error:
        # The first question will say it again, on the page.
        _log.warning("%s", error)
