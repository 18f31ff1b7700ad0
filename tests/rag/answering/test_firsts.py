"""The first of each key stays, where it stood."""

from __future__ import annotations

from rag.answering.firsts import first_of_each


def test_the_first_of_each_key_stays_in_its_place() -> None:
    assert first_of_each(["a1", "b1", "a2", "c1", "b2"], lambda text: text[0]) == ("a1", "b1", "c1")


def test_of_nothing_there_is_none() -> None:
    assert first_of_each([], len) == ()
