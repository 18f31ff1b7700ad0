"""Validate the filters of a question against an archive."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from rag.archive import Store, filters
from rag.errors import QuestionInvalid
from rag.types import Question

_SHOWN_NAMES = 20


def validate_filters(question: Question, store: Store) -> None:
    """Raises: QuestionInvalid, for days that run backwards, or an outlet, language or story that no article has."""
    first, last, as_of = question.published_from, question.published_to, question.as_of
    if first and last and first > last:
        raise QuestionInvalid(f"the dates run from {first} back to {last}", "put the earlier date first")
    if first and as_of and first > as_of:
        raise QuestionInvalid(
            f"the dates run from {first}, which is after the day asked from, {as_of}", "ask as of a later day"
        )
    _known_sources(question, store)
    _known_languages(question, store)
    _known_stories(question, store)


def outlets(source: str | None) -> dict[str, str]:
    """The names an outlet goes by, each under its lower case: `AP and dpa` is also `AP` and `dpa`."""
    if source is None:
        return {}
    parts = source.replace(" and ", ",").replace("/", ",").replace("&", ",").split(",")
    return {name.casefold(): name for name in (source, *(part.strip() for part in parts)) if name}


def source_names(source: str | None) -> set[str]:
    """The names an outlet goes by, in lower case."""
    return set(outlets(source))


def _known_sources(question: Question, store: Store) -> None:
    if not question.sources:
        return
    stored = store.sources()
    known = set().union(*(source_names(source) for source in stored))
    for name in question.sources:
        if name.casefold() not in known:
            ordered = tuple(dict.fromkeys((*get_close_matches(name, stored), *stored)))
            raise QuestionInvalid(f"no article is from {name!r}", f"the outlets are: {_first(ordered)}")


def _known_languages(question: Question, store: Store) -> None:
    if not question.languages:
        return
    stored = store.languages()
    known = {language.casefold() for language in stored}
    for name in question.languages:
        if name.casefold() not in known:
            raise QuestionInvalid(f"no article is known to be in {name!r}", f"the languages are: {_first(stored)}")


def _known_stories(question: Question, store: Store) -> None:
    if not question.stories:
        return
    for name in filters.unknown_stories(store.database, question.stories):
        # What is no text is no id either, and SQLite does not take it.
        told = store.stories([name]).get(name) if name.isprintable() else None
        if told:
            raise QuestionInvalid(f"{name!r} is an article, not a story", f"it tells the story {told}")
        largest = filters.by_story(store.database, filters.Filters(), 0, _SHOWN_NAMES + 1)
        raise QuestionInvalid(
            f"several articles must tell a story, and none tells {name!r}",
            f"the stories are: {_first([one.story for one in largest])}",
        )


def _first(names: Sequence[str]) -> str:
    """The first names, for people."""
    return ", ".join(names[:_SHOWN_NAMES]) + (" …" if len(names) > _SHOWN_NAMES else "") or "none"
