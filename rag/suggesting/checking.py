"""Ask a question as a user would, up to the choice of its evidence: whether it is answered, and by its own sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from embeddings import Judge
from rag import questions
from rag.answering import choosing, evidence
from rag.search.words import stems
from rag.suggesting.wording import Candidate
from rag.types import Evidence, Hit, Question

# A suggestion is to be answered beyond doubt: so much above what counts as an answer, and never less than that.
_ABOVE, _LEAST = 0.15, 0.4
# The share of the sentence's words that the same sentence has in another article of its story.
_RETOLD = 0.6

Search = Callable[[Question], tuple[Hit, ...]]


def answered(
    candidate: Candidate, inside: Question, search: Search, judge: Judge, caution: float, tellers: frozenset[str]
) -> bool:
    """Whether the archive answers the candidate as it stands, plainly, surely and out of the sentence it came from.

    `tellers` are the articles that tell the same story: of those the search finds any.
    """
    question = replace(inside, text=candidate.text)
    asked, hits = questions.understood(question, search)
    if asked.text != candidate.text:
        return False
    choice = choosing.choose(asked.text, hits, judge, caution)
    if not choice.evidence or choice.manner != "plain" or choice.unanswered:
        return False
    least = max(_LEAST, evidence.threshold(caution) + _ABOVE)
    first = choice.evidence[0]
    return choice.confidence >= least and _from(candidate, first, tellers) and _says(candidate, first)


def _from(candidate: Candidate, first: Evidence, tellers: frozenset[str]) -> bool:
    told = candidate.told
    if first.article.id == told.article.id:
        return first.start < told.end and told.start < first.end
    said = stems(told.text)
    return first.article.id in tellers and len(said & stems(first.text)) >= _RETOLD * len(said)


def _says(candidate: Candidate, first: Evidence) -> bool:
    """Whether the short answer is the one that the question was made for."""
    return not candidate.answer or bool(stems(candidate.answer) & stems(first.short))
