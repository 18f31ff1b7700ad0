"""Put articles into the archive in a thread of its own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from rag import Address, Article, ArticleUnknown, Assistant, Done, IngestReport, Rejection, Upload
from ui.background import Background

KEY = "adding"
# Of each list of a report; an archive may take thousands at once.
SHOWN = 20


class Adding(Background):
    """One ingest under way. `read` counts articles, `share` of all is put away, `titles` are those of the report."""

    def __init__(self, assistant: Assistant, items: Sequence[Path | Upload | Address]) -> None:
        super().__init__(KEY)
        self.read = 0
        self.share = 0.0
        self.latest = ""
        self.rejected: list[Rejection] = []
        self.report: IngestReport | None = None
        self.titles: dict[str, str] = {}
        self._assistant = assistant
        self._items = items

    def _work(self) -> None:
        report = self._assistant.ingest(self._items, self._progress, self._stopped.is_set, self._note)
        # What was uploaded takes memory for as long as the report is shown.
        self._items = ()
        lists = (report.added, report.updated, [copy.article_id for copy in report.duplicates])
        copied = [copy.of for copy in report.duplicates[:SHOWN]]
        for article_id in {*chain.from_iterable(some[:SHOWN] for some in lists), *copied}:
            self.titles[article_id] = self._title(article_id)
        self.report = report

    def _progress(self, done: Done) -> None:
        self.share = done.share
        self._tell()

    def _note(self, found: Article | Rejection) -> None:
        if isinstance(found, Rejection):
            self.rejected.append(found)
        else:
            self.read += 1
            self.latest = found.title

    def _title(self, article_id: str) -> str:
        try:
            return self._assistant.article(article_id).title
        except ArticleUnknown:
            # Removed by another tab a moment ago.
            return article_id
