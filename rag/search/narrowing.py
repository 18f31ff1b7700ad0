"""What a question's filters let through: as the store knows them, counted for each filter, and in words."""

from __future__ import annotations

import calendar
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from rag.archive import Store, filters
from rag.archive.filters import Filters
from rag.facets import FacetCount, Facets
from rag.questions import outlets, source_names
from rag.types import Question

# On a page of the counts.
STORIES = 20
# Of a filter with many names.
_SHOWN_NAMES = 5


def stored(question: Question, store: Store) -> Filters:
    """The question's filters as the store knows them."""
    first, last, as_of = (
        day.isoformat() if day else None for day in (question.published_from, question.published_to, question.as_of)
    )
    sources = {name.casefold() for name in question.sources}
    languages = {name.casefold() for name in question.languages}
    return Filters(
        first=first,
        last=last,
        as_of=as_of,
        sources=tuple(name for name in store.sources() if sources & source_names(name)) if sources else None,
        languages=tuple(name for name in store.languages() if name.casefold() in languages) if languages else None,
        stories=question.stories or None,
    )


def facets(question: Question, store: Store, skip: int, limit: int) -> Facets:
    """The counts for a question's filters; of the stories at most `limit`, after the first `skip`."""
    every, database = stored(question, store), store.database
    without_story = every._replace(stories=None)
    articles = filters.count(database, every)
    months = filters.by_month(database, every._replace(first=None, last=None))
    return Facets(
        articles=articles,
        sources=_largest_first(_by_outlet(filters.by_source(database, every._replace(sources=None)))),
        months=tuple(
            FacetCount(*pair) for pair in sorted(months.items(), key=lambda pair: (pair[0] is None, pair[0] or ""))
        ),
        languages=_largest_first(_in_lower_case(filters.by_language(database, every._replace(languages=None)))),
        stories=tuple(FacetCount(*one) for one in filters.by_story(database, without_story, skip, limit)),
        stories_total=filters.count_stories(database, without_story),
        outside=outside(question, store) if question.narrowed and not articles else "",
    )


def note(question: Question) -> str:
    """Say which articles were read for a narrowed question."""
    undated = ", none without a full date" if _days(question) else ""
    return f"Only articles {_described(question)} were read{undated}."


def outside(question: Question, store: Store) -> str:
    """Why no article is inside the filters: those that leave none by themselves, else what each of them hides."""

    def left(narrowed: Question) -> int:
        return filters.count(store.database, stored(narrowed, store))

    parts = list(_apart(question))
    empty = [_described(alone) for alone, _ in parts if not left(alone)]
    if not empty:
        hidden = [(_described(alone), left(rest)) for alone, rest in parts]
        without = [f"Without “{phrase}”, {count:,} would be left." for phrase, count in hidden if count]
        return " ".join((f"No article in the archive is {_described(question)}.", *without))
    undated = filters.by_month(store.database, Filters()).get(None, 0) if _days(question) else 0
    unknown = f" Articles without a full date count as outside ({undated:,} here)." if undated else ""
    return f"No article in the archive is {' or '.join(empty)}.{unknown}"


def _apart(question: Question) -> Iterator[tuple[Question, Question]]:
    """Each filter of the question alone, and the question without it."""
    bare = Question(question.text)
    first, last = question.published_from, question.published_to
    if first or last:
        without = replace(question, published_from=None, published_to=None)
        yield replace(bare, published_from=first, published_to=last), without
    if question.as_of:
        yield replace(bare, as_of=question.as_of), replace(question, as_of=None)
    if question.sources:
        yield replace(bare, sources=question.sources), replace(question, sources=())
    if question.languages:
        yield replace(bare, languages=question.languages), replace(question, languages=())
    if question.stories:
        yield replace(bare, stories=question.stories), replace(question, stories=())


def _described(question: Question) -> str:
    """What the filters let through: "from April 2021 by DAWN"."""
    phrases = (_days(question), _names("by ", question.sources), _names("in ", question.languages))
    return " ".join(filter(None, (*phrases, _names("of the story ", question.stories))))


def _days(question: Question) -> str:
    first, last, as_of = question.published_from, question.published_to, question.as_of
    if first is None:
        latest = min(filter(None, (last, as_of)), default=None)
        return f"up to {latest}" if latest else ""
    told = _between(first, last) if last else f"from {first} on"
    return f"{told} and up to {as_of}" if as_of else told


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
    more = len(names) - _SHOWN_NAMES
    *most, last = (*names[:_SHOWN_NAMES], f"{more} others") if more > 1 else names
    return before + (f"{', '.join(most)} or {last}" if most else last)


def _by_outlet(counts: Mapping[str | None, int]) -> dict[str | None, int]:
    """The counts by every name of an outlet, in the spelling that most of its articles have."""
    totals, spellings = Counter[str](), defaultdict[str, Counter[str]](Counter)
    for source, count in counts.items():
        for key, name in outlets(source).items():
            totals[key] += count
            spellings[key][name] += count
    named: dict[str | None, int] = {
        min(spelt, key=lambda name: (-spelt[name], name)): totals[key] for key, spelt in spellings.items()
    }
    return named | ({None: counts[None]} if None in counts else {})


def _in_lower_case(counts: Mapping[str | None, int]) -> dict[str | None, int]:
    totals = Counter[str | None]()
    for name, count in counts.items():
        totals[name and name.casefold()] += count
    return totals


def _largest_first(counts: Mapping[str | None, int]) -> tuple[FacetCount, ...]:
    """By number, then by name; what is not known last."""
    ranked = sorted(counts.items(), key=lambda pair: (pair[0] is None, -pair[1], pair[0] or ""))
    return tuple(FacetCount(*pair) for pair in ranked)
