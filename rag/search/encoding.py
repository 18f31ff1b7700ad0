"""Cut articles into passages and encode them; say which encoder and which cutting an archive was made with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from embeddings import Encoder, unit
from rag.archive import Store, as_stored
from rag.errors import IndexOutdated
from rag.search import chunking
from rag.search.indexes import Indexes
from rag.search.lexical import Row
from rag.types import Article, Span

# How much of the article's own direction a passage's vector takes on. The figures: docs/decisions/0006-finding.md.
_CONTEXT = 0.4


class Encoded(NamedTuple):
    """An article, its passages and their vectors as they are stored: `(passages, dim)` float32."""

    article: Article
    spans: tuple[Span, ...]
    vectors: npt.NDArray[np.float32]


def encode(
    articles: Sequence[Article], encoder: Encoder, words: int, progress: Callable[[float], None] = lambda _part: None
) -> list[Encoded]:
    """Cut each article into passages of at most `words` words and encode them, all articles at once.

    `progress` is told the part that is done, 0 to 1.
    """
    spans = [chunking.split(article.text, words, article.language) for article in articles]
    texts = [
        f"{chunking.heading(article.title, article.text)}\n{article.text[span.start : span.end]}"
        for article, some in zip(articles, spans, strict=True)
        for span in some
    ]
    ends = np.cumsum([len(some) for some in spans])[:-1]
    vectors = encoder.encode(texts, lambda done: progress(done / len(texts)))
    stored = [as_stored(in_context(theirs)) for theirs in np.split(vectors, ends)]
    return [Encoded(*row) for row in zip(articles, spans, stored, strict=True)]


def in_context(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Turn an article's passages a little towards what the whole of it is about: unit rows, as given.

    A passage seldom names all that it speaks of.
    """
    if not len(vectors):
        return vectors
    return unit(vectors + _CONTEXT * unit(vectors.mean(axis=0, keepdims=True)))


def put_away(
    store: Store, indexes: Indexes, encoded: Sequence[Encoded], write: Callable[[], Sequence[Sequence[int]]]
) -> None:
    """`write` the articles to the store, which gives each one's passage ids, and let both indexes follow.

    Searches are kept out meanwhile; the caller holds the archive's lock. Raises: ArchiveError.
    """
    article_ids = [one.article.id for one in encoded]
    indexes.current()
    with indexes.writing():
        replaced = store.passage_ids(article_ids)
        rows = _index_rows(encoded, write())
        indexes.follow(article_ids, replaced, rows, np.concatenate([one.vectors for one in encoded]))


def _index_rows(encoded: Sequence[Encoded], passage_ids: Sequence[Sequence[int]]) -> list[Row]:
    """What the full-text index takes of every passage."""
    return [
        (passage_id, one.article.id, one.article.title, one.article.text[span.start : span.end], one.article.language)
        for one, ids in zip(encoded, passage_ids, strict=True)
        for span, passage_id in zip(one.spans, ids, strict=True)
    ]


def scheme(words: int) -> str:
    """What passages are cut by; a change makes the stored ones outdated."""
    return f"{chunking.SCHEME}/{words}"


def made_by(encoder: Encoder, words: int) -> dict[str, str]:
    """The settings that an archive remembers of how its vectors were made."""
    return {"encoder": encoder.fingerprint, "dimension": str(encoder.dimension), "chunking": scheme(words)}


def check(store: Store, encoder: Encoder, words: int) -> None:
    """Raises: IndexOutdated, when the stored passages were cut or encoded in another way."""
    check_encoder(store, encoder)
    stored = store.setting("chunking")
    if stored and stored != scheme(words) and store.count_articles():
        raise IndexOutdated(
            f"the archive's passages are cut by {stored}, and now {scheme(words)} is asked for",
            "set passage_words back, or cut them anew: nutgraf convert",
        )


def check_encoder(store: Store, encoder: Encoder) -> None:
    """Raises: IndexOutdated, when the stored vectors are another encoder's."""
    stored = store.setting("encoder")
    if stored and stored != encoder.fingerprint and store.count_articles():
        raise IndexOutdated(
            f"the archive was made with the encoder {stored}, and now {encoder.fingerprint} is asked for",
            "set the encoder back, or encode the articles anew: nutgraf convert",
        )
