"""Retrieve the passages that may answer a question: dense and lexical search, fused.

Each search's scores are standardised and added. What a copy of a story only repeats is left out.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt

from embeddings import Encoder, VectorIndex
from rag.archive import Store, filters, require_intact
from rag.archive.filters import Allowed
from rag.errors import ArchiveCorrupt
from rag.reading.draft import is_intact
from rag.search import chunking, copies
from rag.search.indexes import Indexes
from rag.search.lexical import LexicalIndex
from rag.types import Article, Hit, Passage, Question, Span

# Answers use `fused`. The others are for measuring: each search alone, and two plain ways to fuse the first two.
Order = Literal["fused", "dense", "passages", "articles", "rrf", "sum"]
# How many candidates each search gives, and its weight. The figures: docs/decisions/0006-search.md.
_DEPTH = 100
_DENSE, _PASSAGES, _ARTICLES = 1.0, 0.5, 1.0
# Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009).
_RRF_RANKS = 60
_MAX_PER_ARTICLE = 3

_Key = TypeVar("_Key", int, str)


@dataclass(frozen=True, slots=True)
class _Candidates:
    """The results of each search, best first; `owners` maps each passage to its article.

    `passages_listed` and `articles_listed` are how many results a search would give if all shared a word with the
    question.
    """

    dense: dict[int, float]
    passages: dict[int, float]
    articles: dict[str, float]
    owners: dict[int, str]
    passages_listed: int
    articles_listed: int


def retrieve(
    question: Question,
    indexes: tuple[VectorIndex, LexicalIndex],
    store: Store,
    encoder: Encoder,
    count: int,
    order: Order = "fused",
) -> tuple[Hit, ...]:
    """Return the `count` best passages that pass the question's filters, best first, ties by id.

    At most three are of one article, unless no other article is left. Raises: ArchiveCorrupt, if an article is not what
    was read, or a passage does not fit it.
    """
    query = encoder.encode([question.text])[0]
    allowed = filters.allowed(filters.resolve(question, store), store) if question.narrowed else None
    candidates = _search(question.text, query, indexes, store, max(count, _DEPTH), allowed)
    owners, scores = candidates.owners, _scores(candidates, order)
    ranked = sorted((i for i in scores if i in owners), key=lambda i: (-scores[i], i))
    stories = store.stories(sorted({owners[i] for i in ranked}))
    best = spread(_without_repetitions(ranked, owners, stories, store), owners, count)
    found = store.passages(best)
    require_intact({article.id: article for _, article in found.values()}.values())
    _require_fitting(found.values())
    outlets = _outlets(found, stories, store, allowed and allowed.articles)
    dense, lexical = _ranks(candidates.dense), _ranks(candidates.passages)
    return tuple(
        Hit(*found[i], scores[i], dense.get(i), lexical.get(i), outlets.get(i, ())) for i in best if i in found
    )


def _require_fitting(found: Iterable[tuple[Passage, Article]]) -> None:
    """Raises: ArchiveCorrupt, if a passage lies outside its text or begins or ends in the middle of a word."""
    for passage, article in found:
        if not chunking.fits(article.text, Span(passage.start, passage.end)):
            raise ArchiveCorrupt(
                f"a passage of the article {article.id!r} does not match its text: it was changed in the database",
                "run nutgraf convert --again",
            )


def find(words: str, limit: int, indexes: Indexes, store: Store) -> tuple[str, ...]:
    """Return the ids of the `limit` articles that best match any of `words`, best first."""
    _, lexical = indexes.current()
    passages = [passage_id for passage_id, _ in lexical.search_articles(words, limit)] if words.strip() else []
    owners = store.owners(passages)
    return tuple(owners[passage_id] for passage_id in passages if passage_id in owners)


def whole(articles: Sequence[Article], words: int) -> Iterator[Hit]:
    """Yield every passage of at most `words` words of the articles, without searching."""
    number = itertools.count(1)
    for article in articles:
        for ordinal, (start, end) in enumerate(chunking.split(article.text, words, article.language)):
            passage = Passage(next(number), article.id, ordinal, start, end, article.text[start:end])
            yield Hit(passage, article, 0.0, None, None)


def standardised(scores: Mapping[_Key, float], listed: int = 0) -> Callable[[_Key], float]:
    """Scale the scores of a search to mean 0 and deviation 1; what it did not find gets its lowest score.

    If it found fewer than `listed`, the rest shared no word with the question and scored 0.
    """
    if not scores:
        return lambda _: 0.0
    values = np.array([*scores.values(), *[0.0] * (listed - len(scores))])
    mean, deviation, lowest = float(values.mean()), float(values.std()) or 1.0, float(values.min())
    return lambda key: (scores.get(key, lowest) - mean) / deviation


def spread(ranked: Iterable[int], owners: Mapping[int, str], count: int) -> list[int]:
    """Return the first `count` of `ranked`, at most three of one owner; more only if too few are left."""
    taken: dict[str, int] = defaultdict(int)
    best: list[int] = []
    surplus: list[int] = []
    read: list[int] = []
    for i in ranked:
        if len(best) == count:
            break
        read.append(i)
        taken[owners[i]] += 1
        (best if taken[owners[i]] <= _MAX_PER_ARTICLE else surplus).append(i)
    chosen = set(best[:count] + surplus[: max(0, count - len(best))])
    return [i for i in read if i in chosen]


def _search(
    text: str,
    query: npt.NDArray[np.float32],
    indexes: tuple[VectorIndex, LexicalIndex],
    store: Store,
    depth: int,
    allowed: Allowed | None,
) -> _Candidates:
    dense_index, lexical = indexes
    ids = None if allowed is None else allowed.passages
    dense = dense_index.search(query, depth, ids)
    passages = lexical.search(text, depth, ids)
    articles = lexical.search_articles(text, depth, ids)
    owners = store.owners([i for i, _ in (*dense, *passages, *articles)])
    return _Candidates(
        dense=dict(dense),
        passages=dict(passages),
        articles={owners[i]: score for i, score in articles if i in owners},
        owners=owners,
        passages_listed=len(dense),
        articles_listed=min(depth, store.count_articles() if allowed is None else len(allowed.articles)),
    )


def _scores(candidates: _Candidates, order: Order) -> dict[int, float]:
    """Return the score of every passage that the order ranks."""
    owners = candidates.owners
    if order == "dense":
        return candidates.dense
    if order == "passages":
        return candidates.passages
    if order == "articles":
        return {i: candidates.articles[owner] for i, owner in owners.items() if owner in candidates.articles}
    if order == "rrf":
        ranks = [_ranks(candidates.dense), _ranks(candidates.passages)]
        return {i: sum(1 / (_RRF_RANKS + some[i]) for some in ranks if i in some) for i in ranks[0] | ranks[1]}
    dense = standardised(candidates.dense)
    passages = standardised(candidates.passages, candidates.passages_listed)
    if order == "sum":
        return {i: dense(i) + passages(i) for i in candidates.dense | candidates.passages}
    articles = standardised(candidates.articles, candidates.articles_listed)
    return {i: _DENSE * dense(i) + _PASSAGES * passages(i) + _ARTICLES * articles(owner) for i, owner in owners.items()}


def _ranks(results: Iterable[int]) -> dict[int, int]:
    return {i: rank for rank, i in enumerate(results, start=1)}


def _without_repetitions(
    ranked: Iterable[int], owners: Mapping[int, str], stories: Mapping[str, str], store: Store
) -> Iterator[int]:
    """Yield the passages but those of copies that say nothing new: each sentence stands in a copy that ranks higher."""
    told: dict[str, dict[str, Article]] = defaultdict(dict)
    for passage_id in ranked:
        story = stories.get(owners[passage_id])
        found = store.passages([passage_id]).get(passage_id) if story else None
        if story and found:
            passage, article = found
            others = [one for one in told[story].values() if one.id != article.id]
            if others and not copies.tells_more(article, Span(passage.start, passage.end), others):
                continue
            told[story][article.id] = article
        yield passage_id


def _outlets(
    found: Mapping[int, tuple[Passage, Article]],
    stories: Mapping[str, str],
    store: Store,
    allowed: Collection[str] | None,
) -> dict[int, tuple[str, ...]]:
    """Map each passage of a story to the outlets that ran all of it; only `allowed` articles count."""
    same_story = {
        story: [one for one in store.story_articles(story) if is_intact(one) and (allowed is None or one.id in allowed)]
        for story in {stories[article.id] for _, article in found.values() if article.id in stories}
    }
    return {
        passage_id: copies.outlets(article, Span(passage.start, passage.end), same_story[stories[article.id]])
        for passage_id, (passage, article) in found.items()
        if article.id in stories
    }
