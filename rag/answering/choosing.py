"""From a question to the evidence for all that it asks: each part by itself, several articles where it takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from embeddings import Judge
from rag.answering import deciding, evidence, gathering, telling
from rag.answering.evidence import Choice
from rag.answering.firsts import first_of_each
from rag.types import Hit
from rag.understanding import asking, kinds, parting

# The share of a long question's words that several articles must tell between them, at caution 0 and 1.
_LEAST_TOLD, _MOST_TOLD = 0.25, 0.55


def choose(question: str, hits: Sequence[Hit], judge: Judge, caution: float) -> Choice:
    """The evidence for every part of the question; where there is none for any, why.

    `unanswered` of the choice are the parts without evidence, where others have some.
    """
    parts = parting.parts(question)
    choices = [_single(part, hits, judge, caution) for part in parts]
    if len(parts) == 1:
        return choices[0]
    cited = (item for choice in choices for item in choice.evidence)
    found = first_of_each(cited, lambda item: (item.article.id, item.start, item.end))
    if not found:
        return min(choices, key=lambda choice: choice.confidence)
    return replace(
        max(choices, key=lambda choice: choice.confidence),
        evidence=found,
        unanswered=tuple(part for part, choice in zip(parts, choices, strict=True) if not choice.evidence),
    )


def _single(question: str, hits: Sequence[Hit], judge: Judge, caution: float) -> Choice:
    choice = evidence.choose(question, hits, judge, caution)
    if statement := asking.statement(question):
        if decision := deciding.decide(statement, hits):
            return replace(choice, evidence=decision.evidence, manner=decision.answer)
        if not choice.disputed:
            choice = replace(choice, manner="undecided")
    if kinds.tells_story(question) and not choice.absent and (told := telling.tell(question, hits)):
        return replace(choice, evidence=told, manner="story")
    if choice.evidence or choice.withheld:
        return choice
    gathered = gathering.gather(question, hits, _LEAST_TOLD + (_MOST_TOLD - _LEAST_TOLD) * caution)
    return replace(choice, evidence=gathered, manner="gathered") if gathered else choice
