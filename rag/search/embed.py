"""Chunk and embed articles, and check which encoder and chunking an archive was made with."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from embeddings import Encoder, unit
from rag.archive import Embedded, Store, as_stored
from rag.errors import IndexOutdated
from rag.search import chunking
from rag.search.indexes import Indexes
from rag.types import Article

# How far a passage's vector is moved towards its article's mean. The figures: docs/decisions/0006-search.md.
_CONTEXT = 0.4


def embed(
    articles: Sequence[Article], encoder: Encoder, words: int, progress: Callable[[float], None] = lambda _part: None
) -> list[Embedded]:
    """Split articles into passages of at most `words` words and embed them in one batch.

    `progress` gets the finished share, 0 to 1.
    """
    spans = [chunking.split(article.text, words, article.language) for article in articles]
    texts = [
        f"{chunking.heading(article.title, article.text)}\n{article.text[span.start : span.end]}"
        for article, own in zip(articles, spans, strict=True)
        for span in own
    ]
    ends = np.cumsum([len(own) for own in spans])[:-1]
    vectors = encoder.encode(texts, lambda done: progress(done / len(texts)))
    stored = [as_stored(in_context(own)) for own in np.split(vectors, ends)]
    return [Embedded(*row) for row in zip(articles, spans, stored, strict=True)]


def in_context(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Move the passage vectors of an article towards their mean: unit rows in, unit rows out.

    A passage rarely names everything it is about.
    """
    if not len(vectors):
        return vectors
    return unit(vectors + _CONTEXT * unit(vectors.mean(axis=0, keepdims=True)))


def store_embedded(
    store: Store, indexes: Indexes, embedded: Sequence[Embedded], write: Callable[[], Sequence[Sequence[int]]]
) -> None:
    """Call `write`, which stores the articles and returns the passage ids of each, and update both indexes.

    Searches are blocked meanwhile. The caller holds the archive's lock. Raises: ArchiveError.
    """
    article_ids = [one.article.id for one in embedded]
    indexes.current()
    with indexes.writing():
        replaced = store.passage_ids(article_ids)
        rows = [
            (passage_id, item.id, item.title, item.text[span.start : span.end], item.language)
            for (item, spans, _), ids in zip(embedded, write(), strict=True)
            for span, passage_id in zip(spans, ids, strict=True)
        ]
        vectors = np.concatenate([one.vectors for one in embedded]) if embedded else None
        indexes.follow(article_ids, replaced, rows, vectors)


def scheme(words: int) -> str:
    """Return the name of the chunking; passages of another one are outdated."""
    return f"{chunking.SCHEME}/{words}"


def passage_words(scheme: str | None) -> int | None:
    """Return the words of a passage, if `scheme` names the chunking of this version; None for another one."""
    name, _, words = (scheme or "").rpartition("/")
    return (int(words) or None) if name == chunking.SCHEME and words.isdecimal() else None


def made_by(encoder: Encoder, words: int) -> dict[str, str]:
    """Return the settings by which an archive knows how its passages and vectors were made."""
    return {"encoder": encoder.fingerprint, "dimension": str(encoder.dimension), "chunking": scheme(words)}


def check(store: Store, encoder: Encoder, words: int) -> None:
    """Raises: IndexOutdated, if the stored passages come from another encoder or chunking."""
    check_encoder(store, encoder)
    stored = store.setting("chunking")
    if stored and stored != scheme(words) and store.count_articles():
        raise IndexOutdated(
            f"the archive's passages were made with the chunking {stored}, but the current one is {scheme(words)}",
            "run `nutgraf convert` to re-chunk and re-embed the archive, or change passage_words back",
        )


def check_encoder(store: Store, encoder: Encoder) -> None:
    """Raises: IndexOutdated, if the stored vectors come from another encoder."""
    stored = store.setting("encoder")
    if stored and stored != encoder.fingerprint and store.count_articles():
        raise IndexOutdated(
            f"the archive was made with the encoder {stored}, but the current one is {encoder.fingerprint}",
            "run `nutgraf convert` to re-embed the archive, or change the encoder back",
        )
