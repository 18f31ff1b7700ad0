"""What holds of every answer, over the sample questions and with the real models. What they say, `eval` measures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag import Assistant, Exchange, Question

SET = Path(__file__).parent.parent.parent / "eval" / "questions" / "seeds.jsonl"
CASES = [json.loads(line) for line in SET.read_text(encoding="utf-8").splitlines()][::4]


def asked(case: dict[str, object]) -> Question:
    history = case.get("history") or []
    assert isinstance(history, list)
    return Question(str(case["question"]), history=tuple(Exchange(**one) for one in history))


@pytest.mark.parametrize("case", CASES, ids=[str(case["id"]) for case in CASES])
def test_every_sentence_is_cited_and_every_quote_is_exact(seeds: Assistant, case: dict[str, object]) -> None:
    answer = seeds.ask(asked(case))

    for item in (*answer.nearest, *(citation.evidence for citation in answer.citations)):
        assert item.article.text[item.start : item.end] == item.text
    if answer.refusal:
        assert answer.text == answer.refusal.message
        assert not answer.verdicts
        assert not answer.citations
        assert answer.nearest
    else:
        markers = {citation.marker for citation in answer.citations}
        assert all(verdict.supported and verdict.quoted and verdict.markers for verdict in answer.verdicts)
        assert {marker for verdict in answer.verdicts for marker in verdict.markers} == markers
        assert markers == set(range(1, len(markers) + 1))


def test_the_same_question_gives_the_same_answer_whatever_was_asked_between(seeds: Assistant) -> None:
    question = Question("What did Biden say about the withdrawal deadline?")
    first = seeds.ask(question)
    seeds.ask(Question("Which cities does the gas pipeline join?"))
    second = seeds.ask(question)

    assert (first.text, first.citations, first.hits) == (second.text, second.citations, second.hits)
