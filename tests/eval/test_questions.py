"""Questions for an archive: read strictly, and their gold sentences found in whatever archive is asked."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eval.cases import Extent
from eval.questions import Gold, Query, locate, read_queries
from rag import Article, Exchange, InputError, Question
from tests.eval.making import put

GOLD = {"article_id": "bridge.txt", "start": 0, "end": 7}
CASE = {"id": "1", "question": "What fell?", "answers": ["rain"]}
WHOLE = CASE | {
    "history": [{"question": "Where did it rain?", "answer": "In York. [1]"}, {"question": "Why?", "answer": ""}],
    "from": "2021-04-01",
    "to": "2021-04-30",
    "as_of": "2021-05-01",
    "sources": ["Post", "AP"],
    "languages": ["en"],
    "stories": ["a1"],
    "gold": [GOLD],
    "type": "follow-up",
}


def told(name: str, text: str, origin: str) -> Article:
    return Article(name, "A title", text, "", origin=origin)


BRIDGE = told("bridge-1", "It rained. The bridge opened.", "/news/2021/bridge.txt")
ROW = told("17-2", "Rain fell.", "upload:rows.csv#17")


def asking(article_id: str, start: int = 0, end: int = 7) -> Query:
    return Query("1", "What fell?", ("rain",), gold=(Gold(article_id, start, end),))


def test_a_case_is_read_with_all_that_narrows_it_and_all_that_was_said_before(tmp_path: Path) -> None:
    put(tmp_path / "questions.jsonl", WHOLE, CASE | {"id": "2", "answers": []})
    first, second = read_queries(tmp_path)

    assert first.asked == Question(
        "What fell?",
        published_from=date(2021, 4, 1),
        published_to=date(2021, 4, 30),
        sources=("Post", "AP"),
        languages=("en",),
        stories=("a1",),
        as_of=date(2021, 5, 1),
        history=(Exchange("Where did it rain?", "In York. [1]"), Exchange("Why?", "")),
    )
    assert (first.answers, first.gold, first.type) == (("rain",), (Gold("bridge.txt", 0, 7),), "follow-up")
    assert first.answerable
    assert second.asked == Question("What fell?")
    assert not second.answerable


def test_a_case_is_written_by_the_keys_of_its_file(tmp_path: Path) -> None:
    (query,) = read_queries(put(tmp_path / "set.jsonl", WHOLE))

    assert json.loads(json.dumps(query.written)) == WHOLE | {"gold": [GOLD | {"text": ""}]}
    (plain,) = read_queries(put(tmp_path / "plain.jsonl", CASE))
    before = ("id", "question", "answers", "history", "from", "to", "sources", "gold", "type")
    assert tuple(plain.written) == before, "another key, and no baseline knows its cases any more"


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (CASE | {"passages": []}, "line 2: there is no key `passages`"),
        ({"id": "1", "question": "What fell?"}, "line 2: `answers` is None"),
        (CASE | {"answers": "rain"}, "line 2: `answers` is 'rain'"),
        (CASE | {"question": None}, "line 2: `question` is None"),
        (CASE | {"from": "April 2021"}, "line 2: `from` is 'April 2021'"),
        (CASE | {"to": 2021}, "line 2: `to` is '2021'"),
        (CASE | {"as_of": "May"}, "line 2: `as_of` is 'May'"),
        (CASE | {"languages": "en"}, "line 2: `languages` is 'en'"),
        (CASE | {"sources": "Post"}, "line 2: `sources` is 'Post'"),
        (CASE | {"history": ["Why?"]}, "line 2, earlier question 1 is 'Why\\?'"),
        (CASE | {"history": [{"question": "Why?"}]}, "line 2, earlier question 1: `answer` is None"),
        (CASE | {"history": [{"question": "?", "answer": "", "by": "me"}]}, "earlier question 1: there is no key `by`"),
        (CASE | {"gold": [GOLD, {"article_id": "a", "start": 0}]}, "line 2, gold sentence 2: `end` is None"),
        (CASE | {"gold": [GOLD | {"text": "It"}]}, "gold sentence 1: there is no key `text`"),
        (CASE | {"gold": [GOLD | {"start": -1}]}, "gold sentence 1: `start` is -1"),
        (CASE | {"gold": [GOLD | {"start": True}]}, "gold sentence 1: `start` is True"),
        (CASE | {"gold": [GOLD | {"start": 7}]}, "gold sentence 1 runs from 7 to 7"),
        (CASE | {"id": "0"}, "line 2: the id '0' stands twice"),
    ],
)
def test_a_fault_is_one_clear_error(tmp_path: Path, row: dict[str, Any], fault: str) -> None:
    file = put(tmp_path / "questions.jsonl", CASE | {"id": "0"}, row)
    with pytest.raises(InputError, match=fault):
        read_queries(file)


@pytest.mark.parametrize(
    ("named", "article"),
    [("bridge-1", BRIDGE), ("bridge.txt", BRIDGE), ("2021/bridge.txt", BRIDGE), ("17", ROW), ("rows.csv#17", ROW)],
)
def test_a_gold_article_is_named_by_its_id_or_by_the_end_of_where_it_was_read(named: str, article: Article) -> None:
    (query,) = locate([asking(named)], [BRIDGE, ROW])

    assert query.gold == (Gold(article.id, 0, 7, article.text[:7]),)
    assert query.written["gold"][0]["text"] == article.text[:7]


def test_an_id_goes_before_the_end_of_another_origin() -> None:
    (query,) = locate([asking("17")], [ROW, told("17", "Nothing fell.", "/news/seventeen.txt")])

    assert query.gold[0].text == "Nothing"


@pytest.mark.parametrize(
    ("query", "articles", "fault"),
    [
        (asking("ridge.txt"), [BRIDGE, ROW], "'1': the gold article 'ridge.txt' is not in the archive"),
        (asking("bridge.txt"), [BRIDGE, told("bridge-9", "", "/old/bridge.txt")], "may be bridge-1 or bridge-9"),
        (asking("bridge.txt", 4, 40), [BRIDGE], "has 29 characters, and the sentence ends at 40"),
    ],
)
def test_a_gold_sentence_that_the_archive_does_not_have_is_named(
    query: Query, articles: list[Article], fault: str
) -> None:
    with pytest.raises(InputError, match=fault):
        locate([query], articles)


@pytest.mark.parametrize(
    ("start", "end", "article_id", "gold"),
    [(0, 5, "a", False), (0, 6, "a", True), (8, 9, "a", True), (10, 12, "a", False), (5, 10, "b", False)],
)
def test_a_quote_is_gold_where_it_shares_a_character_with_a_gold_sentence(
    start: int, end: int, article_id: str, *, gold: bool
) -> None:
    assert asking("a", 5, 10).is_gold(Extent(article_id, start, end)) == gold
