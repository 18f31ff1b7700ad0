"""What was said to a case: as `cases.jsonl` holds it, and as the measures see it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from eval.alce import Check, Cited, cited
from eval.cases import Case
from rag import Answer, answer_json


class Quote(NamedTuple):
    """A citation: which passage it names, its words, and whether they stand there."""

    passage: str
    text: str
    valid: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, or a refusal, `refused` being its kind; `sentences` are those shown, each with what it cites.

    `text` is without markers; `cited` is None in a refusal.
    """

    text: str
    short: str = ""
    refused: str = ""
    disputed: bool = False
    confidence: float = 0.0
    sentences: tuple[tuple[str, tuple[Quote, ...]], ...] = ()
    cited: Cited | None = None

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


def parsed(told: dict[str, Any], case: Case) -> Reply:
    """Read what `written` wrote; a quote is looked for in the passage of the case, not in what was made of it."""
    texts = {passage.id: passage.text for passage in case.passages}
    quotes = {}
    for one in told["citations"]:
        there = texts.get(one["article_id"], "")[one["start"] : one["end"]]
        quotes[one["marker"]] = Quote(one["article_id"], one["quote"], bool(there) and there == one["quote"])
    nothing = Quote("", "", valid=False)
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
    )
