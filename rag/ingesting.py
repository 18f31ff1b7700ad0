"""Put articles into an archive: read, split, encode, store, index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from embeddings import Encoder
from rag import encoding, reading
from rag.indexes import Indexes
from rag.progress import Progress, Steps
from rag.reading import Item
from rag.store import Store
from rag.types import Article, Copy, IngestReport, Rejection

# Articles that are encoded and committed together: an interruption loses at most these.
_BATCH_ARTICLES = 32


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
        self._added: list[str] = []
        self._updated: list[str] = []
        self._unchanged: list[str] = []
        self._duplicates: list[Copy] = []
        self._rejected: list[Rejection] = []

    def run(self, items: Iterable[Item], progress: Progress) -> IngestReport:
        """Read and store `items`. Raises: ArchiveError, ModelError."""
        try:
            self._read_all(list(reading.find(items)), progress)
            self._commit()
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
        )

    def _read_all(self, items: Sequence[Item | Rejection], progress: Progress) -> None:
        """Take every article of every item; what cannot be read is noted."""
        steps = Steps(progress, len(items))
        for item in items:
            for found in (item,) if isinstance(item, Rejection) else reading.read(item, self._policy, steps.within):
                if isinstance(found, Rejection):
                    self._rejected.append(found)
                else:
                    self._take(found)
                    steps.did_one()
            steps.finished_item()

    def _take(self, article: Article) -> None:
        """Note what the article is to the archive, and have it committed where it is news."""
        if article.id in self._pending:
            # Two texts under one id in one run: the first must stand before the second can be another version of it.
            self._commit()
        standing = self._store.standing(article)
        {"new": self._added, "changed": self._updated, "unchanged": self._unchanged}[standing].append(article.id)
        if standing != "unchanged":
            self._pending[article.id] = article
            if len(self._pending) == _BATCH_ARTICLES:
                self._commit()

    def _commit(self) -> None:
        """Encode outside the indexes' lock, so that questions go on; write inside it."""
        articles = tuple(self._pending.values())
        self._pending = {}
        if not articles:
            return
        encoder = self._load_encoder()
        encoding.check(self._store, encoder, self._words)
        encoded = encoding.encode(articles, encoder, self._words)
        self._indexes.current()
        with self._indexes.writing():
            replaced = self._store.passage_ids(article.id for article in articles)
            made = self._store.put(encoded, encoding.made_by(encoder, self._words))
            rows = encoding.index_rows(encoded, [one.passage_ids for one in made])
            vectors = np.concatenate([one.vectors for one in encoded])
            self._indexes.follow([article.id for article in articles], replaced, rows, vectors)
        self._duplicates += [one.copy for one in made if one.copy]
