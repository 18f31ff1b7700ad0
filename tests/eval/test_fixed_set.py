"""The fixed questions over the sample articles: whole, of every type, and true to the articles."""

from __future__ import annotations

import re
from collections import Counter

import pytest
import snowballstemmer

from eval.asking import sample_articles
from eval.measures import contains
from eval.questions import Query, locate, read_queries
from eval.scoring import LONG_TYPES
from rag import Article, read_articles
from rag.search import chunking
from tests.conftest import SEEDS

FIXED_SET = SEEDS.parent / "eval" / "questions" / "seeds.jsonl"
UNANSWERABLE = {"false premise", "near", "off-topic"}
# What is right there must be worked out, and stands in no sentence.
WORKED_OUT = {"yes/no", "relative date"}
TYPES = {
    *("single fact", "two-article", "number", "date", "who-said-what", "list", "paraphrase", "misspelt", "follow-up"),
    *("orders", "narrowed"),
    *LONG_TYPES,
    *UNANSWERABLE,
    *WORKED_OUT,
}
# Words that no question and hardly any sentence does without.
FUNCTION_WORDS = set(
    "a an and are at be by did do for from in is of on or the they to when where which who why".split()
)


def articles() -> list[Article]:
    found = [one for upload in sample_articles() for one in read_articles(upload)]
    assert all(isinstance(one, Article) for one in found)
    return [one for one in found if isinstance(one, Article)]


ARTICLES = articles()
QUERIES = locate(read_queries(FIXED_SET), ARTICLES)
WITH_GOLD = [query for query in QUERIES if query.gold]


def named(query: Query) -> str:
    return query.id


def stems(text: str) -> set[str]:
    words = set(re.findall(r"\w+", text.lower())) - FUNCTION_WORDS
    return set(snowballstemmer.stemmer("english").stemWords(sorted(words)))


def test_every_type_has_cases() -> None:
    counts = Counter(query.type for query in QUERIES)

    assert set(counts) == TYPES
    assert min(counts.values()) >= 5
    assert counts.total() >= 90


def test_no_two_cases_are_the_same_question() -> None:
    assert len({query.asked for query in QUERIES}) == len(QUERIES)


@pytest.mark.parametrize("query", WITH_GOLD, ids=named)
def test_every_gold_offset_reproduces_a_sentence(query: Query) -> None:
    by_id = {article.id: article for article in ARTICLES}
    for gold in query.gold:
        article = by_id[gold.article_id]
        assert (gold.start, gold.end) in chunking.sentences(article.text, article.language)
        # As the publisher has it, but for spaces: nothing was lost on the way into the archive.
        published = (SEEDS / article.origin.removeprefix("upload:")).read_text(encoding="utf-8")
        assert " ".join(gold.text.split()) in " ".join(published.split())


@pytest.mark.parametrize("query", QUERIES, ids=named)
def test_what_is_answered_has_gold_and_what_is_refused_has_none(query: Query) -> None:
    assert bool(query.gold) == query.answerable
    assert query.type not in UNANSWERABLE or not query.answerable


@pytest.mark.parametrize(
    "query",
    [one for one in WITH_GOLD if one.type not in WORKED_OUT and one.answers not in (("Yes",), ("No",))],
    ids=named,
)
def test_an_answer_stands_in_the_gold_sentences(query: Query) -> None:
    assert contains(" ".join(gold.text for gold in query.gold), query.answers)


def test_yes_and_no_are_both_right_answers() -> None:
    assert {query.answers for query in QUERIES if query.type == "yes/no"} == {("Yes",), ("No",)}


@pytest.mark.parametrize("query", [one for one in QUERIES if one.type == "paraphrase"], ids=named)
def test_a_paraphrase_shares_no_word_with_what_answers_it(query: Query) -> None:
    assert not stems(query.question) & stems(" ".join(gold.text for gold in query.gold))


@pytest.mark.parametrize("query", [one for one in QUERIES if one.type == "two-article"], ids=named)
def test_a_two_article_case_has_gold_in_both(query: Query) -> None:
    assert {gold.article_id for gold in query.gold} == {article.id for article in ARTICLES}


def test_each_article_has_facts_of_its_own() -> None:
    facts = [query for query in QUERIES if query.type == "single fact"]
    of_one = Counter(query.gold[0].article_id for query in facts if len({gold.article_id for gold in query.gold}) == 1)

    assert set(of_one) == {article.id for article in ARTICLES}
    assert min(of_one.values()) >= 5


def test_follow_ups_are_the_second_and_the_third_turn() -> None:
    turns = Counter(len(query.history) for query in QUERIES if query.type == "follow-up")

    assert set(turns) == {1, 2}
    assert min(turns.values()) >= 5
    assert all(not query.history for query in QUERIES if query.type != "follow-up")


@pytest.mark.parametrize("by", ["dates", "outlet"])
def test_narrowing_helps_in_some_cases_and_leaves_nothing_in_others(by: str) -> None:
    narrowed = [query for query in QUERIES if query.asked.narrowed]
    of_one = [query for query in narrowed if bool(query.sources) == (by == "outlet")]

    assert {query.type for query in narrowed} == {"narrowed"}
    assert {query.answerable for query in of_one} == {True, False}
