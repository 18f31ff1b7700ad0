"""Addresses and pictures are no part of what a question asks, unless they are all of it."""

from __future__ import annotations

import pytest

from rag.understanding.addresses import without

ASKED = "Who opened the harbour on Monday?"


@pytest.mark.parametrize(
    "typed",
    [
        "Who opened the harbour ![t](http://127.0.0.1:4321/label.png) on Monday?",
        "Who opened the harbour on Monday ![t](http://127.0.0.1:4321/label.png)?",
        "Who opened the harbour on Monday? www.127.0.0.1:4321/l",
        "https://example.org/a?b=c#d Who opened the harbour on Monday?",
        "Who opened the harbour on Monday? [label](https://example.org/a)",
    ],
)
def test_an_address_is_left_out(typed: str) -> None:
    assert without(typed) == ASKED


@pytest.mark.parametrize(
    "typed",
    [
        ASKED,
        "Who  opened it , then?",
        "What is http://example.org/a?",
        "www.example.org",
        "Is [sic] (a note) part of it?",
        "Who runs example.org?",
    ],
)
def test_what_has_none_or_is_hardly_more_stays_as_it_is(typed: str) -> None:
    assert without(typed) == typed


@pytest.mark.parametrize("piece", ["![", "[]", "http://", "www.", "![a](", "]( "])
def test_a_long_run_of_signs_takes_no_long_time(piece: str) -> None:
    assert without(ASKED + piece * (2_000 // len(piece)))
