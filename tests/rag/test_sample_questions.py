"""The questions that the sample articles answer, and those they do not, through the real models."""

from __future__ import annotations

import pytest

from rag import Assistant, Question
from tests.rag.sample_questions import ANSWERED, REFUSED, Sample


@pytest.mark.parametrize("sample", ANSWERED, ids=[sample.text for sample in ANSWERED])
def test_answered_and_cited(seeds: Assistant, sample: Sample) -> None:
    answer = seeds.ask(Question(sample.text))

    assert answer.refusal is None
    assert all(text in answer.text for text in sample.held), answer.text
    cited = {citation.evidence.article.id.split("-")[0] for citation in answer.citations}
    assert cited.issuperset(sample.articles)
    for citation in answer.citations:
        evidence = citation.evidence
        assert evidence.article.text[evidence.start : evidence.end] == evidence.text
    assert all(verdict.supported and verdict.markers for verdict in answer.verdicts)


@pytest.mark.parametrize("sample", REFUSED, ids=[sample.text for sample in REFUSED])
def test_refused_with_a_reason(seeds: Assistant, sample: Sample) -> None:
    answer = seeds.ask(Question(sample.text))

    assert answer.refusal is not None
    assert answer.refusal.kind == sample.refusal
    assert answer.text == answer.refusal.message
    assert not answer.verdicts
    assert not answer.citations
    assert answer.trace.first_token_seconds is None, "no evidence, no model call"


def test_the_same_question_gives_the_same_answer_whatever_was_asked_between(seeds: Assistant) -> None:
    question = Question("What did Biden say about the withdrawal deadline?")
    first = seeds.ask(question)
    seeds.ask(Question("Which cities does the gas pipeline join?"))
    second = seeds.ask(question)

    assert (first.text, first.citations, first.hits, first.trace.draft) == (
        second.text,
        second.citations,
        second.hits,
        second.trace.draft,
    )
