"""The fixed sets of questions: whole, without doubles, and true to their articles."""

from __future__ import annotations

import hashlib
import json
from functools import cache

import pytest

from eval.answers import QUESTIONS, SETS, row_ids
from eval.cases import Case, locate, read_questions
from eval.comparison import read_baseline
from eval.measures import contains
from rag import Article, read_articles

NAMES = [name for name, one in SETS.items() if one.questions.is_file()]
# What is right there must be worked out, and stands in no sentence.
WORKED_OUT = {"yes/no", "relative date", "count"}


@cache
def articles(name: str) -> tuple[Article, ...]:
    found = [one for upload in SETS[name].uploads() for one in read_articles(upload)]
    assert all(isinstance(one, Article) for one in found)
    return tuple(one for one in found if isinstance(one, Article))


@cache
def cases(name: str) -> tuple[Case, ...]:
    return locate(read_questions(SETS[name].questions), articles(name), row_ids(SETS[name].uploads()))


@pytest.mark.parametrize("name", NAMES)
def test_no_two_cases_ask_the_same(name: str) -> None:
    assert len({case.asked for case in cases(name)}) == len(cases(name)) >= 90


@pytest.mark.parametrize("name", NAMES)
def test_every_type_has_cases_and_every_article_says_its_outlet_or_its_day(name: str) -> None:
    assert all(case.type for case in cases(name))
    assert all(article.source or article.published for article in articles(name))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_answered_has_gold_that_says_so(name: str) -> None:
    for case in cases(name):
        gold = " ".join(span.text for span in case.gold)
        assert bool(gold) or not case.answerable, case.id
        assert case.answerable or not case.gold or case.corrects, case.id
        assert contains(gold, case.corrects) or not case.corrects, case.id
        if case.answerable and case.type not in WORKED_OUT and case.answers not in (("Yes",), ("No",)):
            for part in case.parts or (case.answers,):
                assert contains(gold, part), case.id


@pytest.mark.parametrize("name", NAMES)
def test_no_wrong_wording_is_an_accepted_one(name: str) -> None:
    for case in cases(name):
        accepted = {answer.casefold() for part in (case.answers, *case.parts) for answer in part}
        assert not accepted & {wrong.casefold() for wrong in case.wrong}, case.id


def test_the_held_third_of_the_news_is_drawn_by_the_ids() -> None:
    for case in cases("news"):
        assert case.held == (int(hashlib.sha256(case.id.encode()).hexdigest(), 16) % 3 == 0), case.id


@pytest.mark.parametrize("name", NAMES)
def test_the_baseline_is_of_the_set(name: str) -> None:
    file = QUESTIONS / f"{name}-baseline.json"
    if not file.is_file():
        pytest.skip(f"{file.name} is not committed yet")
    assert {case.id for case in read_baseline(file).cases} == {case.id for case in cases(name)}
    assert json.loads(file.read_text())["measures"]["right"]["n"] == len(cases(name))
