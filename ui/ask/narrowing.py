"""The filters of the next question: how many articles each would leave, and how many all leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import streamlit as st

from rag import Assistant, FacetCount, Facets, Question
from ui import safe

_NONE = Question("")
_FIRST, _LAST = date(1600, 1, 1), date(2999, 12, 31)


def chosen() -> Question:
    """The filters in force, as a question without words."""
    filters: Question = st.session_state.get("filters", _NONE)
    return filters


def start_from(question: Question) -> None:
    """Take over a question's filters, unless others were chosen on this page."""
    st.session_state.setdefault("filters", replace(question, text="", history=()))


def show(assistant: Assistant) -> None:
    """Show the button that opens the filters, and what is in force."""
    before = chosen()
    opened = st.popover("Narrow", icon=":material/filter_list:", on_change="rerun", key="narrow")
    if opened.open:
        with opened:
            st.session_state["filters"] = _choose(before, assistant.facets(before))
        if chosen() != before:
            st.rerun()
    if before.narrowed:
        facets = assistant.facets(before)
        safe.line(f"{facets.articles:,} of {assistant.count():,} articles. {facets.outside}", "about")


def _choose(filters: Question, facets: Facets) -> Question:
    """What the widgets say; they begin with `filters`."""
    # Widgets keep what they say under their keys: other keys begin anew.
    cleared = st.session_state.setdefault("filters-cleared", 0)
    if filters.narrowed and st.button("Remove all filters"):
        st.session_state["filters-cleared"] += 1
        return _NONE
    first, last, as_of = (
        st.date_input(label, day, _FIRST, _LAST, key=f"{label}-{cleared}")
        for label, day in (
            ("Published from", filters.published_from),
            ("Published to", filters.published_to),
            ("As of (leaves out what came later)", filters.as_of),
        )
    )
    sources, languages, stories = (
        _several(label, f"{label}-{cleared}", counts, present)
        for label, counts, present in (
            ("Outlets", facets.sources, filters.sources),
            ("Languages", facets.languages, filters.languages),
            ("Stories", facets.stories, filters.stories),
        )
    )
    return replace(
        filters,
        published_from=first,
        published_to=last,
        as_of=as_of,
        sources=sources,
        languages=languages,
        stories=stories,
    )


def _several(label: str, key: str, counts: Sequence[FacetCount], present: tuple[str, ...]) -> tuple[str, ...]:
    told = {one.value: f"{one.title or one.value} ({one.articles:,})" for one in counts if one.value}
    options = [*told, *(value for value in present if value not in told)]
    return tuple(st.multiselect(label, options, present, lambda value: told.get(value, f"{value} (0)"), key=key))
