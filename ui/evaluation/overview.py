"""The reports over time: a table of them, and a chart of one measure."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from rag import Assistant
from ui import safe
from ui.evaluation import charts, starting, tables
from ui.evaluation.reports import Report, Shelf, Unfinished

# What a table has room for: the first of these that the reports have.
_HEADLINES = (
    *("contains", "macro_f1", "balanced_accuracy", "ndcg@10", "refusal_f1", "false_refusal", "f1", "auroc"),
    *("citation_gold", "recall@10", "mrr@10", "hits@10", "unsupported_f1"),
)
_COLUMNS, _A_PAGE = 4, 20


def show(assistant: Assistant, found: Shelf) -> None:
    """Show the reports of one set of cases, which alone can be held side by side."""
    if found.reports:
        _reports(found.reports)
    for number, one in enumerate(found.unfinished):
        _unfinished(assistant, one, number)


def _reports(found: Sequence[Report]) -> None:
    sets = list(dict.fromkeys(one.set_words for one in found))
    chosen = st.selectbox("Reports of", sets) if len(sets) > 1 else sets[0]
    same = [one for one in found if one.set_words == chosen]
    names = list(dict.fromkeys(name for one in same for name in one.measures))
    headlines = [name for name in _HEADLINES if name in names][:_COLUMNS] or names[:_COLUMNS]
    pages = -(-len(same) // _A_PAGE)
    page = st.pagination(pages, key="report-pages") if pages > 1 else 1
    shown = same[(page - 1) * _A_PAGE : page * _A_PAGE]
    tables.table(
        f"{chosen}: mean and 95% interval of each measure",
        ("begun", *headlines, "caution", "reader", "folder"),
        (_row(one, headlines) for one in shown),
    )
    _over_time(same[:_A_PAGE], names, headlines)


def _over_time(same: Sequence[Report], names: Sequence[str], headlines: Sequence[str]) -> None:
    """The chart of a measure over the latest reports."""
    measure = st.selectbox("Over time", names, index=names.index(headlines[0]) if headlines else None)
    figures = [(one.stamp, one.measures[measure]) for one in same if measure and measure in one.measures]
    if measure and len(figures) > 1:
        charts.over_time(measure, figures[::-1])
    else:
        safe.line("A chart is drawn from the second report of this set on.", "about")


def _row(one: Report, headlines: Sequence[str]) -> tuple[str, ...]:
    figures = (one.measures[name].short if name in one.measures else "-" for name in headlines)
    models = one.rest.get("models")
    reader = str(models.get("reader", "-")) if isinstance(models, dict) else "-"
    return (one.when, *figures, str(one.rest.get("caution", "-")), reader, one.folder.name)


def _unfinished(assistant: Assistant, one: Unfinished, number: int) -> None:
    run = starting.last()
    if run and run.folder == one.folder:
        return
    with st.container(border=True):
        of = f" of {one.plan.total} ({one.plan.words})" if one.plan else ""
        safe.line(f"Not finished: {one.folder.name}. {one.kept} cases{of} are kept.")
        if one.plan is None:
            safe.line("The command that began it, with the same --report, goes on with it.", "about")
        elif st.button(f"Go on with run {number + 1}", disabled=bool(run and run.running)):
            starting.start(assistant, one.folder, one.plan)
            st.rerun()
