"""The articles chosen in the Library's list, and the outlet, day or author given to all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from rag import Article, Assistant, InputError
from ui import safe, undo

_CHOSEN, _ROUND, _PLACE = "chosen-articles", "choice-round", "edit-chosen"
_FIELDS = {"source": "Outlet", "published": "Date (2021-04-08)", "author": "Author"}
_NAMES = {"source": "Outlet", "published": "Date", "author": "Author"}
# Of each field, in the preview; the articles of a large archive may show thousands.
_MAX_VALUES = 5


def check_box(article: Article) -> None:
    """Show the box that chooses an article."""
    # A value that is written to a box is sent to the browser and would take back a click made meanwhile. So a box is
    # only created with its value, and those that a button changes are created again.
    key = f"choose-{st.session_state.get(_ROUND, 0)}-{article.id}"
    # Only screen readers get this label, and they get it as it is, without Markdown.
    name = f"Choose: {safe.words(article.title)}"
    chosen = article.id in _chosen()
    st.checkbox(name, chosen, key=key, label_visibility="collapsed", on_change=_choose, args=(article.id, key))


def show(assistant: Assistant, matching: int, ids: Callable[[], Sequence[str]]) -> int:
    """Let the user edit the chosen articles among those in the list, which `ids` returns; return how many these are."""
    chosen = [article_id for article_id in ids() if article_id in _chosen()] if _chosen() else []
    # Folded and always there: the list must not move while boxes in it are checked.
    with st.expander("Edit several articles"):
        undo.show_problem(_PLACE)
        safe.line("Check the boxes in the list below, or choose all that match.", "muted")
        with st.container(horizontal=True):
            st.button(f"Choose all {matching:,}", on_click=lambda: _choose_only(ids()), disabled=not matching)
            st.button("Choose none", on_click=_choose_only, args=((),), disabled=not chosen)
        with st.form(_PLACE, border=False):
            for field, name in _FIELDS.items():
                st.text_input(name, key=_key(field))
            safe.line("A field that you leave empty stays as it is in each article.", "muted")
            st.form_submit_button("Show what will change", disabled=not chosen)
        changes = _changes()
        if chosen and changes:
            _preview(assistant, chosen, changes)
    return len(chosen)


def _preview(assistant: Assistant, chosen: Sequence[str], changes: Mapping[str, str]) -> None:
    """Show what an edit would replace by what, and the button that makes it."""
    try:
        shown = assistant.preview_edit(chosen, changes)
    except InputError as error:
        safe.alert(error.message, error.hint)
        return
    safe.facts([(_NAMES[field], value, _now(shown[field])) for field, value in changes.items()])
    st.button(f"Change {_articles(len(chosen))}", on_click=_edit, args=(assistant, chosen, changes))


def _now(values: Mapping[str, int]) -> str:
    """Say which values there are now, as in "now: not stated in 3, Herald in 2"."""
    first = [f"{value or 'not stated'} in {count:,}" for value, count in list(values.items())[:_MAX_VALUES]]
    more = len(values) - len(first)
    return f"now: {', '.join(first)}{f' and {more:,} more' if more else ''}"


def _edit(assistant: Assistant, chosen: Sequence[str], changes: Mapping[str, str]) -> None:
    def work() -> undo.Step:
        before = assistant.edit(chosen, changes)
        said = ", ".join(f"{_NAMES[field]} {value}" for field, value in changes.items())
        return undo.Step(f"Edited: {_articles(len(chosen))}, {said}", lambda: assistant.undo_edit(before))

    if undo.attempt(work, _PLACE):
        _choose_only(())
        st.session_state.update(dict.fromkeys(map(_key, _FIELDS), ""))


def _choose(article_id: str, key: str) -> None:
    if st.session_state[key]:
        _chosen().add(article_id)
    else:
        _chosen().discard(article_id)


def _choose_only(article_ids: Sequence[str]) -> None:
    st.session_state[_CHOSEN] = set(article_ids)
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def _chosen() -> set[str]:
    """The ids of the chosen articles, also of those that are not in the list now."""
    chosen: set[str] = st.session_state.setdefault(_CHOSEN, set())
    return chosen


def _changes() -> dict[str, str]:
    given = {field: str(st.session_state.get(_key(field), "")).strip() for field in _FIELDS}
    return {field: value for field, value in given.items() if value}


def _key(field: str) -> str:
    return f"{_PLACE}-{field}"


def _articles(count: int) -> str:
    return f"{count:,} article{'' if count == 1 else 's'}"
