"""Near-duplicates are found when an article is stored, and share a story."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from rag.archive import Store, stories
from rag.types import Article, Copy, PublishedDate
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


def same_story(store: Store, article_id: str) -> set[str]:
    story = store.stories([article_id]).get(article_id)
    return {item.id for item in store.story_articles(story)} if story else set()


def test_a_wire_text_with_another_headline_is_a_copy(store: Store) -> None:
    again = replace(article("b", WIRE), title="Floods: hundreds homeless")
    assert put(store, article("a", WIRE), article("x", OTHER), again)[:2] == [None, None]
    assert same_story(store, "b") == same_story(store, "a") == {"a", "b"}
    assert same_story(store, "x") == set()


def test_a_shortened_text_with_an_added_sentence_is_a_copy(store: Store) -> None:
    cut = WIRE.replace(" Roads to the dam are cut off, and the power station has stopped.", " More follows.")
    (_, copy) = put(store, article("a", WIRE), article("b", cut))
    assert copy
    assert (copy.article_id, copy.of) == ("b", "a")
    assert stories.MIN_SIMILARITY <= copy.similarity < 1


def test_a_form_with_another_name_is_not_a_copy(store: Store) -> None:
    form = "A bridge over the river opened in {0} on Monday. The mayor of {0} cut a ribbon, and two bands played there."
    notices = [article(name, form.format(place)) for name, place in (("a", "Bonn"), ("b", "Bern"))]
    assert put(store, *notices) == [None, None]


def test_a_text_with_another_number_is_not_a_copy(store: Store) -> None:
    long = f"{WIRE} It cost {{}} million euros, and the money came from the district. {OTHER}"
    assert put(store, article("a", long.format(12)), article("b", long.format(15))) == [None, None]
    (copy,) = put(store, article("c", long.format(12)))
    assert copy
    assert copy.of == "a"


def test_a_third_outlet_joins_the_story(store: Store) -> None:
    put(store, *(article(name, WIRE) for name in "abc"))
    assert same_story(store, "c") == {"a", "b", "c"}


def test_the_same_text_weeks_later_is_another_story(store: Store) -> None:
    march, april = PublishedDate(2021, 3, 1), PublishedDate(2021, 4, 1)
    put(store, article("a", WIRE, published=march), article("b", WIRE, published=april))
    assert same_story(store, "b") == set()
    put(store, article("c", WIRE, published=PublishedDate(2021, 4, 3)))
    assert same_story(store, "c") == {"b", "c"}


def test_an_edited_article_leaves_its_story(store: Store) -> None:
    put(store, article("a", WIRE), article("b", WIRE), article("c", WIRE), article("b", OTHER))
    assert same_story(store, "b") == set()
    assert same_story(store, "a") == {"a", "c"}


def test_nothing_is_a_copy_of_a_removed_article(store: Store) -> None:
    put(store, article("a", WIRE))
    store.remove("a")
    assert put(store, article("b", WIRE)) == [None]
    assert store.database.rows("SELECT count(DISTINCT number) FROM bands") == [(1,)]


@pytest.mark.parametrize("text", ["x", "Rain.", "雨が降った。", "\N{PILE OF POO}", "one two three"])
def test_a_very_short_text_is_only_a_copy_of_itself(store: Store, text: str) -> None:
    same, other = replace(article("b", text), title="Title of a"), article("c", OTHER)
    assert [bool(copy) for copy in put(store, article("a", text), same, other)] == [False, True, False]


def test_bands_find_nearly_all_similar_texts() -> None:
    chance = random.Random(5)
    words = [f"w{n}" for n in range(4_000)]
    found = pairs = 0
    for _ in range(150):
        text = chance.choices(words, k=300)
        edited = list(text)
        for at in chance.sample(range(300), 12):
            edited[at] = chance.choice(words)
        one, other = article("a", " ".join(text)), replace(article("a", " ".join(edited)))
        assert 0.6 < stories.similarity(one, other) < 0.85
        pairs += 1
        found += bool(set(stories.bands(one)) & set(stories.bands(other)))
    assert found / pairs > 0.93
