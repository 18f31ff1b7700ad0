"""What the user says of articles: edited titles, outlets, days and authors, and outlets that are one.

An edit is kept apart from what was read: the article shows it, its hash and its next reading do not know of it, and it
can be taken back at any time.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from rag.archive import schema
from rag.archive.articles import Store
from rag.errors import InputError
from rag.reading.dates import is_far_ahead
from rag.reading.encodings import one_line
from rag.types import Article, PublishedDate

_MAX_SUFFIX_CHARS = 3
FIELDS = ("title", "source", "published", "author")
_DATE_HINT = "write it as 2021-04-08, 2021-04 or 2021"
# An article's new values by field: a text, "" for none, None for what was read.
Changes = Mapping[str, str | None]


class Outlet(NamedTuple):
    """A name of an outlet and its articles; `names` are other names that were joined to it."""

    name: str
    articles: int
    names: tuple[str, ...] = ()


def outlet_key(name: str) -> str:
    """Reduce a name to what makes it the same outlet: its letters, without case and a leading "The".

    Of a host it is the site's label: `www.tarnpost.example` is "The Tarn Post".
    """
    if is_host(name):
        labels = name.casefold().split(".")[:-1]
        # `co.uk` and the like
        name = labels[-2] if len(labels) > 1 and len(labels[-1]) <= _MAX_SUFFIX_CHARS else labels[-1]
    return re.sub(r"^the\s+(?=\w)|[\W_]", "", name.casefold()) or name.casefold()


def is_host(name: str) -> bool:
    """Return whether an outlet is known by its host alone."""
    return re.fullmatch(r"[\w-]+(\.[\w-]+)+", name) is not None


def best_spelling(counts: Mapping[str, int]) -> str:
    """Return the spelling of an outlet that most of its articles use; a name rather than a host."""
    return min(counts, key=lambda name: (is_host(name), -counts[name], name))


def check(changes: Changes) -> dict[str, str | None]:
    """Return the changes with values on one line. Raises: InputError, naming the value."""
    clean = {name: value if value is None else _clean(value) for name, value in changes.items()}
    if not clean:
        raise InputError("there is nothing to change", "give a title, an outlet, a date or an author")
    if unknown := [name for name in clean if name not in FIELDS]:
        raise InputError(f"{unknown[0]!r} cannot be edited", f"the fields are {', '.join(FIELDS)}")
    if clean.get("title") == "":
        raise InputError("the title is empty", "an article needs a title")
    try:
        day = PublishedDate.parse(clean.get("published") or "2021")
    except ValueError as error:
        raise InputError(f"the date is {clean['published']!r}: {error}", _DATE_HINT) from error
    if is_far_ahead(day):
        raise InputError(f"the date is {clean['published']!r}, more than a year ahead of today", "check its year")
    return clean


def edited(article: Article, changes: Changes) -> Article:
    """Return the article with other values, and with what was read beside those that differ from it."""
    read = dict(article.edited)
    shown = article
    for name, value in changes.items():
        current = getattr(shown, name)
        as_read = read.pop(name, "" if current is None else str(current))
        new = as_read if value is None else value
        if new != as_read:
            read[name] = as_read
        parsed: Any = PublishedDate.parse(new) if new and name == "published" else new or None
        shown = replace(shown, **{name: parsed})
    return replace(shown, edited=tuple(sorted(read.items())))


def as_shown(article: Article, fields: Iterable[str]) -> dict[str, str | None]:
    """Return the changes that make an article show these fields as it does now."""
    mine = dict(article.edited)
    return {name: str(getattr(article, name) or "") if name in mine else None for name in fields}


def preview(store: Store, article_ids: Sequence[str], changes: Changes) -> dict[str, dict[str, int]]:
    """Count, by field, the values that `changes` would replace, the most frequent first; "" is none.

    Raises: InputError.
    """
    given = json.dumps(article_ids)
    query = "SELECT coalesce({0}, ''), count(*) FROM articles WHERE id IN (SELECT value FROM json_each(?)) GROUP BY {0}"
    return {
        field: dict(store.database.rows(f"{query.format(field)} ORDER BY count(*) DESC, {field}", given))
        for field in check(changes)
    }


def carried_over(article: Article, store: Store) -> Article:
    """Give an article that was just read the edits that the archive has for it, and the joined name of its outlet."""
    if article.edited:
        return article
    found = store.database.rows(f"SELECT {schema.ARTICLE} FROM articles a WHERE id = ?", article.id)
    stored = schema.parse_article(found[0]) if found else article
    changes = as_shown(stored, dict(stored.edited))
    if article.source and (shown := joined(store).get(outlet_key(article.source))):
        changes.setdefault("source", shown)
    return edited(article, changes) if changes else article


def write(store: Store, articles: Sequence[Article]) -> None:
    """Store the edits of articles whose texts and titles stay as they are stored, within `new_generation`."""
    store.database.write_all(
        f"UPDATE articles SET ({schema.COLUMNS}) = ({schema.PLACEHOLDERS}) WHERE id = ?",
        [(*schema.article_values(article), article.id) for article in articles],
    )


def _clean(text: str) -> str:
    """Return a value on one line; the archive takes no bytes that are not text."""
    return one_line(text.encode("utf-8", "replace").decode("utf-8")).strip()


# Outlets that are one


def outlets(store: Store) -> tuple[Outlet, ...]:
    """List the outlets, of most articles first, each in the spelling that most of its articles use."""
    counts: dict[str, Counter[str]] = {}
    for source, number in store.database.rows(
        "SELECT source, count(*) FROM articles WHERE source IS NOT NULL GROUP BY source"
    ):
        counts.setdefault(outlet_key(source), Counter())[source] += number
    names: dict[str, list[str]] = {}
    for name, shown in store.database.rows("SELECT name, shown FROM outlets ORDER BY name"):
        names.setdefault(outlet_key(shown), []).append(name)
    found = [
        Outlet(best_spelling(spelled), spelled.total(), tuple(names.get(key, ()))) for key, spelled in counts.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.articles, one.name)))


def join(store: Store, name: str, shown: str) -> tuple[Article, ...]:
    """Show one outlet under the name of another, now and when it is read again; return its articles as edited.

    Raises: InputError, if one of them is joined already, both are the same, or no article is from `name`.
    """
    named, name, given = joined(store), _clean(name), _clean(shown)
    key, shown = outlet_key(name), named.get(outlet_key(given), given)
    if not shown:
        raise InputError(f"the name to show for {name!r} is empty", "name the outlet, then another name to show")
    # Those that were joined to it before follow; what the user said of a single article stays.
    keys = {key, *(before for before, its in named.items() if outlet_key(its) == key)}
    mine = [one for one in _of(store, key) if outlet_key(dict(one.edited).get("source", key)) in keys]
    found = [one for one in mine if one.source != shown]
    if shown == name or not found:
        if before := next((one for one in (name, given) if outlet_key(one) in named), None):
            raise InputError(f"{before!r} is joined to {named[outlet_key(before)]!r}", f"split {before!r} first")
        if mine:
            raise InputError(f"{name!r} is shown as {shown!r} already", "give another name to show")
        raise InputError(f"no article is from {name!r}", "`nutgraf outlets` lists the names")
    store.database.write_all("UPDATE outlets SET shown = ? WHERE key = ?", [(shown, one) for one in sorted(keys)])
    store.database.write("INSERT OR REPLACE INTO outlets VALUES (?, ?, ?)", key, name, shown)
    changed = tuple(edited(article, {"source": shown}) for article in found)
    write(store, changed)
    return changed


def split(store: Store, name: str) -> tuple[Article, ...]:
    """Undo `join`: show an outlet under its own name again; return its articles.

    Raises: InputError, if it is not joined to another.
    """
    key = outlet_key(_clean(name))
    shown = joined(store).get(key)
    if shown is None:
        raise InputError(f"{name!r} is not joined to another outlet", "`nutgraf outlets` lists what is joined")
    store.database.write("DELETE FROM outlets WHERE key = ?", key)
    of_shown = (article for article in _of(store, outlet_key(shown)) if article.source == shown)
    found = [article for article in of_shown if outlet_key(dict(article.edited).get("source", "")) == key]
    changed = tuple(edited(article, {"source": None}) for article in found)
    write(store, changed)
    return changed


def joined(store: Store) -> dict[str, str]:
    """Map the key of each joined outlet to the name that its articles show."""
    return dict(store.database.rows("SELECT key, shown FROM outlets"))


def _of(store: Store, key: str) -> tuple[Article, ...]:
    """Return the articles of an outlet, under any spelling."""
    names = json.dumps([name for name in store.sources() if outlet_key(name) == key])
    query = f"SELECT {schema.ARTICLE} FROM articles a WHERE source IN (SELECT value FROM json_each(?)) ORDER BY id"
    return tuple(map(schema.parse_article, store.database.rows(query, names)))
