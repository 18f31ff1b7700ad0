"""The archive's database: SQLite holds the truth, and everything else is derived from it."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.errors import ArchiveCorrupt, ArchiveError, ArchiveLocked, ArticleUnknown
from rag.types import Article, Passage, PublishedDate, Span

# Numbered by place, from 1; append, never edit: an archive remembers how many it has had.
_MIGRATIONS = (
    """
    CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    INSERT INTO settings VALUES ('generation', '0');
    CREATE TABLE articles (
        id TEXT PRIMARY KEY, title TEXT NOT NULL, text TEXT NOT NULL, content_hash TEXT NOT NULL,
        text_hash TEXT NOT NULL, source TEXT, published TEXT, url TEXT, author TEXT
    ) STRICT;
    CREATE INDEX articles_by_text_hash ON articles (text_hash);
    CREATE TABLE passages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
        ordinal INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, vector BLOB NOT NULL,
        UNIQUE (article_id, ordinal)
    ) STRICT;
    """,
)
_ARTICLE = "a.id, a.title, a.text, a.content_hash, a.source, a.published, a.url, a.author"
_BUSY_SECONDS = 10


class Store:
    """One archive's articles, passages and vectors. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Open or create the database. Raises: ArchiveError, ArchiveCorrupt."""
        self.path = path
        self._lock = threading.RLock()
        with ExitStack() as until_open:
            try:
                self._db = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False, isolation_level=None)
                until_open.callback(self._db.close)
                version = self._known_version()
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA foreign_keys = ON")
                self._db.execute("PRAGMA synchronous = FULL")
                self._migrate(version)
            except sqlite3.DatabaseError as error:
                raise _archive_error(path, error) from error
            until_open.pop_all()

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @property
    def generation(self) -> int:
        """A number that grows with every change; what is derived remembers which one it was made from."""
        return int(self.setting("generation") or 0)

    def setting(self, name: str) -> str | None:
        rows = self._rows("SELECT value FROM settings WHERE name = ?", name)
        return str(rows[0][0]) if rows else None

    def count(self) -> tuple[int, int]:
        """How many articles and passages there are."""
        articles, passages = self._rows("SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM passages)")[0]
        return int(articles), int(passages)

    def put(
        self,
        articles: Sequence[tuple[Article, Sequence[Span], npt.NDArray[np.float32]]],
        settings: dict[str, str],
    ) -> list[tuple[int, ...]]:
        """Store articles with their passages and vectors, replacing those of the same ids, all or nothing.

        The vectors of each are `(passages, dim)` float32. `settings` say how they were made. Return the
        passage ids of each article.
        """
        with self._writing():
            for name, value in settings.items():
                self._db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))
            return [self._put_one(article, spans, vectors) for article, spans, vectors in articles]

    def remove(self, article_id: str) -> None:
        """Remove an article and its passages. Raises: ArticleUnknown."""
        with self._writing():
            if not self._db.execute("DELETE FROM articles WHERE id = ?", (article_id,)).rowcount:
                raise unknown(article_id)

    def article(self, article_id: str) -> Article:
        """Raises: ArticleUnknown."""
        rows = self._rows(f"SELECT {_ARTICLE} FROM articles a WHERE id = ?", article_id)
        if not rows:
            raise unknown(article_id)
        return _article(rows[0])

    def articles(self, titled: str = "", limit: int = -1) -> tuple[Article, ...]:
        """The first `limit` articles, by id, whose titles hold `titled` in any case; -1: every one."""
        query = f"SELECT {_ARTICLE} FROM articles a WHERE instr(lower(title), lower(?)) ORDER BY id LIMIT ?"
        return tuple(_article(row) for row in self._rows(query, titled, limit))

    def hashes(self) -> dict[str, str]:
        """The content hash of every article id."""
        return dict(self._rows("SELECT id, content_hash FROM articles"))

    def dated_sources(self) -> tuple[tuple[str, str | None, str | None], ...]:
        """The id, source and publication date of every article, by id."""
        return tuple(self._rows("SELECT id, source, published FROM articles ORDER BY id"))

    def same_text(self, article: Article) -> str | None:
        """The oldest article that was put before this one and has the same text."""
        # A rowid grows with every put, a replacement included.
        rows = self._rows(
            "SELECT id FROM articles WHERE text_hash = ? AND rowid < (SELECT rowid FROM articles WHERE id = ?) "
            "ORDER BY rowid LIMIT 1",
            _text_hash(article),
            article.id,
        )
        return str(rows[0][0]) if rows else None

    def passage_ids(self, article_ids: Iterable[str]) -> tuple[int, ...]:
        """The ids of the passages of these articles, ascending."""
        ids = list(article_ids)
        found: list[int] = []
        for at in range(0, len(ids), 500):
            some = ids[at : at + 500]
            marks = ", ".join("?" * len(some))
            found += [row[0] for row in self._rows(f"SELECT id FROM passages WHERE article_id IN ({marks})", *some)]
        return tuple(sorted(found))

    def passages(self, ids: Sequence[int]) -> dict[int, tuple[Passage, Article]]:
        """The passages of these ids that exist, each with its article."""
        marks = ", ".join("?" * len(ids))
        rows = self._rows(
            f'SELECT p.id, p.article_id, p.ordinal, p.start, p."end", {_ARTICLE} '
            f"FROM passages p JOIN articles a ON a.id = p.article_id WHERE p.id IN ({marks})",
            *ids,
        )
        found = {}
        for row in rows:
            article = _article(row[5:])
            found[row[0]] = (_passage(row, article.text), article)
        return found

    def all_passages(self) -> Iterator[tuple[int, str, str, str]]:
        """Yield passage id, article id, title and passage text, by passage id."""
        query = 'SELECT p.id, a.id, a.title, substr(a.text, p.start + 1, p."end" - p.start) FROM passages p'
        yield from self._rows(f"{query} JOIN articles a ON a.id = p.article_id ORDER BY p.id")

    def vectors(self) -> tuple[list[int], npt.NDArray[np.float32]]:
        """Every passage id, ascending, and the vectors in that order: `(n, dim)` float32."""
        rows = self._rows("SELECT id, vector FROM passages ORDER BY id")
        if not rows:
            return [], np.zeros((0, 0), dtype=np.float32)
        blobs = np.frombuffer(b"".join(row[1] for row in rows), dtype="<f2")
        return [row[0] for row in rows], blobs.reshape(len(rows), -1).astype(np.float32)

    def _put_one(self, article: Article, spans: Sequence[Span], vectors: npt.NDArray[np.float32]) -> tuple[int, ...]:
        self._db.execute("DELETE FROM articles WHERE id = ?", (article.id,))
        self._db.execute(
            "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                article.id,
                article.title,
                article.text,
                article.content_hash,
                _text_hash(article),
                article.source,
                str(article.published) if article.published else None,
                article.url,
                article.author,
            ),
        )
        ids = []
        for ordinal, (span, vector) in enumerate(zip(spans, vectors, strict=True)):
            row = (article.id, ordinal, span.start, span.end, vector.astype("<f2").tobytes())
            inserted = self._db.execute(
                'INSERT INTO passages (article_id, ordinal, start, "end", vector) VALUES (?, ?, ?, ?, ?)', row
            )
            ids.append(int(inserted.lastrowid or 0))
        return tuple(ids)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction: all of it and the next generation, or nothing. Raises: ArchiveError."""
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield
                self._db.execute("UPDATE settings SET value = value + 1 WHERE name = 'generation'")
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                raise _archive_error(self.path, error) from error
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            try:
                return self._db.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise _archive_error(self.path, error) from error

    def _known_version(self) -> int:
        """The schema's version; nothing is written to a file that is not ours. Raises: ArchiveError."""
        # One statement, so that another process that makes this archive now is seen before or after, not between.
        version, tables = self._db.execute(
            "SELECT (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_master)"
        ).fetchone()
        if tables and not version:
            raise ArchiveCorrupt(f"{self.path} is another program's database", "name another --archive")
        if version > len(_MIGRATIONS):
            raise ArchiveError(
                f"{self.path} was made by a newer nutgraf (schema {version}; this one knows {len(_MIGRATIONS)})",
                "upgrade nutgraf",
            )
        return int(version)

    def _migrate(self, version: int) -> None:
        for number, migration in enumerate(_MIGRATIONS[version:], start=version + 1):
            # Guarded, so that two processes that open a new archive at once do not both migrate it.
            self._db.execute("BEGIN IMMEDIATE")
            if int(self._db.execute("PRAGMA user_version").fetchone()[0]) < number:
                for statement in migration.split(";"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {number}")
            self._db.execute("COMMIT")


def as_stored(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """`vectors` as the store gives them back: rounded to float16, which keeps cosines to about 0.0005."""
    rounded: npt.NDArray[np.float32] = vectors.astype(np.float16).astype(np.float32)
    return rounded


def unknown(article_id: str) -> ArticleUnknown:
    return ArticleUnknown(f"there is no article {article_id!r}", "`nutgraf articles` lists the ids")


def _text_hash(article: Article) -> str:
    return hashlib.sha256(" ".join(article.text.split()).encode()).hexdigest()


def _article(row: Sequence[object]) -> Article:
    article_id, title, text, content_hash, source, published, url, author = row
    return Article(
        id=str(article_id),
        title=str(title),
        text=str(text),
        content_hash=str(content_hash),
        source=_optional(source),
        published=PublishedDate.parse(str(published)) if published else None,
        url=_optional(url),
        author=_optional(author),
    )


def _passage(row: Sequence[Any], text: str) -> Passage:
    passage_id, article_id, ordinal, start, end = row[:5]
    return Passage(passage_id, article_id, ordinal, start, end, text[start:end])


def _optional(value: object) -> str | None:
    return None if value is None else str(value)


def _archive_error(path: Path, error: sqlite3.Error) -> ArchiveError:
    text = str(error)
    if "locked" in text or "busy" in text:
        return ArchiveLocked(f"{path} is being written by another process", "wait for it, then try again")
    if "readonly" in text or "unable to open" in text:
        return ArchiveError(f"{path} cannot be opened: {text}", "check that the folder exists and is writable")
    if "full" in text:
        return ArchiveError(f"{path} cannot grow: {text}", "free some disk space; nothing was lost")
    return ArchiveCorrupt(f"{path} is damaged or no archive: {text}", "restore it, or ingest into another --archive")
