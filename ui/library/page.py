"""The Library page: what is in the archive, and how to add to it."""

from __future__ import annotations

import streamlit as st

from rag import FORMATS, Assistant, IngestReport, NutgrafError, Upload
from ui import safe, shared

# The page is sent whole at every click: a list of thousands, or a text of megabytes, would stop it.
_SHOWN = 20
_TEXT_CHARS = 20_000


def show() -> None:
    """Show the form that adds articles, what it did, and the list of articles."""
    assistant = shared.archive()
    st.title("Library")
    _add(assistant)
    total = assistant.count()
    st.subheader(f"{total} article{'' if total == 1 else 's'}")
    if not total:
        safe.line("Add a file above; then ask about it.", "about")
    titled = st.text_input("Find by title") if total > _SHOWN else ""
    articles = assistant.articles(titled, _SHOWN)
    if total > _SHOWN:
        safe.line(f"The first {len(articles)} that match are shown.", "about")
    for number, article in enumerate(articles):
        # A label is Markdown: it holds a number of ours, and the title stands under it as text.
        safe.heading(article.title, article.byline)
        with st.expander(f"Read article {number + 1}"):
            safe.line(article.text[:_TEXT_CHARS])


def _add(assistant: Assistant) -> None:
    with st.form("add", clear_on_submit=True):
        files = st.file_uploader(
            "Add articles",
            type=[ending.removeprefix(".") for ending in sorted(FORMATS)],
            accept_multiple_files=True,
        )
        submitted = st.form_submit_button("Add to the archive")
    if not submitted:
        return
    if not files:
        safe.alert("No file was chosen.", "Choose one or more above.")
        return
    try:
        with st.spinner("Reading the articles …"):
            report = assistant.ingest([Upload(file.name, file.getvalue()) for file in files])
    except NutgrafError as error:
        safe.alert(error.message, error.hint)
        return
    _report(report)


def _report(report: IngestReport) -> None:
    safe.line(
        f"{len(report.added)} added, {len(report.updated)} updated, {len(report.unchanged)} unchanged, "
        f"{len(report.rejected)} rejected",
        "about",
    )
    for copy in report.duplicates[:_SHOWN]:
        alike = "the same text as" if copy.similarity == 1 else f"{copy.similarity:.0%} of the words of"
        safe.line(f"{copy.article_id} has {alike} {copy.of}.", "about")
    for rejection in report.rejected[:_SHOWN]:
        safe.alert(f"{rejection.path}: {rejection.reason}")
    more = sum(max(0, len(rows) - _SHOWN) for rows in (report.duplicates, report.rejected))
    if more:
        safe.line(f"… and {more:,} more like these.", "about")
