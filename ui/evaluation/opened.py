"""One report: its measures, its charts, and its cases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from rag import InputError, NutgrafError
from ui import safe
from ui.evaluation import case, cases, charts, tables, told
from ui.evaluation.cases import Place
from ui.evaluation.reports import Report

_CHARTS = ("types", "measures", "tradeoff", "ranks", "waterfall")
_A_PAGE = 20
_ALL = "all"
_FIGURES, _CASES = "Figures and charts", "Cases"
_MIB = 2**20


def show(found: Sequence[Report]) -> None:
    """Show the report that is chosen."""
    at = st.selectbox("Report", range(len(found)), format_func=lambda place: found[place].label, key="report")
    report = found[at]
    parts = [_FIGURES, _CASES]
    part = st.radio("Part of the report", parts, horizontal=True, key="part", persist_state="session")
    case_at = st.session_state.get("case")
    if part == _FIGURES:
        _figures(report)
    elif case_at and case_at[0] == str(report.folder):
        _case(report.folder, case_at[1])
    else:
        _cases(report.folder)


def _figures(report: Report) -> None:
    tables.table(
        "Measures: mean, and 95% interval",
        ("measure", "mean (95% interval)", "cases"),
        ((name, one.words, str(one.n)) for name, one in report.measures.items()),
    )
    _about(report)
    drawn = told.mapping(report.rest.get("charts"))
    for name in _CHARTS:
        if name in drawn:
            try:
                charts.stored(name, told.mapping(drawn[name]))
            except InputError as error:
                safe.alert(error.message, error.hint)


def _about(report: Report) -> None:
    models = told.mapping(report.rest.get("models"))
    refusals = told.mapping(report.rest.get("refusals"))
    memory = told.number(report.rest.get("memory_bytes"))
    seconds = told.mapping(told.mapping(report.rest.get("seconds")).get("total"))
    parts = (
        *(f"{name}: {told.text(value)}" for name, value in models.items()),
        f"caution: {told.text(report.rest.get('caution'))}",
        f"seconds of a case: {told.number(seconds['p50']):.1f} in the median"
        if told.number(seconds.get("p50"))
        else "",
        f"peak memory: {memory / _MIB:,.0f} MiB" if memory else "",
        f"refusals: {', '.join(f'{name} {told.text(count)}' for name, count in refusals.items())}" if refusals else "",
        f"the folder: {report.folder}",
    )
    safe.line(" · ".join(filter(None, parts)), "about")


def _cases(folder: Path) -> None:
    """A list of the cases, page by page."""
    try:
        found = cases.index(folder)
    except NutgrafError as error:
        safe.alert(error.message, error.hint)
        return
    kept = _narrowed(found)
    pages = max(1, -(-len(kept) // _A_PAGE))
    safe.line(f"{len(kept):,} of {len(found):,} cases", "about")
    page = st.pagination(pages, key=f"pages-{pages}", persist_state="page") if pages > 1 else 1
    for place in kept[(page - 1) * _A_PAGE : page * _A_PAGE]:
        number = found.index(place) + 1
        words, button = st.columns([4, 1], vertical_alignment="center")
        with words:
            safe.heading(place.question, " · ".join(filter(None, (place.id, place.type, place.verdict))))
        with button:
            if place.verdict != cases.DAMAGED and st.button(f"Open case {number}", key=f"open-{number}"):
                st.session_state["case"] = (str(folder), number - 1)
                st.rerun()


def _narrowed(found: Sequence[Place]) -> list[Place]:
    verdicts = [_ALL, *sorted({one.verdict for one in found if one.verdict})]
    types = [_ALL, *dict.fromkeys(one.type for one in found if one.type)]
    verdict = (
        st.radio("Show", verdicts, horizontal=True, key="verdict", persist_state="page") if len(verdicts) > 1 else _ALL
    )
    type_ = st.selectbox("Type", types, key="type", persist_state="page") if len(types) > 1 else _ALL
    words = st.text_input("Find by id or question", key="words", persist_state="page").casefold()
    return [
        one
        for one in found
        if verdict in (_ALL, one.verdict)
        and type_ in (_ALL, one.type)
        and words in f"{one.id} {one.question}".casefold()
    ]


def _case(folder: Path, at: int) -> None:
    found = cases.index(folder)
    with st.container(horizontal=True):
        if st.button("Back to the report"):
            del st.session_state["case"]
            st.rerun()
        if st.button("Previous case", disabled=at == 0):
            st.session_state["case"] = (str(folder), at - 1)
            st.rerun()
        if st.button("Next case", disabled=at + 1 >= len(found)):
            st.session_state["case"] = (str(folder), at + 1)
            st.rerun()
    if at < len(found):
        safe.line(f"Case {at + 1} of {len(found)}", "about")
        case.show(cases.read(folder, found[at]))
