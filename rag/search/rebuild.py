"""Re-chunk and re-embed a whole archive, after another encoder or passage size was chosen."""

from __future__ import annotations

from itertools import islice

from embeddings import Encoder
from rag.archive import ArchiveLock, Embedded, Store
from rag.archive.schema import vector_blob
from rag.errors import SettingsInvalid
from rag.models.loaded import Models
from rag.progress import Done, Progress
from rag.search import embed
from rag.search.indexes import Indexes
from rag.settings import Settings

# Embedded and staged together: an interruption loses at most these.
_BATCH_ARTICLES = 32


def convert(
    store: Store, indexes: Indexes, encoder: Encoder, words: int, progress: Progress, *, again: bool = False
) -> int:
    """Re-chunk and re-embed every article; return how many.

    Does nothing if the archive is up to date, unless `again`. Questions are answered from the old passages until the
    new ones replace them in one step. An interrupted run can be resumed. The caller holds the archive's lock.
    Raises: ArchiveError.
    """
    wanted = embed.made_by(encoder, words)
    total = store.count_articles()
    if not total or (not again and all(store.setting(name) == value for name, value in wanted.items())):
        return 0
    staging = _Staging(store, " ".join(wanted.values()))
    done = staging.article_ids()
    count = len(done)
    left = (article for article in store.each_article() if article.id not in done)
    while batch := tuple(islice(left, _BATCH_ARTICLES)):
        staging.add(embed.embed(batch, encoder, words))
        count += len(batch)
        progress(Done(count / total, count))
    with indexes.writing():
        staging.replace_passages(wanted)
    indexes.save()
    return total


def switch_settings(
    old: Models, settings: Settings, store: Store, indexes: Indexes, lock: ArchiveLock, progress: Progress
) -> Models:
    """Load the models that `settings` name and convert the archive if they require it; return the models.

    `progress` counts the converted articles. If anything fails, nothing has changed.
    Raises: SettingsInvalid, ModelError, ArchiveError.
    """
    if settings.archive != old.settings.archive:
        raise SettingsInvalid(f"{settings.archive} is another archive", "open it instead")
    new = old.with_settings(settings)

    def differ(*names: str) -> bool:
        return any(getattr(settings, name) != getattr(old.settings, name) for name in names)

    # Load the models now, while the old ones are in use: one that cannot be loaded must not replace them.
    if differ("encoder"):
        new.encoder()
    if new.judge_name != old.judge_name:
        new.judge()
    if differ("reader", "context_tokens", "threads"):
        new.reader()
    if differ("encoder", "passage_words"):
        with lock.hold("converting the archive"):
            convert(store, indexes, new.encoder(), settings.passage_words, progress)
    return new


class _Staging:
    """New passages and vectors beside the old ones, made by `made_by`: encoder, dimension and chunking."""

    def __init__(self, store: Store, made_by: str) -> None:
        """Resume what an earlier run staged, and delete what is outdated."""
        self._store = store
        self._database = store.database
        self._made_by = made_by
        with self._database.transaction():
            self._database.write(
                "DELETE FROM staged WHERE made_by <> ? "
                "OR content_hash <> (SELECT content_hash FROM articles a WHERE a.id = article_id)",
                made_by,
            )

    def article_ids(self) -> frozenset[str]:
        return frozenset(row[0] for row in self._database.rows("SELECT DISTINCT article_id FROM staged"))

    def add(self, batch: list[Embedded]) -> None:
        with self._database.transaction():
            for article, spans, vectors in batch:
                rows = [
                    (article.id, article.content_hash, self._made_by, ordinal, *span, vector_blob(vector))
                    for ordinal, (span, vector) in enumerate(zip(spans, vectors, strict=True))
                ]
                self._database.write_all("INSERT INTO staged VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def replace_passages(self, settings: dict[str, str]) -> None:
        """Replace all passages by the staged ones in one transaction."""
        with self._store.new_generation():
            self._store.save_settings(settings)
            self._database.write("DELETE FROM passages")
            self._database.write(
                'INSERT INTO passages (article_id, ordinal, start, "end", vector) '
                'SELECT article_id, ordinal, start, "end", vector FROM staged ORDER BY article_id, ordinal'
            )
            self._database.write("DELETE FROM staged")
