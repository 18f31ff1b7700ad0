"""The Settings page: models, answers, the archive's folder, and what may leave this machine."""

from __future__ import annotations

import streamlit as st

from ui import safe, shared
from ui.settings import answers, change, folder, models, privacy


def show() -> None:
    """Show every section, and above them the change that is under way."""
    assistant = shared.archive()
    st.title("Settings")
    safe.line(f"Kept in {assistant.settings.home / 'nutgraf.toml'}", "about")
    top = st.container()
    # Asked once: one that ends while the page is drawn is followed, to its end at once.
    work = change.last()
    running = work is not None and work.running
    if work and not running:
        with top:
            change.ended(work)
    privacy.show(assistant)
    models.show(assistant)
    answers.show(assistant)
    folder.show(assistant)
    if work and running:
        # Last, because it holds the run of the page until the change has ended.
        with top:
            change.follow(work)
