"""The tables of the archive as a list of migrations, and how articles map to rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.errors import ArchiveCorrupt
from rag.types import Article, PublishedDate

# Version n is the n-th migration. Append only: an archive stores how many were applied (user_version).
MIGRATIONS = (
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
    # The archive's identity; the origins, older versions and near-duplicates of each article; staged passages.
    """
    INSERT INTO settings VALUES ('archive', lower(hex(randomblob(16))));
    DROP INDEX articles_by_text_hash;
    ALTER TABLE articles DROP COLUMN text_hash;
    ALTER TABLE articles ADD COLUMN language TEXT;
    ALTER TABLE articles ADD COLUMN origin TEXT NOT NULL DEFAULT '';
    ALTER TABLE articles ADD COLUMN told_by TEXT NOT NULL DEFAULT '{}';
    ALTER TABLE articles ADD COLUMN story TEXT;
    CREATE INDEX articles_by_story ON articles (story) WHERE story IS NOT NULL;
    CREATE TABLE versions (
        article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE, number INTEGER NOT NULL,
        title TEXT NOT NULL, text TEXT NOT NULL, content_hash TEXT NOT NULL, source TEXT, published TEXT, url TEXT,
        author TEXT, language TEXT, origin TEXT NOT NULL, told_by TEXT NOT NULL,
        PRIMARY KEY (article_id, number)
    ) STRICT;
    CREATE TABLE readings (
        origin TEXT PRIMARY KEY, article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
        content_hash TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX readings_by_article ON readings (article_id);
    CREATE TABLE signatures (
        number INTEGER PRIMARY KEY, article_id TEXT NOT NULL UNIQUE REFERENCES articles (id) ON DELETE CASCADE,
        bands BLOB NOT NULL
    ) STRICT;
    CREATE TABLE bands (band INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (band, number))
        STRICT, WITHOUT ROWID;
    CREATE TABLE staged (
        article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE, content_hash TEXT NOT NULL,
        made_by TEXT NOT NULL, ordinal INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
        vector BLOB NOT NULL, PRIMARY KEY (article_id, ordinal)
    ) STRICT;
    """,
    # Covering index for filters, so that no article text is read.
    "CREATE INDEX articles_by_day ON articles (published, source, id);",
    # Extended to all filters and to facet counts.
    """
    DROP INDEX articles_by_day;
    CREATE INDEX articles_by_filter ON articles (published, source, language, story, id);
    """,
    # Chats. A replaced turn is kept if it is rated. Answers are stored as JSON without references to articles: a turn
    # stays as it was shown when articles change or are removed.
    """
    CREATE TABLE chats (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, created TEXT NOT NULL,
        changed TEXT NOT NULL
    ) STRICT;
    CREATE INDEX chats_by_change ON chats (changed, id);
    CREATE TABLE turns (
        id INTEGER PRIMARY KEY AUTOINCREMENT, chat INTEGER NOT NULL REFERENCES chats (number) ON DELETE CASCADE,
        replaced INTEGER NOT NULL DEFAULT 0, asked TEXT NOT NULL, question TEXT NOT NULL, answer TEXT, problem TEXT,
        hint TEXT, good INTEGER, note TEXT, rated TEXT
    ) STRICT;
    CREATE INDEX turns_by_chat ON turns (chat, replaced, id);
    CREATE INDEX turns_by_rating ON turns (good, id) WHERE good IS NOT NULL;
    CREATE VIRTUAL TABLE title_words USING fts5 (words, tokenize = "unicode61 remove_diacritics 2");
    CREATE VIRTUAL TABLE turn_words USING fts5 (words, tokenize = "unicode61 remove_diacritics 2");
    """,
    # Edits: an article's columns hold what is shown, `edited` what was read instead. Joined outlets.
    """
    ALTER TABLE articles ADD COLUMN edited TEXT NOT NULL DEFAULT '{}';
    ALTER TABLE versions ADD COLUMN edited TEXT NOT NULL DEFAULT '{}';
    CREATE TABLE outlets (key TEXT PRIMARY KEY, name TEXT NOT NULL, shown TEXT NOT NULL) STRICT;
    """,
    # Names that may be an outlet's, and indexes to decide that by without reading texts.
    """
    ALTER TABLE articles ADD COLUMN candidate TEXT;
    ALTER TABLE versions ADD COLUMN candidate TEXT;
    CREATE INDEX articles_by_candidate ON articles (candidate, source, edited, origin, id) WHERE candidate IS NOT NULL;
    CREATE INDEX articles_by_author ON articles (author) WHERE author IS NOT NULL;
    """,
)

_COLUMNS = (
    *("title", "text", "content_hash", "source", "published", "url", "author", "language", "origin", "told_by"),
    *("edited", "candidate"),
)
# The columns that `articles` and `versions` share, and as many placeholders.
COLUMNS = ", ".join(_COLUMNS)
PLACEHOLDERS = ", ".join("?" * len(_COLUMNS))
# An article's id and columns, selected from `articles a`.
ARTICLE = ", ".join(f"a.{name}" for name in ("id", *_COLUMNS))


def article_values(article: Article) -> tuple[object, ...]:
    """The values of an article in the order of `COLUMNS`: all but its id."""
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
        json.dumps(dict(article.edited), ensure_ascii=False),
        article.candidate,
    )


def parse_article(row: Sequence[Any]) -> Article:
    """Make an article of its id and the values of `COLUMNS`. Raises: ArchiveCorrupt."""
    article_id, title, text, content_hash, source, published, url, author, language, origin, *rest = row
    told_by, edited, candidate = rest
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
            edited=tuple(sorted(json.loads(edited).items())),
            candidate=candidate,
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise ArchiveCorrupt(
            f"the article {article_id!r} is damaged in the database: {error}", "remove it and ingest it again"
        ) from error


def vector_blob(vector: npt.NDArray[np.float32]) -> bytes:
    """A vector as it is stored: little-endian float16, which keeps cosines to about 0.0005."""
    return vector.astype("<f2").tobytes()


def parse_vectors(blobs: Sequence[bytes]) -> npt.NDArray[np.float32]:
    """The vectors of some rows: `(len(blobs), dim)` float32."""
    flat = np.frombuffer(b"".join(blobs), dtype="<f2")
    return flat.reshape(len(blobs), -1 if blobs else 0).astype(np.float32)


def as_stored(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Round vectors to what the archive gives back."""
    rounded: npt.NDArray[np.float32] = vectors.astype(np.float16).astype(np.float32)
    return rounded
