"""Write to an archive and its indexes: ingest, import, remove and put back articles.

The caller holds the archive's lock.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import BinaryIO

from embeddings import Encoder
from rag import reading
from rag.archive import Embedded, Removed, Store, candidates, edits, export
from rag.archive.export import Record
from rag.errors import ArticleUnreadable
from rag.progress import Done, Progress, Steps
from rag.reading import Item, Upload
from rag.search import embed
from rag.search.indexes import Indexes
from rag.types import Article, Copy, IngestReport, Rejection

# Embedded and committed together: an interruption loses at most these, and the encoder sorts them by length.
_BATCH_ARTICLES, _BATCH_CHARS = 256, 400_000
# Articles that arrive slowly, such as web pages, are not held back for long.
_BATCH_SECONDS = 10.0
_IMPORT_BATCH_ARTICLES = 100
Noted = Callable[[Article | Rejection], None]


class _Writer:
    """What ingest and import share: the archive, the encoder on demand, and the outcome by article."""

    def __init__(self, store: Store, indexes: Indexes, load_encoder: Callable[[], Encoder], passage_words: int) -> None:
        """`load_encoder` is only called if something must be embedded."""
        self._store = store
        self._indexes = indexes
        self._load_encoder = load_encoder
        self._words = passage_words
        self._ids: dict[str, list[str]] = {"new": [], "changed": [], "unchanged": []}
        self._duplicates: list[Copy] = []
        self._rejected: list[Rejection] = []

    def _is_news(self, article: Article) -> bool:
        """Note the article's outcome; return whether it must be stored."""
        change = self._store.compare(article)
        self._ids[change].append(article.id)
        return change != "unchanged"

    def _save_indexes(self) -> None:
        if self._ids["new"] or self._ids["changed"]:
            self._indexes.save()

    def _settle(self) -> None:
        """Show the outlets that the articles of the archive confirm for each other."""
        if candidates.settled(self._store):
            change_outlet(tuple, self._store, self._indexes)

    def _report(self, *, stopped: bool = False) -> IngestReport:
        new, changed, unchanged = map(tuple, self._ids.values())
        incomplete = self._store.incomplete_ids((*new, *changed))
        return IngestReport(
            new, changed, unchanged, tuple(self._duplicates), tuple(self._rejected), stopped, incomplete
        )


class Ingest(_Writer):
    """One ingest run."""

    def __init__(
        self,
        store: Store,
        indexes: Indexes,
        load_encoder: Callable[[], Encoder],
        passage_words: int,
        policy: reading.Policy,
    ) -> None:
        super().__init__(store, indexes, load_encoder, passage_words)
        self._policy = policy
        self._pending: dict[str, Article] = {}
        self._pending_origins: set[str] = set()
        self._pending_chars = 0
        self._pending_since = 0.0

    def run(self, items: Iterable[Item], progress: Progress, stopped: Callable[[], bool], noted: Noted) -> IngestReport:
        """Read and store `items`, at most until `stopped()`. Raises: ArchiveError, ModelError."""
        found = list(reading.find(items))
        steps = Steps(progress, len(found))
        try:
            for item in takewhile(lambda _: not stopped(), found):
                self._read(item, steps, stopped, noted)
                steps.finish_item()
            early = stopped()
            self._commit(steps)
        finally:
            reading.close()
        self._settle()
        self._save_indexes()
        return self._report(stopped=early)

    def _read(self, item: Item | Rejection, steps: Steps, stopped: Callable[[], bool], noted: Noted) -> None:
        """Take every article of an item until `stopped()`; what cannot be read is reported."""
        # Two files may have one name, and an upload has nothing else to tell them apart by.
        apart = isinstance(item, Upload) and not item.replaces
        for found in (item,) if isinstance(item, Rejection) else reading.read(item, self._policy, steps.within):
            noted(found)
            if isinstance(found, Rejection):
                self._rejected.append(found)
            else:
                self._take(found, steps, apart=apart)
                steps.read_one()
            if stopped():
                return

    def _take(self, article: Article, steps: Steps, *, apart: bool) -> None:
        """Add a new or changed article to the batch; commit a full batch."""
        if article.origin in self._pending_origins:
            self._commit(steps)
        article = self._store.identify(article, apart=apart)
        if article.id in self._pending:
            # A second text with this id in one run: store the first, so that it becomes a version.
            self._commit(steps)
        if not self._is_news(article):
            return
        article = edits.carried_over(article, self._store)
        if not self._pending:
            self._pending_since = time.monotonic()
        self._pending[article.id] = article
        self._pending_origins.add(article.origin)
        self._pending_chars += len(article.text)
        full = len(self._pending) >= _BATCH_ARTICLES or self._pending_chars >= _BATCH_CHARS
        if full or time.monotonic() - self._pending_since > _BATCH_SECONDS:
            self._commit(steps)

    def _commit(self, steps: Steps) -> None:
        """Embed and store the batch. Searches go on while it is embedded, and are blocked only while it is written."""
        articles = tuple(self._pending.values())
        self._pending, self._pending_origins, self._pending_chars = {}, set(), 0
        if articles:
            encoder = self._load_encoder()
            embed.check(self._store, encoder, self._words)
            embedded = embed.embed(articles, encoder, self._words, steps.storing)
            made_by = embed.made_by(encoder, self._words)

            def put() -> list[tuple[int, ...]]:
                stored = self._store.put(embedded, made_by)
                self._duplicates += [one.copy for one in stored if one.copy]
                return [one.passage_ids for one in stored]

            embed.store_embedded(self._store, self._indexes, embedded, put)
        steps.stored()


class Import(_Writer):
    """One import of an export. Its vectors are used if the archive would make the same, else it is embedded again."""

    def run(self, file: BinaryIO, progress: Progress, *, replace: bool) -> IngestReport:
        """Import every article of `file`; unchanged ones are left alone, and changed ones too unless they `replace`.

        Raises: ArticleUnreadable, naming the line (articles before it are stored); ArchiveError, ModelError.
        """
        header = export.read_header(file.readline())
        made_by = header if self._has_own_vectors(header) else {}
        # The size of a pipe is unknown.
        size = os.fstat(file.fileno()).st_size if file.seekable() else 0
        try:
            for batch in _batches(export.read_records(file, int(header.get("dimension", 0)))):
                self._commit([record for record in batch if self._is_wanted(record.article, replace=replace)], made_by)
                share = file.tell() / size if size else 0.0
                progress(Done(min(share, 1.0), self._count()))
        except ArticleUnreadable as error:
            count = self._count()
            before = f"the {count} articles before it are imported" if count else "nothing was imported"
            hint = f"{before}: export the archive again, or repair the line, and import again"
            raise ArticleUnreadable(error.message, hint) from error
        finally:
            self._settle()
            self._save_indexes()
        return self._report()

    def _is_wanted(self, article: Article, *, replace: bool) -> bool:
        """Note the article's outcome; return whether it must be stored.

        A file may claim to hold the text of any address, so a text that the archive has gives way only on request.
        """
        if not replace and self._store.compare(article) == "changed":
            reason = (
                "the archive has another text or other details of it, which stay (import with --replace to take these)"
            )
            self._rejected.append(Rejection(article.id, reason))
            return False
        return self._is_news(article)

    def _has_own_vectors(self, header: dict[str, str]) -> bool:
        """Whether the vectors are such as the archive's. Raises: ArticleUnreadable, ModelError."""
        if not header:
            return False
        made_by = {name: self._store.setting(name) or "" for name in header}
        if not self._store.count_articles():
            made_by = embed.made_by(self._load_encoder(), self._words)
        if header["encoder"] == made_by["encoder"] and header["dimension"] != made_by["dimension"]:
            raise ArticleUnreadable(
                f"its dimension is {header['dimension']}, but the encoder {header['encoder']} has "
                f"{made_by['dimension']}",
                "nothing was imported: the file was changed, so export the archive again",
            )
        return header == made_by

    def _count(self) -> int:
        return sum(map(len, self._ids.values()))

    def _commit(self, records: list[Record], made_by: dict[str, str]) -> None:
        if not records:
            return
        if not made_by:
            encoder = self._load_encoder()
            embed.check(self._store, encoder, self._words)
            made_by = embed.made_by(encoder, self._words)
            embedded = embed.embed([record.article for record in records], encoder, self._words)
            records = [record._replace(content=content) for record, content in zip(records, embedded, strict=True)]
        records = [
            record._replace(content=record.content._replace(article=edits.carried_over(record.article, self._store)))
            for record in records
        ]
        contents = [record.content for record in records]
        embed.store_embedded(
            self._store, self._indexes, contents, lambda: export.store_records(self._store, records, made_by)
        )


def edit(
    changes: Mapping[str, edits.Changes],
    store: Store,
    indexes: Indexes,
    load_encoder: Callable[[], Encoder],
    words: int,
) -> dict[str, edits.Changes]:
    """Change articles by id, all or none; return the changes that undo it. Titles are embedded again.

    Raises: ArticleUnknown, InputError; ModelError, if a title changes.
    """
    clean = {article_id: edits.check(its) for article_id, its in changes.items()}
    before = tuple(map(store.article, clean))
    after = [edits.edited(article, clean[article.id]) for article in before]
    retitled = [new for old, new in zip(before, after, strict=True) if new.title != old.title]
    embedded = []
    if retitled:
        encoder = load_encoder()
        embed.check(store, encoder, words)
        embedded = embed.embed(retitled, encoder, words)

    def write() -> list[tuple[int, ...]]:
        with store.new_generation():
            edits.write(store, after)
            edits.write(store, candidates.settled(store))
            return [store.write_passages(*one) for one in embedded]

    embed.store_embedded(store, indexes, embedded, write)
    indexes.save()
    return {article.id: edits.as_shown(article, clean[article.id]) for article in before}


def change_outlet(change: Callable[[], Sequence[Article]], store: Store, indexes: Indexes) -> int:
    """Join or split outlets; return how many articles changed. Raises: InputError."""

    def write() -> list[tuple[int, ...]]:
        with store.new_generation():
            changed.extend(change())
            edits.write(store, candidates.settled(store))
        return []

    changed: list[Article] = []
    embed.store_embedded(store, indexes, [], write)
    indexes.save()
    return len(changed)


def remove(article_id: str, store: Store, indexes: Indexes) -> Removed:
    """Remove an article; return what `put_back` needs. Raises: ArticleUnknown."""
    indexes.current()
    with indexes.writing():
        passage_ids = store.passage_ids([article_id])
        removed = store.remove(article_id)
        indexes.follow([article_id], passage_ids, [])
    indexes.save()
    return removed


def put_back(removed: Removed, store: Store, indexes: Indexes) -> None:
    """Undo a removal. Raises: InputError, IndexOutdated."""
    content: Embedded = removed.content
    if content.spans:
        embed.store_embedded(store, indexes, [content], lambda: [store.put_back(removed)])
    else:
        # Without passages (`nutgraf doctor` finds such an article) no index knew it.
        store.put_back(removed)
    indexes.save()


def _batches(records: Iterator[Record]) -> Iterator[list[Record]]:
    """Yield records in batches; if one cannot be read, first those before it."""
    batch: list[Record] = []
    try:
        for record in records:
            batch.append(record)
            if len(batch) == _IMPORT_BATCH_ARTICLES:
                yield batch
                batch = []
    except ArticleUnreadable:
        yield batch
        raise
    yield batch
