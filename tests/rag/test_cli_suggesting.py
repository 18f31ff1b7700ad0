"""`nutgraf suggest` over the two sample articles."""

from __future__ import annotations

from pathlib import Path

from tests.rag.conftest import Run, assert_one_line


def test_suggestions_are_printed_a_line_each_and_as_json(filled: Run) -> None:
    found = filled("suggest", "--count", "2", "--json").json
    questions = [one["question"] for one in found["suggestions"]]

    assert found.keys() == {"filters", "suggestions"}
    assert len(questions) == 2
    assert all(one["article_id"] for one in found["suggestions"])
    assert filled("suggest", "--count", "2").out.splitlines() == questions
    assert filled("ask", questions[0], "--json").json["refused"] is False


def test_filters_narrow_the_suggestions(filled: Run) -> None:
    found = filled("suggest", "--source", "DAWN", "--json").json["suggestions"]

    assert found
    assert all(one["article_id"].startswith("dawn") for one in found)
    assert filled("suggest", "--to", "1999-01-01").out.startswith("No question could be made")
    assert_one_line(filled("suggest", "--source", "Nobody"), "no article is from 'Nobody'")


def test_without_an_archive_it_says_what_to_do(run: Run, tmp_path: Path) -> None:
    assert_one_line(run("suggest", "--archive", tmp_path / "none"), "nutgraf ingest")
