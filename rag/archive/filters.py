"""What is inside the filters of a question, and how many articles each filter would leave, without their texts."""

from __future__ import annotations

import json
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rag.archive.database import Database


class Filters(NamedTuple):
    """What an article must be to be inside; None leaves a filter open, () lets nothing through.

    Days are written YYYY-MM-DD and included; where one is given, an article without a whole day is outside. The
    others are as they are stored.
    """

    first: str | None = None
    last: str | None = None
    as_of: str | None = None
    sources: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    stories: tuple[str, ...] | None = None


class StoryCount(NamedTuple):
    """A story, how many of the articles that tell it are inside, and the title of the first of them by id."""

    story: str
    articles: int
    title: str


def inside(database: Database, filters: Filters) -> tuple[tuple[str, ...], npt.NDArray[np.int64]]:
    """The ids of the articles inside, and of their passages: both ascending."""
    fits, values = _where(filters)
    # In no order, and CROSS, which SQLite takes as the order to join in: else it reads the articles, and not an index.
    articles = database.rows(f"SELECT id FROM articles WHERE {fits}", *values)
    # As one text: 60,000 rows take several times as long.
    query = f"SELECT group_concat(p.id) FROM articles a CROSS JOIN passages p ON p.article_id = a.id WHERE {fits}"
    text = database.rows(query, *values)[0][0]
    passages = np.fromstring(text, np.int64, sep=",") if text else np.empty(0, np.int64)
    return tuple(sorted(row[0] for row in articles)), np.sort(passages)


def count(database: Database, filters: Filters) -> int:
    """How many articles are inside."""
    fits, values = _where(filters)
    return int(database.rows(f"SELECT count(*) FROM articles WHERE {fits}", *values)[0][0])


def foremost(database: Database, filters: Filters, limit: int) -> tuple[str, ...]:
    """An article of each story inside, by id: those told by most articles first, then the newest; ties by id.

    An article that tells its story alone is one, too.
    """
    fits, values = _where(filters)
    query = (
        f"SELECT min(id) FROM articles WHERE {fits} GROUP BY coalesce(story, id) ORDER BY count(*) DESC, "
        "max(CASE length(published) WHEN 10 THEN published ELSE '' END) DESC, min(id) LIMIT ?"
    )
    return tuple(row[0] for row in database.rows(query, *values, limit))


def by_source(database: Database, filters: Filters) -> dict[str | None, int]:
    """How many articles inside each stored outlet has."""
    return _by("source", database, filters)


def by_month(database: Database, filters: Filters) -> dict[str | None, int]:
    """How many articles inside were published in each month, `2021-04`; None: without a whole day."""
    return _by("CASE length(published) WHEN 10 THEN substr(published, 1, 7) END", database, filters)


def by_language(database: Database, filters: Filters) -> dict[str | None, int]:
    """How many articles inside each language has."""
    return _by("language", database, filters)


def by_story(database: Database, filters: Filters, skip: int, limit: int) -> tuple[StoryCount, ...]:
    """The stories with most articles inside, after the first `skip`, at most `limit`; ties by id."""
    fits, values = _where(filters)
    counted = (
        f"SELECT story, count(*) AS articles, min(id) AS first FROM articles WHERE story IS NOT NULL AND {fits} "
        "GROUP BY story ORDER BY articles DESC, story LIMIT ? OFFSET ?"
    )
    query = (
        f"SELECT c.story, c.articles, a.title FROM ({counted}) c JOIN articles a ON a.id = c.first ORDER BY 2 DESC, 1"
    )
    return tuple(StoryCount(*row) for row in database.rows(query, *values, limit, skip))


def count_stories(database: Database, filters: Filters) -> int:
    """How many stories have an article inside."""
    fits, values = _where(filters)
    query = f"SELECT count(DISTINCT story) FROM articles WHERE story IS NOT NULL AND {fits}"
    return int(database.rows(query, *values)[0][0])


def unknown_stories(database: Database, stories: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `stories` that no article tells, in their order."""
    known = "SELECT story FROM articles WHERE story = value"
    query = f"SELECT key FROM json_each(?) WHERE NOT EXISTS ({known})"
    return tuple(stories[row[0]] for row in database.rows(query, json.dumps(stories)))


def _by(key: str, database: Database, filters: Filters) -> dict[str | None, int]:
    fits, values = _where(filters)
    return dict(database.rows(f"SELECT {key}, count(*) FROM articles WHERE {fits} GROUP BY 1", *values))


def _where(filters: Filters) -> tuple[str, list[str]]:
    """The condition on a row of `articles`, and its values."""
    days = (("published >= ?", filters.first), ("published <= ?", filters.last), ("published <= ?", filters.as_of))
    tests, values = ["TRUE"], list[str]()
    for test, day in days:
        if day is not None:
            tests += ["length(published) = 10", test]
            values.append(day)
    named = (("source", filters.sources), ("language", filters.languages), ("story", filters.stories))
    for column, names in named:
        if names is not None:
            # As one value: a statement takes only so many.
            tests.append(f"{column} IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(names))
    return " AND ".join(tests), values
