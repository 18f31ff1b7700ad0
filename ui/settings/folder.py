"""The archive's folder."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from rag import Assistant, InputError, Settings, archive_exists, save_settings, with_changes
from ui import safe, shared
from ui.settings import change
from ui.settings.work import Conversion


def show(assistant: Assistant) -> None:
    st.header("Archive")
    change.why_fixed("archive")
    here = str(assistant.settings.archive)
    given = st.text_input("Folder", here, key=f"folder-{here}", disabled=change.blocked("archive"))
    if st.button("Open this folder", disabled=change.blocked("archive")):
        _open(with_changes(assistant.settings, {"archive": given}), assistant)
    beginning = st.session_state.get("begin")
    if beginning:
        safe.line(f"There is no archive in {beginning} yet.")
        st.button("Begin an archive there", on_click=_begin, args=(assistant,), disabled=change.blocked("archive"))
    safe.line(
        "Where the archive was made with another encoder than is set above, its articles have to be encoded anew; "
        "where they are so already, nothing is done.",
        "about",
    )
    if st.button("Encode anew", disabled=change.blocked()):
        change.begin(Conversion(assistant))
        st.rerun()


def _open(wanted: Settings, assistant: Assistant) -> None:
    st.session_state.pop("begin", None)
    if wanted.archive == assistant.settings.archive:
        safe.line("That archive is open.", "about")
    elif archive_exists(wanted):
        _take(wanted)
        st.rerun()
    elif _holds_something(wanted.archive):
        raise InputError(
            f"There is no archive in {wanted.archive}, and it holds other files.",
            "Name an archive's folder, an empty one, or one that does not exist yet.",
        )
    else:
        st.session_state["begin"] = str(wanted.archive)


def _begin(assistant: Assistant) -> None:
    _take(with_changes(assistant.settings, {"archive": st.session_state.pop("begin")}))


def _take(wanted: Settings) -> None:
    shared.open_archive(wanted.archive)
    save_settings(wanted.home, {"archive": wanted.archive})


def _holds_something(folder: Path) -> bool:
    """Raises: InputError, where nobody may look."""
    try:
        return folder.is_dir() and any(folder.iterdir())
    except OSError as error:
        raise InputError(f"{folder} cannot be opened: {error.strerror}", "Check its permissions.") from error
