from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from rag.types import Span
from training import contrast
from training.contrast import Fact, Names, Variant
from training.examples import Example
from training.sets import Case

BRIDGE = (
    "The old bridge of Varn was built in 1871 by Anna Korda. It carried 300 carts a day. "
    "In 1902 the river Lune took its largest arch, and some villages were cut off for weeks. "
    "Peter Hale was asked to build it anew."
)
ANSWER = Span(BRIDGE.index("1871"), BRIDGE.index("1871") + 4)
CASE = Case("1", "When was the bridge of Varn built?", ("1871",), "Bridges", BRIDGE)
NAMES = Names(["It lies north of Sorn today.", "He came from the town of Ember once."])
VARN = Fact(CASE.question, BRIDGE, ANSWER)


def variants(kind: str, fact: Fact, seeds: int = 20) -> Iterator[Variant]:
    for seed in range(seeds):
        yield from contrast.RULES[kind](fact, NAMES, random.Random(seed))


def fits(variant: Variant) -> bool:
    return variant.fits


@pytest.mark.parametrize(
    ("kind", "asked", "old"),
    [
        ("name", "When was the bridge of Varn built?", "Varn"),
        ("number", "What did the river take in 1902?", "1902"),
        ("opposite", "Which river took the largest arch?", "largest"),
    ],
)
def test_what_is_exchanged_in_question_or_text_alone_no_longer_fits(kind: str, asked: str, old: str) -> None:
    at = Span(BRIDGE.index("Lune"), BRIDGE.index("Lune") + 4)
    fact = Fact(asked, BRIDGE, ANSWER if kind == "name" else at)
    made = list(variants(kind, fact))

    assert made
    for variant in made:
        assert variant.fits == ((old in variant.asked) == (old in variant.text))
        assert not variant.fits or variant.at is None or variant.text[slice(*variant.at)] in ("1871", "Lune")


def test_a_name_of_which_a_part_stays_in_the_text_is_not_exchanged() -> None:
    fact = Fact("When was the bridge of Anna Korda built?", f"{BRIDGE} Korda died in 1899.", ANSWER)

    assert not list(variants("name", fact))


def test_who_did_what_to_whom_is_exchanged() -> None:
    text = "In 1902 troops of Ostland crossed the river and Ostland invaded Westland."
    fact = Fact("When did Ostland invade Westland?", text, Span(3, 7))
    made = {variant.asked for variant in variants("role", fact) if not variant.fits}

    assert "When did Westland invade Ostland?" in made


def test_without_its_sentence_the_text_no_longer_answers() -> None:
    made = list(variants("removed", VARN))

    assert {variant.fits for variant in made} == {True, False}
    assert all(("1871" in variant.text) == variant.fits for variant in made)


def test_a_denied_or_negated_sentence_does_not_answer() -> None:
    made = [*variants("denied", VARN), *variants("negated", VARN)]

    assert all("1871" in variant.text for variant in made)
    assert any("denied that the old bridge of Varn was built" in one.text for one in made if not one.fits)
    assert any("Varn was not built" in variant.text for variant in made if not variant.fits)
    for variant in filter(fits, made):
        assert variant.at is not None
        assert variant.text[slice(*variant.at)] == "1871"


def test_a_new_answer_in_the_text_is_the_answer() -> None:
    for variant in variants("new answer", VARN):
        assert variant.fits
        assert variant.at is not None
        assert variant.text[slice(*variant.at)] != "1871"


def test_what_holds_of_some_does_not_hold_of_all() -> None:
    claim = "Some villages were cut off for weeks."
    made = list(variants("general", Fact(claim, BRIDGE, None, claim=True), 1))

    assert [(one.asked, one.fits) for one in made] == [(claim, True), ("All villages were cut off for weeks.", False)]


def test_two_sentences_are_supported_only_by_a_text_that_has_both() -> None:
    claim = "The old bridge of Varn was built in 1871 by Anna Korda."
    for variant in variants("merged", Fact(claim, BRIDGE, ANSWER, claim=True)):
        other = variant.asked.removeprefix(claim[:-1] + ", and ").rstrip(".")
        assert (other[1:] in variant.text) == variant.fits


def test_groups_are_reproducible_and_have_pairs_of_both_kinds() -> None:
    def made(seed: int) -> list[list[Example]]:
        rng = random.Random(seed)
        return [group for fact in contrast.facts(CASE, rng) for group in contrast.groups(fact, NAMES, rng)]

    assert made(1) == made(1)
    assert made(1) != made(2)
    for group in made(1):
        assert len({example.kind for example in group}) == 1
        labels = {bool(example.answers or example.supports) for example in group}
        assert labels == ({True} if group[0].kind == "new answer" else {True, False})


def test_the_title_moves_the_span() -> None:
    example = contrast.labelled(Variant("When?", BRIDGE, ANSWER, fits=True), "name", "Bridges\n")

    assert example.span is not None
    assert example.pair.text[slice(*example.span)] == "1871"
    assert example.pair.text[example.pair.start :] == BRIDGE


@pytest.mark.parametrize("old", ["1871", "2017", "300", "1,250", "7", "34.5"])
def test_a_similar_number_is_another_of_the_same_form(old: str) -> None:
    made = {contrast.similar_number(old, random.Random(seed)) for seed in range(50)}

    assert old not in made
    assert {len(number) for number in made} == {len(old)}
    assert not any(number.startswith("0") for number in made)
