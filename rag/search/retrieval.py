"""Find the passages that may answer a question: by meaning and by words, fused into one order."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from embeddings import Encoder, VectorIndex
from rag.archive import Store, checks, filters
from rag.search import chunking, collapsing, narrowing
from rag.search.lexical import LexicalIndex
from rag.types import Article, Hit, Passage, PublishedDate, Question

# `fused` is what answers are made from. For measuring: each search alone, and two plain ways to fuse the first two.
Order = Literal["fused", "dense", "passages", "articles", "rrf", "sum"]
# What each search gives to choose from, and what it counts. The figures: docs/decisions/0006-finding.md.
_DEPTH = 100
_DENSE, _PASSAGES, _ARTICLES = 1.0, 0.5, 1.0
# Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009).
_RRF_RANKS = 60
_MOST_OF_ONE_ARTICLE = 3
_LATEST = re.compile(
    r"\b(now|nowadays|today|latest|newest|most\s+recent(ly)?|currently|at\s+present|as\s+of)\b",
    re.IGNORECASE,
)
# What an article of the newest day gains: one deviation of a search; half of that a month before.
_NEWEST_BONUS, _HALF_LIFE_DAYS = 1.0, 30

_Key = TypeVar("_Key", int, str)


class Allowed(NamedTuple):
    """The articles that a narrowed question may be answered from, and the ids of their passages; both ascending."""

    articles: tuple[str, ...]
    passages: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Searched:
    """What each search found, best first: passages by id, articles by theirs; `owners` has each passage's article.

    `passages_listed` and `articles_listed` are how many a search would have given, had all had a word in common.
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
    """The `count` best passages inside the question's filters, best first, ties by id.

    At most three of them are of one article, unless no other is left; of articles that tell one story in much the
    same words, only the best is shown. Raises: ArchiveCorrupt, where an article is not what was read.
    """
    query = encoder.encode([question.text])[0]
    inside = allowed(question, store) if question.narrowed else None
    searched = _search(question.text, query, indexes, store, max(count, _DEPTH), inside)
    scores = _scores(searched, order)
    if order == "fused" and asks_latest(question.text):
        scores = _newest_first(scores, searched.owners, store, inside)
    ranked = sorted((i for i in scores if i in searched.owners), key=lambda i: (-scores[i], i))
    stories = store.stories(sorted({searched.owners[i] for i in ranked}))
    best = spread(collapsing.one_of_each(ranked, searched.owners, stories), searched.owners, count)
    outlets = collapsing.outlets((searched.owners[i] for i in best), stories, store, inside and inside.articles)
    found = store.passages(best)
    checks.as_read({article.id: article for _, article in found.values()}.values())
    dense, lexical = _ranks(searched.dense), _ranks(searched.passages)
    return tuple(
        Hit(*found[i], scores[i], dense.get(i), lexical.get(i), outlets.get(searched.owners[i], ()))
        for i in best
        if i in found
    )


def whole(articles: Sequence[Article], words: int) -> Iterator[Hit]:
    """Every passage of at most `words` words of `articles`, in their order: nothing is searched."""
    number = itertools.count(1)
    for article in articles:
        for ordinal, (start, end) in enumerate(chunking.split(article.text, words, article.language)):
            passage = Passage(next(number), article.id, ordinal, start, end, article.text[start:end])
            yield Hit(passage, article, 0.0, None, None)


def standardised(scores: Mapping[_Key, float], listed: int = 0) -> Callable[[_Key], float]:
    """Give a search's scores mean 0 and deviation 1; what it did not find has its lowest score.

    Where it found fewer than `listed`, the rest had no word in common with the question: they scored 0.
    """
    if not scores:
        return lambda _: 0.0
    values = np.array([*scores.values(), *[0.0] * (listed - len(scores))])
    mean, deviation, lowest = float(values.mean()), float(values.std()) or 1.0, float(values.min())
    return lambda key: (scores.get(key, lowest) - mean) / deviation


def spread(ranked: Iterable[int], owners: Mapping[int, str], count: int) -> list[int]:
    """The first `count` of `ranked`, at most three of one owner; more of it only where too few are left."""
    taken: dict[str, int] = defaultdict(int)
    ranked = list(ranked)
    best: list[int] = []
    over: list[int] = []
    for i in ranked:
        taken[owners[i]] += 1
        (best if taken[owners[i]] <= _MOST_OF_ONE_ARTICLE else over).append(i)
    chosen = set(best[:count] + over[: max(0, count - len(best))])
    return [i for i in ranked if i in chosen]


def asks_latest(text: str) -> bool:
    """Whether a question asks for the newest state of things."""
    return _LATEST.search(text) is not None


def allowed(question: Question, store: Store) -> Allowed:
    """What is inside the question's filters."""
    return Allowed(*filters.inside(store.database, narrowing.stored(question, store)))


def _search(
    text: str,
    query: npt.NDArray[np.float32],
    indexes: tuple[VectorIndex, LexicalIndex],
    store: Store,
    depth: int,
    inside: Allowed | None,
) -> _Searched:
    dense_index, lexical = indexes
    only = None if inside is None else inside.passages
    dense = dense_index.search(query, depth, only)
    passages = lexical.search(text, depth, only)
    articles = lexical.search_articles(text, depth, only)
    owners = store.owners([i for i, _ in (*dense, *passages, *articles)])
    return _Searched(
        dense=dict(dense),
        passages=dict(passages),
        articles={owners[i]: score for i, score in articles if i in owners},
        owners=owners,
        passages_listed=len(dense),
        articles_listed=min(depth, store.count_articles() if inside is None else len(inside.articles)),
    )


def _scores(searched: _Searched, order: Order) -> dict[int, float]:
    """The score of every passage that is in the order at all."""
    owners = searched.owners
    if order == "dense":
        return searched.dense
    if order == "passages":
        return searched.passages
    if order == "articles":
        return {i: searched.articles[owner] for i, owner in owners.items() if owner in searched.articles}
    if order == "rrf":
        ranks = [_ranks(searched.dense), _ranks(searched.passages)]
        return {i: sum(1 / (_RRF_RANKS + some[i]) for some in ranks if i in some) for i in ranks[0] | ranks[1]}
    dense = standardised(searched.dense)
    passages = standardised(searched.passages, searched.passages_listed)
    if order == "sum":
        return {i: dense(i) + passages(i) for i in searched.dense | searched.passages}
    articles = standardised(searched.articles, searched.articles_listed)
    return {i: _DENSE * dense(i) + _PASSAGES * passages(i) + _ARTICLES * articles(owner) for i, owner in owners.items()}


def _newest_first(
    scores: dict[int, float], owners: Mapping[int, str], store: Store, inside: Allowed | None
) -> dict[int, float]:
    """Add to the passages of newer articles; without a day that is known, an article gains nothing.

    The newest is that of the articles inside: what came later must not tell.
    """
    days = {article: _day(published) for article, _, published in store.dated_sources()}
    newest = max(filter(None, map(days.get, inside.articles if inside else days)), default=None)
    if newest is None:
        return scores

    def bonus(day: date | None) -> float:
        return _NEWEST_BONUS * 0.5 ** ((newest - day).days / _HALF_LIFE_DAYS) if day else 0.0

    return {i: score + bonus(days.get(owners[i])) for i, score in scores.items()}


@lru_cache(maxsize=50_000)  # an archive has far fewer days than articles
def _day(published: str | None) -> date | None:
    return PublishedDate.parse(published).day_known if published else None


def _ranks(search: Iterable[int]) -> dict[int, int]:
    return {i: rank for rank, i in enumerate(search, start=1)}
