"""Finding passages: fusing two searches, and the filters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import Assistant
from rag.retrieval import allowed_articles, fuse, retrieve
from rag.types import Hit, PublishedDate, Question
from tests.fakes import HashEncoder
from tests.rag.making import article, assistant, row

ARTICLES = (
    article("dawn", "Lavrov came to Pakistan.", "DAWN", PublishedDate(2021, 4, 8)),
    article("rferl", "Lavrov came to Islamabad.", "AP and dpa", PublishedDate(0, 4, 7)),
    article("month", "Lavrov may come to Pakistan.", "Reuters", PublishedDate(2021, 4)),
    article("year", "Lavrov came and went.", "ap", PublishedDate(2021)),
    article("none", "Lavrov rested.", None, None),
    article("later", "Lavrov left Pakistan.", "Dawn/AFP, The Hindu & Zeit", PublishedDate(2021, 4, 9)),
)
searches = st.lists(
    st.dictionaries(st.integers(0, 30), st.integers(-1000, 1000).map(lambda n: n / 8), max_size=12).map(
        lambda scores: sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
    ),
    max_size=3,
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with assistant(tmp_path_factory.mktemp("retrieval")) as opened:
        opened._store.put([row(item) for item in ARTICLES], {"encoder": "hash@64", "dimension": "64"})
        yield opened


def hits(archive: Assistant, question: Question, count: int = 10) -> tuple[Hit, ...]:
    return retrieve(question, archive._indexes.current(), archive._store, HashEncoder(), count)


@given(searches)
def test_every_id_is_kept(found: list[list[tuple[int, float]]]) -> None:
    assert fuse(*found).keys() == {i for search in found for i, _ in search}


@given(searches)
def test_the_order_of_the_searches_decides_nothing(found: list[list[tuple[int, float]]]) -> None:
    assert fuse(*reversed(found)) == pytest.approx(fuse(*found))


@given(searches, st.integers(-50, 50), st.sampled_from([0.25, 0.5, 2, 8, 64]))
def test_shift_and_scale_of_a_search_decide_nothing(
    found: list[list[tuple[int, float]]], shift: int, scale: float
) -> None:
    moved = [[(i, score * scale + shift) for i, score in search] for search in found[:1]] + found[1:]
    assert fuse(*moved) == pytest.approx(fuse(*found), abs=1e-6)


@given(searches)
def test_first_in_both_is_first(found: list[list[tuple[int, float]]]) -> None:
    both = [[(99, search[0][1] + 1 if search else 1.0), *search] for search in found or [[]]]
    scores = fuse(*both)
    assert scores[99] == max(scores.values())


def test_what_one_search_missed_gets_its_lowest_score() -> None:
    assert fuse([(1, 3.0), (2, 1.0)], [(1, 5.0)]) == pytest.approx({1: 1.0, 2: -1.0})
    assert fuse([(1, 3.0), (2, 1.0)], [(1, 5.0), (3, 4.0)]) == pytest.approx({1: 2.0, 2: -2.0, 3: -2.0})


def test_equal_scores_are_no_division_by_zero() -> None:
    assert fuse([(1, 0.5), (2, 0.5)], []) == {1: 0.0, 2: 0.0}
    assert fuse() == {}


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2021, 4, 8), date(2021, 4, 8), ("dawn",)),
        (date(2021, 4, 8), None, ("dawn", "later")),
        (None, date(2021, 4, 8), ("dawn",)),
        (None, date(2021, 4, 7), ()),
        (date(2021, 4, 9), date(2021, 4, 9), ("later",)),
        (date.min, date.max, ("dawn", "later")),
    ],
)
def test_both_days_are_inside_and_partial_dates_outside(
    archive: Assistant, first: date | None, last: date | None, expected: tuple[str, ...]
) -> None:
    question = Question("Lavrov", published_from=first, published_to=last)
    assert allowed_articles(question, archive._store) == expected
    assert {hit.article.id for hit in hits(archive, question)} == set(expected)


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (("DAWN",), ("dawn", "later")),
        (("dpa",), ("rferl",)),
        (("Ap",), ("rferl", "year")),
        (("ap AND DPA",), ("rferl",)),
        (("afp", "reuters"), ("later", "month")),
        (("the hindu",), ("later",)),
        (("zeit",), ("later",)),
        (("DAW",), ()),
        (("",), ()),
    ],
)
def test_an_outlet_by_its_name_or_a_part_of_it(
    archive: Assistant, sources: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    question = Question("Lavrov", sources=sources)
    assert allowed_articles(question, archive._store) == expected
    assert {hit.article.id for hit in hits(archive, question)} == set(expected)


def test_dates_and_outlets_narrow_together(archive: Assistant) -> None:
    question = Question("Lavrov", published_from=date(2021, 4, 9), sources=("dawn",))
    assert allowed_articles(question, archive._store) == ("later",)


def test_unnarrowed_every_article_counts(archive: Assistant) -> None:
    assert len(hits(archive, Question("Lavrov"))) == len(ARTICLES)


@pytest.mark.parametrize("count", [1, 2, 5, 6, 7, 500])
def test_as_many_as_asked_for_and_no_more_than_there_are(archive: Assistant, count: int) -> None:
    found = hits(archive, Question("Where did Lavrov come to?"), count)
    assert len(found) == min(count, len(ARTICLES))
    assert len({hit.passage.id for hit in found}) == len(found)


def test_best_first_and_ties_by_id(archive: Assistant) -> None:
    found = hits(archive, Question("Lavrov left Pakistan"))
    assert found[0].article.id == "later"
    assert (found[0].dense_rank, found[0].lexical_rank) == (1, 1)
    assert [(-hit.score, hit.passage.id) for hit in found] == sorted((-hit.score, hit.passage.id) for hit in found)


def test_words_that_no_passage_has_leave_the_ranks_open(archive: Assistant) -> None:
    found = hits(archive, Question("Zzyzx"))
    assert {hit.lexical_rank for hit in found} == {None}
    assert [hit.dense_rank for hit in found] == [1, 2, 3, 4, 5, 6]


def test_a_passage_of_a_hit_stands_in_its_article(archive: Assistant) -> None:
    for hit in hits(archive, Question("Pakistan")):
        passage = hit.passage
        assert passage.article_id == hit.article.id
        assert hit.article.text[passage.start : passage.end] == passage.text


def test_what_was_removed_meanwhile_is_left_out(tmp_path: Path) -> None:
    with assistant(tmp_path) as opened:
        opened._store.put([row(item) for item in ARTICLES], {"encoder": "hash@64", "dimension": "64"})
        stale = opened._indexes.current()
        opened._store.remove("dawn")
        found = retrieve(Question("Lavrov"), stale, opened._store, HashEncoder(), 10)
    assert {hit.article.id for hit in found} == {item.id for item in ARTICLES} - {"dawn"}
