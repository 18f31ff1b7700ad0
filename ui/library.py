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
    IndexOutdated,
    InputError,
    NutgrafError,
    Removed,
    Settings,
    Sort,
    diagnose,
    load_settings,
)
from ui import add, article, background, safe, shared
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
_HEALTH_KEY, _REMOVAL_PROBLEM = "health check", "removal-problem"
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
        _undo_removal(assistant)
    if article_id := st.query_params.get("article", ""):
        if article.show(assistant, article_id):
            st.button("Remove article", on_click=_remove, args=(assistant, article_id))
        return
    with st.container():
        ingest = add.show(assistant)
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
    if words and in_texts:
        ids = assistant.find(words, _MAX_FOUND)
        first = _first(len(ids))
        found: Sequence[Article] = [assistant.article(one) for one in ids[first : first + _A_PAGE]]
        matching, order = len(ids), ", best match first"
        if matching == _MAX_FOUND:
            order = " best matches"
    else:
        matching, order = assistant.count(words) if words else total, ""
        first = _first(matching)
        found = assistant.articles(words, _A_PAGE, first, sort)
    if found:
        safe.line(f"{first + 1:,}–{first + len(found):,} of {matching:,}{order}", "muted")
    else:
        safe.line("No article matches. Try other words, or search titles and text.", "muted")
    for one in found:
        _row(assistant, one)


def _search() -> tuple[str, bool, Sort]:
    """Show the search fields; return the words, whether to search texts too, and the order."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input("Search", key="library-find", on_change=_to_first_page, persist_state="session").strip()
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
    if pages <= 1:
        return 0
    return (st.pagination(pages, key=_PAGE, persist_state="session") - 1) * _A_PAGE


def _row(assistant: Assistant, one: Article) -> None:
    with st.container(border=True, gap=None, key=f"row-{one.id}"):
        article.button(one)
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            safe.line(one.byline, "muted")
            st.button("Remove", key=f"remove-{one.id}", type="tertiary", on_click=_remove, args=(assistant, one.id))


# Removal


def _removed() -> list[Removed]:
    """The articles removed in this session, the last one last."""
    stack: list[Removed] = st.session_state.setdefault("removed", [])
    return stack


def _remove(assistant: Assistant, article_id: str) -> None:
    try:
        _removed().append(assistant.remove(article_id))
        st.query_params.pop("article", None)
    except NutgrafError as error:
        st.session_state[_REMOVAL_PROBLEM] = error


def _undo_removal(assistant: Assistant) -> None:
    """Show the article removed last, with an Undo button, and why a removal or an undo failed."""
    if problem := st.session_state.pop(_REMOVAL_PROBLEM, None):
        safe.alert(problem.message, problem.hint)
    if removed := _removed():
        safe.line(f"Removed: {removed[-1].article.title}", "notice")
        st.button("Undo", on_click=_undo, args=(assistant,))
        if len(removed) > 1:
            safe.line(f"Removed before it, and can be undone next: {len(removed) - 1:,}", "muted")


def _undo(assistant: Assistant) -> None:
    removed = _removed()
    try:
        assistant.put_back(removed[-1])
        removed.pop()
    except NutgrafError as error:
        st.session_state[_REMOVAL_PROBLEM] = error
        # Trying again would not help; the earlier removals can still be undone.
        if isinstance(error, InputError | IndexOutdated):
            removed.pop()


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
