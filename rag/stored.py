"""Read stored answers, questions and articles back from their JSON, and compare every quote with the archive."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from reprlib import repr as short
from typing import Any, NamedTuple

from rag.errors import InputError
from rag.models.modes import MODES
from rag.types import (
    Answer,
    Article,
    Citation,
    Evidence,
    Exchange,
    Hit,
    Mode,
    Passage,
    PublishedDate,
    Question,
    Refusal,
    Span,
    Testimony,
    Trace,
    Verdict,
)

_KINDS: dict[type, str] = {str: "text", list: "a list", dict: "an object"}


class Held(NamedTuple):
    """What an archive has of an article: the versions that are what was read, newest first, and its story's outlets."""

    versions: tuple[Article, ...]
    outlets: frozenset[str] = frozenset()


# Looks an article up by its id; None if the archive has no such article.
FindHeld = Callable[[str], Held | None]


def parse_answer(data: Mapping[str, Any], find_held: FindHeld = lambda _article_id: None) -> Answer:
    """Read the output of `answer_json`, and compare every quote with its article (`Evidence.confirmed`).

    Outlets, days and titles are those of the archive. An article that `find_held` does not find gets its stored
    metadata and the text "". The draft of the trace is not stored. Raises: InputError.
    """
    try:
        return _answer(data, _Cited(data["articles"], find_held))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"this is not a stored answer: {error!r}", "give the output of `ask --json`") from error


def parse_question(data: Mapping[str, Any]) -> Question:
    """Read the output of `question_json`. Raises: InputError."""
    try:
        return _question(data["text"], data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"this is not a stored question: {error!r}", "ask it again") from error


def parse_article(data: object) -> Article:
    """Read the output of `article_json` with its text. Raises: ValueError, naming the field."""
    told_by = field(data, "told_by", dict)
    edited = field(data, "edited", dict) if isinstance(data, dict) and "edited" in data else {}
    candidate = field(data, "candidate", str) if isinstance(data, dict) and "candidate" in data else None
    published = field(data, "published", str, optional=True)
    try:
        day = PublishedDate.parse(published) if published is not None else None
    except ValueError as error:
        raise ValueError(f"its published is {short(published)}: {error}") from error
    for name, texts in (("told_by", told_by), ("edited", edited)):
        if not all(isinstance(value, str) for value in texts.values()):
            raise ValueError(f"its {name} is {short(texts)}, which does not map text to text")
    return Article(
        **{name: field(data, name, str) for name in ("id", "title", "text", "content_hash", "origin")},
        **{name: field(data, name, str, optional=True) for name in ("source", "url", "author", "language")},
        published=day,
        told_by=tuple(sorted(told_by.items())),
        edited=tuple(sorted(edited.items())),
        candidate=candidate,
    )


def field(data: object, name: str, kind: type, *, optional: bool = False) -> Any:  # noqa: ANN401
    """Return a field of a JSON object. Raises: ValueError, if it is missing or of another type."""
    if not isinstance(data, dict):
        raise ValueError(f"{short(data)} is not an object")
    if name not in data:
        raise ValueError(f"it has no {name}")
    value = data[name]
    if not isinstance(value, kind) and not (optional and value is None):
        raise ValueError(f"its {name} is {short(value)}, which is not {_KINDS[kind]}")
    return value


def _question(text: str, data: Mapping[str, Any]) -> Question:
    filters = data["filters"]
    return Question(
        text,
        published_from=_day(filters["from"]),
        published_to=_day(filters["to"]),
        sources=tuple(filters["sources"]),
        languages=tuple(filters["languages"]),
        stories=tuple(filters["stories"]),
        as_of=_day(filters["as_of"]),
        passages=data["passages_wanted"],
        history=tuple(Exchange(**exchange) for exchange in data["history"]),
        mode=_mode(data.get("mode_wanted")),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


class _Cited:
    """The articles of a stored answer, each as an archive has it today."""

    def __init__(self, stored: Sequence[Mapping[str, Any]], find_held: FindHeld) -> None:
        self._stored = {item["id"]: parse_article({**item, "text": ""}) for item in stored}
        self._held = {article_id: find_held(article_id) for article_id in self._stored}

    def compare(self, data: Mapping[str, Any], text: str) -> tuple[Article, bool | None]:
        """Return the article that `text` is cited from, and whether it has it there; None if the archive lacks it.

        Better metadata changes the hash and makes no version: then any version that has the text there will do.
        """
        stored, start, end = self._stored[data["article_id"]], data["start"], data["end"]
        held = self._held[stored.id]
        if held is None:
            return stored, None
        versions = [one for one in held.versions if one.content_hash == stored.content_hash] or held.versions
        found = (one for one in versions if 0 <= start < end <= len(one.text) and one.text[start:end] == text)
        if confirmed := next(found, None):
            return confirmed, True
        return next(iter(versions), stored), False

    def outlets(self, data: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the stored outlets of an article's story that still run it in the archive."""
        held = self._held[data["article_id"]]
        still = tuple(name for name in data["outlets"] if held is None or name in held.outlets)
        return still if len(still) > 1 else ()


def _answer(data: Mapping[str, Any], cited: _Cited) -> Answer:
    citations = tuple(
        Citation(item["marker"], _evidence(item, cited), cited.outlets(item)) for item in data["citations"]
    )
    quotes = {citation.marker: citation.evidence for citation in citations}
    verdicts = tuple(_verdict(item, quotes) for item in data["sentences"])
    return Answer(
        question=_question(data["question"], data),
        text=" ".join(verdict.cited for verdict in verdicts) or data["reason"] or "",
        verdicts=verdicts,
        citations=citations,
        hits=tuple(_hit(item, cited) for item in data["hits"]),
        refusal=Refusal(data["reason_kind"], data["reason"]) if data["refused"] else None,
        trace=_trace(data),
        asked=data["asked"],
        short=data["short"] if any(data["short"] in " ".join(one.text.split()) for one in quotes.values()) else "",
        confidence=data["confidence"],
        notes=tuple(data["notes"]),
        disputed=data["disputed"],
        # Answers stored by version 0.1 have none.
        nearest=tuple(_evidence(item, cited) for item in data.get("nearest", ())),
        mode=_mode(data.get("mode")) or "one",
        kind=data.get("answer_kind", ""),
        testimonies=tuple(_testimony(item, cited) for item in data.get("testimonies", ())),
    )


def _verdict(data: Mapping[str, Any], quotes: Mapping[int, Evidence]) -> Verdict:
    """Compare a sentence with the quotes that it cites. Its lead is made from the archive again."""
    markers = tuple(data["citations"])
    # What is said to be a quote must be one; what a reader wrote cannot be compared unless it is one.
    otherwise = False if data["quoted"] else None
    # Version 0.1 began a quote from the middle of a sentence with "… ".
    text = data["text"].removeprefix("… ")
    states = [quotes[one].confirmed if one in quotes and quotes[one].says(text) else otherwise for one in markers]
    first = next((quotes[one] for one in markers if one in quotes), None)
    return Verdict(
        data["text"],
        markers,
        data["supported"],
        data["quoted"],
        first.article.outlet_and_day if first and data["lead"] else "",
        min(states, key=(False, None, True).index, default=otherwise),
        data.get("corrected_by") or "",
    )


def _evidence(data: Mapping[str, Any], cited: _Cited) -> Evidence:
    article, confirmed = cited.compare(data, data["quote"])
    answer = Span(**data["answer"]) if data["answer"] and confirmed else None
    return Evidence(
        article, data["passage_id"], data["start"], data["end"], data["quote"], data["score"], answer, confirmed
    )


def _testimony(data: Mapping[str, Any], cited: _Cited) -> Testimony:
    """What an article is said to tell is dropped where its quote does not hold."""
    evidence = _evidence(data, cited)
    value, unit = ("", "") if evidence.confirmed is False else (data["value"], data["unit"])
    outlets, agreeing = cited.outlets(data), tuple(data["agreeing"])
    return Testimony(evidence, value, unit, outlets, agreeing, data["corrected_by"] or "")


def _mode(name: str | None) -> Mode | None:
    return next((mode for mode in MODES if mode == name), None)


def _hit(data: Mapping[str, Any], cited: _Cited) -> Hit:
    article, confirmed = cited.compare(data, data["text"])
    passage = Passage(data["passage_id"], article.id, data["ordinal"], data["start"], data["end"], data["text"])
    ranks = data["dense_rank"], data["lexical_rank"]
    return Hit(passage, article, data["score"], *ranks, cited.outlets(data), confirmed)


def _trace(data: Mapping[str, Any]) -> Trace:
    seconds, tokens = data["seconds"], data["tokens"]
    return Trace(
        **data["models"],
        retrieve_seconds=seconds["retrieve"],
        first_token_seconds=seconds["first_token"],
        total_seconds=seconds["total"],
        prompt_tokens=tokens["prompt"],
        written_tokens=tokens["written"],
        judged_pairs=data["judged_pairs"],
        unknown_markers=tuple(data["unknown_markers"]),
        stopped=data["stopped"],
    )
