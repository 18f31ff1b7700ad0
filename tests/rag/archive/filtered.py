"""A small archive with every kind of outlet, date, language and story, and a brute-force filter for it."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from datetime import date

from hypothesis import strategies as st

from rag.types import Article, PublishedDate, Question
from tests.rag.making import article

WIRE = (
    "Heavy rain destroyed two hundred homes in the north on Monday, officials said. Rescue teams reached the valley "
    "by boat in the evening. The governor asked for blankets, tents and clean water. Schools stay closed until Friday."
)
VOTE = (
    "The council of the port voted for a second bridge after a debate of nine hours. Its mayor said that the work "
    "begins in autumn. Three members stayed away, and two promised to go to court over the noise that ships make."
)
# By hand, so that the tests know it from elsewhere than the code: what each outlet counts as.
COUNTS_AS = {
    "DAWN": {"dawn"},
    "Dawn": {"dawn"},
    "AP and dpa": {"ap and dpa", "ap", "dpa"},
    "ap": {"ap"},
    "Reuters": {"reuters"},
    None: set[str](),
}
NAMES = ("DAWN", "dawn", "AP", "dpa", "AP and dpa", "Reuters")
DATES = (
    PublishedDate(2021, 3, 31),
    PublishedDate(2021, 4, 1),
    PublishedDate(2021, 4, 8),
    PublishedDate(2021, 4, 30),
    PublishedDate(2021, 5, 1),
    PublishedDate(2021, 4),
    PublishedDate(2021),
    PublishedDate(0, 4, 7),
    PublishedDate(0, 4),
    None,
)
LANGUAGES = ("en", "de", "fr", None)


def made(specimens: Sequence[tuple[int, str | None, PublishedDate | None, str | None]]) -> list[Article]:
    """Make articles `a00`, `a01`, … of (kind of text, outlet, date, language); kinds 0 and 1 are one story each."""
    found = []
    for number, (kind, source, published, language) in enumerate(specimens):
        own = f"Lavrov came to town number{number} and spoke of bridge and rain with guest{number * 7}."
        text = (WIRE, VOTE, own)[kind]
        found.append(article(f"a{number:02}", text, source, published, language))
    return found


specimens = st.tuples(
    st.integers(0, 2), st.sampled_from(list(COUNTS_AS)), st.sampled_from(DATES), st.sampled_from(LANGUAGES)
)
# Each outlet, date and language with each kind of text somewhere.
EVERY = made(
    [
        (at % 3, list(COUNTS_AS)[at % 6], DATES[(at * 3 + at // 10) % 10], LANGUAGES[(at + at // 4) % 4])
        for at in range(60)
    ]
)
days = st.none() | st.dates(date(2021, 3, 30), date(2021, 5, 2))


@st.composite
def questions(draw: st.DrawFn, stories: Sequence[str], languages: Sequence[str], sources: Sequence[str]) -> Question:
    """Draw a question with any filters, with values from the archive."""

    def some(values: Sequence[str]) -> tuple[str, ...]:
        return tuple(draw(st.lists(st.sampled_from(values), max_size=2))) if values else ()

    first, last = draw(days), draw(days)
    if first and last and first > last:
        first, last = last, first
    as_of = draw(days)
    if first and as_of and first > as_of:
        as_of = None
    return Question(
        "bridge rain Lavrov",
        published_from=first,
        published_to=last,
        sources=some(sources),
        languages=some(languages),
        stories=some(stories),
        as_of=as_of,
    )


def fits(item: Article, story: str | None, question: Question) -> bool:
    """Whether an article passes every filter."""
    day = item.published.day_known if item.published else None
    bounds = (question.published_from, question.published_to, question.as_of)
    if any(bounds):
        first, last, as_of = bounds
        if day is None or (first and day < first) or (last and day > last) or (as_of and day > as_of):
            return False
    if question.sources and not COUNTS_AS[item.source] & {name.lower() for name in question.sources}:
        return False
    if question.languages and (item.language or "") not in [name.lower() for name in question.languages]:
        return False
    return not question.stories or story in question.stories


def by_brute_force(articles: Sequence[Article], stories: Mapping[str, str], question: Question) -> tuple[str, ...]:
    """Return the ids of the articles that pass, ascending."""
    return tuple(sorted(item.id for item in articles if fits(item, stories.get(item.id), question)))


def month_of(value: str) -> tuple[date, date]:
    """Return the first and last day of a month such as `2021-04`."""
    year, month = map(int, value.split("-"))
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
