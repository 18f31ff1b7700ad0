"""Find the passages that may answer a question: by meaning and by words, fused into one order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from embeddings import Encoder, VectorIndex
from rag.lexical import LexicalIndex
from rag.questions import source_names
from rag.store import Store
from rag.types import Hit, PublishedDate, Question

# Each search gives this many times the hits wanted, so that fusing has something to choose from.
_DEPTH = 4


def retrieve(
    question: Question,
    vectors: tuple[VectorIndex, LexicalIndex],
    store: Store,
    encoder: Encoder,
    count: int,
) -> tuple[Hit, ...]:
    """The `count` best passages inside the question's filters, best first, ties by id.

    The score is the sum of both searches' standardised scores: on news it beat reciprocal rank fusion.
    """
    dense_index, lexical_index = vectors
    articles = allowed_articles(question, store) if question.narrowed else None
    allowed = None if articles is None else store.passage_ids(articles)
    depth = count * _DEPTH
    query = encoder.encode([question.text])[0]
    dense = dense_index.search(query, depth, allowed)
    lexical = lexical_index.search(question.text, depth, articles)
    scores = fuse(dense, lexical)
    best = sorted(scores, key=lambda i: (-scores[i], i))[:count]
    found = store.passages(best)
    dense_ranks, lexical_ranks = _ranks(dense), _ranks(lexical)
    return tuple(Hit(*found[i], scores[i], dense_ranks.get(i), lexical_ranks.get(i)) for i in best if i in found)


def fuse(*searches: Sequence[tuple[int, float]]) -> dict[int, float]:
    """Sum each id's scores after giving every search mean 0 and deviation 1.

    An id that a search did not find gets that search's lowest score.
    """
    fused: dict[int, float] = {i: 0.0 for search in searches for i, _ in search}
    for search in searches:
        if not search:
            continue
        scores = np.array([score for _, score in search])
        spread = float(scores.std()) or 1.0
        standard = {i: (score - float(scores.mean())) / spread for i, score in search}
        lowest = min(standard.values())
        for i in fused:
            fused[i] += standard.get(i, lowest)
    return fused


def allowed_articles(question: Question, store: Store) -> tuple[str, ...]:
    """The ids of the articles inside the question's dates and sources.

    An article whose day is not known is outside every date filter: nothing shows that it is inside.
    """
    wanted = {name.casefold() for name in question.sources}
    return tuple(
        article_id
        for article_id, source, published in store.dated_sources()
        if (not wanted or wanted & source_names(source)) and _inside(question, published)
    )


def _inside(question: Question, published: str | None) -> bool:
    if question.published_from is None and question.published_to is None:
        return True
    day = PublishedDate.parse(published).day_known if published else None
    if day is None:
        return False
    return (question.published_from or date.min) <= day <= (question.published_to or date.max)


def _ranks(search: Sequence[tuple[int, float]]) -> dict[int, int]:
    return {i: rank for rank, (i, _) in enumerate(search, start=1)}
