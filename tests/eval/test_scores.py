"""What a case adds to each measure, worked out by hand: answered, refused, misled, and without a result."""

from __future__ import annotations

from dataclasses import replace

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import RR, R

from eval.cases import Case, Source, Span
from eval.scores import Quote, Reply, is_misled, is_right, mode, parse_reply, reliability, score, score_search, tradeoff
from rag import Question

PASSAGE = Source("p", "Ann Archer opened the bridge. It cost 5 euros.")
GOOD = Quote(Span("p", 0, 29, "Ann Archer opened the bridge."), valid=True)
BAD = Quote(Span("p", 0, 27, "Ann Archer shut the bridge."), valid=False)
OTHER = Quote(Span("q", 0, 17, "It was Tom Tanner."), valid=True)
SENTENCE = "Ann Archer opened the bridge."
ANSWER = Reply(SENTENCE, short="Archer", confidence=0.8, sentences=((SENTENCE, (GOOD,)),))
REFUSAL = Reply("Not Ann Archer.", refused="not_stated", confidence=0.3)


def asking(
    answers: tuple[str, ...] = ("Ann Archer",),
    parts: tuple[tuple[str, ...], ...] = (),
    wrong: tuple[str, ...] = (),
    corrects: tuple[str, ...] = (),
    gold: tuple[Span, ...] = (),
    kind: str = "",
) -> Case:
    return Case("1", Question("Who?"), answers, parts=parts, wrong=wrong, corrects=corrects, gold=gold, type=kind)


def modal(expected: str) -> Case:
    return Case("1", Question("Who?"), mode=expected)


ASKED = asking(gold=(Span("p", 0, 46),))
UNANSWERABLE = asking(())


def test_an_answer_is_scored_by_its_short_form_and_its_text() -> None:
    found = score(ASKED, ANSWER)

    assert found["right"] == found["contains"] == (1, 1)
    assert found["em"] == found["false_refusal"] == found["uncited"] == (0, 1)
    # One of one word is right, one of two is found.
    assert found["f1"] == found["f1_answerable"] == pytest.approx((2 / 3, 1))
    assert found["citation_gold"] == found["gold_cited"] == (1, 1)
    assert not {"refusal_precision", "refusal_recall", "misled", "rouge_l"} & found.keys()


def test_a_refusal_is_right_only_where_there_is_no_answer() -> None:
    right, wrong = score(UNANSWERABLE, REFUSAL), score(ASKED, REFUSAL)

    assert right["right"] == right["em"] == right["f1"] == (1, 1)
    assert right["refusal_precision"] == right["refusal_recall"] == (1, 1)
    assert right["refusal_f1"] == (2, 2)
    assert not {"contains", "f1_answerable"} & right.keys()
    assert wrong["right"] == wrong["em"] == wrong["f1"] == wrong["contains"] == wrong["refusal_precision"] == (0, 1)
    assert wrong["false_refusal"] == (1, 1)
    assert wrong["refusal_f1"] == (0, 1)
    assert "uncited" not in wrong


def test_a_case_without_a_result_is_wrong_in_every_measure() -> None:
    right, wrong = score(ASKED, None), score(UNANSWERABLE, None)

    assert right["right"] == right["em"] == right["f1"] == right["contains"] == right["refusal_precision"] == (0, 1)
    assert right["false_refusal"] == (1, 1)
    assert wrong["right"] == wrong["em"] == wrong["f1"] == wrong["refusal_recall"] == (0, 1)
    assert score(modal("abstain"), None)["recall_abstain"] == (0, 1)
    assert mode(None) == "no result"


def test_every_part_must_be_given_in_the_text_or_in_a_quote() -> None:
    reply = Reply("It was Ann Archer.", sentences=(("It was Ann Archer.", (OTHER,)),))

    assert is_right(asking(parts=(("Archer",), ("Tanner", "Tanners"))), reply)
    assert not is_right(asking(parts=(("Archer",), ("Smith",))), reply)
    assert is_right(asking(("Tanner",)), reply), "the quote is on the screen"
    assert score(asking(("Tanner",)), reply)["contains"] == (0, 1), "contains looks at the text alone"


def test_quoting_what_corrects_a_false_premise_is_as_right_as_refusing() -> None:
    case = asking((), corrects=("opened the bridge",))

    for reply in (ANSWER, REFUSAL):
        found = score(case, reply)
        assert found["right"] == found["refusal_recall"] == found["f1"] == (1, 1)
    assert score(asking((), corrects=("shut the bridge",)), ANSWER)["refusal_recall"] == (0, 1)


@pytest.mark.parametrize(
    ("case", "reply", "misled"),
    [
        (asking(wrong=("Tanner",)), Reply("It was Tanner.", short="Tom Tanner"), True),
        (asking(wrong=("Tanner",)), Reply("Tanner said it was Archer.", short="Archer"), False),
        (asking(wrong=("Archer",)), Reply("Ann Archer", short="Ann Archer"), False),
        (asking(("12 million",), wrong=("12",)), Reply("12 million", short="12 million"), False),
        (asking(wrong=("Tanner",)), Reply("Not Tanner", short="Tanner", refused="not_stated"), False),
        (asking(wrong=("Tanner",)), None, False),
        (asking(wrong=("Yes",)), Reply("Yes: “It opened.”", short="opened", leads=("Yes",)), True),
        (asking(wrong=("Yes",)), Reply("Yes. It opened.", short="opened"), True),
        (asking(wrong=("Yes",)), Reply("“Yesterday it opened.”", short="opened"), False),
        (asking(wrong=("No",)), Reply("“No one was hurt.”", short="one"), False),
        (asking(wrong=("Tanner",)), Reply("x", short="x", leads=("Tanner",)), True),
        (asking(wrong=("2024",)), Reply("x", short="x", leads=("Post, 2024-05-03",)), False),
    ],
)
def test_a_reply_misleads_where_its_short_answer_or_a_lead_is_a_wrong_wording(
    case: Case, reply: Reply | None, *, misled: bool
) -> None:
    assert is_misled(case, reply) == misled
    assert score(case, reply)["misled"] == (misled, 1)


@pytest.mark.parametrize(
    ("cited", "uncited", "grounded", "gold", "any_gold"),
    [
        ((), 1, 0, 0, 0),
        ((GOOD,), 0, 2, 1, 1),
        ((BAD,), 1, 2, 1, 1),
        ((GOOD, BAD), 1, 2, 1, 1),
        ((OTHER,), 0, 0, 0, 0),
        ((GOOD, OTHER), 0, 2, 1 / 2, 1),
    ],
)
def test_sentences_are_scored_by_what_they_cite(
    cited: tuple[Quote, ...], uncited: int, grounded: int, gold: float, any_gold: int
) -> None:
    found = score(ASKED, Reply(SENTENCE, sentences=(("He is Ann Archer.", cited),)))

    assert found["uncited"] == (uncited, 1)
    assert found["grounded"] == (grounded, 2)
    assert found["citation_gold"] == (gold, 1)
    assert found["gold_cited"] == (any_gold, 1)


def test_only_a_long_answer_has_a_rouge_l_and_a_refusal_has_none_of_it() -> None:
    reply = Reply("It was rain.")
    long = asking(("it was heavy rain",), kind="why")

    # "It was rain" is common: 2 * 3 / (3 + 4)
    assert score(long, reply)["rouge_l"] == pytest.approx((6 / 7, 1))
    assert score(long, REFUSAL)["rouge_l"] == score(long, None)["rouge_l"] == (0, 1)
    assert "rouge_l" not in score(asking(("it was heavy rain",), kind="date"), reply)
    assert "rouge_l" in score(asking((" ".join(["rain"] * 12),)), reply)
    assert "rouge_l" not in score(asking((), kind="why"), reply)


@pytest.mark.parametrize(
    ("reply", "given"),
    [
        (ANSWER, "trustworthy"),
        (REFUSAL, "abstain"),
        (Reply("Both.", refused="disputed"), "disputed"),
        (Reply("Both.", disputed=True), "disputed"),
    ],
)
def test_a_reply_has_a_mode(reply: Reply, given: str) -> None:
    assert mode(reply) == given
    assert is_right(modal(given), reply)
    found = score(modal("disputed"), reply)
    assert found["recall_disputed"] == (given == "disputed", 1)
    assert found["false_refusal"] == (given == "abstain", 1), "in a set with modes a dispute is no refusal"


def test_a_reply_is_parsed_and_its_quotes_are_looked_up_in_the_articles() -> None:
    texts = {"p": PASSAGE.text}
    citation = {"marker": 1, "article_id": "p", "quote": SENTENCE, "start": 0, "end": len(SENTENCE)}
    said = {
        "text": f"{SENTENCE}[1] A note [2].",
        "refused": False,
        "reason_kind": None,
        "sentences": [{"text": SENTENCE, "citations": [1], "lead": "Post"}, {"text": "A note.", "citations": [2]}],
        "citations": [citation],
        "short": "Archer",
        "disputed": False,
        "confidence": 0.5,
        "alce": {"recall": 0.5, "precision": 1.0},
    }
    reply = parse_reply(said, texts)
    moved = parse_reply({**said, "citations": [{**citation, "start": 1}]}, texts)
    elsewhere = parse_reply({**said, "citations": [{**citation, "article_id": "gone"}]}, texts)

    assert reply
    assert moved
    assert elsewhere
    assert (reply.text, reply.leads) == (f"{SENTENCE} A note [2].", ("Post", ""))
    assert reply.sentences[0] == (SENTENCE, (GOOD,))
    assert not reply.sentences[1][1][0].valid
    assert not moved.quotes[0].valid
    assert not elsewhere.quotes[0].valid
    assert score(ASKED, reply)["uncited"] == (1, 2)
    assert score(ASKED, reply)["citation_recall"] == (0.5, 1)
    assert parse_reply(None, texts) is None


FIRST, SECOND = Span("a", 10, 20), Span("b", 0, 9)


def found(*passages: tuple[str, int, int]) -> Reply:
    return Reply("It was rain.", passages=tuple(Span(*one) for one in passages))


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
def test_a_gold_sentence_is_found_by_the_first_passage_that_contains_all_of_it(
    passages: list[tuple[str, int, int]], at_5: float, at_10: float, reciprocal: float
) -> None:
    scores = score_search(asking(gold=(FIRST, SECOND)), found(*passages))

    assert scores["recall@5"] == pytest.approx((at_5, 1))
    assert scores["recall@10"] == pytest.approx((at_10, 1))
    assert scores["mrr@10"] == pytest.approx((reciprocal, 1))


@given(st.lists(st.integers(0, 14), min_size=1, max_size=15, unique=True), st.integers(1, 6))
def test_where_each_passage_contains_one_sentence_the_figures_are_those_of_ir_measures(
    ranking: list[int], relevant: int
) -> None:
    gold = tuple(Span(str(number), 0, 5) for number in range(relevant))
    scores = score_search(asking(gold=gold), found(*((str(number), 0, 5) for number in ranking)))
    run = {"1": {str(number): -float(place) for place, number in enumerate(ranking)}}
    theirs = ir_measures.calc_aggregate([R @ 5, R @ 10, RR @ 10], {"1": {one.article_id: 1 for one in gold}}, run)

    assert scores["recall@5"][0] == pytest.approx(theirs[R @ 5])
    assert scores["recall@10"][0] == pytest.approx(theirs[R @ 10])
    assert scores["mrr@10"][0] == pytest.approx(theirs[RR @ 10])


def test_without_a_result_nothing_is_found_and_without_gold_nothing_counts() -> None:
    assert score_search(asking(gold=(FIRST,)), None)["recall@10"] == (0, 1)
    assert score_search(asking(), found()) == {}


def test_the_reliability_of_answers_is_their_share_that_is_right_by_tenths_of_confidence() -> None:
    unsure = replace(ANSWER, confidence=0.41)
    wrong = Reply(SENTENCE, short="Tanner", confidence=0.49, sentences=((SENTENCE, (GOOD,)),))
    pairs = [(ASKED, replace(ANSWER, confidence=1.0)), (ASKED, unsure), (UNANSWERABLE, wrong), (ASKED, REFUSAL)]

    assert reliability([*pairs, (ASKED, None)]) == [
        {"confidence": pytest.approx(0.45), "right": 0.5, "n": 2},
        {"confidence": 1.0, "right": 1.0, "n": 1},
    ]


def test_the_tradeoff_refuses_what_is_below_the_threshold_and_keeps_what_was_refused() -> None:
    unsure = Reply(SENTENCE, short="Tanner", confidence=0.4, sentences=((SENTENCE, (GOOD,)),))
    points = {
        point["threshold"]: tuple(point.values())[1:]
        for point in tradeoff([(ASKED, ANSWER), (ASKED, REFUSAL), (UNANSWERABLE, unsure)])
    }

    assert points[0.0] == pytest.approx((0.0, 1 / 2, 2 / 9))
    assert points[0.5] == pytest.approx((1.0, 1 / 2, 5 / 9))
    assert points[0.9] == pytest.approx((1.0, 1.0, 1 / 3))
    assert tradeoff([(modal("abstain"), REFUSAL)])[0]["f1"] is None
