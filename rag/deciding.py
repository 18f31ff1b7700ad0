"""Answer yes/no questions: find the sentence that says what is asked, or that denies it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from embeddings import Judge, Pair
from rag import accounting, chunking, polarity
from rag.types import Evidence, Hit
from rag.words import stems

# A sentence with a smaller share of the statement's words does not speak of it.
_LEAST_SHARED = 0.6
_MOST_READ = 12
# The judge's log-odds from which a sentence says what is asked, and below which it may deny it.
_SAYS, _MAY_DENY = 0.0, 2.0


class Decision(NamedTuple):
    """What the archive says to a statement, and the sentences that say it, of one article each."""

    answer: Literal["Yes", "No"]
    evidence: tuple[Evidence, ...]


def decide(statement: str, hits: Sequence[Hit], judge: Judge) -> Decision | None:
    """Whether the sentences of `hits` say `statement` or deny it; None where none does, or where they differ."""
    asked = stems(statement)
    near = sorted(_sentences(hits, asked), key=lambda item: (-item.score, item.article.id, item.start))[:_MOST_READ]
    near = [item for item in near if item.score >= _LEAST_SHARED]
    judged = judge.judge([Pair(statement, item.text) for item in near])
    says, denies = list[Evidence](), list[Evidence]()
    for item, one in zip(near, judged, strict=True):
        missing = accounting.unaccounted(statement, item.text, item.article.published)
        if not missing and one.supports >= _SAYS:
            says.append(item)
        elif one.supports < _MAY_DENY and missing and _denied(statement, item, missing):
            denies.append(item)
    if (says and denies) or (not says and not denies):
        return None
    return Decision("Yes" if says else "No", _of_each_article(says or denies))


def _denied(statement: str, item: Evidence, missing: Sequence[str]) -> bool:
    """Whether all that the sentence lacks is that it says the opposite."""
    opposed = {statement[span.start : span.end] for span in polarity.opposed(statement, item.text)}
    return bool(opposed) and set(missing) <= opposed


def _sentences(hits: Sequence[Hit], asked: set[str]) -> Iterator[Evidence]:
    """Every sentence once, with the share of the words that it has as its score."""
    seen = set[tuple[str, int]]()
    for hit in hits:
        at = hit.passage.start
        for span in chunking.sentences(hit.passage.text, hit.article.language):
            place = hit.article.id, at + span.start
            text = hit.passage.text[span.start : span.end]
            if place not in seen:
                seen.add(place)
                shared = len(asked & stems(text)) / max(1, len(asked))
                yield Evidence(hit.article, hit.passage.id, at + span.start, at + span.end, text, shared)


def _of_each_article(found: Sequence[Evidence]) -> tuple[Evidence, ...]:
    return tuple({item.article.id: item for item in reversed(found)}.values())[::-1][:2]
