"""Adding articles: the job, the forms that start it, its progress and its report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import streamlit as st

from rag import Address, Article, ArticleUnknown, Assistant, Done, IngestReport, Rejection, Upload
from ui import background, safe
from ui.background import Watched

KEY = "adding"
# Of each list; an archive file may hold thousands of articles.
_MAX_ROWS = 20
_FORMATS = (
    "Text, Markdown, HTML, PDF, Word, OpenDocument, RTF, EPUB, email, tables (CSV, JSON Lines), and ZIP or TAR files "
    "of these. Files that cannot be read are listed afterwards; the others are added."
)
_REPLACE = (
    "Files with one name may be different articles, so each is kept. Check this for corrected files: what they replace "
    "is kept as an earlier version."
)
_NETWORK = (
    "Downloads each address and, if it is a feed or sitemap, the pages it lists. robots.txt is respected. Nothing from "
    "your archive is sent."
)


class IngestJob(background.Job):
    """Adds items to the archive. `read` counts articles, `share` is how much of all is stored."""

    def __init__(self, assistant: Assistant, items: Sequence[Path | Upload | Address]) -> None:
        super().__init__(KEY)
        self.read = 0
        self.share = 0.0
        self.latest = ""
        self.rejected: list[Rejection] = []
        self.report: IngestReport | None = None
        self._titles: dict[str, str] = {}
        self._assistant = assistant
        self._items = items

    def _work(self) -> None:
        report = self._assistant.ingest(self._items, self._progress, self._stop.is_set, self._count)
        # Uploads would stay in memory for as long as the report is shown.
        self._items = ()
        copies = [article_id for copy in report.duplicates[:_MAX_ROWS] for article_id in (copy.article_id, copy.of)]
        for article_id in (*report.added[:_MAX_ROWS], *report.updated[:_MAX_ROWS], *copies):
            # Another tab may just have removed it.
            with suppress(ArticleUnknown):
                self._titles[article_id] = self._assistant.article(article_id).title
        self.report = report

    def title(self, article_id: str) -> str:
        """Return the title of an article of the report."""
        return self._titles.get(article_id, article_id)

    def _progress(self, done: Done) -> None:
        self.share = done.share
        self._notify()

    def _count(self, found: Article | Rejection) -> None:
        if isinstance(found, Rejection):
            self.rejected.append(found)
        else:
            self.read += 1
            self.latest = found.title


def show(assistant: Assistant, show_incomplete: Callable[[], None]) -> Watched | None:
    """Show the forms, or the ingest that some tab started; return that job while it runs.

    `show_incomplete` is called when the user asks for the articles without an outlet or a full day.
    """
    job = background.find(KEY, IngestJob)
    if job and job.running:
        st.button("Stop adding", on_click=job.stop, disabled=job.stopping)
        return Watched(job, st.empty(), partial(_progress, job))
    # In a container, so that dismissing the report does not move the forms.
    with st.container():
        if job:
            _ended(job, show_incomplete)
    upload, web, folder = st.tabs(["Upload files", "From the web", "From this machine"])
    with upload:
        _upload_form(assistant)
    with web:
        _web_form(assistant)
    with folder:
        _folder_form(assistant)
    return None


def _upload_form(assistant: Assistant) -> None:
    with st.form("upload", clear_on_submit=True, border=False):
        # No list of types: an unknown type is rejected with a reason, as everywhere.
        files = st.file_uploader("Files", accept_multiple_files=True)
        safe.line(_FORMATS, "muted")
        replaces = st.checkbox("Replace the articles of earlier files with the same names", help=_REPLACE)
        submitted = st.form_submit_button("Add to archive")
    if submitted and not files:
        safe.alert("No files were chosen.", "Drop files above, or browse for them.")
    elif submitted:
        _begin(assistant, [Upload(file.name, file.getvalue(), replaces) for file in files])


def _web_form(assistant: Assistant) -> None:
    if assistant.settings.offline:
        safe.line("Offline mode is on. Turn it off in Settings to add articles from the web.")
        return
    with st.form("address", border=False):
        text = st.text_area("Addresses of pages, feeds or sitemaps, one per line")
        safe.line(_NETWORK, "muted")
        submitted = st.form_submit_button("Add from the web")
    addresses = text.split()
    wrong = [address for address in addresses if not address.lower().startswith(("http://", "https://"))]
    if submitted and not addresses:
        safe.alert("No address was given.", "Enter one, such as https://news.example/feed")
    elif submitted and wrong:
        safe.alert(f"{wrong[0]!r} is not a web address.", "It should start with https:// or http://")
    elif submitted:
        _begin(assistant, [Address(address) for address in addresses])


def _folder_form(assistant: Assistant) -> None:
    with st.form("folder", border=False):
        text = st.text_input("Path of a folder or file").strip()
        safe.line("A folder is read with all its subfolders. The files stay where they are.", "muted")
        submitted = st.form_submit_button("Add from this machine")
    if not submitted:
        return
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        # There is no such user.
        path = Path(text)
    if not path.is_absolute():
        safe.alert(
            f"{text!r} is not a full path." if text else "No path was given.", "Enter the full path, such as ~/articles"
        )
    else:
        _begin(assistant, [path])


def _begin(assistant: Assistant, items: Sequence[Path | Upload | Address]) -> None:
    if background.begin(KEY, IngestJob(assistant, items)):
        st.rerun()
    safe.alert("Articles are already being added in another tab.", "Try again when that has finished.")


def _progress(job: IngestJob) -> None:
    rejected = tuple(job.rejected)
    doing = "Stopping after what has been read is stored" if job.stopping else "Adding"
    safe.line(f"{doing} … {job.read:,} read, {len(rejected):,} rejected")
    st.progress(min(job.share, 1.0))
    if job.latest:
        safe.line(job.latest, "muted")
    # The newest first, because it is what has just changed.
    _rows([f"{one.path}: {one.reason}" for one in reversed(rejected)], "error")


def _ended(job: IngestJob, show_incomplete: Callable[[], None]) -> None:
    if job.problem:
        safe.alert(job.problem.message, job.problem.hint)
    if job.report:
        _report(job, job.report, show_incomplete)
    st.button("Dismiss", on_click=partial(background.dismiss, KEY, job))


def _report(job: IngestJob, report: IngestReport, show_incomplete: Callable[[], None]) -> None:
    stopped = "Stopped early; add the same again to continue. " if report.stopped else ""
    safe.line(
        f"{stopped}{len(report.added):,} added, {len(report.updated):,} updated, {len(report.unchanged):,} unchanged, "
        f"{len(report.duplicates):,} duplicate, {len(report.rejected):,} rejected"
    )
    _rows([f"{one.path}: {one.reason}" for one in report.rejected], "error")
    if report.incomplete:
        lacking = len(report.incomplete)
        safe.line(f"{lacking:,} article{' has' if lacking == 1 else 's have'} no outlet or no full day.", "notice")
        st.button("Show incomplete articles", on_click=show_incomplete)
    copies = [
        f"{job.title(copy.article_id)}: {copy.similarity:.0%} the same as {job.title(copy.of)}"
        for copy in report.duplicates
    ]
    lists = (
        ("Added", [job.title(one) for one in report.added]),
        ("Updated", [job.title(one) for one in report.updated]),
        ("Duplicates", copies),
    )
    for name, rows in lists:
        if rows:
            with st.expander(f"{name} ({len(rows):,})"):
                _rows(rows)


def _rows(rows: Sequence[str], kind: str = "") -> None:
    """Show the first rows, and how many more there are."""
    for row in rows[:_MAX_ROWS]:
        safe.line(row, kind)
    if len(rows) > _MAX_ROWS:
        safe.line(f"and {len(rows) - _MAX_ROWS:,} more", "muted")
