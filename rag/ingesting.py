"""Put articles into an archive: read, split, encode, store, index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from embeddings import Encoder
from rag import chunking, reading
from rag.errors import IndexOutdated
from rag.indexes import Indexes
from rag.reading import Upload
from rag.store import Store, as_stored
from rag.types import Article, IngestReport, Rejection, Span

# Articles that are encoded and committed together: an interruption loses at most these.
_BATCH_ARTICLES = 32
Progress = Callable[[int, int], None]


class Ingest:
    """One run. `load_encoder` is called only where there is something new to encode."""

    def __init__(self, store: Store, indexes: Indexes, load_encoder: Callable[[], Encoder], passage_words: int) -> None:
        self._store = store
        self._indexes = indexes
        self._load_encoder = load_encoder
        self._words = passage_words
        self._known = store.hashes()
        self._added: list[str] = []
        self._updated: list[str] = []
        self._unchanged: list[str] = []
        self._duplicates: list[tuple[str, str]] = []
        self._rejected: list[Rejection] = []

    def run(self, items: Iterable[Path | Upload], progress: Progress) -> IngestReport:
        """Read and store `items`; `progress(done, total)` counts them. Raises: ArchiveError, ModelError."""
        found = list(reading.find(items))
        # By id: two uploads of one name are one article, and the last stands.
        pending: dict[str, Article] = {}
        for done, item in enumerate(found, start=1):
            for article in self._new(item):
                pending[article.id] = article
                if len(pending) == _BATCH_ARTICLES:
                    self._commit(tuple(pending.values()))
                    pending = {}
            if done == len(found):
                self._commit(tuple(pending.values()))
            progress(done, len(found))
        if self._added or self._updated:
            self._indexes.save()
        return IngestReport(
            added=tuple(self._added),
            updated=tuple(self._updated),
            unchanged=tuple(self._unchanged),
            duplicates=tuple(self._duplicates),
            rejected=tuple(self._rejected),
        )

    def _new(self, item: Path | Upload | Rejection) -> Iterator[Article]:
        """Yield the articles of a file that are not in the archive as they are."""
        for found in (item,) if isinstance(item, Rejection) else reading.read(item):
            if isinstance(found, Rejection):
                self._rejected.append(found)
                continue
            known = self._known.get(found.id)
            if known == found.content_hash:
                self._unchanged.append(found.id)
                continue
            (self._updated if known else self._added).append(found.id)
            self._known[found.id] = found.content_hash
            yield found

    def _commit(self, articles: Sequence[Article]) -> None:
        """Encode outside the indexes' lock, so that questions go on; write inside it."""
        if not articles:
            return
        encoder = self._load_encoder()
        scheme = f"{chunking.SCHEME}/{self._words}"
        check_encoder(self._store, encoder)
        check_chunking(self._store, scheme)
        spans = [chunking.split(article.text, self._words) for article in articles]
        texts = [
            f"{article.title}\n{article.text[span.start : span.end]}"
            for article, some in zip(articles, spans, strict=True)
            for span in some
        ]
        vectors = as_stored(encoder.encode(texts))
        ends = np.cumsum([len(some) for some in spans])[:-1]
        rows = list(zip(articles, spans, np.split(vectors, ends), strict=True))
        made_by = {"encoder": encoder.fingerprint, "dimension": str(encoder.dimension), "chunking": scheme}
        self._indexes.current()
        with self._indexes.writing():
            replaced = self._store.passage_ids(article.id for article in articles)
            ids = self._store.put(rows, made_by)
            added = _index_rows(articles, spans, ids)
            self._indexes.follow([article.id for article in articles], replaced, added, vectors)
        self._note_duplicates(articles)

    def _note_duplicates(self, articles: Sequence[Article]) -> None:
        for article in articles:
            other = self._store.same_text(article)
            if other:
                self._duplicates.append((article.id, other))


def check_encoder(store: Store, encoder: Encoder) -> None:
    """Raises: IndexOutdated, when the stored vectors are another encoder's."""
    stored = store.setting("encoder")
    if stored and stored != encoder.fingerprint and store.count()[0]:
        raise IndexOutdated(
            f"the archive was made with the encoder {stored}, and now {encoder.fingerprint} is asked for",
            "set the encoder back, or ingest the articles into a new --archive",
        )


def check_chunking(store: Store, scheme: str) -> None:
    """Raises: IndexOutdated, when the stored passages are cut another way."""
    stored = store.setting("chunking")
    if stored and stored != scheme and store.count()[0]:
        raise IndexOutdated(
            f"the archive's passages are cut by {stored}, and now {scheme} is asked for",
            "set passage_words back, or ingest the articles into a new --archive",
        )


def _index_rows(
    articles: Sequence[Article], spans: Sequence[Sequence[Span]], ids: Sequence[Sequence[int]]
) -> list[tuple[int, str, str, str]]:
    return [
        (passage_id, article.id, article.title, article.text[span.start : span.end])
        for article, some, theirs in zip(articles, spans, ids, strict=True)
        for span, passage_id in zip(some, theirs, strict=True)
    ]
