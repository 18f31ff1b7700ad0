"""What of a question is looked for: words, the slips of a pen, initials and pairs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.reading.language import ENGLISH, join_initials
from rag.search.lexical import LexicalIndex, tokens
from rag.search.terms import of_question, pairs, slips

ROWS = (
    (1, "gas", "Gas", "The orphans of Malawi were helped by the U.S. army.", None),
    (2, "visit", "A visit", "He boycotted the film and said nothing.", None),
    (3, "rail", "Rail", "Orphan railways.", None),
)
INDEX = LexicalIndex.build(None, ROWS, "1")


def weights(question: str, *known: str) -> dict[str, float]:
    return of_question(question, [ENGLISH], tokens, frozenset(known).__contains__)[0]


@pytest.mark.parametrize(
    ("word", "other", "near"),
    [
        ("militant", "miliitant", True),
        ("cancel", "cancl", True),
        ("israel", "isreal", True),
        ("cairo", "caira", True),
        ("obama", "boaam", False),
        ("orphan", "orphanage", False),
    ],
)
def test_a_slip_is_seen_from_both_sides(word: str, other: str, near: bool) -> None:  # noqa: FBT001
    assert (other in slips(word), word in slips(other)) == (near, near)


@given(st.from_regex(r"[a-z]{5,9}", fullmatch=True), st.data())
def test_slips_differ_by_a_letter_and_are_never_the_word(word: str, drawn: st.DataObject) -> None:
    found = slips(word)
    other = drawn.draw(st.sampled_from(sorted(found)))
    assert word not in found
    assert abs(len(other) - len(word)) <= 1
    assert word in slips(other)


@pytest.mark.parametrize("word", ["", "gas", "1963", "büro", "москва"])
def test_short_words_numbers_and_other_alphabets_are_left_alone(word: str) -> None:
    assert slips(word) == set()


def test_a_word_that_is_known_is_never_taken_for_another() -> None:
    assert weights("orphan", "orphan", "orphans") == {"orphan": 1.0}


def test_an_unknown_word_stands_for_its_neighbours_that_share_its_weight() -> None:
    found = weights("orphen trial", "orphan", "orpheus", "trial", "trail")
    assert found == {"orphen": 1.0, "orphan": 1.0, "trial": 1.0}
    assert weights("cart", "care", "card")["care"] == 0.5


def test_a_word_known_in_any_language_of_the_archive_is_known() -> None:
    both = [ENGLISH, "german"]
    found, _ = of_question("Hauses", both, tokens, {"haus", "hauser"}.__contains__)
    assert set(found.values()) == {1.0}


def test_function_words_stand_only_in_pairs() -> None:
    words, beside = of_question("Who is in the army", [ENGLISH], tokens, lambda _: True)
    assert words == {"armi": 1.0}
    assert beside == {"who_is", "is_in", "in_the", "the_armi"}


@given(st.lists(st.text("ab", min_size=1, max_size=2), max_size=6))
def test_there_is_one_pair_fewer_than_words(words: list[str]) -> None:
    assert len(pairs(words)) == max(0, len(words) - 1)


@pytest.mark.parametrize(("question", "found"), [("orphnas", {1, 3}), ("the bycotted film", {2}), ("zzyzx", set())])
def test_a_misspelt_question_finds_what_it_means(question: str, found: set[int]) -> None:
    assert {i for i, _ in INDEX.search(question, 9)} == found


@pytest.mark.parametrize("question", ["US army", "U.S. army", "U.S.-army"])
def test_initials_are_one_word_with_points_or_without(question: str) -> None:
    assert tokens(question, ENGLISH) == ["us", "armi"]
    assert INDEX.search(question, 9) == INDEX.search("US army", 9)


@pytest.mark.parametrize("text", ["example.com", "3.5 million", "He left. I stayed.", "A.D", "end.B"])
def test_only_points_between_single_letters_are_left_out(text: str) -> None:
    assert join_initials(text) == text.replace("A.D", "AD")
