"""Remove an article from an archive and its indexes, and undo that. The caller holds the archive's lock."""

from __future__ import annotations

from rag import archive as store
from rag.archive import Removed, Store
from rag.search import encoding
from rag.search.indexes import Indexes


def remove(article_id: str, archive: Store, indexes: Indexes) -> Removed:
    """Remove an article; give what `put_back` takes. Raises: ArticleUnknown."""
    indexes.current()
    with indexes.writing():
        removed = store.removable(archive, article_id)
        passage_ids = archive.passage_ids([article_id])
        archive.remove(article_id)
        indexes.follow([article_id], passage_ids, [])
    indexes.save()
    return removed


def put_back(removed: Removed, archive: Store, indexes: Indexes) -> None:
    """Put a removed article back as it was. Raises: InputError, IndexOutdated."""
    if removed.spans:
        encoded = encoding.Encoded(removed.article, removed.spans, removed.vectors)
        encoding.put_away(archive, indexes, [encoded], lambda: [store.put_back(archive, removed)])
    else:
        # It had none, which `nutgraf doctor` finds: no index knew of it.
        store.put_back(archive, removed)
    indexes.save()
