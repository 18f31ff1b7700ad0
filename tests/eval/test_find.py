"""The scores of a list of the articles that answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.cases import Case, Span
from eval.find import faults, score
from rag import Question
from tests.eval.helpers import CASES, OPENED, archived, fake, kept, put, run

CASE = Case(
    "cost",
    Question("What does the dam cost?"),
    ("$5 million",),
    gold=(Span("a", 0, 9, "It costs $5 million."), Span("b", 5, 14, "The bill is $5 million.")),
)


def listed(article: str, quote: str) -> dict[str, str]:
    return {"article_id": article, "quote": quote}


def test_articles_of_the_gold_and_those_that_say_the_same_are_right() -> None:
    found = [listed("a", "It will be costly."), listed("c", "A dam for $5 million."), listed("d", "It costs $50.")]

    assert score(CASE, found) == {"recall": (1.0, 2.0), "precision": (2.0, 3.0)}
    assert list(faults(CASE, found)) == ["does not answer: It costs $50.", "missing: The bill is $5 million."]


def test_nothing_found_has_no_precision() -> None:
    assert score(CASE, []) == {"recall": (0.0, 2.0)}


def test_an_archive_is_asked_for_every_article(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch)
    questions = put(tmp_path / "questions.jsonl", *CASES)
    ran = run("find", questions, "--archive", archived(tmp_path / "archive"), "--report", tmp_path / "report")

    assert ran.code == 0, ran.err
    (record,) = kept(tmp_path / "report")
    assert record["scores"] == {"recall": [1.0, 1.0], "precision": [1.0, 1.0]}
    assert [one["quote"] for one in record["said"]["listed"]] == [OPENED["quote"]]


def test_questions_without_gold_cannot_be_used(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text('{"id": "a", "question": "When?", "answers": ["May"]}\n')
    ran = run("find", file)

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"error: {file} has no question with gold")
