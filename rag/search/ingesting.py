"""Put articles into an archive: read, split, encode, store, index."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile

from embeddings import Encoder
from rag import reading
from rag.archive import Store
from rag.progress import Progress, Steps
from rag.reading import Item
from rag.reports import Copy, IngestReport, Rejection
from rag.search import encoding
from rag.search.indexes import Indexes
from rag.types import Article

# Encoded and committed together: an interruption loses at most these, and the encoder sorts them by length.
_BATCH_ARTICLES = 256
_BATCH_CHARS = 400_000
# What is slow to read, such as pages of the network, is not held for long.
_BATCH_SECONDS = 10.0
Noted = Callable[[Article | Rejection], None]


class Ingest:
    """One run. `load_encoder` is called only where there is something new to encode."""

    def __init__(
        self,
        store: Store,
        indexes: Indexes,
        load_encoder: Callable[[], Encoder],
        passage_words: int,
        policy: reading.Policy,
    ) -> None:
        self._store = store
        self._indexes = indexes
        self._load_encoder = load_encoder
        self._words = passage_words
        self._policy = policy
        self._pending: dict[str, Article] = {}
        self._pending_chars = 0
        self._pending_since = 0.0
        self._added: list[str] = []
        self._updated: list[str] = []
        self._unchanged: list[str] = []
        self._duplicates: list[Copy] = []
        self._rejected: list[Rejection] = []

    def run(self, items: Iterable[Item], progress: Progress, stopped: Callable[[], bool], noted: Noted) -> IngestReport:
        """Read and store `items`; what was read when `stopped()` is stored too. Raises: ArchiveError, ModelError."""
        found = list(reading.find(items))
        steps = Steps(progress, len(found))
        try:
            for item in takewhile(lambda _: not stopped(), found):
                self._read(item, steps, stopped, noted)
                steps.finished_item()
            early = stopped()
            self._commit(steps)
        finally:
            reading.close()
        if self._added or self._updated:
            self._indexes.save()
        return IngestReport(
            added=tuple(self._added),
            updated=tuple(self._updated),
            unchanged=tuple(self._unchanged),
            duplicates=tuple(self._duplicates),
            rejected=tuple(self._rejected),
            stopped=early,
        )

    def _read(self, item: Item | Rejection, steps: Steps, stopped: Callable[[], bool], noted: Noted) -> None:
        """Take every article of an item until `stopped()`; what cannot be read is noted."""
        for found in (item,) if isinstance(item, Rejection) else reading.read(item, self._policy, steps.within):
            noted(found)
            if isinstance(found, Rejection):
                self._rejected.append(found)
            else:
                self._take(found, steps)
                steps.read_one()
            if stopped():
                return

    def _take(self, article: Article, steps: Steps) -> None:
        """Note what the article is to the archive, and have it committed where it is news."""
        if article.id in self._pending:
            # Two texts under one id in one run: the first must stand before the second can be another version of it.
            self._commit(steps)
        standing = self._store.standing(article)
        {"new": self._added, "changed": self._updated, "unchanged": self._unchanged}[standing].append(article.id)
        if standing == "unchanged":
            return
        if not self._pending:
            self._pending_since = time.monotonic()
        self._pending[article.id] = article
        self._pending_chars += len(article.text)
        full = len(self._pending) >= _BATCH_ARTICLES or self._pending_chars >= _BATCH_CHARS
        if full or time.monotonic() - self._pending_since > _BATCH_SECONDS:
            self._commit(steps)

    def _commit(self, steps: Steps) -> None:
        """Encode outside the indexes' lock, so that questions go on; write inside it."""
        articles = tuple(self._pending.values())
        self._pending, self._pending_chars = {}, 0
        if articles:
            encoder = self._load_encoder()
            encoding.check(self._store, encoder, self._words)
            encoded = encoding.encode(articles, encoder, self._words, steps.putting_away)
            made_by = encoding.made_by(encoder, self._words)
            encoding.put_away(self._store, self._indexes, encoded, lambda: self._put(encoded, made_by))
        steps.put_away()

    def _put(self, encoded: Sequence[encoding.Encoded], made_by: dict[str, str]) -> list[tuple[int, ...]]:
        made = self._store.put(encoded, made_by)
        self._duplicates += [one.copy for one in made if one.copy]
        return [one.passage_ids for one in made]
