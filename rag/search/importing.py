"""Put an export into an archive: with its own vectors where they fit, else encoded anew."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import BinaryIO

from embeddings import Encoder
from rag.archive import Exported, Store, exporting, restore
from rag.errors import ArticleUnreadable
from rag.progress import Done, Progress
from rag.reports import IngestReport
from rag.search import encoding
from rag.search.indexes import Indexes

_BATCH_ARTICLES = 100


class Import:
    """One run. `load_encoder` is called only where the export's vectors are not those of the archive."""

    def __init__(self, store: Store, indexes: Indexes, load_encoder: Callable[[], Encoder], passage_words: int) -> None:
        self._store = store
        self._indexes = indexes
        self._load_encoder = load_encoder
        self._words = passage_words
        self._made_by: dict[str, str] = {}
        self._added: list[str] = []
        self._updated: list[str] = []
        self._unchanged: list[str] = []

    def run(self, file: BinaryIO, progress: Progress) -> IngestReport:
        """Import every article of `file`; an article that stands there already is left alone.

        Raises: ArticleUnreadable, naming the line (those before it stand), ArchiveError, ModelError.
        """
        told = exporting.header(file.readline())
        self._made_by = told if self._fits(told) else {}
        # A pipe does not tell how much is to come.
        size = os.fstat(file.fileno()).st_size if file.seekable() else 0
        records = exporting.records(file, int(told.get("dimension", 0)))
        try:
            for batch in _batches(records):
                self._commit([one for one in batch if self._is_news(one)])
                share = file.tell() / size if size else 0.0
                progress(Done(min(share, 1.0), self._count()))
        except ArticleUnreadable as error:
            raise ArticleUnreadable(error.message, self._standing()) from error
        finally:
            if self._added or self._updated:
                self._indexes.save()
        return IngestReport(tuple(self._added), tuple(self._updated), tuple(self._unchanged))

    def _fits(self, told: dict[str, str]) -> bool:
        """Whether its passages and vectors are such as the archive's. Raises: ArticleUnreadable, ModelError."""
        if not told:
            return False
        made_by = {name: self._store.setting(name) or "" for name in told}
        if not self._store.count_articles():
            made_by = encoding.made_by(self._load_encoder(), self._words)
        if told["encoder"] == made_by["encoder"] and told["dimension"] != made_by["dimension"]:
            raise ArticleUnreadable(
                f"its dimension is {told['dimension']}, and the encoder {told['encoder']} has {made_by['dimension']}",
                "nothing was imported: it was changed since it was written, so export it again",
            )
        return told == made_by

    def _count(self) -> int:
        return len(self._added) + len(self._updated) + len(self._unchanged)

    def _standing(self) -> str:
        """What to do about a line that cannot be read."""
        again = "export the archive again, or mend the line, and import it again"
        return (
            f"the {self._count()} articles before it are in: {again}"
            if self._count()
            else f"nothing was imported: {again}"
        )

    def _is_news(self, one: Exported) -> bool:
        standing = self._store.standing(one.article)
        {"new": self._added, "changed": self._updated, "unchanged": self._unchanged}[standing].append(one.article.id)
        return standing != "unchanged"

    def _commit(self, items: list[Exported]) -> None:
        if not items:
            return
        made_by = self._made_by
        if not made_by:
            encoder = self._load_encoder()
            encoding.check(self._store, encoder, self._words)
            made_by = encoding.made_by(encoder, self._words)
            again = encoding.encode([one.article for one in items], encoder, self._words)
            items = [one._replace(spans=new.spans, vectors=new.vectors) for one, new in zip(items, again, strict=True)]
        encoded = [encoding.Encoded(one.article, one.spans, one.vectors) for one in items]
        encoding.put_away(self._store, self._indexes, encoded, lambda: restore(self._store, items, made_by))


def _batches(records: Iterator[Exported]) -> Iterator[list[Exported]]:
    """Yield some at a time; before a record that cannot be read, those that stand before it."""
    batch: list[Exported] = []
    try:
        for one in records:
            batch.append(one)
            if len(batch) == _BATCH_ARTICLES:
                yield batch
                batch = []
    except ArticleUnreadable:
        yield batch
        raise
    yield batch
