"""What was said to a case: as `cases.jsonl` holds it, and as the measures see it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from eval.alce import Check, Cited, cited
from eval.cases import Extent
from rag import Answer, Assistant, Hit, answer_json


class Quote(NamedTuple):
    """A citation: the characters that it names, its words, and whether they stand there."""

    place: Extent
    text: str
    valid: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, or a refusal, `refused` being its kind; `sentences` are those shown, each with what it cites.

    `text` is without markers; `cited` is None in a refusal; `passages` are those that were found, best first, where a
    search found them.
    """

    text: str
    short: str = ""
    refused: str = ""
    disputed: bool = False
    confidence: float = 0.0
    sentences: tuple[tuple[str, tuple[Quote, ...]], ...] = ()
    cited: Cited | None = None
    passages: tuple[Extent, ...] = ()

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """Everything cited, once each."""
        return tuple(dict.fromkeys(quote for _, cited in self.sentences for quote in cited))


def written(answer: Answer, check: Check) -> dict[str, Any]:
    """The answer as JSON, with all that is measured; `check` judges the citations."""
    told = {"short": answer.short, "disputed": answer.disputed, "confidence": answer.confidence}
    quotes = {citation.marker: citation.evidence.text for citation in answer.citations}
    sentences = [(one.text, [quotes[marker] for marker in one.markers]) for one in answer.verdicts]
    judged = None if answer.refusal else cited(sentences, check)._asdict()
    return {**answer_json(answer), **told, "alce": judged}


def checks(assistant: Assistant) -> Check:
    """How the assistant itself checks a claim. Equal pairs, which quotes make often, are read once."""
    return cache(lambda claim, evidence: assistant.check(claim, evidence).supported)


def seen(answer: Answer) -> dict[str, Any]:
    """What a report shows besides, as JSON: the passages that were found, best first, and the reader's own words."""
    return {"passages": [_passage(hit) for hit in answer.hits], "draft": answer.trace.draft}


def parsed(told: Mapping[str, Any], texts: Mapping[str, str]) -> Reply:
    """Read what `written` and `seen` wrote; a quote is looked for in `texts`, the articles by id, as they came."""
    quotes = {}
    for one in told["citations"]:
        place = _extent(one)
        there = texts.get(place.article_id, "")[place.start : place.end]
        quotes[one["marker"]] = Quote(place, one["quote"], bool(there) and there == one["quote"])
    nothing = Quote(Extent("", 0, 0), "", valid=False)
    return Reply(
        text=re.sub(r"\[(\d+)\]", lambda found: "" if int(found[1]) in quotes else found[0], told["text"]),
        short=told["short"],
        refused=told["reason_kind"] if told["refused"] else "",
        cited=Cited(**told["alce"]) if told["alce"] else None,
        disputed=told["disputed"],
        confidence=told["confidence"],
        sentences=tuple(
            (one["text"], tuple(quotes.get(marker, nothing) for marker in one["citations"]))
            for one in told["sentences"]
        ),
        passages=tuple(map(_extent, told.get("passages", ()))),
    )


def _passage(hit: Hit) -> dict[str, Any]:
    one = hit.passage
    told = {"article_id": one.article_id, "title": hit.article.title, "byline": hit.article.byline}
    return told | {"start": one.start, "end": one.end, "text": one.text}


def _extent(told: Mapping[str, Any]) -> Extent:
    return Extent(told["article_id"], told["start"], told["end"])
