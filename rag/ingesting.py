"""Put articles into an archive: read, split, encode, store, index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from embeddings import Encoder
from rag import encoding, reading
from rag.indexes import Indexes
from rag.lexical import Row
from rag.progress import Progress, Steps
from rag.reading import Upload
from rag.store import Made, Store
from rag.types import Article, Copy, IngestReport, Rejection

# Articles that are encoded and committed together: an interruption loses at most these.
_BATCH_ARTICLES = 32


class Ingest:
    """One run. `load_encoder` is called only where there is something new to encode."""

    def __init__(self, store: Store, indexes: Indexes, load_encoder: Callable[[], Encoder], passage_words: int) -> None:
        self._store = store
        self._indexes = indexes
        self._load_encoder = load_encoder
        self._words = passage_words
        self._pending: dict[str, Article] = {}
        self._added: list[str] = []
        self._updated: list[str] = []
        self._unchanged: list[str] = []
        self._duplicates: list[Copy] = []
        self._rejected: list[Rejection] = []

    def run(self, items: Iterable[Path | Upload], progress: Progress) -> IngestReport:
        """Read and store `items`. Raises: ArchiveError, ModelError."""
        found = list(reading.find(items))
        steps = Steps(progress, len(found))
        for item in found:
            for article in self._read(item):
                self._take(article)
                steps.did(articles=1)
            steps.finished_item()
        self._commit()
        if self._added or self._updated:
            self._indexes.save()
        return IngestReport(
            added=tuple(self._added),
            updated=tuple(self._updated),
            unchanged=tuple(self._unchanged),
            duplicates=tuple(self._duplicates),
            rejected=tuple(self._rejected),
        )

    def _read(self, item: Path | Upload | Rejection) -> Iterator[Article]:
        """Yield the articles of a file; what cannot be read is noted."""
        for found in (item,) if isinstance(item, Rejection) else reading.read(item):
            if isinstance(found, Rejection):
                self._rejected.append(found)
            else:
                yield found

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
            vectors = np.concatenate([one.vectors for one in encoded])
            self._indexes.follow([article.id for article in articles], replaced, _index_rows(encoded, made), vectors)
        self._duplicates += [one.copy for one in made if one.copy]


def _index_rows(encoded: Sequence[encoding.Encoded], made: Sequence[Made]) -> list[Row]:
    return [
        (passage_id, one.article.id, one.article.title, one.article.text[span.start : span.end], one.article.language)
        for one, became in zip(encoded, made, strict=True)
        for span, passage_id in zip(one.spans, became.passage_ids, strict=True)
    ]
