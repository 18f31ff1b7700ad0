"""A case as a report shows it: what was asked, what is right, what was said, and the passages seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from eval.running import Record
from rag import PublishedDate

_FOUND = 10


def view(record: Record, words: str, before: Record | None) -> dict[str, Any]:
    """The case of a record of any command, as JSON; `words` say what is wrong with it, `before` is its earlier one."""
    case = record["case"]
    return {
        "id": record["id"],
        "type": case.get("type", ""),
        "words": words,
        "question": case.get("question", case.get("claim", record["id"])),
        "history": case.get("history", []),
        "right": _right(case),
        "said": said(record),
        "before": said(before) if before else None,
        "passages": list(_passages(record)),
    }


def said(record: Record) -> dict[str, Any]:
    """What was said to a case: `text`, "" where there is only an `error`, and its `citations`."""
    told: Mapping[str, Any] = record["said"] or {}
    return {
        "text": _text(told),
        "refused": (told.get("reason_kind") or "") if told.get("refused") else "",
        "confidence": told.get("confidence", told.get("score")),
        "citations": [
            {name: one[name] for name in ("marker", "title", "source", "quote")} | {"published": _day(one["published"])}
            for one in told.get("citations", ())
        ],
        "error": record.get("error", ""),
    }


def _day(published: str | None) -> str | None:
    """As people write it."""
    return PublishedDate.parse(published).written if published else None


def _right(case: Mapping[str, Any]) -> list[str]:
    """What would be right, in words; of a search, the articles."""
    if "supported" in case:
        return ["supported" if case["supported"] else "unsupported"]
    if "true" in case:
        return [case["true"]]
    if "judged" in case:
        return [article for article, relevance in case["judged"].items() if relevance > 0]
    return [case["mode"]] if case.get("mode") else list(case.get("answers", ())) or ["a refusal"]


def _text(told: Mapping[str, Any]) -> str:
    if "found" in told:
        return ", ".join(told["found"]["fused"][:_FOUND]) or "nothing"
    if "unaccounted" in told:
        missing = f"; the evidence lacks {', '.join(told['unaccounted'])}" if told["unaccounted"] else ""
        return f"{'supported' if told['supported'] else 'unsupported'}{missing}"
    return str(told.get("text", ""))


def _passages(record: Record) -> Iterator[dict[str, Any]]:
    """Those that were seen, best first; `gold`: it answers."""
    case: Mapping[str, Any] = record["case"]
    told: Mapping[str, Any] = record["said"] or {}
    if "claim" in case:
        yield {"title": "the evidence", "byline": "", "text": case["evidence"], "gold": False}
    for one in told.get("passages", ()):
        title, byline = one.get("title") or one["article_id"], one.get("byline", "")
        yield {"title": title, "byline": byline, "text": one["text"], "gold": _answers(case, one)}
    for one in case.get("passages", ()):
        byline = " · ".join(filter(None, (one["source"], one["published"])))
        yield {
            "title": one["title"] or one["id"],
            "byline": byline,
            "text": one["text"],
            "gold": one["id"] in case["gold"],
        }


def _answers(case: Mapping[str, Any], passage: Mapping[str, Any]) -> bool:
    """Whether a passage that was found holds a sentence that answers, or is of a relevant article."""
    if "judged" in case:
        return bool(case["judged"].get(passage["article_id"], 0) > 0)
    return any(
        gold["article_id"] == passage["article_id"]
        and passage["start"] <= gold["start"]
        and gold["end"] <= passage["end"]
        for gold in case.get("gold", ())
    )
