"""The Library page: what is in the archive, how to add to it, to take from it, and whether it is whole."""

from __future__ import annotations

import os

import streamlit as st

from rag import ArchiveError, load_settings
from ui import safe, shared, under_way
from ui.library import add, health, listing, reading, removing


def show() -> None:
    """Show the archive, or the article that the page's address names: `?article=ID`."""
    st.title("Library")
    try:
        assistant = shared.archive()
    except ArchiveError as error:
        safe.alert(error.message, error.hint)
        settings = load_settings()
        # What cannot be opened can be examined all the same, where it is there.
        examining = health.show(settings) if os.access(settings.archive, os.F_OK) else None
        under_way.follow([examining] if examining else [])
        return
    # A field that moves, because what stands above it comes or goes, loses the words that are being typed.
    with st.container():
        removing.show(assistant)
    if article_id := st.query_params.get("article", ""):
        reading.show(assistant, article_id)
        return
    with st.container():
        adding = add.show(assistant)
    listing.show(assistant)
    examining = health.show(assistant.settings)
    under_way.follow([one for one in (adding, examining) if one])
