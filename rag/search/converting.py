"""Cut and encode a whole archive anew, for another encoder or another size of passages."""

from __future__ import annotations

from itertools import islice

from embeddings import Encoder
from rag.archive import Staging, Store
from rag.progress import Done, Progress
from rag.search import encoding
from rag.search.indexes import Indexes

# Encoded and staged together: an interruption loses at most these.
_BATCH_ARTICLES = 32


def convert(
    store: Store, indexes: Indexes, encoder: Encoder, words: int, progress: Progress, *, again: bool = False
) -> int:
    """Make every passage anew; return how many articles that took.

    Those that are made so already are left as they are, unless `again` is set.

    Questions are answered from the old passages until the new ones take their place in one step. An interrupted run
    is gone on with. The caller holds the archive's lock. Raises: ArchiveError.
    """
    wanted = encoding.made_by(encoder, words)
    total = store.count_articles()
    if not total or (not again and all(store.setting(name) == value for name, value in wanted.items())):
        return 0
    staging = Staging(store, " ".join(wanted.values()))
    done = staging.staged()
    count = len(done)
    left = (article for article in store.each_article() if article.id not in done)
    while batch := tuple(islice(left, _BATCH_ARTICLES)):
        for one in encoding.encode(batch, encoder, words):
            staging.add(*one)
        count += len(batch)
        progress(Done(count / total, count))
    with indexes.writing():
        staging.take_over(wanted)
    indexes.save()
    return total
