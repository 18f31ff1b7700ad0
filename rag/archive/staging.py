"""Passages that are made anew beside the old ones, and take their place in one step.

Questions are answered from the old ones meanwhile, and an interruption keeps what was staged.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rag.archive.store import Store
from rag.types import Article, Span


class Staging:
    """New passages and vectors for every article, made by `made_by`: what they were cut and encoded with."""

    def __init__(self, store: Store, made_by: str) -> None:
        """Go on with what an earlier run staged in the same way; the rest is thrown away."""
        self._store = store
        self._database = store.database
        self._made_by = made_by
        stale = "content_hash <> (SELECT content_hash FROM articles a WHERE a.id = article_id)"
        with self._database.writing():
            self._database.write(f"DELETE FROM staged WHERE made_by <> ? OR {stale}", made_by)

    def staged(self) -> frozenset[str]:
        """The ids of the articles that are done."""
        return frozenset(row[0] for row in self._database.rows("SELECT DISTINCT article_id FROM staged"))

    def add(self, article: Article, spans: Sequence[Span], vectors: npt.NDArray[np.float32]) -> None:
        """Stage an article's passages; `vectors` are `(passages, dim)` float32."""
        with self._database.writing():
            self._database.write_all(
                "INSERT INTO staged VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (article.id, article.content_hash, self._made_by, ordinal, *span, vector.astype("<f2").tobytes())
                    for ordinal, (span, vector) in enumerate(zip(spans, vectors, strict=True))
                ],
            )

    def take_over(self, settings: dict[str, str]) -> None:
        """Replace every passage by the staged ones, all or nothing; `settings` say how they were made."""
        with self._store.changing():
            self._store.set(settings)
            self._database.write("DELETE FROM passages")
            self._database.write(
                'INSERT INTO passages (article_id, ordinal, start, "end", vector) '
                'SELECT article_id, ordinal, start, "end", vector FROM staged ORDER BY article_id, ordinal'
            )
            self._database.write("DELETE FROM staged")
