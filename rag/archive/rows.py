"""Articles to rows and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.errors import ArchiveCorrupt
from rag.types import Article, Passage, PublishedDate

_NAMES = ("title", "text", "content_hash", "source", "published", "url", "author", "language", "origin", "told_by")
COLUMNS = ", ".join(_NAMES)
MARKS = ", ".join("?" * len(_NAMES))
OF_ARTICLE = ", ".join(f"a.{name}" for name in ("id", *_NAMES))


def values(article: Article) -> tuple[object, ...]:
    """The article's values in the order of `COLUMNS`: all but its id."""
    return (
        article.title,
        article.text,
        article.content_hash,
        article.source,
        str(article.published) if article.published else None,
        article.url,
        article.author,
        article.language,
        article.origin,
        json.dumps(dict(article.told_by), ensure_ascii=False),
    )


def article(row: Sequence[Any]) -> Article:
    """The article of its id and of the values of `COLUMNS`. Raises: ArchiveCorrupt."""
    article_id, title, text, content_hash, source, published, url, author, language, origin, told_by = row
    try:
        return Article(
            id=article_id,
            title=title,
            text=text,
            content_hash=content_hash,
            source=source,
            published=PublishedDate.parse(published) if published else None,
            url=url,
            author=author,
            language=language,
            origin=origin,
            told_by=tuple(sorted(json.loads(told_by).items())),
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise ArchiveCorrupt(
            f"the article {article_id!r} is damaged in the database: {error}", "remove it and ingest it again"
        ) from error


def passage(row: Sequence[Any], text: str) -> Passage:
    """The passage of its id, article id, ordinal, start and end, out of its article's text."""
    passage_id, article_id, ordinal, start, end = row
    return Passage(passage_id, article_id, ordinal, start, end, text[start:end])


def as_stored(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """`vectors` as the store gives them back: rounded to float16, which keeps cosines to about 0.0005."""
    rounded: npt.NDArray[np.float32] = vectors.astype(np.float16).astype(np.float32)
    return rounded
