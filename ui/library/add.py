"""The part of the page that adds articles: the forms, how far it is, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from rag import Address, Assistant, IngestReport, Upload
from ui import safe, under_way
from ui.library.adding import KEY, SHOWN, Adding
from ui.under_way import Watched

_FORMATS = (
    "Text, Markdown, web pages, PDF, Word, OpenDocument, RTF, EPUB, mail, tables (CSV, JSON Lines), and archives of "
    "all these (ZIP, TAR). What cannot be read is told afterwards, and stops nothing else."
)
_NETWORK = (
    "This asks the network: for each address and, where that is a feed or a sitemap, for the pages it lists. The "
    "site's robots.txt is heeded, and nothing of your archive is sent."
)
_OFFLINE = "Nutgraf is set to stay offline: no address is asked for."


def show(assistant: Assistant) -> Watched | None:
    """Show the forms, or what is being added, in whichever tab that began; give what is still to be followed."""
    work = under_way.find(KEY, Adding)
    if work and work.running:
        return _running(work)
    # The forms stay where they are when the report is closed.
    with st.container():
        if work:
            _ended(work)
    _forms(assistant)
    return None


def _forms(assistant: Assistant) -> None:
    upload, address, folder = st.tabs(["Upload", "Address", "Folder or file"])
    with upload:
        _upload(assistant)
    with address:
        _address(assistant)
    with folder:
        _folder(assistant)


def _upload(assistant: Assistant) -> None:
    with st.form("upload", clear_on_submit=True, border=False):
        # No list of types: what is of another is rejected with the reason, as everywhere.
        files = st.file_uploader("Files to add: drop them here, or choose them", accept_multiple_files=True)
        safe.line(_FORMATS, "about")
        submitted = st.form_submit_button("Add the files")
    if submitted and not files:
        safe.alert("No file was chosen.", "Drop one or more above, or choose them.")
    elif submitted:
        _begin(assistant, [Upload(file.name, file.getvalue()) for file in files])


def _address(assistant: Assistant) -> None:
    if assistant.settings.offline:
        safe.line(_OFFLINE)
        safe.line("Set `offline` to false, and start the chat again, to read from the network.", "about")
        return
    with st.form("address", border=False):
        text = st.text_area("Addresses of pages, feeds or sitemaps, one on each line")
        safe.line(_NETWORK, "about")
        submitted = st.form_submit_button("Read from the network")
    addresses = text.split()
    wrong = [one for one in addresses if not one.lower().startswith(("http://", "https://"))]
    if submitted and not addresses:
        safe.alert("No address was given.", "Write one above, such as https://news.example/feed")
    elif submitted and wrong:
        safe.alert(f"{wrong[0]} is no address of a page.", "Begin it with https:// or http://")
    elif submitted:
        _begin(assistant, [Address(one) for one in addresses])


def _folder(assistant: Assistant) -> None:
    with st.form("folder", border=False):
        text = st.text_input("Path of a folder or a file on this machine").strip()
        safe.line("Of a folder, everything in it and under it is read. The files stay where they are.", "about")
        submitted = st.form_submit_button("Read from this machine")
    if not submitted:
        return
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        path = Path(text)
    if not text or not path.is_absolute():
        safe.alert(f"{text or 'Nothing'} is no whole path.", "Write it from its beginning, such as ~/articles")
    else:
        _begin(assistant, [path])


def _begin(assistant: Assistant, items: Sequence[Path | Upload | Address]) -> None:
    if under_way.begin(KEY, Adding(assistant, items)):
        st.rerun()
    safe.alert("Articles are being added already, in another tab.", "Wait for that to end, then try again.")


def _running(work: Adding) -> Watched:
    st.button("Stop adding", key="stop-adding", on_click=work.stop, disabled=work.stopping)
    return Watched(work, st.empty(), lambda: _progress(work))


def _progress(work: Adding) -> None:
    rejected = tuple(work.rejected)
    doing = "Stopping: what was read is put away" if work.stopping else "Adding"
    safe.line(f"{doing} … {work.read:,} read, {len(rejected):,} rejected")
    st.progress(min(work.share, 1.0))
    if work.latest:
        safe.line(work.latest, "about")
    # The newest first: the page shows what goes on.
    _rows([f"{one.path}: {one.reason}" for one in reversed(rejected)], "problem")


def _ended(work: Adding) -> None:
    if work.problem:
        safe.alert(work.problem.message, work.problem.hint)
    if work.report:
        _report(work, work.report)
    st.button("Close the report", on_click=partial(under_way.put_away, KEY, work))


def _report(work: Adding, report: IngestReport) -> None:
    early = "Stopped: there may be more to read; the same again goes on from there. " if report.stopped else ""
    safe.line(
        f"{early}{len(report.added):,} added, {len(report.updated):,} updated, {len(report.unchanged):,} unchanged, "
        f"{len(report.duplicates):,} told by another already, {len(report.rejected):,} rejected"
    )
    _rows([f"{one.path}: {one.reason}" for one in report.rejected], "problem")
    titled = (
        ("Added", [work.titles.get(one, one) for one in report.added]),
        ("Updated", [work.titles.get(one, one) for one in report.updated]),
        ("Told by another already", [_copy(work, one.article_id, one.of, one.similarity) for one in report.duplicates]),
    )
    for name, rows in titled:
        if rows:
            with st.expander(f"{name}: {len(rows):,}"):
                _rows(rows)


def _copy(work: Adding, article_id: str, of: str, similarity: float) -> str:
    alike = "the same text as" if similarity == 1 else f"{similarity:.0%} of the words of"
    return f"{work.titles.get(article_id, article_id)}: {alike} {work.titles.get(of, of)}"


def _rows(rows: Sequence[str], kind: str = "") -> None:
    """The first rows, and how many more there are."""
    for row in rows[:SHOWN]:
        safe.line(row, kind)
    if len(rows) > SHOWN:
        safe.line(f"and {len(rows) - SHOWN:,} more", "about")
