"""The Library page: what is in the archive, how to add and remove articles, and whether the archive is sound."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from math import ceil

import streamlit as st

from rag import (
    ArchiveError,
    Article,
    Assistant,
    Done,
    Finding,
    Settings,
    Sort,
    diagnose,
    load_settings,
)
from ui import add, article, background, outlets, safe, selection, shared, undo
from ui.background import Watched

_A_PAGE = 20
# Nobody looks further, and the best come first.
_MAX_FOUND = 1_000
_PAGE = "library-page"
_SORTS: dict[Sort, str] = {
    "newest": "Newest",
    "title": "Title",
    "outlet": "Outlet",
    "added": "Recently added",
}
_TITLES, _TEXTS = "Titles", "Titles and text"
_WORDS, _INCOMPLETE = "library-find", "library-incomplete"
_HEALTH_KEY, _PLACE = "health check", "library"
# The states of a finding: how the page says it, and the style of its line.
_STATES = {
    "good": ("OK", ""),
    "self-repairing": ("self-repairing", "notice"),
    "needs attention": ("needs attention", "error"),
}


def show() -> None:
    """Show the archive, or the article that the address names (`?article=ID`)."""
    st.title("Library")
    try:
        assistant = shared.assistant()
    except ArchiveError as error:
        safe.alert(error.message, error.hint)
        settings = load_settings()
        # An archive that cannot be opened can still be checked, if it is there.
        health = _health(settings) if os.access(settings.archive, os.F_OK) else None
        background.follow([health] if health else [])
        return
    # In containers: a text field that moves because something above it comes or goes loses what is being typed.
    with st.container():
        undo.show()
        undo.show_problem(_PLACE)
    if article_id := st.query_params.get("article", ""):
        if article.show(assistant, article_id):
            st.button("Remove article", on_click=_remove, args=(assistant, article_id))
        return
    with st.container():
        ingest = add.show(assistant, _show_incomplete)
    _list(assistant)
    health = _health(assistant.settings)
    background.follow([watched for watched in (ingest, health) if watched])


# The list of articles


def _list(assistant: Assistant) -> None:
    total = assistant.count()
    st.subheader(f"{total:,} article{'' if total == 1 else 's'}")
    if not total:
        safe.line("Add some above, then ask about them.", "muted")
        return
    words, in_texts, sort = _search()
    incomplete = _incomplete(assistant)
    if words and in_texts:
        ids = assistant.find(words, _MAX_FOUND)
        order = " best matches" if len(ids) == _MAX_FOUND else ", best match first"
        if incomplete:
            lacking = set(assistant.ids(incomplete=True))
            ids = tuple(one for one in ids if one in lacking)
        matching = len(ids)
        first = _first(matching)
        found: Sequence[Article] = [assistant.article(one) for one in ids[first : first + _A_PAGE]]
        chosen = selection.show(assistant, matching, lambda: ids)
    else:
        matching, order = assistant.count(words, incomplete=incomplete), ""
        first = _first(matching)
        found = assistant.articles(words, _A_PAGE, first, sort, incomplete=incomplete)
        chosen = selection.show(assistant, matching, lambda: assistant.ids(words, incomplete=incomplete))
    if found:
        shown = f"{first + 1:,}–{first + len(found):,} of {matching:,}{order}"
        safe.status(f"{shown} · {chosen:,} chosen" if chosen else shown)
    elif incomplete and not words:
        safe.line("Every article has an outlet and a full day.", "muted")
    else:
        safe.line("No article matches. Try other words, or search titles and text.", "muted")
    # In a container, as the page numbers are: what comes after stays what it is, open or typed in, when they change.
    with st.container():
        for one in found:
            _row(assistant, one)
    outlets.show(assistant)


def _show_incomplete() -> None:
    """List all articles without an outlet or a full day when the page is drawn next."""
    st.session_state.update({_WORDS: "", _INCOMPLETE: True})
    _to_first_page()


def _incomplete(assistant: Assistant) -> bool:
    """Show how many articles are incomplete, and return whether only these are to be listed."""
    return st.checkbox(
        f"Only incomplete: {assistant.count(incomplete=True):,} without an outlet or a full day",
        key=_INCOMPLETE,
        on_change=_to_first_page,
        persist_state="session",
    )


def _search() -> tuple[str, bool, Sort]:
    """Show the search fields; return the words, whether to search texts too, and the order."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input("Search", key=_WORDS, on_change=_to_first_page, persist_state="session").strip()
        where = st.selectbox(
            "Search in", (_TITLES, _TEXTS), key="library-where", on_change=_to_first_page, persist_state="session"
        )
        in_texts = where == _TEXTS
        sort = st.selectbox(
            "Sort by",
            list(_SORTS),
            format_func=lambda name: _SORTS[name],
            key="library-sort",
            on_change=_to_first_page,
            disabled=in_texts and bool(words),
            persist_state="session",
        )
    return words, in_texts, sort


def _to_first_page() -> None:
    st.session_state[_PAGE] = 1


def _first(matching: int) -> int:
    """Show the page numbers; return how many articles come before the chosen page."""
    pages = ceil(matching / _A_PAGE)
    with st.container():
        return (st.pagination(pages, key=_PAGE, persist_state="session") - 1) * _A_PAGE if pages > 1 else 0


def _row(assistant: Assistant, one: Article) -> None:
    with st.container(border=True, gap=None, key=f"row-{one.id}"):
        with st.container(horizontal=True, vertical_alignment="center", key=f"head-{one.id}"):
            selection.check_box(one)
            article.button(one)
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            safe.line(one.byline, "muted")
            st.button("Remove", key=f"remove-{one.id}", type="tertiary", on_click=_remove, args=(assistant, one.id))


def _remove(assistant: Assistant, article_id: str) -> None:
    def work() -> undo.Step:
        removed = assistant.remove(article_id)
        return undo.Step(f"Removed: {removed.article.title}", lambda: assistant.put_back(removed))

    if undo.attempt(work, _PLACE):
        st.query_params.pop("article", None)


# Health


class HealthJob(background.Job):
    """Runs the checks of `nutgraf doctor`."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(_HEALTH_KEY)
        self.findings: list[Finding] = []
        self.compared = Done(0.0, 0)
        self._settings = settings

    def _work(self) -> None:
        for finding in diagnose(self._settings, self._count):
            self.findings.append(finding)
            self._notify()
            if self.stopping:
                return

    def _count(self, done: Done) -> None:
        # The page looks once a second: a redraw for each of many thousands would slow the check down.
        self.compared = done


def _health(settings: Settings) -> Watched | None:
    """Show the Check button or the findings; return the job while it runs."""
    st.subheader("Health")
    job = background.find(_HEALTH_KEY, HealthJob)
    if job and job.running:
        st.button("Stop checking", on_click=job.stop, disabled=job.stopping)
        return Watched(job, st.empty(), partial(_health_progress, job))
    safe.line("Checks every stored article, the search indexes and the models.", "muted")
    if job:
        _health_ended(job)
    if st.button("Check the archive"):
        background.begin(_HEALTH_KEY, HealthJob(settings))
        st.rerun()
    return None


def _health_progress(job: HealthJob) -> None:
    safe.status("Stopping …" if job.stopping else f"Checking … {job.compared.share:.0%} of articles and chats")
    _findings(job)


def _health_ended(job: HealthJob) -> None:
    _findings(job)
    problems = sum(_STATES[finding.state][1] == "error" for finding in job.findings)
    if job.problem:
        safe.alert(job.problem.message, job.problem.hint)
    elif job.stopping:
        safe.line("Stopped: not everything was checked.", "muted")
    elif problems:
        safe.line(f"{problems} {'problem needs' if problems == 1 else 'problems need'} your attention.", "error")
    else:
        safe.line("No problems that need your attention.", "success")


def _findings(job: HealthJob) -> None:
    with st.container(gap=None):
        for finding in tuple(job.findings):
            words, style = _STATES[finding.state]
            safe.line(f"{finding.name}: {words}. {finding.detail}", style)
