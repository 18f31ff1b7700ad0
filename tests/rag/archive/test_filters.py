"""Filters: each alone and combined in every search, facet counts, and their wording; checked by brute force."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag import Assistant, FacetCount, Facets, QuestionInvalid
from rag.archive import Store, filters
from rag.archive.filters import Filters, allowed, resolve, source_names
from rag.search.retrieve import retrieve
from rag.types import PublishedDate, Question
from tests.fakes import HashEncoder
from tests.rag.archive.filtered import EVERY, NAMES, VOTE, WIRE, by_brute_force, made, month_of, questions, specimens
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
    """Check that each search gives its unfiltered results minus those outside the filters."""
    wanted = by_brute_force(EVERY, stories, asked)
    inside = allowed(resolve(asked, archive._store), archive._store)
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


@pytest.mark.parametrize("asked", ALONE, ids=filters.note)
def test_each_filter_matches_brute_force(archive: Assistant, stories: dict[str, str], asked: Question) -> None:
    assert 0 < len(by_brute_force(EVERY, stories, asked)) < len(EVERY)
    assert_searched(archive, stories, asked)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_combined_filters_match_brute_force(archive: Assistant, stories: dict[str, str], data: st.DataObject) -> None:
    asked = data.draw(questions(sorted(set(stories.values())), ("en", "DE", "fr"), NAMES))
    assert_searched(archive, stories, asked)


def test_an_article_without_a_full_date_is_outside_as_of(tmp_path: Path) -> None:
    dates = [PublishedDate(2021, 4, 8), PublishedDate(0, 4, 7), PublishedDate(2021, 4), PublishedDate(2021), None]
    with closing(Store(tmp_path / "archive.sqlite3")) as store:
        put(store, *(article(f"a{n}", "Rain fell.", None, day) for n, day in enumerate(dates)))
        for day, ids in ((date(2021, 4, 7), ()), (date(2021, 4, 8), ("a0",)), (date.max, ("a0",))):
            assert allowed(resolve(Question("Rain?", as_of=day), store), store).articles == ids


def test_a_filter_may_have_any_number_of_names(tmp_path: Path) -> None:
    with closing(Store(tmp_path / "archive.sqlite3")) as store:
        put(store, article("a", WIRE), article("b", WIRE))
        many = ("a", *(f"story{number}" for number in range(40_000)))
        assert allowed(Filters(stories=many), store).articles == ("a", "b")
        assert len(filters.unknown_stories(many, store)) == 40_000
        assert allowed(Filters(languages=()), store).articles == ()


@pytest.mark.parametrize(
    ("asked", "message"),
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
def test_days_in_words(asked: Question, message: str) -> None:
    assert filters.note(asked) == f"Only articles {message} were searched; articles without a full date were left out."


@pytest.mark.parametrize(
    ("asked", "message"),
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
def test_names_in_words(asked: Question, message: str) -> None:
    assert filters.note(asked) == f"Only articles {message} were searched."


def outside(archive: Assistant, asked: Question) -> str:
    assert archive.search(asked, 5) == ()
    return archive.facets(asked).outside


def test_a_filter_that_lets_nothing_through_is_named(archive: Assistant) -> None:
    undated = sum(not (item.published and item.published.day_known) for item in EVERY)
    message = outside(archive, question(published_from=date(2022, 1, 1), sources=("AP",)))
    assert message == (
        f"No article in the archive is from 2022-01-01 on. Articles without a full date are left out ({undated} here)."
    )


def test_filters_that_exclude_each_other_say_what_each_hides(archive: Assistant, stories: dict[str, str]) -> None:
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
        (question(stories=(STORY, "nothing")), "there is no story 'nothing'", "the stories are: a0"),
        (question(stories=("\udcff",)), "there is no story '\\udcff'", "the stories are: a0"),
        (question(stories=("a03",)), "'a03' is an article, not a story", "it belongs to the story a00"),
        (
            question(published_from=date(2021, 4, 9), as_of=date(2021, 4, 8)),
            "start on 2021-04-09, which is after the as-of day 2021-04-08",
            "use a later day",
        ),
    ],
)
def test_an_invalid_filter_is_refused(archive: Assistant, asked: Question, message: str, hint: str) -> None:
    for refuse in (archive.ask, archive.facets, lambda one: archive.search(one, 5)):
        with pytest.raises(QuestionInvalid) as caught:
            refuse(asked)
        assert message in caught.value.message
        assert hint in caught.value.hint


def test_given_articles_cannot_be_filtered(archive: Assistant) -> None:
    with pytest.raises(QuestionInvalid, match="given articles"):
        archive.read(question(languages=("de",)), EVERY[:1])


HAND = (
    article("a", WIRE, "AP and dpa", PublishedDate(2021, 4, 8), "en"),
    article("b", WIRE, "dpa", PublishedDate(2021, 4, 9), "de"),
    article("c", WIRE, "AP", PublishedDate(2021, 4, 10), "en"),
    article("d", VOTE, "ap", PublishedDate(2021, 5, 1), "EN"),
    article("e", VOTE, "DAWN", PublishedDate(0, 5, 2), None),
    article("f", "Lavrov came to town alone.", None, PublishedDate(2021, 5), "en"),
)


def counted(folder: Path, question: Question, skip: int = 0, limit: int = 20) -> Facets:
    with assistant(folder) as opened:
        if not opened.count():
            put(opened._store, *HAND)
        return opened.facets(question, skip, limit)


def pairs(counts: Sequence[FacetCount]) -> list[tuple[str | None, int]]:
    return [(one.value, one.articles) for one in counts]


def test_facets_of_an_archive(tmp_path: Path) -> None:
    found = counted(tmp_path, Question(""))
    assert (found.articles, found.outside) == (6, "")
    assert pairs(found.sources) == [("AP", 3), ("dpa", 2), ("AP and dpa", 1), ("DAWN", 1), (None, 1)]
    assert pairs(found.months) == [("2021-04", 3), ("2021-05", 1), (None, 2)]
    assert pairs(found.languages) == [("en", 4), ("de", 1), (None, 1)]
    assert found.stories == (
        FacetCount("a", 3, "Title of c", "2021-04-08"),
        FacetCount("d", 2, "Title of d", "2021-05-01"),
    )
    assert found.stories_total == 2


def test_each_facet_ignores_its_own_filter(tmp_path: Path) -> None:
    found = counted(tmp_path, Question("", sources=("ap",), languages=("en",), published_to=date(2021, 4, 30)))
    assert found.articles == 2
    assert pairs(found.sources) == [("AP", 2), ("AP and dpa", 1), ("dpa", 1)]
    assert pairs(found.months) == [("2021-04", 2), ("2021-05", 1)]
    assert pairs(found.languages) == [("en", 2)]
    assert pairs(found.stories) == [("a", 2)]
    only = counted(tmp_path, Question("", stories=("d",)))
    assert pairs(only.stories) == [("a", 3), ("d", 2)]
    assert pairs(only.sources) == [("DAWN", 1), ("ap", 1)]


def test_as_of_applies_to_months_too(tmp_path: Path) -> None:
    found = counted(tmp_path, Question("", as_of=date(2021, 4, 9)))
    assert pairs(found.months) == [("2021-04", 2)]
    assert found.stories[0] == FacetCount("a", 2, "Title of b", "2021-04-08")


def test_stories_are_paged(tmp_path: Path) -> None:
    pages = [counted(tmp_path, Question(""), skip, 1) for skip in range(3)]
    assert [pairs(page.stories) for page in pages] == [[("a", 3)], [("d", 2)], []]
    assert [page.stories_total for page in pages] == [2, 2, 2]


def test_facets_of_an_empty_archive(tmp_path: Path) -> None:
    with assistant(tmp_path) as opened:
        found = opened.facets(Question(""))
        assert found == Facets(0, (), (), (), (), 0, "")
        late = opened.facets(Question("", published_from=date(2021, 4, 8)))
    assert late.outside == "No article in the archive is from 2021-04-08 on."


def test_counting_reads_no_article_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with assistant(tmp_path) as opened:
        put(opened._store, *HAND)
        asked = list[str]()
        rows = opened._store.database.rows

        def noted(query: str, *values: object) -> list[tuple[Any, ...]]:
            asked.append(query)
            return rows(query, *values)

        monkeypatch.setattr(opened._store.database, "rows", noted)
        opened.facets(Question("", languages=("en",)))
        plans = [row[3] for query in asked for row in rows(f"EXPLAIN QUERY PLAN {query}", *["[]"] * query.count("?"))]
    scans = [plan for plan in plans if "SCAN articles" in plan]
    assert scans
    assert all("COVERING INDEX" in plan for plan in scans)


@settings(max_examples=25, deadline=None)
@given(st.lists(specimens, min_size=1, max_size=12), st.data())
def test_each_count_is_what_setting_the_filter_leaves(
    drawn: list[tuple[int, str | None, PublishedDate | None, str | None]], data: st.DataObject
) -> None:
    articles = made(drawn)
    with TemporaryDirectory() as folder, closing(Store(Path(folder) / "archive.sqlite3")) as store:
        put(store, *articles)
        stories = store.stories([item.id for item in articles])
        languages = sorted({item.language for item in articles if item.language})
        known = [
            name for name in NAMES if name.lower() in {key for item in store.sources() for key in source_names(item)}
        ]
        asked = data.draw(questions(sorted(set(stories.values())), languages, known))
        found = filters.facets(asked, store, 0, 100)

        def left(some: Question) -> int:
            return len(by_brute_force(articles, stories, some))

        assert found.articles == left(asked)
        assert bool(found.outside) == (found.articles == 0)
        for one in found.sources:
            if one.value:
                assert one.articles == left(replace(asked, sources=(one.value,)))
        for one in found.languages:
            if one.value:
                assert one.articles == left(replace(asked, languages=(one.value,)))
        for one in found.stories:
            assert one.articles == left(replace(asked, stories=(str(one.value),)))
        for one in found.months:
            if one.value:
                first, last = month_of(one.value)
                alone = replace(asked, published_from=first, published_to=last)
                assert one.articles == left(alone)
        assert sum(one.articles for one in found.months) == left(replace(asked, published_from=None, published_to=None))
        assert sum(one.articles for one in found.languages) == left(replace(asked, languages=()))
        assert found.stories_total == len(found.stories)
