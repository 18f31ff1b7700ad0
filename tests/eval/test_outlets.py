"""The scores of compared outlets, and the set of comparisons, true to its articles."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.answers import SETS
from eval.outlets import _CASES, Told, Topic, read_topics, score
from rag import Article, Question, read_articles
from tests.eval.helpers import run

TOPIC = Topic(
    "rain",
    Question("rain", sources=("A", "B")),
    (Told(("It rained.", "Rain fell.")), Told(("Six came.", "Seven came."), ("Six", "Seven"))),
)


def claim(kind: str, *quotes: str, values: tuple[str, ...] = ()) -> dict[str, object]:
    return {"kind": kind, "quotes": list(quotes), "values": list(values)}


def test_a_claim_is_right_if_its_kind_and_its_quotes_are() -> None:
    scores, faults = score(
        TOPIC,
        [
            claim("alike", "It rained.", "Rain fell."),
            claim("alike", "Six came.", "Seven came."),
            claim("alone", "It stopped."),
            claim("alone", "Six came."),
        ],
    )

    assert scores == {
        "alike_recall": (1.0, 1.0),
        "alike_precision": (1.0, 2.0),
        "differ_recall": (0.0, 1.0),
        "alone_precision": (1.0, 2.0),
    }
    assert faults == ["alike: Six came. | Seven came.", "alone: Six came."]


def test_the_amounts_of_a_claim_must_be_those_that_differ() -> None:
    right, _ = score(TOPIC, [claim("differ", "Six came.", "Seven came.", values=("Six", "Seven"))])
    wrong, _ = score(TOPIC, [claim("differ", "Six came.", "Seven came.", values=("Seven", "Six"))])

    assert (right["values_right"], wrong["values_right"]) == ((1.0, 1.0), (0.0, 1.0))


def test_every_quote_of_the_set_stands_once_in_its_outlet_in_these_days() -> None:
    articles = [one for upload in SETS["news"].uploads() for one in read_articles(upload) if isinstance(one, Article)]
    topics = read_topics(_CASES)

    assert sum(topic.held for topic in topics) == len(topics) // 3
    for topic in topics:
        first, last = str(topic.asked.published_from), str(topic.asked.published_to)
        for at, outlet in enumerate(topic.asked.sources):
            inside = [
                " ".join(one.text.split())
                for one in articles
                if (one.source or "").lower() == outlet.lower() and first <= str(one.published) <= last
            ]
            for pair in topic.pairs:
                assert sum(text.count(pair.quotes[at]) for text in inside) == 1, (topic.id, pair.quotes[at])
                assert not pair.values or pair.values[at] in pair.quotes[at], topic.id


@pytest.mark.parametrize("line", ["", '{"id": "a", "topic": "rain", "sources": ["A"], "pairs": [{"quotes": ["x"]}]}'])
def test_a_set_that_cannot_be_used_is_one_clear_error(tmp_path: Path, line: str) -> None:
    (tmp_path / "comparisons.jsonl").write_text(line)
    ran = run("outlets", tmp_path / "comparisons.jsonl")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"error: {tmp_path}")
