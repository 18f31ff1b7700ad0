"""Read back what `contract` wrote: an answer is shown again as it was, whatever became of its articles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from rag.errors import InputError
from rag.types import (
    Answer,
    Article,
    Citation,
    Evidence,
    Exchange,
    Hit,
    Passage,
    PublishedDate,
    Question,
    Refusal,
    Span,
    Trace,
    Verdict,
)

# The article of that id and content hash, where there still is one.
Archived = Callable[[str, str], Article | None]


def parse_answer(told: Mapping[str, Any], archived: Archived = lambda _article_id, _content_hash: None) -> Answer:
    """Read what `answer_json` wrote; of its trace, the draft is not kept.

    An article that `archived` does not find has all that was told of it, and the text "". Raises: InputError.
    """
    try:
        return _answer(told, {one["id"]: _article(one, archived) for one in told["articles"]})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"this is no answer that can be read back: {error!r}", "give what `--json` printed") from error


def parse_question(told: Mapping[str, Any]) -> Question:
    """Read what `question_json` wrote. Raises: InputError."""
    try:
        return _question(told["text"], told)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"this is no question that can be read back: {error!r}", "ask it again") from error


def _question(text: str, told: Mapping[str, Any]) -> Question:
    filters = told["filters"]
    return Question(
        text,
        published_from=_day(filters["from"]),
        published_to=_day(filters["to"]),
        sources=tuple(filters["sources"]),
        languages=tuple(filters["languages"]),
        stories=tuple(filters["stories"]),
        as_of=_day(filters["as_of"]),
        passages=told["passages_wanted"],
        history=tuple(Exchange(**exchange) for exchange in told["history"]),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _answer(told: Mapping[str, Any], articles: Mapping[str, Article]) -> Answer:
    return Answer(
        question=_question(told["question"], told),
        text=told["text"],
        verdicts=tuple(map(_verdict, told["sentences"])),
        citations=tuple(_citation(one, articles[one["article_id"]]) for one in told["citations"]),
        hits=tuple(_hit(one, articles[one["article_id"]]) for one in told["hits"]),
        refusal=Refusal(told["reason_kind"], told["reason"]) if told["refused"] else None,
        trace=_trace(told),
        asked=told["asked"],
        short=told["short"],
        confidence=told["confidence"],
        notes=tuple(told["notes"]),
        disputed=told["disputed"],
    )


def _verdict(told: Mapping[str, Any]) -> Verdict:
    return Verdict(told["text"], tuple(told["citations"]), told["supported"], told["quoted"], told["lead"])


def _citation(told: Mapping[str, Any], article: Article) -> Citation:
    answer = Span(**told["answer"]) if told["answer"] and article.text else None
    evidence = Evidence(article, told["passage_id"], told["start"], told["end"], told["quote"], told["score"], answer)
    return Citation(told["marker"], evidence, tuple(told["outlets"]))


def _hit(told: Mapping[str, Any], article: Article) -> Hit:
    passage = Passage(told["passage_id"], article.id, told["ordinal"], told["start"], told["end"], told["text"])
    return Hit(passage, article, told["score"], told["dense_rank"], told["lexical_rank"], tuple(told["outlets"]))


def _trace(told: Mapping[str, Any]) -> Trace:
    seconds, tokens = told["seconds"], told["tokens"]
    return Trace(
        **told["models"],
        retrieve_seconds=seconds["retrieve"],
        first_token_seconds=seconds["first_token"],
        total_seconds=seconds["total"],
        prompt_tokens=tokens["prompt"],
        written_tokens=tokens["written"],
        judged_pairs=told["judged_pairs"],
        unknown_markers=tuple(told["unknown_markers"]),
        stopped=told["stopped"],
    )


def _article(told: Mapping[str, Any], archived: Archived) -> Article:
    found = archived(told["id"], told["content_hash"])
    return found or Article(
        id=told["id"],
        title=told["title"],
        text="",
        content_hash=told["content_hash"],
        source=told["source"],
        published=PublishedDate.parse(told["published"]) if told["published"] else None,
        url=told["url"],
        author=told["author"],
        language=told["language"],
        origin=told["origin"],
        told_by=tuple(sorted(told["told_by"].items())),
    )
