"""The archive's tables, as a list of migrations."""

from __future__ import annotations

# Numbered by place, from 1; append, never edit: an archive remembers how many it has had.
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
    # What the indexes were made from; where each article came from, the versions before it, and the copies of it.
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
    # Narrowing a question reads this alone, not the articles.
    "CREATE INDEX articles_by_day ON articles (published, source, id);",
    # The same for every filter, and for the counts of each.
    """
    DROP INDEX articles_by_day;
    CREATE INDEX articles_by_filter ON articles (published, source, language, story, id);
    """,
    # Chats. A question that was replaced is kept where somebody had marked it. Articles are not referred to: a turn
    # stays as it was shown when they are changed or removed.
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
)
