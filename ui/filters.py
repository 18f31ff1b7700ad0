"""The filters of the next question, on the Ask page: which articles it is put to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import streamlit as st

from rag import Assistant, FacetCount, Facets, Question, QuestionInvalid
from ui import safe

_NO_FILTERS = Question("")
# In the session: the filters, as a question without text, and how often they were set other than by their widgets.
_IN_FORCE, _ROUND = "filters", "filters-round"
_FIRST_DAY, _LAST_DAY = date(1600, 1, 1), date(2999, 12, 31)


def in_force() -> Question:
    """Return the filters in force, as a question without text."""
    filters: Question = st.session_state.get(_IN_FORCE, _NO_FILTERS)
    return filters


def use(question: Question) -> None:
    """Put the filters of `question` in force."""
    st.session_state[_IN_FORCE] = replace(question, text="", history=(), mode=None)
    # A widget keeps its value under its key: new ones show these filters.
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def show(assistant: Assistant) -> bool:
    """Show the button that opens the filters, and how many articles they leave; return whether they can be used."""
    before = in_force()
    opened = st.popover("Filters", icon=":material/filter_list:", on_change="rerun", key="filters-open")
    if not (opened.open or before.narrowed):
        return True
    try:
        facets = assistant.facets(before)
    except QuestionInvalid as error:
        safe.alert(error.message, error.hint)
        st.button("Clear filters", icon=":material/filter_list_off:", on_click=use, args=(_NO_FILTERS,))
        return False
    if opened.open:
        with opened:
            st.session_state[_IN_FORCE] = _choose_filters(before, facets)
        if in_force() != before:
            st.rerun()
    if before.narrowed:
        safe.line(f"{facets.articles:,} of {assistant.count():,} articles match. {facets.outside}", "muted")
    return True


def _choose_filters(filters: Question, facets: Facets) -> Question:
    """Show a widget for each filter; return what they are set to."""
    shown = st.session_state.setdefault(_ROUND, 0)
    if filters.narrowed and st.button("Clear filters"):
        use(_NO_FILTERS)
        return _NO_FILTERS
    first, last, as_of = (
        st.date_input(label, day, _FIRST_DAY, _LAST_DAY, key=f"{label}-{shown}")
        for label, day in (
            ("Published from", filters.published_from),
            ("Published to", filters.published_to),
            ("As known on (ignores later articles)", filters.as_of),
        )
    )
    sources, languages, stories = (
        _choose_several(label, f"{label}-{shown}", counts, chosen)
        for label, counts, chosen in (
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


def _choose_several(label: str, key: str, counts: Sequence[FacetCount], chosen: tuple[str, ...]) -> tuple[str, ...]:
    names = {one.value: f"{one.title or one.value} ({one.articles:,})" for one in counts if one.value}
    options = [*names, *(value for value in chosen if value not in names)]
    return tuple(st.multiselect(label, options, chosen, lambda value: names.get(value, f"{value} (0)"), key=key))
