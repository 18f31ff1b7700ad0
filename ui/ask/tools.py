"""What can be done with an answer: copy it, say whether it was good, ask again or otherwise."""

from __future__ import annotations

import streamlit as st

from rag import Answer, Chats, Turn
from ui import safe
from ui.ask import copying

# Of the two thumbs.
_GOOD = 1


def show(chats: Chats, turn: Turn, answer: Answer) -> None:
    """Show what can be done with the answer to `turn`."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _copy(answer, turn.id)
        _rating(chats, turn)


def asked_instead(turn: Turn) -> str:
    """Show how to ask the last question of a chat again, or otherwise; return what to ask, "" for nothing."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        again = st.button("Ask again", key=f"again-{turn.id}", type="tertiary", icon=":material/refresh:")
        with st.popover("Edit the question", type="tertiary", icon=":material/edit:"):
            edited = _edited(turn)
    return turn.question.text if again else edited


def _edited(turn: Turn) -> str:
    with st.form(f"edit-{turn.id}", border=False):
        text = st.text_area("The question", turn.question.text)
        asked = st.form_submit_button("Ask this instead")
    if asked and not text.strip():
        safe.alert("The question is empty.", "Ask one in words.")
    return text if asked and text.strip() else ""


def _copy(answer: Answer, turn_id: int) -> None:
    opened = st.popover(
        "Copy", type="tertiary", icon=":material/content_copy:", on_change="rerun", key=f"copy-{turn_id}"
    )
    if opened.open:
        with opened:
            copying.show(answer)


def _rating(chats: Chats, turn: Turn) -> None:
    """Thumbs, and a note to go with them."""
    said = turn.feedback
    given = st.feedback("thumbs", key=f"thumbs-{turn.id}", default=None if said is None else int(said.good))
    if given is None:
        if said:
            chats.unmark(turn.id)
        return
    good = given == _GOOD
    if said is None or said.good != good:
        chats.mark(turn.id, good=good, note=said.note if said else "")
    with st.popover("Note", type="tertiary", icon=":material/notes:"), st.form(f"note-{turn.id}", border=False):
        note = st.text_area("What was good or bad, for those who mend it", said.note if said else "")
        safe.line("A line “answer: …” tells what would have been right; it goes into the exported case.", "about")
        if st.form_submit_button("Keep the note"):
            chats.mark(turn.id, good=good, note=note)
            safe.line("Kept.", "about")
