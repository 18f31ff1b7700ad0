"""Names beside the dates of articles that may be their outlets': what the whole archive says of them.

A text alone cannot tell an outlet from an author or a town: `Vale Record, 5 May 2024`. What is decided is computed from
the archive as it is, so that it does not depend on the order of reading, and follows what the user edits.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from rag.archive.articles import Store
from rag.archive.edits import edited, joined, outlet_key
from rag.reading.masthead import BESIDE_DATE
from rag.types import Article

# A name that nothing knows is an outlet's if this many articles of a folder have it and of the others there this share
# has a known one: among authors or towns, hardly any is known.
_MIN_ARTICLES, _MIN_KNOWN_SHARE = 3, 0.5
# A town stands in most of the texts that come from it.
_MAX_IN_TEXT = 1 / 3
# A text takes an author for its outlet now and then: once in some hundred.
_MIN_TOLD, _MIN_TOLD_SHARE = 2, 0.1
_LAST_PART = re.compile(r"[^/\\!:]*$")


class _Named(NamedTuple):
    """An article with a candidate and its outlet key; `source` is what it shows, `edited` whether the user said so."""

    id: str
    name: str
    source: str | None
    edited: bool
    folder: str
    key: str


def settled(store: Store) -> tuple[Article, ...]:
    """Show candidates that the archive knows as outlets, and no others; return the articles as they are to be stored.

    What the user edited stays. Names that were joined are shown under the other name.
    """
    query = "SELECT id, candidate, source, edited, origin FROM articles WHERE candidate IS NOT NULL"
    rows = store.database.rows(query)
    keys = {name: outlet_key(name) for name in {row[1] for row in rows}}
    named = [
        _Named(article_id, name, source, "source" in json.loads(its), _LAST_PART.sub("", origin), keys[name])
        for article_id, name, source, its, origin in rows
    ]
    if not named:
        return ()
    outlets, shown = _outlets(store, named), joined(store)
    changed = []
    for one in (one for one in named if not one.edited):
        source = one.name if one.key in outlets else None
        if source != one.source or (source and one.key in shown):
            article = replace(store.article(one.id), source=source)
            changed.append(edited(article, {"source": shown[one.key]}) if source and one.key in shown else article)
    return tuple(changed)


def _outlets(store: Store, named: Sequence[_Named]) -> set[str]:
    """Return the keys of the candidates that are outlets'. The user's word counts first, then an author's line."""
    said = {outlet_key(one.source) for one in named if one.edited and one.source} | joined(store).keys()
    authors, told = _authors(store), _told(store, named)
    counts = Counter(one.key for one in named)
    often = {key for key, count in counts.items() if told[key] >= max(_MIN_TOLD, count * _MIN_TOLD_SHARE)}
    known = often - authors | said
    unknown: dict[str, list[_Named]] = defaultdict(list)
    for one in named:
        if one.key not in known | authors and " " in one.name:
            unknown[one.folder].append(one)
    return known.union(*(_recurring(store, folder, its, known) for folder, its in unknown.items()))


def _authors(store: Store) -> set[str]:
    """Return the keys of the authors, of each where an article has several."""
    found = store.database.rows("SELECT DISTINCT author FROM articles WHERE author IS NOT NULL")
    return {outlet_key(name) for (names,) in found for name in names.split(", ") if name}


def _told(store: Store, named: Sequence[_Named]) -> Counter[str]:
    """Count the articles of each outlet that show it for another reason than its candidate."""
    query = "SELECT source, count(*) FROM articles WHERE source IS NOT NULL GROUP BY source"
    by_candidate = Counter(one.source for one in named if not one.edited)
    told: Counter[str] = Counter()
    for source, count in store.database.rows(query):
        told[outlet_key(source)] += count - by_candidate[source]
    return told


def _recurring(store: Store, folder: str, named: Sequence[_Named], known: set[str]) -> set[str]:
    """Return the keys of names that recur in a folder where most names beside a date are known outlets'."""
    counts = Counter(one.key for one in named)
    often = {key for key, count in counts.items() if count >= _MIN_ARTICLES}
    if not often:
        return set()
    beside = store.database.rows(
        "SELECT a.candidate, count(DISTINCT a.id) FROM readings r JOIN articles a ON a.id = r.article_id "
        "WHERE r.origin BETWEEN ? AND ? AND (a.candidate IS NOT NULL OR json_extract(a.told_by, '$.source') = ?) "
        "GROUP BY a.candidate",
        *(folder, f"{folder}\U0010ffff", BESIDE_DATE),
    )
    told = sum(count for name, count in beside if name is None or outlet_key(name) in known)
    total = sum(count for _, count in beside)
    often = {key for key in often if told >= max(counts[key], (total - counts[key]) * _MIN_KNOWN_SHARE)}
    ids = json.dumps([one.id for one in named if one.key in often])
    mentioned = store.database.rows(
        "SELECT candidate FROM articles WHERE id IN (SELECT value FROM json_each(?)) "
        "AND instr(lower(text), lower(candidate))",
        ids,
    )
    in_text = Counter(outlet_key(name) for (name,) in mentioned)
    return {key for key in often if in_text[key] <= counts[key] * _MAX_IN_TEXT}
