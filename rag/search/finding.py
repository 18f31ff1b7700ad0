"""Find articles by words, in their titles and texts, without a question."""

from __future__ import annotations

from rag.archive import Store
from rag.search.indexes import Indexes


def find(words: str, limit: int, indexes: Indexes, store: Store) -> tuple[str, ...]:
    """The ids of the `limit` articles that `words` fit best, best first; any of the words will do."""
    _, lexical = indexes.current()
    passages = [passage_id for passage_id, _ in lexical.search_articles(words, limit)] if words.strip() else []
    owners = store.owners(passages)
    return tuple(owners[passage_id] for passage_id in passages if passage_id in owners)
