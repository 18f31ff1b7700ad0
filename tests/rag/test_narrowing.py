"""Filters: each alone and together, in every search, beside a brute-force filter; and how they are told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag import Assistant, QuestionInvalid
from rag.archive import Store, filters
from rag.archive.filters import Filters
from rag.search import narrowing
from rag.search.retrieval import allowed, retrieve
from rag.types import PublishedDate, Question
from tests.fakes import HashEncoder
from tests.rag.filtered import EVERY, NAMES, WIRE, by_brute_force, questions
from tests.rag.making import article, assistant, put

STORY, OTHER_STORY = "a00", "a04"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with assistant(tmp_path_factory.mktemp("narrowing")) as opened:
        put(opened._store, *EVERY)
        yield opened


@pytest.fixture(scope="module")
def stories(archive: Assistant) -> dict[str, str]:
    found = archive._store.stories([item.id for item in EVERY])
    assert set(found.values()) >= {STORY, OTHER_STORY}
    return found


def question(**narrowed: object) -> Question:
    return replace(Question("bridge rain Lavrov"), **narrowed)  # type: ignore[arg-type]


ALONE = [
    question(published_from=date(2021, 4, 8)),
    question(published_to=date(2021, 4, 8)),
    question(published_from=date(2021, 4, 1), published_to=date(2021, 4, 30)),
    question(as_of=date(2021, 4, 8)),
    question(sources=("ap",)),
    question(sources=("DAWN", "reuters")),
    question(languages=("de",)),
    question(languages=("EN", "fr")),
    question(stories=(STORY,)),
    question(stories=(STORY, OTHER_STORY)),
    question(published_to=date(2021, 4, 8), as_of=date(2021, 4, 30), sources=("dawn",)),
    question(as_of=date(2021, 4, 8), languages=("en",), stories=(STORY,)),
]


def assert_searched(archive: Assistant, stories: dict[str, str], asked: Question) -> None:
    """Every search gives what it gives without filters, less what is outside: none is lost, and none comes in."""
    wanted = by_brute_force(EVERY, stories, asked)
    inside = allowed(asked, archive._store)
    assert inside.articles == wanted
    owners = archive._store.owners(archive._store.passage_ids(item.id for item in EVERY))
    assert {owners[i] for i in inside.passages.tolist()} == set(wanted)
    assert inside.passages.tolist() == sorted(i for i, owner in owners.items() if owner in wanted)
    dense, lexical = archive._indexes.current()
    vector = HashEncoder().encode([asked.text])[0]
    for found, everything in (
        (dense.search(vector, 9, inside.passages), dense.search(vector, 500)),
        (lexical.search(asked.text, 9, inside.passages), lexical.search(asked.text, 500)),
        (lexical.search_articles(asked.text, 9, inside.passages), lexical.search_articles(asked.text, 500)),
    ):
        expected = [(i, score) for i, score in everything if owners[i] in wanted][:9]
        assert [i for i, _ in found] == [i for i, _ in expected]
        assert [score for _, score in found] == pytest.approx([score for _, score in expected], rel=1e-5)
    hits = retrieve(asked, archive._indexes.current(), archive._store, HashEncoder(), 20)
    assert {hit.article.id for hit in hits} <= set(wanted)
    assert bool(hits) == bool(wanted)


@pytest.mark.parametrize("asked", ALONE, ids=narrowing.note)
def test_each_filter_leaves_what_brute_force_leaves(
    archive: Assistant, stories: dict[str, str], asked: Question
) -> None:
    assert 0 < len(by_brute_force(EVERY, stories, asked)) < len(EVERY)
    assert_searched(archive, stories, asked)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_filters_together_leave_what_brute_force_leaves(
    archive: Assistant, stories: dict[str, str], data: st.DataObject
) -> None:
    asked = data.draw(questions(sorted(set(stories.values())), ("en", "DE", "fr"), NAMES))
    assert_searched(archive, stories, asked)


def test_an_article_without_a_full_date_is_outside_the_day_asked_from(tmp_path: Path) -> None:
    dates = [PublishedDate(2021, 4, 8), PublishedDate(0, 4, 7), PublishedDate(2021, 4), PublishedDate(2021), None]
    with closing(Store(tmp_path / "archive.sqlite3")) as store:
        put(store, *(article(f"a{n}", "Rain fell.", None, day) for n, day in enumerate(dates)))
        for day, ids in ((date(2021, 4, 7), ()), (date(2021, 4, 8), ("a0",)), (date.max, ("a0",))):
            assert allowed(Question("Rain?", as_of=day), store).articles == ids


def test_the_latest_is_that_of_the_day_asked_from(tmp_path: Path) -> None:
    dates = {"old": PublishedDate(2019, 1, 1), "then": PublishedDate(2019, 1, 31), "new": PublishedDate(2021, 4, 8)}
    with assistant(tmp_path) as opened:
        put(opened._store, *(article(name, "Lavrov is in Pakistan.", None, day) for name, day in dates.items()))
        then = opened.search(Question("Where is Lavrov now?", as_of=date(2020, 1, 1)), 5)
        plain = opened.search(Question("Where is Lavrov?", as_of=date(2020, 1, 1)), 5)
    assert [hit.article.id for hit in then] == ["then", "old"]
    gained = {hit.article.id: hit.score for hit in then}
    assert gained["then"] - gained["old"] == pytest.approx(0.5)
    assert len({hit.score for hit in plain}) == 1


def test_a_name_list_of_any_length_is_one_value(tmp_path: Path) -> None:
    with closing(Store(tmp_path / "archive.sqlite3")) as store:
        put(store, article("a", WIRE), article("b", WIRE))
        many = ("a", *(f"story{number}" for number in range(40_000)))
        assert filters.inside(store.database, Filters(stories=many))[0] == ("a", "b")
        assert len(filters.unknown_stories(store.database, many)) == 40_000
        assert filters.inside(store.database, Filters(languages=()))[0] == ()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (question(published_from=date(2021, 4, 1), published_to=date(2021, 4, 30)), "from April 2021"),
        (question(published_from=date(2021, 1, 1), published_to=date(2021, 12, 31)), "from 2021"),
        (question(published_from=date(2021, 4, 2), published_to=date(2021, 4, 30)), "from 2021-04-02 to 2021-04-30"),
        (question(published_from=date(2021, 4, 1), published_to=date(2022, 4, 30)), "from 2021-04-01 to 2022-04-30"),
        (question(published_from=date(2021, 4, 8), published_to=date(2021, 4, 8)), "of 2021-04-08"),
        (question(published_from=date(2021, 4, 8)), "from 2021-04-08 on"),
        (question(published_to=date(2021, 4, 8)), "up to 2021-04-08"),
        (question(as_of=date(2021, 4, 8)), "up to 2021-04-08"),
        (question(published_to=date(2021, 4, 9), as_of=date(2021, 4, 8)), "up to 2021-04-08"),
        (
            question(published_from=date(2021, 1, 1), published_to=date(2021, 12, 31), as_of=date(2021, 4, 8)),
            "from 2021 and up to 2021-04-08",
        ),
    ],
)
def test_days_are_told_as_people_say_them(asked: Question, told: str) -> None:
    assert narrowing.note(asked) == f"Only articles {told} were read, none without a full date."


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (question(sources=("DAWN",)), "by DAWN"),
        (question(sources=("DAWN", "AP")), "by DAWN or AP"),
        (question(sources=tuple("abcde")), "by a, b, c, d or e"),
        (question(sources=tuple("abcdefg")), "by a, b, c, d, e or 2 others"),
        (question(sources=tuple("abcdef")), "by a, b, c, d, e or f"),
        (question(languages=("de",)), "in de"),
        (question(stories=("s",), sources=("AP",), languages=("de",)), "by AP in de of the story s"),
    ],
)
def test_names_are_told_and_of_many_the_first(asked: Question, told: str) -> None:
    assert narrowing.note(asked) == f"Only articles {told} were read."


def outside(archive: Assistant, asked: Question) -> str:
    assert archive.search(asked, 5) == ()
    return archive.facets(asked).outside


def test_a_filter_that_leaves_nothing_is_named(archive: Assistant) -> None:
    undated = sum(not (item.published and item.published.day_known) for item in EVERY)
    told = outside(archive, question(published_from=date(2022, 1, 1), sources=("AP",)))
    assert told == (
        "No article in the archive is from 2022-01-01 on. "
        f"Articles without a full date count as outside ({undated} here)."
    )


def test_filters_that_leave_nothing_together_say_what_each_hides(archive: Assistant, stories: dict[str, str]) -> None:
    asked = question(sources=("AP",), stories=(OTHER_STORY,))
    assert by_brute_force(EVERY, stories, asked) == ()
    without = [len(by_brute_force(EVERY, stories, replace(asked, **{name: ()}))) for name in ("sources", "stories")]  # type: ignore[arg-type]
    assert outside(archive, asked) == (
        "No article in the archive is by AP of the story a04. "
        f"Without “by AP”, {without[0]} would be left. "
        f"Without “of the story a04”, {without[1]} would be left."
    )


@pytest.mark.parametrize(
    ("asked", "message", "hint"),
    [
        (question(languages=("xx",)), "no article is known to be in 'xx'", "the languages are: de, en, fr"),
        (question(languages=("",)), "no article is known to be in ''", "de, en, fr"),
        (question(stories=(STORY, "nothing")), "none tells 'nothing'", "the stories are: a0"),
        (question(stories=("\udcff",)), "none tells '\\udcff'", "the stories are: a0"),
        (question(stories=("a03",)), "'a03' is an article, not a story", "it tells the story a00"),
        (
            question(published_from=date(2021, 4, 9), as_of=date(2021, 4, 8)),
            "from 2021-04-09, which is after the day asked from, 2021-04-08",
            "as of a later day",
        ),
    ],
)
def test_a_filter_that_makes_no_sense_is_turned_away(
    archive: Assistant, asked: Question, message: str, hint: str
) -> None:
    for refuse in (archive.ask, archive.facets, lambda one: archive.search(one, 5)):
        with pytest.raises(QuestionInvalid) as caught:
            refuse(asked)
        assert message in caught.value.message
        assert hint in caught.value.hint


def test_given_articles_are_not_narrowed(archive: Assistant) -> None:
    with pytest.raises(QuestionInvalid, match="articles were given"):
        archive.read(question(languages=("de",)), EVERY[:1])
