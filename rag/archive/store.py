"""Articles, their passages and vectors, the versions before them and the stories they tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from rag.archive import copies, listing, rows, stories
from rag.archive.database import RESTORE, Database
from rag.errors import ArchiveCorrupt, ArticleUnknown
from rag.reports import Copy
from rag.types import Article, Passage, Span

# Read at a time where all of something is read: an archive may be larger than the memory.
_CHUNK_ROWS = 5_000
Standing = Literal["new", "changed", "unchanged"]


class Made(NamedTuple):
    """What became of an article that was put: the ids of its passages, and the article that it copies."""

    passage_ids: tuple[int, ...]
    copy: Copy | None


class Store:
    """One archive's content. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Open or create the database. Raises: ArchiveError, ArchiveCorrupt."""
        self.database = Database(path)
        self._rows = self.database.rows

    def close(self) -> None:
        self.database.close()

    @property
    def generation(self) -> int:
        """A number that grows with every change; what is derived remembers which one it was made from."""
        return self.number("generation")

    def setting(self, name: str) -> str | None:
        found = self._rows("SELECT value FROM settings WHERE name = ?", name)
        return str(found[0][0]) if found else None

    def number(self, name: str) -> int:
        """A setting that is a whole number; 0 where there is none. Raises: ArchiveCorrupt."""
        told = self.setting(name) or "0"
        if not told.isdecimal():
            raise ArchiveCorrupt(f"{self.database.path} is damaged: its {name} is {told!r}", RESTORE)
        return int(told)

    def count_articles(self, titled: str = "") -> int:
        """How many articles there are; those whose titles hold `titled` in any case, where it is given."""
        return listing.count(self.database, titled)

    def count(self) -> tuple[int, int]:
        """How many articles and passages there are."""
        articles, passages = self._rows("SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM passages)")[0]
        return int(articles), int(passages)

    def standing(self, article: Article) -> Standing:
        """Whether `put` would add the article, replace an older text of it, or change nothing.

        A text that the article once had is news only from where another text was read since: an old copy that lies
        beside the new one is none.
        """
        query = "SELECT content_hash FROM readings WHERE origin = ? AND article_id = ?"
        read = self._rows(query, article.origin or article.id, article.id)
        current = self._rows("SELECT content_hash FROM articles WHERE id = ?", article.id)
        if not current:
            return "new"
        before = self._rows("SELECT content_hash FROM versions WHERE article_id = ?", article.id)
        known = read or current + before
        return "unchanged" if (article.content_hash,) in known else "changed"

    def put(
        self,
        articles: Sequence[tuple[Article, Sequence[Span], npt.NDArray[np.float32]]],
        settings: dict[str, str],
    ) -> list[Made]:
        """Store articles with their passages and vectors, all or nothing.

        A stored article of the same id is kept as a version where its title or text was another. The vectors of each
        are `(passages, dim)` float32; `settings` say how they were made.
        """
        bands = [copies.bands(article) for article, _, _ in articles]
        with self.changing():
            self.set(settings)
            made = []
            for row, theirs in zip(articles, bands, strict=True):
                ids = self.write_article(*row)
                stories.sign(self.database, row[0].id, theirs)
                made.append(Made(ids, stories.join(self.database, row[0], theirs)))
            return made

    def set(self, settings: dict[str, str]) -> None:
        """Remember `settings`; within a transaction of the database."""
        self.database.write_all("INSERT OR REPLACE INTO settings VALUES (?, ?)", list(settings.items()))

    def remove(self, article_id: str) -> None:
        """Remove an article, its versions and its passages. Raises: ArticleUnknown."""
        with self.changing():
            stories.leave(self.database, article_id)
            if not self.database.write_all("DELETE FROM articles WHERE id = ?", [(article_id,)]):
                raise unknown(article_id)

    def article(self, article_id: str) -> Article:
        """Raises: ArticleUnknown."""
        found = self._rows(f"SELECT {rows.OF_ARTICLE} FROM articles a WHERE id = ?", article_id)
        if not found:
            raise unknown(article_id)
        return rows.article(found[0])

    def articles(
        self, titled: str = "", limit: int = -1, skip: int = 0, sort: listing.Sort = "id"
    ) -> tuple[Article, ...]:
        """At most `limit` articles, -1 for all, after the first `skip`, whose titles hold `titled` in any case."""
        return listing.articles(self.database, titled, limit, skip, sort)

    def each_article(self) -> Iterator[Article]:
        """Yield every article by id, a few in memory at a time."""
        last = ""
        query = f"SELECT {rows.OF_ARTICLE} FROM articles a WHERE id > ? ORDER BY id LIMIT ?"
        while found := self._rows(query, last, _CHUNK_ROWS // 10):
            yield from map(rows.article, found)
            last = found[-1][0]

    def versions(self, article_id: str) -> tuple[Article, ...]:
        """The texts that the article had before, the oldest first. Raises: ArticleUnknown."""
        self.article(article_id)
        query = f"SELECT article_id, {rows.COLUMNS} FROM versions WHERE article_id = ? ORDER BY number"
        return tuple(rows.article(row) for row in self._rows(query, article_id))

    def readings(self, article_id: str) -> tuple[tuple[str, str], ...]:
        """Where the article was read, and the content hash that it had there the last time; by place."""
        query = "SELECT origin, content_hash FROM readings WHERE article_id = ? ORDER BY origin"
        return tuple(self._rows(query, article_id))

    def stories(self, article_ids: Sequence[str]) -> dict[str, str]:
        """The story of each of these articles that tells one together with others."""
        marks = ", ".join("?" * len(article_ids))
        query = f"SELECT id, story FROM articles WHERE story IS NOT NULL AND id IN ({marks})"
        return dict(self._rows(query, *article_ids))

    def tellers(self, story: str) -> tuple[Article, ...]:
        """The articles that tell a story, by id."""
        query = f"SELECT {rows.OF_ARTICLE} FROM articles a WHERE story = ? ORDER BY id"
        return tuple(rows.article(row) for row in self._rows(query, story))

    def dated_sources(self) -> tuple[tuple[str, str | None, str | None], ...]:
        """The id, source and publication date of every article, by id."""
        return tuple(self._rows("SELECT id, source, published FROM articles ORDER BY id"))

    def sources(self) -> tuple[str, ...]:
        """The name of every outlet, sorted."""
        found = self._rows("SELECT DISTINCT source FROM articles WHERE source IS NOT NULL")
        return tuple(sorted(row[0] for row in found))

    def languages(self) -> tuple[str, ...]:
        """Every language that an article is known to be in, sorted."""
        found = self._rows("SELECT DISTINCT language FROM articles WHERE language IS NOT NULL")
        return tuple(sorted(row[0] for row in found))

    def passage_ids(self, article_ids: Iterable[str]) -> tuple[int, ...]:
        """The ids of the passages of these articles, ascending."""
        ids = list(article_ids)
        found: list[int] = []
        for at in range(0, len(ids), 500):
            some = ids[at : at + 500]
            marks = ", ".join("?" * len(some))
            found += [row[0] for row in self._rows(f"SELECT id FROM passages WHERE article_id IN ({marks})", *some)]
        return tuple(sorted(found))

    def owners(self, passage_ids: Sequence[int]) -> dict[int, str]:
        """The article of each of these passages that exist."""
        marks = ", ".join("?" * len(passage_ids))
        return dict(self._rows(f"SELECT id, article_id FROM passages WHERE id IN ({marks})", *passage_ids))

    def passages(self, ids: Sequence[int]) -> dict[int, tuple[Passage, Article]]:
        """The passages of these ids that exist, each with its article."""
        marks = ", ".join("?" * len(ids))
        found = {}
        for row in self._rows(
            f'SELECT p.id, p.article_id, p.ordinal, p.start, p."end", {rows.OF_ARTICLE} '
            f"FROM passages p JOIN articles a ON a.id = p.article_id WHERE p.id IN ({marks})",
            *ids,
        ):
            article = rows.article(row[5:])
            found[row[0]] = (rows.passage(row[:5], article.text), article)
        return found

    def all_passages(self) -> Iterator[tuple[int, str, str, str, str | None]]:
        """Yield passage id, article id, title, passage text and the article's language, by passage id."""
        query = (
            'SELECT p.id, a.id, a.title, substr(a.text, p.start + 1, p."end" - p.start), a.language '
            "FROM passages p JOIN articles a ON a.id = p.article_id WHERE p.id > ? ORDER BY p.id LIMIT ?"
        )
        last = 0
        while found := self._rows(query, last, _CHUNK_ROWS):
            yield from found
            last = found[-1][0]

    def vectors(self) -> tuple[list[int], npt.NDArray[np.float32]]:
        """Every passage id, ascending, and the vectors in that order: `(n, dim)` float32."""
        ids: list[int] = []
        chunks = []
        query = "SELECT id, vector FROM passages WHERE id > ? ORDER BY id LIMIT ?"
        while found := self._rows(query, ids[-1] if ids else 0, _CHUNK_ROWS):
            ids += [row[0] for row in found]
            blobs = np.frombuffer(b"".join(row[1] for row in found), dtype="<f2")
            chunks.append(blobs.reshape(len(found), -1))
        if not chunks:
            return [], np.zeros((0, 0), dtype=np.float32)
        return ids, np.concatenate(chunks).astype(np.float32)

    def cuts(self, article_id: str) -> tuple[tuple[Span, ...], npt.NDArray[np.float32]]:
        """The passages of an article in order, and their vectors: `(passages, dim)` float32."""
        query = 'SELECT start, "end", vector FROM passages WHERE article_id = ? ORDER BY ordinal'
        found = self._rows(query, article_id)
        vectors = np.frombuffer(b"".join(row[2] for row in found), dtype="<f2")
        spans = tuple(Span(row[0], row[1]) for row in found)
        return spans, vectors.reshape(len(found), -1 if found else 0).astype(np.float32)

    def write_article(
        self, article: Article, spans: Sequence[Span], vectors: npt.NDArray[np.float32]
    ) -> tuple[int, ...]:
        """Write one article within `changing`, its story left out; return the ids of its passages."""
        write = self.database.write
        self._keep_version(article)
        names, marks = rows.COLUMNS, rows.MARKS
        write(
            f"INSERT INTO articles (id, {names}) VALUES (?, {marks}) "
            f"ON CONFLICT (id) DO UPDATE SET ({names}) = ({marks})",
            *(article.id, *rows.values(article), *rows.values(article)),
        )
        write(
            "INSERT OR REPLACE INTO readings VALUES (?, ?, ?)",
            *(article.origin or article.id, article.id, article.content_hash),
        )
        write("DELETE FROM passages WHERE article_id = ?", article.id)
        first = self._next_passage_id()
        self.database.write_all(
            'INSERT INTO passages (id, article_id, ordinal, start, "end", vector) VALUES (?, ?, ?, ?, ?, ?)',
            [
                (first + ordinal, article.id, ordinal, span.start, span.end, vector.tobytes())
                for ordinal, (span, vector) in enumerate(zip(spans, vectors.astype("<f2"), strict=True))
            ],
        )
        return tuple(range(first, first + len(spans)))

    def _next_passage_id(self) -> int:
        """An id that no passage ever had: an index may still hold those that are gone."""
        found = self._rows("SELECT seq FROM sqlite_sequence WHERE name = 'passages'")
        return int(found[0][0]) + 1 if found else 1

    def _keep_version(self, article: Article) -> None:
        """Keep what the stored article says now, where `article` says something else."""
        self.database.write(
            f"INSERT INTO versions (article_id, number, {rows.COLUMNS}) "
            "SELECT id, (SELECT count(*) + 1 FROM versions WHERE article_id = articles.id), "
            f"{rows.COLUMNS} FROM articles WHERE id = ? AND (title <> ? OR text <> ?)",
            *(article.id, article.title, article.text),
        )

    @contextmanager
    def changing(self) -> Iterator[None]:
        """One transaction: all of it and the next generation, or nothing. Raises: ArchiveError."""
        with self.database.writing():
            yield
            self.database.write("UPDATE settings SET value = value + 1 WHERE name = 'generation'")


def unknown(article_id: str) -> ArticleUnknown:
    return ArticleUnknown(f"there is no article {article_id!r}", "`nutgraf articles` lists the ids")
