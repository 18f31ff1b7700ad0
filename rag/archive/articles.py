"""The articles of an archive with their passages and vectors, older versions and stories."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from rag.archive import schema, stories
from rag.archive.database import RESTORE, Database
from rag.errors import ArchiveCorrupt, ArticleUnknown, IndexOutdated, InputError
from rag.reading.draft import id_at, is_intact, is_place, site
from rag.types import Article, Copy, Passage, Span

# An archive may be larger than memory: long results are read in pages.
_PAGE_ARTICLES, _PAGE_PASSAGES = 500, 5_000
# The settings that say how passages and vectors were made.
MADE_BY = ("encoder", "dimension", "chunking")
# Unknown values sort last. `+` makes SQLite read an index for the rowids instead of the table with its texts.
_ORDERS = {
    "id": "id",
    "newest": "published DESC, id",
    "title": "title COLLATE NOCASE, id",
    "outlet": "source IS NULL, source COLLATE NOCASE, published DESC, id",
    "added": "+rowid DESC",
}
Sort = Literal["id", "newest", "title", "outlet", "added"]
Change = Literal["new", "changed", "unchanged"]
_INCOMPLETE = "(source IS NULL OR published IS NULL OR length(published) <> 10)"
_GIVEN = "(SELECT value FROM json_each(?))"


class Embedded(NamedTuple):
    """An article, its passages, and their vectors as stored: `(passages, dim)` float32."""

    article: Article
    spans: tuple[Span, ...]
    vectors: npt.NDArray[np.float32]


class Stored(NamedTuple):
    """The result of storing an article: the ids of its passages, and the article it duplicates, if any."""

    passage_ids: tuple[int, ...]
    copy: Copy | None


@dataclass(frozen=True, slots=True)
class Removed:
    """A removed article with everything that `Store.put_back` needs, row by row."""

    article: Article
    made_by: tuple[str | None, ...]
    story: str | None
    row: tuple[Any, ...]
    versions: Sequence[tuple[Any, ...]]
    readings: Sequence[tuple[Any, ...]]
    passages: Sequence[tuple[Any, ...]]
    signatures: Sequence[tuple[Any, ...]]

    @property
    def content(self) -> Embedded:
        """The article with its passages and vectors, which were made by `made_by`."""
        spans = tuple(Span(start, end) for _, _, _, start, end, _ in self.passages)
        return Embedded(self.article, spans, schema.parse_vectors([row[-1] for row in self.passages]))


class Store:
    """The content of one archive. Thread-safe."""

    def __init__(self, path: Path) -> None:
        """Open or create the database. Raises: ArchiveError, ArchiveCorrupt."""
        self.database = Database(path)
        self._rows = self.database.rows

    def close(self) -> None:
        self.database.close()

    # Settings

    @property
    def generation(self) -> int:
        """A number that grows with every change; an index stores the one it was built from."""
        return self.number("generation")

    def setting(self, name: str) -> str | None:
        found = self._rows("SELECT value FROM settings WHERE name = ?", name)
        return str(found[0][0]) if found else None

    def number(self, name: str) -> int:
        """Return a numeric setting, 0 if it is missing. Raises: ArchiveCorrupt."""
        value = self.setting(name) or "0"
        if not value.isdecimal():
            raise ArchiveCorrupt(f"{self.database.path} is damaged: its {name} is {value!r}", RESTORE)
        return int(value)

    def save_settings(self, settings: dict[str, str]) -> None:
        """Store settings, within `new_generation`."""
        self.database.write_all("INSERT OR REPLACE INTO settings VALUES (?, ?)", list(settings.items()))

    @contextmanager
    def new_generation(self) -> Iterator[None]:
        """Commit all writes in the block as one new generation, or none. Raises: ArchiveError."""
        with self.database.transaction():
            yield
            self.database.write("UPDATE settings SET value = value + 1 WHERE name = 'generation'")

    # Writing articles

    def identify(self, article: Article, *, apart: bool = False) -> Article:
        """Return the article with the id that it has, or is to have, in this archive.

        What is read again from one place in a file or feed has one id; with `apart`, other content in that place is an
        article of its own. Nothing becomes a version of what came from another site or from a file, whatever address it
        claims.
        """
        if is_place(article.origin):
            query = "SELECT article_id, content_hash FROM readings WHERE origin = ?"
            for article_id, content_hash in self._rows(query, article.origin):
                if apart and content_hash != article.content_hash:
                    origin = f"{article.origin}~{article.content_hash[:8]}"
                    return self.identify(replace(article, id=id_at(article.id, origin), origin=origin))
                article = replace(article, id=article_id)
        for (origin,) in self._rows("SELECT origin FROM articles WHERE id = ?", article.id):
            if site(origin) != site(article.origin):
                return replace(article, id=id_at(article.id, article.origin))
        return article

    def compare(self, article: Article) -> Change:
        """Say what `put` would do: add the article, replace its text, or nothing.

        A text that the article had before is a change only if its origin delivered another one since. An old copy in
        another place is not.
        """
        current = self._rows("SELECT content_hash FROM articles WHERE id = ?", article.id)
        if not current:
            return "new"
        query = "SELECT content_hash FROM readings WHERE origin = ? AND article_id = ?"
        last_read = self._rows(query, article.origin or article.id, article.id)
        before = self._rows("SELECT content_hash FROM versions WHERE article_id = ?", article.id)
        known = last_read or current + before
        return "unchanged" if (article.content_hash,) in known else "changed"

    def put(
        self, articles: Sequence[tuple[Article, Sequence[Span], npt.NDArray[np.float32]]], settings: dict[str, str]
    ) -> list[Stored]:
        """Store articles with their passages and vectors, all or none; `settings` say how these were made.

        If an article with that id exists and its title or text differs, it is kept as a version.
        """
        bands = [stories.bands(article) for article, _, _ in articles]
        with self.new_generation():
            self.save_settings(settings)
            stored = []
            for row, own_bands in zip(articles, bands, strict=True):
                ids = self.write_article(*row)
                reading = (row[0].origin or row[0].id, row[0].id, row[0].content_hash)
                self.database.write("INSERT OR REPLACE INTO readings VALUES (?, ?, ?)", *reading)
                stories.sign(self.database, row[0].id, own_bands)
                stored.append(Stored(ids, stories.join(self.database, row[0], own_bands)))
            return stored

    def write_article(
        self, article: Article, spans: Sequence[Span], vectors: npt.NDArray[np.float32]
    ) -> tuple[int, ...]:
        """Write one article without its story, within `new_generation`; return its passage ids."""
        write = self.database.write
        columns, values = schema.COLUMNS, schema.article_values(article)
        write(
            f"INSERT INTO versions (article_id, number, {columns}) "
            "SELECT id, (SELECT count(*) + 1 FROM versions WHERE article_id = articles.id), "
            f"{columns} FROM articles WHERE id = ? AND (title <> ? OR text <> ?)",
            *(article.id, article.title, article.text),
        )
        write(
            f"INSERT INTO articles (id, {columns}) VALUES (?, {schema.PLACEHOLDERS}) "
            f"ON CONFLICT (id) DO UPDATE SET ({columns}) = ({schema.PLACEHOLDERS})",
            *(article.id, *values, *values),
        )
        return self.write_passages(article, spans, vectors)

    def write_passages(
        self, article: Article, spans: Sequence[Span], vectors: npt.NDArray[np.float32]
    ) -> tuple[int, ...]:
        """Replace the passages of an article, within `new_generation`; return their ids."""
        self.database.write("DELETE FROM passages WHERE article_id = ?", article.id)
        first = self._next_passage_id()
        self.database.write_all(
            'INSERT INTO passages (id, article_id, ordinal, start, "end", vector) VALUES (?, ?, ?, ?, ?, ?)',
            [
                (first + ordinal, article.id, ordinal, span.start, span.end, schema.vector_blob(vector))
                for ordinal, (span, vector) in enumerate(zip(spans, vectors, strict=True))
            ],
        )
        return tuple(range(first, first + len(spans)))

    def _next_passage_id(self) -> int:
        """Return an id that was never used: an index may still hold the ids of deleted passages."""
        found = self._rows("SELECT seq FROM sqlite_sequence WHERE name = 'passages'")
        return int(found[0][0]) + 1 if found else 1

    def remove(self, article_id: str) -> Removed:
        """Remove an article with its versions and passages. Raises: ArticleUnknown."""
        removed = Removed(
            self.article(article_id),
            made_by=self.made_by(),
            story=self.stories([article_id]).get(article_id),
            row=self._rows("SELECT rowid, * FROM articles WHERE id = ?", article_id)[0],
            versions=self._rows("SELECT * FROM versions WHERE article_id = ?", article_id),
            readings=self._rows("SELECT * FROM readings WHERE article_id = ?", article_id),
            passages=self._rows("SELECT * FROM passages WHERE article_id = ?", article_id),
            signatures=self._rows("SELECT number, bands FROM signatures WHERE article_id = ?", article_id),
        )
        with self.new_generation():
            stories.leave(self.database, article_id)
            self.database.write("DELETE FROM articles WHERE id = ?", article_id)
        return removed

    def put_back(self, removed: Removed) -> tuple[int, ...]:
        """Undo `remove`, with the old row numbers where they are free; return the passage ids.

        Raises: InputError, if the article exists again; IndexOutdated, if the archive was converted since.
        """
        article_id, write = removed.article.id, self.database.write
        if self._rows("SELECT 1 FROM articles WHERE id = ?", article_id):
            raise InputError(f"the article {article_id!r} is in the archive again", "nothing was changed")
        if self.made_by() != removed.made_by:
            raise IndexOutdated(
                f"the archive was converted since {article_id!r} was removed", "ingest the article again"
            )
        with self.new_generation():
            rowid, *values = removed.row
            (columns,) = self._rows("SELECT group_concat(name) FROM pragma_table_info('articles')")[0]
            free = "(SELECT ? WHERE NOT EXISTS (SELECT 1 FROM articles WHERE rowid = ?))"
            write(f"INSERT INTO articles (rowid, {columns}) VALUES ({free}, {_marks(values)})", rowid, rowid, *values)
            # If an origin was read again since, the newer reading stays.
            for table, rows in (("versions", removed.versions), ("readings", removed.readings)):
                for row in rows:
                    write(f"INSERT OR IGNORE INTO {table} VALUES ({_marks(row)})", *row)
            for row in removed.passages:
                write(f"INSERT INTO passages VALUES ({_marks(row)})", *row)
            for number, blob in removed.signatures:
                stories.sign(self.database, article_id, stories.parse_bands(blob), number)
            write("UPDATE articles SET story = ? WHERE id = ?", removed.story, article_id)
        return tuple(int(row[0]) for row in removed.passages)

    def made_by(self) -> tuple[str | None, ...]:
        """How the passages and vectors were made: the values of `MADE_BY`."""
        return tuple(map(self.setting, MADE_BY))

    # Reading articles

    def incomplete_ids(self, article_ids: Sequence[str]) -> tuple[str, ...]:
        """Return the ids of those of the articles that have no outlet or no full day, by id."""
        query = f"SELECT id FROM articles WHERE {_INCOMPLETE} AND id IN {_GIVEN} ORDER BY id"
        return tuple(row[0] for row in self._rows(query, json.dumps(article_ids)))

    def count_articles(self, titled: str = "", *, incomplete: bool = False) -> int:
        """Count the articles that `articles` returns."""
        where, values = _where(titled, incomplete=incomplete)
        return int(self._rows(f"SELECT count(*) FROM articles WHERE {where}", *values)[0][0])

    def article_ids(self, titled: str = "", *, incomplete: bool = False) -> tuple[str, ...]:
        """Return the ids of the articles that `articles` returns, by id."""
        where, values = _where(titled, incomplete=incomplete)
        return tuple(row[0] for row in self._rows(f"SELECT id FROM articles WHERE {where} ORDER BY id", *values))

    def count(self) -> tuple[int, int]:
        """Count articles and passages."""
        articles, passages = self._rows("SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM passages)")[0]
        return int(articles), int(passages)

    def article(self, article_id: str) -> Article:
        """Raises: ArticleUnknown."""
        found = self._articles("id = ?", article_id)
        if not found:
            raise ArticleUnknown(f"there is no article {article_id!r}", "`nutgraf articles` lists the ids")
        return found[0]

    def articles(
        self, titled: str = "", limit: int = -1, skip: int = 0, sort: Sort = "id", *, incomplete: bool = False
    ) -> tuple[Article, ...]:
        """Return at most `limit` articles (-1: all), after the first `skip`, whose title contains `titled`.

        With `incomplete`, only those without an outlet or a full day.
        """
        where, values = _where(titled, incomplete=incomplete)
        # Sorted by row number first, so that the texts of skipped articles are not read.
        page = f"SELECT rowid FROM articles WHERE {where} ORDER BY {_ORDERS[sort]} LIMIT ? OFFSET ?"
        return self._articles(f"rowid IN ({page}) ORDER BY {_ORDERS[sort]}", *values, limit, skip)

    def each_article(self) -> Iterator[Article]:
        """Yield every article by id."""
        last = ""
        while page := self._articles("id > ? ORDER BY id LIMIT ?", last, _PAGE_ARTICLES):
            yield from page
            last = page[-1].id

    def _articles(self, where: str, *values: object) -> tuple[Article, ...]:
        query = f"SELECT {schema.ARTICLE} FROM articles a WHERE {where}"
        return tuple(map(schema.parse_article, self._rows(query, *values)))

    def versions(self, article_id: str) -> tuple[Article, ...]:
        """Return the older versions of an article, oldest first. Raises: ArticleUnknown."""
        self.article(article_id)
        query = f"SELECT article_id, {schema.COLUMNS} FROM versions WHERE article_id = ? ORDER BY number"
        return tuple(map(schema.parse_article, self._rows(query, article_id)))

    def all_versions(self) -> Iterator[Article]:
        """Yield every older version of every article."""
        for (article_id,) in self._rows("SELECT DISTINCT article_id FROM versions ORDER BY article_id"):
            yield from self.versions(article_id)

    def readings(self, article_id: str) -> tuple[tuple[str, str], ...]:
        """Return each origin of an article with the content hash it had there last, by origin."""
        query = "SELECT origin, content_hash FROM readings WHERE article_id = ? ORDER BY origin"
        return tuple(self._rows(query, article_id))

    def stories(self, article_ids: Sequence[str]) -> dict[str, str]:
        """Map those of the articles that share a story to its id."""
        query = f"SELECT id, story FROM articles WHERE story IS NOT NULL AND id IN {_GIVEN}"
        return dict(self._rows(query, json.dumps(article_ids)))

    def story_articles(self, story: str) -> tuple[Article, ...]:
        """Return the articles of a story, by id."""
        return self._articles("story = ? ORDER BY id", story)

    def sources(self) -> tuple[str, ...]:
        """Return the names of all outlets, sorted."""
        return self._distinct("source")

    def languages(self) -> tuple[str, ...]:
        """Return all known languages, sorted."""
        return self._distinct("language")

    def _distinct(self, column: str) -> tuple[str, ...]:
        found = self._rows(f"SELECT DISTINCT {column} FROM articles WHERE {column} IS NOT NULL")
        return tuple(sorted(row[0] for row in found))

    # Reading passages

    def passage_ids(self, article_ids: Iterable[str]) -> tuple[int, ...]:
        """Return the passage ids of these articles, ascending."""
        query = f"SELECT id FROM passages WHERE article_id IN {_GIVEN} ORDER BY id"
        return tuple(row[0] for row in self._rows(query, json.dumps(list(article_ids))))

    def owners(self, passage_ids: Sequence[int]) -> dict[int, str]:
        """Map those of the passages that exist to their article's id."""
        query = f"SELECT id, article_id FROM passages WHERE id IN {_GIVEN}"
        return dict(self._rows(query, json.dumps(passage_ids)))

    def passages(self, ids: Sequence[int]) -> dict[int, tuple[Passage, Article]]:
        """Map those of the ids that exist to the passage and its article."""
        found = {}
        query = (
            f'SELECT p.id, p.ordinal, p.start, p."end", {schema.ARTICLE} '
            f"FROM passages p JOIN articles a ON a.id = p.article_id WHERE p.id IN {_GIVEN}"
        )
        for passage_id, ordinal, start, end, *row in self._rows(query, json.dumps(ids)):
            article = schema.parse_article(row)
            text = article.text[start:end]
            found[passage_id] = (Passage(passage_id, article.id, ordinal, start, end, text), article)
        return found

    def all_passages(self) -> Iterator[tuple[int, str, str, str, str | None]]:
        """Yield passage id, article id, title, passage text and language, by passage id."""
        query = (
            'SELECT p.id, a.id, a.title, substr(a.text, p.start + 1, p."end" - p.start), a.language '
            "FROM passages p JOIN articles a ON a.id = p.article_id WHERE p.id > ? ORDER BY p.id LIMIT ?"
        )
        last = 0
        while page := self._rows(query, last, _PAGE_PASSAGES):
            yield from page
            last = page[-1][0]

    def vectors(self) -> tuple[list[int], npt.NDArray[np.float32]]:
        """Return all passage ids, ascending, and their vectors: `(n, dim)` float32."""
        ids: list[int] = []
        blocks = []
        query = "SELECT id, vector FROM passages WHERE id > ? ORDER BY id LIMIT ?"
        while page := self._rows(query, ids[-1] if ids else 0, _PAGE_PASSAGES):
            ids += [row[0] for row in page]
            blocks.append(schema.parse_vectors([row[1] for row in page]))
        return ids, np.concatenate(blocks) if blocks else np.zeros((0, 0), dtype=np.float32)

    def embedded(self, article: Article) -> Embedded:
        """Return a stored article with its passages and vectors."""
        query = 'SELECT start, "end", vector FROM passages WHERE article_id = ? ORDER BY ordinal'
        found = self._rows(query, article.id)
        spans = tuple(Span(row[0], row[1]) for row in found)
        return Embedded(article, spans, schema.parse_vectors([row[2] for row in found]))


def require_intact(articles: Iterable[Article]) -> None:
    """Raises: ArchiveCorrupt, if an article is not what was read."""
    for article in articles:
        if not is_intact(article):
            raise ArchiveCorrupt(
                f"the article {article.id!r} is not what was read: it was changed in the database",
                f"run nutgraf articles remove {article.id}, then ingest it again; `nutgraf doctor` lists all",
            )


def _where(titled: str, *, incomplete: bool) -> tuple[str, tuple[str, ...]]:
    where, values = ("instr(lower(title), lower(?))", (titled,)) if titled else ("TRUE", ())
    return f"{where} AND {_INCOMPLETE}" if incomplete else where, values


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))
