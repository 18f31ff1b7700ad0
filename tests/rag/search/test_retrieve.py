"""Retrieval: three searches fused, spread over articles and stories, inside the filters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from statistics import fmean, pstdev
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import ArchiveCorrupt, Assistant, Order, Question, Upload
from rag.archive.filters import allowed, resolve
from rag.search.retrieve import retrieve, spread, standardised
from rag.types import Hit, PublishedDate
from tests.fakes import HashEncoder
from tests.rag.archive.test_stories import OTHER, WIRE
from tests.rag.making import article, assistant, put, row

ARTICLES = (
    article("dawn", "Lavrov came to Pakistan.", "DAWN", PublishedDate(2021, 4, 8)),
    article("rferl", "Lavrov came to Islamabad.", "AP and dpa", PublishedDate(0, 4, 7)),
    article("month", "Lavrov may come to Pakistan.", "Reuters", PublishedDate(2021, 4)),
    article("year", "Lavrov came and went.", "ap", PublishedDate(2021)),
    article("none", "Lavrov rested.", None, None),
    article("later", "Lavrov left Pakistan.", "Dawn/AFP, The Hindu & Zeit", PublishedDate(2021, 4, 9)),
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with assistant(tmp_path_factory.mktemp("retrieval")) as opened:
        opened._store.put([row(item) for item in ARTICLES], {"encoder": "hash@64", "dimension": "64"})
        yield opened


def hits(archive: Assistant, question: Question, count: int = 10) -> tuple[Hit, ...]:
    return retrieve(question, archive._indexes.current(), archive._store, HashEncoder(), count)


keys = st.dictionaries(st.integers(0, 30), st.integers(-1000, 1000).map(lambda n: n / 8), max_size=12)


@given(keys)
def test_standardised_scores_have_mean_0_and_deviation_1(scores: dict[int, float]) -> None:
    standard = [standardised(scores)(i) for i in scores]
    if len(set(scores.values())) > 1:
        assert fmean(standard) == pytest.approx(0, abs=1e-9)
        assert pstdev(standard) == pytest.approx(1)
    else:
        assert standard == pytest.approx([0.0] * len(scores))


@given(keys, st.integers(-50, 50), st.sampled_from([0.25, 0.5, 2, 8, 64]))
def test_shift_and_scale_of_scores_do_not_matter(scores: dict[int, float], shift: int, scale: float) -> None:
    moved = {i: score * scale + shift for i, score in scores.items()}
    assert [standardised(moved)(i) for i in range(31)] == pytest.approx(
        [standardised(scores)(i) for i in range(31)], abs=1e-6
    )


def test_a_missing_result_gets_the_lowest_score() -> None:
    scale = standardised({1: 3.0, 2: 1.0})
    assert [scale(1), scale(2), scale(3)] == [1.0, -1.0, -1.0]


def test_results_without_a_common_word_scored_0() -> None:
    scale = standardised({1: 3.0}, listed=4)
    assert [scale(1), scale(2)] == pytest.approx([3**0.5, -(3**-0.5)])
    assert standardised({1: 3.0, 2: 1.0}, listed=1)(1) == 1.0


def test_equal_scores_do_not_divide_by_zero() -> None:
    assert standardised({1: 0.5, 2: 0.5})(1) == 0.0
    assert standardised(dict[str, float](), listed=3)("any") == 0.0


@given(st.lists(st.sampled_from("abc"), max_size=20), st.integers(1, 12))
def test_at_most_three_passages_per_article_unless_no_other_is_left(owned: list[str], count: int) -> None:
    owners = dict(enumerate(owned))
    best = spread(owners, owners, count)

    assert best == sorted(best), "in the order given"
    assert len(best) == min(count, len(owned))
    kept = Counter(owners[i] for i in best)
    within = sum(min(3, many) for many in Counter(owned).values())
    assert all(many <= 3 for many in kept.values()) or within < count


def test_a_long_article_does_not_crowd_out_the_others(tmp_path: Path) -> None:
    long = article("long", "Lavrov came to Pakistan by train on that very day. " * 30)
    with assistant(tmp_path) as opened:
        put(opened._store, long, *ARTICLES)
        first = hits(opened, Question("Lavrov came to Pakistan by train"), 6)
        only = hits(opened, Question("Lavrov came", sources=("Dawn",)), 6)
        everything = hits(opened, Question("Lavrov came to Pakistan by train"), 12)
    assert Counter(hit.article.id for hit in first)["long"] == 3
    assert {hit.article.id for hit in only} == {"dawn", "later"}
    assert Counter(hit.article.id for hit in everything)["long"] == 6, "no other is left"


@pytest.mark.parametrize("order", get_args(Order))
def test_every_order_ranks_by_its_score(archive: Assistant, order: Order) -> None:
    found = archive.search(Question("Lavrov left Pakistan"), 10, order)

    assert found[0].article.id == "later"
    assert [(-hit.score, hit.passage.id) for hit in found] == sorted((-hit.score, hit.passage.id) for hit in found)


def test_the_fused_score_is_the_sum_of_three_searches(archive: Assistant) -> None:
    texts = Question("Lavrov left Pakistan")
    dense, lexical = archive._indexes.current()
    near = standardised(dict(dense.search(HashEncoder().encode([texts.text])[0], 100)))
    common = standardised(dict(lexical.search(texts.text, 100)), len(ARTICLES))
    for hit in hits(archive, texts):
        # One passage an article: as wholes they score as their passages do.
        whole = standardised(dict(lexical.search_articles(texts.text, 100)), len(ARTICLES))(hit.passage.id)
        expected = near(hit.passage.id) + 0.5 * common(hit.passage.id) + whole
        assert hit.score == pytest.approx(expected)


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
def test_days_are_inclusive_and_partial_dates_outside(
    archive: Assistant, first: date | None, last: date | None, expected: tuple[str, ...]
) -> None:
    question = Question("Lavrov", published_from=first, published_to=last)
    assert allowed(resolve(question, archive._store), archive._store).articles == expected
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
def test_an_outlet_matches_by_name_or_part(
    archive: Assistant, sources: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    question = Question("Lavrov", sources=sources)
    assert allowed(resolve(question, archive._store), archive._store).articles == expected
    assert {hit.article.id for hit in hits(archive, question)} == set(expected)


@pytest.mark.parametrize("count", [1, 2, 5, 6, 7, 500])
def test_the_count_is_respected(archive: Assistant, count: int) -> None:
    found = hits(archive, Question("Where did Lavrov come to?"), count)
    assert len(found) == min(count, len(ARTICLES))
    assert len({hit.passage.id for hit in found}) == len(found)


def test_ranks_are_none_if_a_search_found_nothing(archive: Assistant) -> None:
    found = hits(archive, Question("Zzyzx"))
    assert {hit.lexical_rank for hit in found} == {None}
    assert [hit.dense_rank for hit in found] == [1, 2, 3, 4, 5, 6]


def test_the_passage_of_a_hit_is_in_its_article(archive: Assistant) -> None:
    for hit in hits(archive, Question("Pakistan")):
        passage = hit.passage
        assert passage.article_id == hit.article.id
        assert hit.article.text[passage.start : passage.end] == passage.text


def test_an_article_removed_during_a_search_is_left_out(tmp_path: Path) -> None:
    with assistant(tmp_path) as opened:
        opened._store.put([row(item) for item in ARTICLES], {"encoder": "hash@64", "dimension": "64"})
        stale = opened._indexes.current()
        opened._store.remove("dawn")
        found = retrieve(Question("Lavrov"), stale, opened._store, HashEncoder(), 10)
    assert {hit.article.id for hit in found} == {item.id for item in ARTICLES} - {"dawn"}


def upload(name: str, text: str, source: str | None, day: str = "2021-03-01") -> Upload:
    metadata = f"source: {source}\n" if source else ""
    return Upload(f"{name}.md", f"---\ntitle: Floods {name}\n{metadata}date: {day}\n---\n\n{text}".encode())


def filled(home: Path) -> Assistant:
    archive = assistant(home)
    archive.ingest([upload("a", WIRE, "Dawn"), upload("b", WIRE, "AP"), upload("c", WIRE, None)])
    archive.ingest([upload("x", OTHER, "Dawn"), upload("z", f"The rain on Monday. {OTHER}", "Dawn", "2021-06-01")])
    return archive


def titles(archive: Assistant, question: Question) -> dict[str, tuple[str, ...]]:
    return {hit.article.title: hit.outlets for hit in archive.ask(question).hits}


def test_one_article_represents_its_story(tmp_path: Path) -> None:
    with filled(tmp_path) as archive:
        found = titles(archive, Question("Heavy rain destroyed homes on Monday"))
        (title,) = found.keys() & {"Floods a", "Floods b", "Floods c"}
        assert found.pop(title) == ("AP", "Dawn")
        assert set(found.values()) == {()}


def test_only_allowed_articles_count_as_outlets(tmp_path: Path) -> None:
    with filled(tmp_path) as archive:
        found = titles(archive, Question("Heavy rain destroyed homes on Monday", sources=("AP",)))
        assert found == {"Floods b": ()}


def test_the_last_article_of_a_story_stands_alone(tmp_path: Path) -> None:
    with filled(tmp_path) as archive:
        for item in archive.articles():
            if item.title in ("Floods a", "Floods c"):
                archive.remove(item.id)
        assert titles(archive, Question("Heavy rain destroyed homes on Monday"))["Floods b"] == ()


@pytest.mark.parametrize(
    "change", ["start = start + 1", '"end" = "end" - 2', '"end" = 9999', "start = -9", "start = 9999"]
)
def test_a_passage_with_moved_ends_is_not_shown(tmp_path: Path, change: str) -> None:
    question = Question("Where did Lavrov come?")
    with assistant(tmp_path) as opened:
        opened.ingest([Upload("a.txt", b"Visit\n\nLavrov came to Pakistan.")])
        opened._store.database.rows(f"UPDATE passages SET {change}")
        with pytest.raises(ArchiveCorrupt, match="does not match its text") as caught:
            opened.search(question, 3)
        assert caught.value.hint == "run nutgraf convert --again"
        opened.convert(again=True)
        assert opened.search(question, 3)[0].passage.text == "Lavrov came to Pakistan."


def test_an_altered_outlet_does_not_run_the_story(tmp_path: Path) -> None:
    with assistant(tmp_path) as opened:
        opened.ingest([Upload(f"{name}.md", f"---\nsource: {name}\n---\n{WIRE}".encode()) for name in ("Post", "Sun")])
        (hit, *_) = opened.search(Question(WIRE[:60]), 3)
        assert hit.outlets == ("Post", "Sun")
        change = "UPDATE articles SET source = 'Reuters' WHERE id <> ?"
        opened._store.database.rows(change, hit.article.id)
        assert opened.search(Question(WIRE[:60]), 3)[0].outlets == ()
