"""The measures of a timeline, worked out by hand, and the fixed topics."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.answers import SETS, row_ids
from eval.cases import Case, Span, locate
from eval.timeline import Happened, Listed, faults, is_right, read_topics, score
from rag import Article, Question, read_articles
from tests.eval.helpers import run

EVENTS = (
    Happened("2024-02-05", True, (Span("a", 0, 10, "It began."), Span("b", 0, 10))),  # noqa: FBT003
    Happened("2024-02-23|2024-02-26", True, (Span("a", 20, 30, "It ended."),)),  # noqa: FBT003
    Happened("2024-03", False, (Span("a", 40, 50),)),  # noqa: FBT003
)


def listed(day: str, start: int, *, article: str = "a", stated: bool = True) -> Listed:
    return Listed(day, stated, Span(article, start, start + 5, f"Words {start}."))


def test_what_is_listed_twice_or_tells_nothing_counts_against_the_precision() -> None:
    told = (listed("2024-02-05", 0), listed("2024-02-06", 3, article="b"), listed("2024-02-07", 60), listed("", 45))

    assert score(EVENTS, told) == {
        "recall": (1.0, 2.0),
        "precision": (2.0, 4.0),
        "day_right": (1.0, 2.0),
        "stated": (2.0, 2.0),
        "stated_right": (1.0, 2.0),
    }
    assert list(faults(EVENTS, told)) == [
        "repeated: 2024-02-06 Words 3.",
        "not an event: 2024-02-07 Words 60.",
        "day wrong: , not 2024-03: Words 45.",
        "missing: 2024-02-23|2024-02-26 It ended.",
    ]


def test_a_sentence_that_tells_two_events_is_taken_for_the_one_of_its_day() -> None:
    both = tuple(Happened(day, True, (Span("a", 0, 10),)) for day in ("2024-02-05", "2024-02-06"))  # noqa: FBT003

    told = score(both, (listed("2024-02-06", 0, stated=False), listed("2024-02-05", 0)))
    assert (told["recall"], told["day_right"], told["stated"]) == ((2.0, 2.0), (2.0, 2.0), (1.0, 2.0))


@pytest.mark.parametrize(
    ("true", "shown", "right"),
    [
        ("2024-02-05", "2024-02-05", True),
        ("2024-02-05", "2024-02-06", False),
        ("2024-02-05|2024-02-06", "2024-02-06", True),
        ("2024-02-05", "2024-02", True),
        ("2024-02-05", "2024", False),
        ("2024", "2024", True),
        ("2024-02", "2024-02-29", True),
        ("2024-02-05", "", False),
    ],
)
def test_a_day_is_right_as_far_as_both_go(true: str, shown: str, right: bool) -> None:  # noqa: FBT001
    assert is_right(true, shown) is right


def test_the_fixed_topics_are_true_to_their_articles() -> None:
    topics = read_topics(SETS["news"].questions.with_name("timelines.jsonl"))
    uploads = SETS["news"].uploads()
    articles = [one for upload in uploads for one in read_articles(upload) if isinstance(one, Article)]
    cases = [Case(topic.id, Question(topic.text), gold=event.gold) for topic in topics for event in topic.events]

    assert len(locate(cases, articles, row_ids(uploads))) == len(cases) >= 250
    assert [topic.held for topic in topics] == [number % 3 == 0 for number in range(1, len(topics) + 1)]


@pytest.mark.parametrize(
    "line",
    [
        "",
        '{"id": "a", "topic": "Dam"}',
        '{"id": "a", "topic": "Dam", "events": [{"day": "2024-02-05", "gold": []}]}',
        '{"id": "a", "topic": "Dam", "events": [{"day": "soon", "gold": [{"article_id": "a", "quote": "It"}]}]}',
        '{"id": "a", "topic": "Dam", "events": [], "hold": true}',
    ],
)
def test_topics_that_cannot_be_used_are_one_clear_error(tmp_path: Path, line: str) -> None:
    (tmp_path / "topics.jsonl").write_text(line)
    ran = run("timeline", tmp_path / "topics.jsonl")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"error: {tmp_path}")


def test_the_command_tells_the_figures_and_what_is_wrong(tmp_path: Path) -> None:
    article = "nep-2025-08-12-ashtongue-declared-over.md"
    must = {"day": "2025-08-11", "must": True, "gold": [{"article_id": article, "quote": "declared free of ashtongue"}]}
    (tmp_path / "topics.jsonl").write_text(json.dumps({"id": "cows", "topic": "ashtongue", "events": [must]}))
    ran = run("timeline", tmp_path / "topics.jsonl", "--json", tmp_path / "out.json")
    found = json.loads((tmp_path / "out.json").read_text())

    assert ran.code == 0, ran.err
    assert found["measures"]["recall"]["mean"] == found["measures"]["day_right"]["mean"] == 1.0
    assert found["measures"]["precision"]["mean"] < 1.0
    assert "cows: not an event: 2024-11-1" in ran.out
