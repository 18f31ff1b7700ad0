"""Articles that disagree, and articles that only put it differently."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from embeddings import Judgement
from rag.answering import disputing
from rag.types import Evidence, PublishedDate, Span
from tests.rag.making import article


def judged(disputes: float) -> Callable[[Sequence[Evidence]], Judgement]:
    """What the judge makes of the passages together: how much they disagree."""
    return lambda _: Judgement(0, 0, 0, 0, 0, disputes, 0)


def unasked(_: Sequence[Evidence]) -> Judgement:
    raise AssertionError("the judge need not read this")


def sides(
    question: str, ranked: Sequence[Evidence], together: Callable[[Sequence[Evidence]], Judgement]
) -> tuple[Evidence, ...]:
    found = disputing.sides(question, ranked, together)
    return found.evidence if found else ()


def evidence(name: str, text: str, short: str, published: PublishedDate | None = None) -> Evidence:
    at = text.index(short)
    return Evidence(article(name, text, published=published), 1, 0, len(text), text, 0.9, Span(at, at + len(short)))


NINE = evidence("a", "It was the first visit in nine years.", "nine years")
TWELVE = evidence("b", "It was the first visit in twelve years.", "twelve years")
STORM = evidence("a", "The ship sank because of the storm.", "the storm")
WAR = evidence("b", "A torpedo of the war sank it.", "A torpedo")
SOON = evidence("a", "The hospital will cost 90 million euros and open in 2025.", "2025")
LATE = evidence("c", "The opening of the hospital is planned for 2026.", "2026")
AGAIN = evidence("c", "The visit was the first in nine years, officials said.", "nine years")


def test_different_answers_that_the_judge_finds_to_disagree_are_two_sides() -> None:
    assert sides("Why?", [STORM, WAR], judged(2.0)) == (STORM, WAR)


def test_the_judge_may_find_that_they_agree() -> None:
    assert sides("Why?", [STORM, WAR], judged(-2.0)) == ()


def test_sentences_that_differ_in_the_number_asked_for_disagree_whatever_the_judge_says() -> None:
    assert sides("How long had it been?", [NINE, TWELVE], judged(-9.0)) == (NINE, TWELVE)


def test_numbers_of_different_things_do_not_disagree() -> None:
    one = evidence("a", "Acme Cars sold 20,000 cars last year.", "20,000")
    other = evidence("b", "Bolt Cars sold 35,000 cars last year.", "35,000")

    assert sides("How many cars did Bolt Cars sell last year?", [other, one], judged(-9.0)) == ()


def test_the_same_answer_is_no_dispute_whatever_the_judge_says() -> None:
    assert sides("How long?", [NINE, AGAIN], unasked) == ()
    assert sides("How long?", [NINE], unasked) == ()
    assert sides("How long?", [], unasked) == ()


def test_a_time_that_may_be_the_same_is_no_dispute() -> None:
    decade = evidence("b", "It was the first visit in nearly a decade.", "nearly a decade")
    ten = evidence("b", "It was the first visit in ten years.", "ten years")

    assert sides("How long had it been?", [NINE, decade], unasked) == ()
    assert sides("How long had it been?", [NINE, ten], unasked) == (NINE, ten)


def test_each_article_has_one_side_its_best_sentence() -> None:
    other = evidence("a", "Some said it was twelve years.", "twelve years")

    assert sides("How long had it been?", [NINE, other, TWELVE], judged(1.0)) == (NINE, TWELVE)
    assert sides("How long?", [NINE, other], judged(1.0)) == ()


def test_two_articles_that_say_the_same_outweigh_a_third() -> None:
    third = evidence("d", "The mayor drowned in the flood of May.", "May")

    assert (
        sides(
            "Why?", [STORM, evidence("c", "A storm, the storm of the year, sank it.", "the storm"), third], judged(9.0)
        )
        == ()
    )


def test_a_side_must_state_what_is_asked_for() -> None:
    other = evidence("b", "The drone strike killed an aid worker and his family.", "an aid worker")
    ten = evidence("a", "The drone strike killed 10 civilians.", "10 civilians")

    assert sides("How many civilians did the strike kill?", [ten, other], judged(9.0)) == ()


def test_the_same_number_in_other_words_is_no_dispute() -> None:
    one = evidence("a", "It covers some 100 million workers.", "some 100 million workers")
    other = evidence("b", "It covers as many as 100 million Americans.", "as many as 100 million Americans")

    assert sides("How many people does it cover?", [one, other], judged(9.0)) == ()


def test_a_sentence_with_the_other_answer_in_it_does_not_disagree() -> None:
    one = evidence("a", "The economy added 235,000 jobs.", "235,000")
    other = evidence("b", "Jobs grew by 235,000 after 943,000 in July.", "943,000")

    assert sides("How many jobs were added?", [one, other], judged(9.0)) == ()


def test_only_the_sides_are_read_together() -> None:
    beside = evidence("b", "The mayor spoke of the old hospital.", "The mayor")
    read: list[Sequence[Evidence]] = []

    def together(items: Sequence[Evidence]) -> Judgement:
        read.append(items)
        return Judgement(0, 0, 0, 0, 0, 1.0, 0)

    assert sides("When will the hospital open?", [SOON, beside, LATE], together) == (SOON, LATE)
    assert read == [(SOON, LATE)]


@pytest.mark.parametrize("agreeing", ["b", "c"])
def test_every_side_must_disagree_with_the_best(agreeing: str) -> None:
    later = evidence("b", "The hospital opens in 2030, the builder said.", "2030")

    def together(items: Sequence[Evidence]) -> Judgement:
        return Judgement(0, 0, 0, 0, 0, -1.0 if items[1].article.id == agreeing else 1.0, 0)

    assert sides("When will the hospital open?", [SOON, later, LATE], together) == ()


def test_an_article_on_another_matter_takes_no_side() -> None:
    festival = evidence("a", "About 5,000 people came to the festival on Friday.", "5,000")
    ferry = evidence("b", "The ferry carried 120 people.", "120")

    assert sides("How many people came to the festival?", [festival, ferry], unasked) == ()


def test_what_differs_in_the_number_asked_for_surely_disagrees_and_what_the_judge_finds_perhaps() -> None:
    plain = disputing.sides("How long had it been?", [NINE, TWELVE], judged(-9.0))
    found = disputing.sides("When will the hospital open?", [SOON, LATE], judged(1.0))

    assert plain
    assert plain.sure
    assert found
    assert not found.sure


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        (
            "Who owns the factory?",
            ("Mr Beck, who owns the factory, hopes.", "Mr Beck"),
            ("Hal Beck owns it.", "Hal Beck"),
        ),
        (
            "How much damage was done?",
            ("Damage is 2 million dollars.", "2 million dollars"),
            ("It did damage at 6.1.", "6.1"),
        ),
        (
            "By how much did wheat rise?",
            ("The price of wheat rose by 5 percent.", "5 percent"),
            ("The price of wheat fell by 9 percent.", "9 percent"),
        ),
        (
            "When did the minister say so?",
            ("The minister said so on Tuesday.", "Tuesday"),
            ("On May 3 the minister said so.", "May 3"),
        ),
        (
            "In which year did Novara sign it?",
            ("Novara signed it in June 2021.", "June 2021"),
            ("Novara left what it signed in 2021.", "2021"),
        ),
    ],
)
def test_the_same_name_the_same_time_another_thing_and_the_opposite_are_no_sides(
    question: str, one: tuple[str, str], other: tuple[str, str]
) -> None:
    ranked = [evidence("a", *one, PublishedDate(2022, 5, 3)), evidence("b", *other, PublishedDate(2022, 5, 4))]

    assert sides(question, ranked, judged(9.0)) == ()
