"""All that is kept of one case: what was asked, what is right, what was said of what, and what it cost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from ui import safe
from ui.evaluation import cases, tables, told

_RECORD_CHARS = 60_000
_FOUND = 10
_ADDED_BY_SEARCH = 30
Json = Mapping[str, Any]


def show(record: Json) -> None:
    """Show the case of any command."""
    case, said = told.mapping(record.get("case")), told.mapping(record.get("said"))
    _asked(record, case, said)
    st.markdown("**What was said**")
    answer(record)
    for one in told.mappings(said.get("citations")):
        _citation(one, said)
    _passages(case, said)
    _cost(record, said)
    with st.expander("The whole record"):
        whole = json.dumps(record, ensure_ascii=False, indent=1)
        cut = "" if len(whole) <= _RECORD_CHARS else f"\n… and {len(whole) - _RECORD_CHARS:,} more characters"
        tables.lines(whole[:_RECORD_CHARS] + cut, "the record as JSON")


def _asked(record: Json, case: Json, said: Json) -> None:
    question = told.text(case.get("question")) or told.text(case.get("claim"))
    about = (told.text(record.get("id")), told.text(case.get("type")), cases.verdict(record))
    safe.heading(question, " · ".join(filter(None, about)))
    history = told.mappings(case.get("history"))
    for exchange in history:
        safe.line(f"Before: {told.text(exchange.get('question'))}", "about")
        safe.line(f"Said: {told.text(exchange.get('answer')) or '(a refusal)'}", "about")
    asked = told.text(said.get("asked"))
    if asked and asked != question:
        safe.line(f"Searched as: {asked}", "about")
    narrowed = "; ".join(
        f"{name}: {', '.join(told.texts(value)) or told.text(value)}"
        for name, value in case.items()
        if name in ("from", "to", "as_of", "sources", "languages", "stories") and value
    )
    if narrowed:
        safe.line(f"Narrowed to {narrowed}", "about")
    st.markdown("**What is right**")
    for right in _right(case):
        safe.line(right)
    for gold in told.mappings(case.get("gold")):
        safe.line(f"It stands in {told.text(gold.get('article_id'))}: “{told.text(gold.get('text'))}”", "about")
    if told.text(case.get("evidence")):
        safe.line(f"The evidence: {told.text(case.get('evidence'))}")


def _right(case: Json) -> list[str]:
    if "supported" in case:
        return ["The evidence supports it." if case["supported"] else "The evidence does not support it."]
    judged = told.mapping(case.get("judged"))
    if judged:
        relevant = [name for name, value in judged.items() if (told.number(value) or 0) > 0]
        return [", ".join(relevant[:_FOUND])]
    return told.texts(case.get("answers")) or [told.text(case.get("mode")) or "A refusal: it is not answered there."]


def answer(record: Json) -> None:
    """Show what was said."""
    said = told.mapping(record.get("said"))
    if told.text(record.get("error")) or not said:
        safe.alert(told.text(record.get("error")) or "There is no result.", "A case without a result counts as wrong.")
        return
    for note in told.texts(said.get("notes")):
        safe.line(note, "about")
    if said.get("refused"):
        kind = told.text(said.get("reason_kind"))
        safe.line(f"Not answered ({kind}). {told.text(said.get('reason'))}", "refusal")
    else:
        sentences = told.mappings(said.get("sentences"))
        for one in sentences:
            markers = [int(told.number(marker) or 0) for marker in one.get("citations") or ()]
            safe.sentence(f"{told.text(one.get('lead'))}{told.text(one.get('text'))}", tuple(markers))
        if not sentences:
            safe.line(_other(said))
    confidence = told.number(said.get("confidence", said.get("score")))
    facts = (
        f"confidence {confidence:.2f}" if confidence is not None else "",
        f"short answer: {told.text(said.get('short'))}" if told.text(said.get("short")) else "",
        "the articles disagree" if said.get("disputed") else "",
    )
    safe.line(" · ".join(filter(None, facts)), "about")


def _other(said: Json) -> str:
    """What a search found, or the check of a claim."""
    found = told.texts(told.mapping(said.get("found")).get("fused"))
    if found:
        return ", ".join(found[:_FOUND])
    if "supported" in said:
        missing = told.texts(said.get("unaccounted"))
        return f"{'Supported' if said['supported'] else 'Unsupported'}.{_lacking(missing)}"
    return told.text(said.get("text")) or "Nothing."


def _lacking(missing: list[str]) -> str:
    return f" The evidence lacks: {', '.join(missing)}." if missing else ""


def _citation(one: Json, said: Json) -> None:
    """A quote, inside the passage that it is of where that was kept."""
    quote = told.text(one.get("quote"))
    byline = " · ".join(filter(None, (told.text(one.get("source")), told.text(one.get("published")))))
    before = after = ""
    for passage in told.mappings(said.get("passages")) + told.mappings(said.get("hits")):
        left, there, right = told.text(passage.get("text")).partition(quote or "\0")
        if there and passage.get("article_id") == one.get("article_id"):
            before, after, byline = left, right, told.text(passage.get("byline")) or byline
            break
    safe.heading(f"[{told.text(one.get('marker'))}] {told.text(one.get('title'))}", byline)
    if told.text(one.get("url")):
        safe.line(told.text(one.get("url")), "about")
    safe.highlighted(before, quote, after)


def _passages(case: Json, said: Json) -> None:
    """Those that were seen, best first."""
    found = (
        told.mappings(said.get("passages")) or told.mappings(said.get("hits")) or told.mappings(case.get("passages"))
    )
    if not found:
        return
    gold = told.mappings(case.get("gold"))
    named = told.texts(case.get("gold"))
    with st.expander(f"The {len(found)} passages seen"):
        for rank, one in enumerate(found[:_ADDED_BY_SEARCH], start=1):
            title = told.text(one.get("title")) or told.text(one.get("article_id")) or told.text(one.get("id"))
            byline = told.text(one.get("byline")) or told.text(one.get("source"))
            answers = any(_holds(one, sentence) for sentence in gold) or told.text(one.get("id")) in named
            safe.heading(
                f"{rank}. {title}", " · ".join(filter(None, (byline, "holds what answers" if answers else "")))
            )
            safe.line(told.text(one.get("text")))


def _holds(passage: Json, gold: Json) -> bool:
    ends = [told.number(one.get(name)) for one in (passage, gold) for name in ("start", "end")]
    if passage.get("article_id") != gold.get("article_id") or None in ends:
        return False
    start, end, from_, to = (one or 0.0 for one in ends)
    return start <= from_ and to <= end


def _cost(record: Json, said: Json) -> None:
    scores = told.mapping(record.get("scores"))
    shares = [(name, share) for name, share in scores.items() if isinstance(share, list) and len(share) == 2]
    with st.expander("Scores, seconds and tokens"):
        tables.table(
            "What the case adds to each measure",
            ("measure", "above the line", "below"),
            ((name, f"{told.number(above) or 0:g}", f"{told.number(below) or 0:g}") for name, (above, below) in shares),
        )
        costs = [(kind, name, told.number(value)) for kind in ("seconds", "tokens") for name, value in _of(said, kind)]
        tables.table(
            "What it cost",
            ("stage", "amount", "of"),
            ((name, f"{value:g}" if value is not None else "-", kind) for kind, name, value in costs),
        )
        if told.text(said.get("draft")):
            tables.lines(told.text(said.get("draft")), "the reader's own words")


def _of(said: Json, kind: str) -> list[tuple[str, Any]]:
    return list(told.mapping(said.get(kind)).items())
