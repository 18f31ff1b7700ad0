"""What a case over an archive adds: how high its gold stood, ROUGE-L of a long answer, and the count by type."""

from __future__ import annotations

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import RR, R

from eval.answers import by_type
from eval.cases import Case, Extent
from eval.questions import Gold, Query
from eval.replies import Reply
from eval.scoring import right, searched

FIRST, SECOND = Gold("a", 10, 20), Gold("b", 0, 9)


def asking(*gold: Gold, answers: tuple[str, ...] = ("rain",), kind: str = "") -> Query:
    return Query("1", "What fell?", answers, gold=gold, type=kind)


def found(*passages: tuple[str, int, int]) -> Reply:
    return Reply("It was rain.", passages=tuple(Extent(*one) for one in passages))


def elsewhere(count: int) -> list[tuple[str, int, int]]:
    return [("c", 0, 9)] * count


@pytest.mark.parametrize(
    ("passages", "at_5", "at_10", "reciprocal"),
    [
        ([("a", 10, 20), ("b", 0, 9)], 1, 1, 1),
        ([("c", 0, 9), ("a", 0, 30)], 1 / 2, 1 / 2, 1 / 2),
        # Only a part of the sentence, and the same characters of another article.
        ([("a", 11, 20), ("a", 10, 19), ("b", 10, 20)], 0, 0, 0),
        ([*elsewhere(4), ("b", 0, 9), *elsewhere(4), ("a", 10, 20)], 1 / 2, 1, 1 / 5),
        ([*elsewhere(9), ("a", 10, 20), ("b", 0, 9)], 0, 1 / 2, 1 / 10),
        ([*elsewhere(10), ("a", 10, 20)], 0, 0, 0),
        ([], 0, 0, 0),
    ],
)
def test_a_gold_sentence_is_found_by_the_first_passage_that_holds_all_of_it(
    passages: list[tuple[str, int, int]], at_5: float, at_10: float, reciprocal: float
) -> None:
    scores = searched(asking(FIRST, SECOND), found(*passages))

    assert scores["recall@5"] == pytest.approx((at_5, 1))
    assert scores["recall@10"] == pytest.approx((at_10, 1))
    assert scores["mrr@10"] == pytest.approx((reciprocal, 1))


def test_one_passage_may_find_several_sentences() -> None:
    scores = searched(asking(FIRST, Gold("a", 30, 40)), found(*elsewhere(1), ("a", 0, 50)))

    assert (scores["recall@5"], scores["mrr@10"]) == ((1, 1), (1 / 2, 1))


@given(st.lists(st.integers(0, 14), min_size=1, max_size=15, unique=True), st.integers(1, 6))
def test_where_each_passage_holds_one_sentence_the_figures_are_those_of_ir_measures(
    ranking: list[int], relevant: int
) -> None:
    gold = [Gold(str(number), 0, 5) for number in range(relevant)]
    scores = searched(asking(*gold), found(*((str(number), 0, 5) for number in ranking)))
    run = {"1": {str(number): -float(place) for place, number in enumerate(ranking)}}
    theirs = ir_measures.calc_aggregate([R @ 5, R @ 10, RR @ 10], {"1": {one.article_id: 1 for one in gold}}, run)

    assert scores["recall@5"][0] == pytest.approx(theirs[R @ 5])
    assert scores["recall@10"][0] == pytest.approx(theirs[R @ 10])
    assert scores["mrr@10"][0] == pytest.approx(theirs[RR @ 10])


def test_without_a_result_nothing_is_found_and_without_gold_nothing_counts() -> None:
    assert searched(asking(FIRST), None)["recall@10"] == searched(asking(FIRST), None)["mrr@10"] == (0, 1)
    assert not {"recall@5", "recall@10", "mrr@10"} & searched(asking(), found()).keys()


def test_only_a_long_answer_has_a_rouge_l_and_a_refusal_has_none_of_it() -> None:
    reply, refusal = found(), Reply("It was rain.", refused="not_stated")
    answers = ("it was heavy rain",)

    # "It was rain" is common: 2 * 3 / (3 + 4)
    assert searched(asking(answers=answers, kind="why"), reply)["rouge_l"] == pytest.approx((6 / 7, 1))
    assert searched(asking(answers=answers, kind="why"), refusal)["rouge_l"] == (0, 1)
    assert searched(asking(answers=answers, kind="why"), None)["rouge_l"] == (0, 1)
    assert "rouge_l" not in searched(asking(answers=answers, kind="date"), reply)
    assert "rouge_l" not in searched(asking(answers=(), kind="why"), reply)


@pytest.mark.parametrize(
    ("case", "reply", "expected"),
    [
        (asking(), found(), True),
        (asking(answers=("snow",)), found(), False),
        (asking(), Reply("No rain.", refused="not_stated"), False),
        (asking(answers=()), Reply("No rain.", refused="not_stated"), True),
        (asking(answers=()), found(), False),
        (asking(answers=()), None, False),
        (Case("1", "What fell?", (), mode="disputed"), Reply("Both.", disputed=True), True),
        (Case("1", "What fell?", (), mode="abstain"), found(), False),
    ],
)
def test_a_reply_is_right_as_a_whole(case: Query | Case, reply: Reply | None, *, expected: bool) -> None:
    assert right(case, reply) == expected


def test_the_cases_of_each_type_are_counted() -> None:
    refusal = Reply("Not told.", refused="not_stated")
    pairs = [
        (asking(kind="why"), found()),
        (asking(kind="near", answers=()), refusal),
        (asking(kind="why"), refusal),
        (asking(kind="why"), None),
    ]

    assert by_type(pairs) == {"why": (3, 1, 1), "near": (1, 1, 1)}
    assert by_type([(asking(), found())]) == {}
