"""The filters of a question: which articles pass them, facet counts, and how they read in words.

No query here reads an article's text: a covering index has every column that a filter needs.
"""

from __future__ import annotations

import calendar
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rag.archive import edits
from rag.archive.articles import Store
from rag.archive.edits import best_spelling, joined, outlet_key
from rag.errors import QuestionInvalid
from rag.types import FacetCount, Facets, Question

# Stories on a page of facets.
STORIES = 20
_MAX_NAMES, _MAX_SUGGESTED_NAMES = 5, 20
_FILTER_FIELDS = (("published_from", "published_to"), ("as_of",), ("sources",), ("languages",), ("stories",))
# The month of a full date, else NULL.
_MONTH = "CASE length(published) WHEN 10 THEN substr(published, 1, 7) END"


class Filters(NamedTuple):
    """The filters of a question, as stored values. None leaves a filter open, () lets nothing through.

    Days are ISO 8601 and inclusive; if one is given, an article without a full date is outside.
    """

    first: str | None = None
    last: str | None = None
    as_of: str | None = None
    sources: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    stories: tuple[str, ...] | None = None

    def where(self) -> tuple[str, list[str]]:
        """Return the condition on a row of `articles`, and its values."""
        days = (("published >= ?", self.first), ("published <= ?", self.last), ("published <= ?", self.as_of))
        tests, values = ["TRUE"], list[str]()
        for test, day in days:
            if day is not None:
                tests += ["length(published) = 10", test]
                values.append(day)
        for column, names in (("source", self.sources), ("language", self.languages), ("story", self.stories)):
            if names is not None:
                # As one value: the number of parameters is limited.
                tests.append(f"{column} IN (SELECT value FROM json_each(?))")
                values.append(json.dumps(names))
        return " AND ".join(tests), values


class Allowed(NamedTuple):
    """The articles that pass the filters, and the ids of their passages; both ascending."""

    articles: tuple[str, ...]
    passages: npt.NDArray[np.int64]


def validate_filters(question: Question, store: Store) -> None:
    """Raises: QuestionInvalid, if dates run backwards or no article has an outlet, language or story."""
    first, last, as_of = question.published_from, question.published_to, question.as_of
    if first and last and first > last:
        raise QuestionInvalid(f"the dates run from {first} back to {last}", "put the earlier date first")
    if first and as_of and first > as_of:
        raise QuestionInvalid(f"the dates start on {first}, which is after the as-of day {as_of}", "use a later day")
    known = spelled_outlets(store)
    for name in question.sources:
        if outlet_key(name) not in known:
            names = [outlet.name for outlet in edits.outlets(store)]
            closest_first = tuple(dict.fromkeys((*get_close_matches(name, names), *names)))
            raise QuestionInvalid(f"no article is from {name!r}", f"the outlets are: {_listed(closest_first)}")
    languages = store.languages()
    for name in question.languages:
        if name.casefold() not in {language.casefold() for language in languages}:
            raise QuestionInvalid(f"no article is known to be in {name!r}", f"the languages are: {_listed(languages)}")
    if unknown := unknown_stories(question.stories, store):
        name = unknown[0]
        if story := store.stories([name]).get(name):
            raise QuestionInvalid(f"{name!r} is an article, not a story", f"it belongs to the story {story}")
        largest = [facet.value or "" for facet in _story_counts(Filters(), store, 0, _MAX_SUGGESTED_NAMES + 1)]
        raise QuestionInvalid(
            f"there is no story {name!r}: a story needs several articles", f"the stories are: {_listed(largest)}"
        )


def spelled_outlets(store: Store) -> dict[str, str]:
    """Map the key of each outlet of the archive to its name in most articles; the key of a joined one to the other."""
    spelled = {outlet_key(name): name for name in _by_outlet(_counts("source", Filters(), store)) if name}
    others = ((key, outlet_key(shown)) for key, shown in joined(store).items())
    return spelled | {key: spelled[shown] for key, shown in others if shown in spelled}


def compared_outlets(question: Question, store: Store) -> tuple[str, ...]:
    """Return the outlets of a valid question as most articles name them. Raises: QuestionInvalid, if they are few."""
    spelled = spelled_outlets(store)
    names = tuple(dict.fromkeys(spelled[outlet_key(name)] for name in question.sources))
    if len(names) < 2:
        given = f"only {names[0]!r} is" if names else "none is"
        listed = _listed(tuple(dict.fromkeys(spelled.values())))
        raise QuestionInvalid(f"a comparison needs two outlets, and {given} named", f"the outlets are: {listed}")
    return names


def resolve(question: Question, store: Store) -> Filters:
    """Translate the filters of a question to stored values: `ap` to `AP` and `AP and dpa`."""
    first, last, as_of = (
        day.isoformat() if day else None for day in (question.published_from, question.published_to, question.as_of)
    )
    spelled = spelled_outlets(store) if question.sources else {}
    # Of a joined name, also the articles that still show it, such as those of "AP and dpa".
    sources = {outlet_key(shown) for name in question.sources for shown in (name, spelled.get(outlet_key(name), name))}
    languages = {name.casefold() for name in question.languages}
    return Filters(
        first=first,
        last=last,
        as_of=as_of,
        sources=tuple(name for name in store.sources() if sources & source_names(name)) if sources else None,
        languages=tuple(name for name in store.languages() if name.casefold() in languages) if languages else None,
        stories=question.stories or None,
    )


def outlets(source: str | None) -> dict[str, str]:
    """Map the key of each name of an outlet to the name: `AP and dpa` is also `AP` and `dpa`."""
    if source is None:
        return {}
    parts = source.replace(" and ", ",").replace("/", ",").replace("&", ",").split(",")
    return {outlet_key(name): name for name in (source, *(part.strip() for part in parts)) if name}


def source_names(source: str | None) -> set[str]:
    """Return the keys of the names of an outlet."""
    return set(outlets(source))


# Queries


def allowed(filters: Filters, store: Store) -> Allowed:
    """Return the articles and passages that pass the filters."""
    where, values = filters.where()
    # Sorted here: ORDER BY id would make SQLite read the table instead of the covering index.
    articles = store.database.rows(f"SELECT id FROM articles WHERE {where}", *values)
    # CROSS JOIN fixes the join order, for the same reason. One string: 60,000 rows take several times as long.
    query = f"SELECT group_concat(p.id) FROM articles a CROSS JOIN passages p ON p.article_id = a.id WHERE {where}"
    ids = store.database.rows(query, *values)[0][0]
    passages = np.fromstring(ids, np.int64, sep=",") if ids else np.empty(0, np.int64)
    return Allowed(tuple(sorted(row[0] for row in articles)), np.sort(passages))


def count(filters: Filters, store: Store) -> int:
    """Count the articles that pass the filters."""
    where, values = filters.where()
    return int(store.database.rows(f"SELECT count(*) FROM articles WHERE {where}", *values)[0][0])


def foremost(filters: Filters, store: Store, limit: int) -> tuple[str, ...]:
    """Return the id of one article of each story that passes: stories of most articles first, then the newest.

    An article without a story counts as one of its own. Ties by id.
    """
    where, values = filters.where()
    query = (
        f"SELECT min(id) FROM articles WHERE {where} GROUP BY coalesce(story, id) ORDER BY count(*) DESC, "
        "max(CASE length(published) WHEN 10 THEN published ELSE '' END) DESC, min(id) LIMIT ?"
    )
    return tuple(row[0] for row in store.database.rows(query, *values, limit))


def unknown_stories(names: Sequence[str], store: Store) -> tuple[str, ...]:
    """Return those of `names` that are not stories, in order."""
    query = (
        "SELECT key FROM json_each(?) WHERE NOT EXISTS (SELECT story FROM articles WHERE story = value) ORDER BY key"
    )
    return tuple(names[row[0]] for row in store.database.rows(query, json.dumps(names)))


def _counts(key: str, filters: Filters, store: Store) -> dict[str | None, int]:
    where, values = filters.where()
    return dict(store.database.rows(f"SELECT {key}, count(*) FROM articles WHERE {where} GROUP BY 1", *values))


def _story_counts(filters: Filters, store: Store, skip: int, limit: int) -> tuple[FacetCount, ...]:
    """The largest stories, each with the title of its newest article and the day of its first; ties by id."""
    where, values = filters.where()
    inside = f"FROM articles WHERE story IS NOT NULL AND {where}"
    counted = (
        "SELECT story, count(*) AS articles, min(CASE length(published) WHEN 10 THEN published END) AS since "
        f"{inside} GROUP BY story ORDER BY articles DESC, story LIMIT ? OFFSET ?"
    )
    newest = (
        f"SELECT title {inside} AND story = c.story ORDER BY length(published) = 10 DESC, published DESC, id LIMIT 1"
    )
    query = f"SELECT c.story, c.articles, ({newest}), coalesce(c.since, '') FROM ({counted}) c ORDER BY 2 DESC, 1"
    return tuple(FacetCount(*row) for row in store.database.rows(query, *values, *values, limit, skip))


# Facets


def facets(question: Question, store: Store, skip: int, limit: int) -> Facets:
    """Count the articles for each value of each filter; of the stories, `limit` after the first `skip`."""
    every = resolve(question, store)
    other_than_story = every._replace(stories=None)
    where, values = other_than_story.where()
    query = f"SELECT count(DISTINCT story) FROM articles WHERE story IS NOT NULL AND {where}"
    articles = count(every, store)
    months = _counts(_MONTH, every._replace(first=None, last=None), store)
    languages = Counter[str | None]()
    for language, number in _counts("language", every._replace(languages=None), store).items():
        languages[language and language.casefold()] += number
    return Facets(
        articles=articles,
        sources=_largest_first(_by_outlet(_counts("source", every._replace(sources=None), store))),
        months=tuple(FacetCount(*pair) for pair in sorted(months.items(), key=lambda it: (it[0] is None, it[0] or ""))),
        languages=_largest_first(languages),
        stories=_story_counts(other_than_story, store, skip, limit),
        stories_total=int(store.database.rows(query, *values)[0][0]),
        outside=explain_empty(question, store) if question.narrowed and not articles else "",
    )


def _by_outlet(counts: Mapping[str | None, int]) -> dict[str | None, int]:
    """Add up the counts by outlet name, in the spelling that most articles use."""
    totals, spellings = Counter[str](), defaultdict[str, Counter[str]](Counter)
    for source, number in counts.items():
        for key, name in outlets(source).items():
            totals[key] += number
            spellings[key][name] += number
    named: dict[str | None, int] = {best_spelling(spelled): totals[key] for key, spelled in spellings.items()}
    return named | ({None: counts[None]} if None in counts else {})


def _largest_first(counts: Mapping[str | None, int]) -> tuple[FacetCount, ...]:
    """By count, then by name; unknown last."""
    ranked = sorted(counts.items(), key=lambda pair: (pair[0] is None, -pair[1], pair[0] or ""))
    return tuple(FacetCount(*pair) for pair in ranked)


# In words


def note(question: Question) -> str:
    """Say which articles a filtered question searched."""
    undated = "; articles without a full date were left out" if _days(question) else ""
    return f"Only articles {_described(question)} were searched{undated}."


def explain_empty(question: Question, store: Store) -> str:
    """Say why no article passes: name the filters that let nothing through, else what each one hides."""

    def passing(some: Question) -> int:
        return count(resolve(some, store), store)

    filters = list(_each_filter(question))
    empty = [_described(alone) for alone, _ in filters if not passing(alone)]
    if not empty:
        hidden = [(_described(alone), passing(rest)) for alone, rest in filters]
        without = [f"Without “{phrase}”, {number:,} would be left." for phrase, number in hidden if number]
        return " ".join((f"No article in the archive is {_described(question)}.", *without))
    undated = _counts(_MONTH, Filters(), store).get(None, 0) if _days(question) else 0
    partial = f" Articles without a full date are left out ({undated:,} here)." if undated else ""
    return f"No article in the archive is {' or '.join(empty)}.{partial}"


def _each_filter(question: Question) -> Iterator[tuple[Question, Question]]:
    """Yield for each filter a question with it alone, and the question without it."""
    bare = Question(question.text)
    for group in _FILTER_FIELDS:
        given = {name: getattr(question, name) for name in group}
        if any(given.values()):
            yield replace(bare, **given), replace(question, **{name: getattr(bare, name) for name in group})


def _described(question: Question) -> str:
    """The filters as a phrase: "from April 2021 by DAWN"."""
    phrases = (
        _days(question),
        _names("by ", question.sources),
        _names("in ", question.languages),
        _names("of the story ", question.stories),
    )
    return " ".join(filter(None, phrases))


def _days(question: Question) -> str:
    first, last, as_of = question.published_from, question.published_to, question.as_of
    if first is None:
        latest = min(filter(None, (last, as_of)), default=None)
        return f"up to {latest}" if latest else ""
    days = _between(first, last) if last else f"from {first} on"
    return f"{days} and up to {as_of}" if as_of else days


def _between(first: date, last: date) -> str:
    if first == last:
        return f"of {first}"
    if (first.year, first.month, first.day) == (last.year, 1, 1) and (last.month, last.day) == (12, 31):
        return f"from {first.year}"
    if first.replace(day=calendar.monthrange(first.year, first.month)[1]) == last and first.day == 1:
        return f"from {calendar.month_name[first.month]} {first.year}"
    return f"from {first} to {last}"


def _names(before: str, names: Sequence[str]) -> str:
    if not names:
        return ""
    more = len(names) - _MAX_NAMES
    *most, last = (*names[:_MAX_NAMES], f"{more} others") if more > 1 else names
    return before + (f"{', '.join(most)} or {last}" if most else last)


def _listed(names: Sequence[str]) -> str:
    """The first names, for a hint."""
    more = " …" if len(names) > _MAX_SUGGESTED_NAMES else ""
    return ", ".join(names[:_MAX_SUGGESTED_NAMES]) + more or "none"
