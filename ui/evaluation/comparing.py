"""Two reports side by side: which measures differ by more than chance, and which cases got better or worse."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from rag import Assistant, InputError, NutgrafError
from ui import safe, under_way
from ui.evaluation import case, cases, tables, told
from ui.evaluation.command import Command
from ui.evaluation.reports import Report
from ui.under_way import Watched

_KEY = "comparison"
_A_PAGE = 10
_ENDED = ("better", "worse")


class Comparison(Command):
    """`python -m eval compare` of two reports."""

    def __init__(self, a: Path, b: Path, assistant: Assistant) -> None:
        super().__init__(("compare", str(a), str(b), "--json", "-"), assistant.settings)
        self.folders = (a, b)

    @property
    def found(self) -> Mapping[str, Any]:
        """Raises: InputError."""
        try:
            return told.mapping(json.loads(self.printed))
        except ValueError as error:
            raise InputError("The comparison gave no figures.", "compare the two again") from error


def show(assistant: Assistant, found: Sequence[Report]) -> None:
    """Choose two, compare them, and show what came of it."""
    if len(found) < 2:
        safe.line("There is one report: a second one of the same questions can be compared with it.", "about")
        return
    places = range(len(found))
    a = found[st.selectbox("A, the earlier", places, index=_earlier(found), format_func=lambda at: found[at].label)]
    b = found[st.selectbox("B, the later", places, index=0, format_func=lambda at: found[at].label)]
    work = under_way.find(_KEY, Comparison)
    if st.button("Compare", disabled=bool(work and work.running) or a.folder == b.folder):
        if not under_way.begin(_KEY, Comparison(a.folder, b.folder, assistant)):
            safe.alert("Another comparison is under way, in another tab.", "Wait for it to end, then try again.")
        work = under_way.find(_KEY, Comparison)
    if work and work.folders == (a.folder, b.folder):
        if work.running:
            _follow(work)
        _outcome(work)


def _earlier(found: Sequence[Report]) -> int:
    """The last report before the latest that is of the same set; or just the one before."""
    return next((at for at in range(1, len(found)) if found[at].set_words == found[0].set_words), 1)


def _follow(work: Comparison) -> None:
    st.button("Stop comparing", on_click=work.stop, disabled=work.stopping)
    draw = partial(safe.status, "Comparing, case by case …")
    under_way.follow([Watched(work, st.empty(), draw)])


def _outcome(work: Comparison) -> None:
    if work.stopped:
        safe.line("Stopped before it was done.", "about")
    elif work.problem:
        safe.alert(work.problem.message, work.problem.hint)
    else:
        _measures(work.found)
        _cases(work)
        with st.expander("As the command line prints it"):
            tables.lines(work.said, "the comparison as it is printed")


def _measures(found: Mapping[str, Any]) -> None:
    measures = {name: told.mapping(one) for name, one in told.mapping(found.get("measures")).items()}
    rows = []
    for name, one in measures.items():
        a, b, less, low, high, p = (told.number(one.get(part)) for part in ("a", "b", "mean", "low", "high", "p_holm"))
        rows.append(
            (
                *(name, told.text(one.get("verdict")), _signed(less), f"{_signed(low)} to {_signed(high)}"),
                *(_plain(a), _plain(b), _plain(p), told.text(one.get("n"))),
            )
        )
    for verdict in _ENDED:
        names = [name for name, one in measures.items() if one.get("verdict") == verdict]
        safe.line(f"B is {verdict} in: {', '.join(names) or 'nothing that is more than noise'}.")
    tables.table(
        f"{told.text(found.get('cases'))} cases that A and B have in common",
        ("measure", "B is", "B less A", "95% interval", "A", "B", "p (Holm)", "cases"),
        rows,
        texts=2,
    )
    safe.line(
        "Noise: p is 0.05 or more, after Holm's correction for the number of measures; by McNemar's exact test where a "
        "case is right or wrong, by the paired bootstrap elsewhere.",
        "about",
    )
    for kind, words in (("only_a", "only in A"), ("only_b", "only in B"), ("changed", "given something else")):
        if told.texts(found.get(kind)):
            safe.line(f"Cases {words}, not compared: {len(told.texts(found.get(kind)))}", "about")


def _cases(work: Comparison) -> None:
    """The cases that got better or worse, and on demand what was said to them."""
    for verdict in _ENDED[::-1]:
        changed = told.mapping(work.found.get(verdict))
        st.subheader(f"{len(changed)} case{'' if len(changed) == 1 else 's'} got {verdict}")
        pages = -(-len(changed) // _A_PAGE)
        page = st.pagination(pages, key=f"{verdict}-pages-{pages}") if pages > 1 else 1
        first = (page - 1) * _A_PAGE
        for number, (name, words) in enumerate(list(changed.items())[first : first + _A_PAGE], start=first + 1):
            with st.container(border=True):
                safe.heading(name, "; ".join(told.texts(words)))
                if st.toggle("What was said", key=f"{verdict}-{number}"):
                    _beside(work.folders, name)


def _beside(folders: tuple[Path, Path], name: str) -> None:
    try:
        records = [_record(folder, name) for folder in folders]
    except NutgrafError as error:
        safe.alert(error.message, error.hint)
        return
    asked = told.mapping(records[0].get("case"))
    safe.line(told.text(asked.get("question")) or told.text(asked.get("claim")), "title")
    for column, letter, record in zip(st.columns(2), "AB", records, strict=True):
        with column:
            st.markdown(f"**{letter}**")
            case.answer(record)


def _record(folder: Path, name: str) -> Mapping[str, Any]:
    for place in cases.index(folder):
        if place.id == name:
            return cases.read(folder, place)
    raise InputError(f"{name} is not among the cases of {folder}", "compare the two again")


def _signed(value: float | None) -> str:
    return "-" if value is None else f"{value:+.3f}"


def _plain(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
