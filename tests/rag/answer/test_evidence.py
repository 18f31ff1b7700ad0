"""Evidence: whole sentences of the article, ranked, never twice; with a judge that one can compute by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings import Judge, Judgement, Pair
from rag.answer import evidence
from rag.search.retrieve import whole
from rag.types import Article, Hit

LONG = "The council " + "and its many friends " * 40 + "never approved the bridge."


class WordJudge:
    """Points at the last word of the question where the text has it, with log-odds of 4, else of -4."""

    fingerprint = "word"

    def judge(self, pairs: Sequence[Pair]) -> list[Judgement]:
        return [self._one(pair) for pair in pairs]

    def _one(self, pair: Pair) -> Judgement:
        word = pair.asked.rstrip("?").split()[-1]
        at = pair.text.find(word, pair.start)
        if at < 0:
            return Judgement(-4.0, -4.0, pair.start, pair.start + 1, 0.0, 0.0, 0.0)
        return Judgement(4.0, 4.0, at, at + len(word), 0.0, 0.0, 0.0)


class WholeJudge(WordJudge):
    """Points at the whole text."""

    def judge(self, pairs: Sequence[Pair]) -> list[Judgement]:
        return [Judgement(4.0, 4.0, pair.start, len(pair.text), 0.0, 0.0, 0.0) for pair in pairs]


class SilentJudge:
    fingerprint = "silent"

    def judge(self, pairs: Sequence[Pair]) -> list[Judgement]:
        return [Judgement(-9.0, -9.0, pair.start, pair.start, -9.0, 0.0, 0.0) for pair in pairs]


def hits(*texts: str, words: int = 60) -> tuple[Hit, ...]:
    articles = [Article(f"a{number}", "", text, "0") for number, text in enumerate(texts)]
    return tuple(whole(articles, words))


def test_the_sentence_around_the_answer_is_the_evidence() -> None:
    (item,) = evidence.rank(["What about the bridge?"], hits("It rained. The bridge opened. It closed."), WordJudge())

    assert (item.text, item.short) == ("The bridge opened.", "bridge")
    assert item.article.text[item.start : item.end] == item.text


def test_a_long_sentence_is_quoted_whole_though_passages_split_it() -> None:
    found = evidence.rank(["What about the bridge?"], hits(f"It rained. {LONG}"), WordJudge())

    assert found[0].text == LONG


def test_text_without_sentences_is_quoted_by_its_passage() -> None:
    found = evidence.rank(["Was it a bridge?"], hits("word " * 2_000 + "bridge " + "word " * 2_000), WordJudge())

    assert "bridge" in found[0].text
    assert len(found[0].text) < 1_000


def test_a_sentence_that_two_passages_share_is_evidence_once() -> None:
    text = "The bridge " + "which is old " * 30 + "is a bridge."

    assert len(evidence.rank(["Was it a bridge?"], hits(text, words=20), WordJudge())) == 1


def test_equal_sentences_come_in_the_order_of_article_ids() -> None:
    found = evidence.rank(["Was it a bridge?"], hits(*["A bridge."] * 5)[::-1], WordJudge())

    assert [item.article.id for item in found] == ["a0", "a1", "a2", "a3", "a4"]


def test_the_earlier_question_lifts_a_follow_up_only_so_far() -> None:
    def score(*readings: str) -> float:
        return evidence.rank(readings, hits("The bridge opened."), WordJudge())[0].score

    alone, both = score("And the ferry?"), score("And the ferry?", "And the bridge?")
    assert alone < both < evidence.threshold(0.5) < score("And the bridge?", "And the ferry?")


def test_the_search_and_the_conversation_lift_a_passage() -> None:
    first, second = (
        replace(hit, score=score) for hit, score in zip(hits("A bridge.", "A bridge."), (4.0, 6.0), strict=True)
    )
    better, worse = evidence.rank(["A bridge?"], [first, second], WordJudge())
    assert (better.article.id, worse.article.id) == ("a1", "a0")

    better, worse = evidence.rank(["A bridge?"], [first, second], WordJudge(), on_topic=["a0"])
    assert (better.article.id, worse.article.id) == ("a0", "a1")


def test_a_first_judge_chooses_what_a_larger_one_reads() -> None:
    judge = WordJudge()
    texts = [*["A ferry."] * 30, "A bridge."]
    found = evidence.rank(["Was it a bridge?"], hits(*texts), WholeJudge(), first=judge)

    assert len(found) == 24
    assert "a30" in [item.article.id for item in found]
    assert {item.text for item in found} == {item.short for item in found}


def test_of_two_judges_the_mean_counts() -> None:
    def odds(judge: Judge, first: Judge | None = None) -> float:
        (item,) = evidence.rank(["Was it a bridge?"], hits("A ferry."), judge, first=first)
        return evidence.log_odds(item.score)

    assert odds(WordJudge()) < 0 < odds(WholeJudge())
    assert odds(WordJudge(), WholeJudge()) == pytest.approx((odds(WordJudge()) + odds(WholeJudge())) / 2)


def test_paragraphs_are_not_quoted_as_one_sentence() -> None:
    (item,) = evidence.rank(["A bridge?"], hits("Short one.\n\nThe old bridge opened on Monday."), WholeJudge())

    assert item.text == item.short == "The old bridge opened on Monday."


@pytest.mark.parametrize("given_hits", [(), hits("The bridge opened.")], ids=["nothing found", "nothing pointed at"])
def test_there_may_be_no_sentence(given_hits: tuple[Hit, ...]) -> None:
    assert evidence.rank(["Was it a bridge?"], given_hits, SilentJudge()) == ()


def test_caution_raises_the_threshold() -> None:
    assert [round(evidence.threshold(caution), 2) for caution in (0.0, 0.5, 1.0)] == [0.1, 0.31, 0.65]


@given(st.lists(st.text(alphabet="ab .\n“”bridge", min_size=1), min_size=1, max_size=4))
def test_every_quote_is_the_articles_own_text(texts: list[str]) -> None:
    for item in evidence.rank(["Was it a bridge?"], hits(*texts), WordJudge()):
        assert item.article.text[item.start : item.end] == item.text
        assert item.answer is not None
        assert item.start <= item.answer.start <= item.answer.end <= item.end
