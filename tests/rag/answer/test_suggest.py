"""Suggested questions are answered, from the article that they were made from."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from rag import Assistant, Question
from tests.rag.making import assistant


def test_every_suggestion_is_answered_from_its_article(seeds: Assistant) -> None:
    found = list(seeds.suggestions(4))

    assert found
    for suggestion in found:
        answer = seeds.ask(Question(suggestion.text))
        assert answer.refusal is None
        assert suggestion.article_id in {citation.evidence.article.id for citation in answer.citations}


def test_filters_narrow_the_suggestions(seeds: Assistant) -> None:
    inside = Question("", sources=("DAWN",))

    assert {one.article_id.split("-")[0] for one in seeds.suggestions(4, inside=inside)} == {"dawn"}
    assert not list(seeds.suggestions(4, inside=Question("", published_from=date(2030, 1, 1))))


def test_no_more_than_asked_for_and_none_after_a_stop(seeds: Assistant) -> None:
    assert len(list(seeds.suggestions(1))) == 1
    assert not list(seeds.suggestions(4, stopped=lambda: True))


def test_an_empty_archive_suggests_nothing(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive:
        assert not list(archive.suggestions(4))
