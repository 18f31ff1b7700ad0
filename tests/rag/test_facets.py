"""The counts beside the filters: by hand, and beside a filter that is set to each value."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag import FacetCount, Facets
from rag.archive import Store
from rag.questions import source_names
from rag.search import narrowing
from rag.types import PublishedDate, Question
from tests.rag.filtered import NAMES, VOTE, WIRE, by_brute_force, made, month_of, questions, specimens
from tests.rag.making import article, assistant, put

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


def test_all_counts_of_an_archive(tmp_path: Path) -> None:
    found = counted(tmp_path, Question(""))
    assert (found.articles, found.outside) == (6, "")
    assert pairs(found.sources) == [("AP", 3), ("dpa", 2), ("AP and dpa", 1), ("DAWN", 1), (None, 1)]
    assert pairs(found.months) == [("2021-04", 3), ("2021-05", 1), (None, 2)]
    assert pairs(found.languages) == [("en", 4), ("de", 1), (None, 1)]
    assert found.stories == (FacetCount("a", 3, "Title of a"), FacetCount("d", 2, "Title of d"))
    assert found.stories_total == 2


def test_each_is_counted_inside_the_other_filters_and_its_own_left_out(tmp_path: Path) -> None:
    found = counted(tmp_path, Question("", sources=("ap",), languages=("en",), published_to=date(2021, 4, 30)))
    assert found.articles == 2
    assert pairs(found.sources) == [("AP", 2), ("AP and dpa", 1), ("dpa", 1)]
    assert pairs(found.months) == [("2021-04", 2), ("2021-05", 1)]
    assert pairs(found.languages) == [("en", 2)]
    assert pairs(found.stories) == [("a", 2)]
    only = counted(tmp_path, Question("", stories=("d",)))
    assert pairs(only.stories) == [("a", 3), ("d", 2)]
    assert pairs(only.sources) == [("DAWN", 1), ("ap", 1)]


def test_the_day_asked_from_holds_for_the_months_too(tmp_path: Path) -> None:
    found = counted(tmp_path, Question("", as_of=date(2021, 4, 9)))
    assert pairs(found.months) == [("2021-04", 2)]
    assert found.stories[0] == FacetCount("a", 2, "Title of a")


def test_stories_come_in_pages(tmp_path: Path) -> None:
    pages = [counted(tmp_path, Question(""), skip, 1) for skip in range(3)]
    assert [pairs(page.stories) for page in pages] == [[("a", 3)], [("d", 2)], []]
    assert [page.stories_total for page in pages] == [2, 2, 2]


def test_an_empty_archive_has_nothing_to_count(tmp_path: Path) -> None:
    with assistant(tmp_path) as opened:
        found = opened.facets(Question(""))
        assert found == Facets(0, (), (), (), (), 0, "")
        late = opened.facets(Question("", published_from=date(2021, 4, 8)))
    assert late.outside == "No article in the archive is from 2021-04-08 on."


def test_no_text_is_read_for_a_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
def test_a_count_is_what_the_filter_leaves_when_it_is_set(
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
        found = narrowing.facets(asked, store, 0, 100)

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
