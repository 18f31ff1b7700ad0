"""Copies and near-copies are found when they are put, and stand together as one story."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from rag.archive import Store, copies
from rag.reports import Copy
from rag.types import Article, PublishedDate
from tests.rag.making import article, row

WIRE = (
    "Heavy rain destroyed two hundred homes in the north on Monday, officials said. Rescue teams reached the valley "
    "by boat in the evening. The governor asked for blankets, tents and clean water. Schools stay closed until Friday. "
    "Roads to the dam are cut off, and the power station has stopped."
)
OTHER = (
    "The central bank left its rate unchanged at five percent. Its chairman said that prices rise more slowly than in "
    "the spring. Analysts had expected a cut of a quarter of a point. The currency gained against the dollar."
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "archive.sqlite3")) as opened:
        yield opened


def put(store: Store, *articles: Article) -> list[Copy | None]:
    return [one.copy for item in articles for one in store.put([row(item)], {})]


def told(store: Store, article_id: str) -> set[str]:
    story = store.stories([article_id]).get(article_id)
    return {item.id for item in store.tellers(story)} if story else set()


def test_wire_copy_with_another_headline_is_found(store: Store) -> None:
    again = replace(article("b", WIRE), title="Floods: hundreds homeless")
    assert put(store, article("a", WIRE), article("x", OTHER), again)[:2] == [None, None]
    assert told(store, "b") == told(store, "a") == {"a", "b"}
    assert told(store, "x") == set()


def test_a_cut_copy_with_a_paragraph_of_its_own_is_found(store: Store) -> None:
    cut = WIRE.replace(" Roads to the dam are cut off, and the power station has stopped.", " More follows.")
    (_, copy) = put(store, article("a", WIRE), article("b", cut))
    assert copy
    assert (copy.article_id, copy.of) == ("b", "a")
    assert copies.SIMILAR <= copy.similarity < 1


def test_a_form_filled_with_another_name_is_another_story(store: Store) -> None:
    form = "A bridge over the river opened in {0} on Monday. The mayor of {0} cut a ribbon, and two bands played there."
    notices = [article(name, form.format(place)) for name, place in (("a", "Bonn"), ("b", "Bern"))]
    assert put(store, *notices) == [None, None]


def test_a_copy_that_tells_another_number_is_no_copy(store: Store) -> None:
    long = f"{WIRE} It cost {{}} million euros, and the money came from the district. {OTHER}"
    assert put(store, article("a", long.format(12)), article("b", long.format(15))) == [None, None]
    (copy,) = put(store, article("c", long.format(12)))
    assert copy
    assert copy.of == "a"


def test_a_third_outlet_joins_the_story(store: Store) -> None:
    put(store, *(article(name, WIRE) for name in "abc"))
    assert told(store, "c") == {"a", "b", "c"}


def test_the_same_words_weeks_apart_are_two_stories(store: Store) -> None:
    march, april = PublishedDate(2021, 3, 1), PublishedDate(2021, 4, 1)
    put(store, article("a", WIRE, published=march), article("b", WIRE, published=april))
    assert told(store, "b") == set()
    put(store, article("c", WIRE, published=PublishedDate(2021, 4, 3)))
    assert told(store, "c") == {"b", "c"}


def test_an_edit_leaves_the_story_that_it_no_longer_tells(store: Store) -> None:
    put(store, article("a", WIRE), article("b", WIRE), article("c", WIRE), article("b", OTHER))
    assert told(store, "b") == set()
    assert told(store, "a") == {"a", "c"}


def test_a_removed_article_is_no_copy_of_anything(store: Store) -> None:
    put(store, article("a", WIRE))
    store.remove("a")
    assert put(store, article("b", WIRE)) == [None]
    assert store.database.rows("SELECT count(DISTINCT number) FROM bands") == [(1,)]


@pytest.mark.parametrize("text", ["x", "Rain.", "雨が降った。", "\N{PILE OF POO}", "one two three"])
def test_a_text_of_few_words_is_a_copy_of_itself_alone(store: Store, text: str) -> None:
    same, other = replace(article("b", text), title="Title of a"), article("c", OTHER)
    assert [bool(copy) for copy in put(store, article("a", text), same, other)] == [False, True, False]


def test_bands_find_nearly_all_that_is_similar() -> None:
    chance = random.Random(5)
    words = [f"w{n}" for n in range(4_000)]
    found = pairs = 0
    for _ in range(150):
        text = chance.choices(words, k=300)
        edited = list(text)
        for at in chance.sample(range(300), 12):
            edited[at] = chance.choice(words)
        one, other = article("a", " ".join(text)), replace(article("a", " ".join(edited)))
        assert 0.6 < copies.similarity(one, other) < 0.85
        pairs += 1
        found += bool(set(copies.bands(one)) & set(copies.bands(other)))
    assert found / pairs > 0.93
