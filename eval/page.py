"""Write a report, or the comparison of two, as a page of HTML: no script, nothing loaded, all foreign text escaped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

from eval import files
from eval import tables as made
from eval.runs import Record
from eval.tables import number
from rag import PublishedDate

MAX_CASES, _FOUND = 20, 10
_CURVES = {
    "refused_unanswerable": "refused of unanswerable",
    "refused_answerable": "refused of answerable",
    "f1": "F1 of all",
}
# What XML 1.0 cannot hold, which browsers show as nothing.
_CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535), "�")


def write(
    file: Path,
    report: Mapping[str, Any],
    records: Sequence[Record],
    *,
    show_held: bool,
    compared: Mapping[str, Any] | None = None,
    before: Sequence[Record] = (),
) -> None:
    """Write the page of a report; with `compared`, beside an earlier run, whose records are `before`.

    The texts of held cases are left out unless `show_held`. Raises: InputError.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = {one["id"]: [one["words"]] for one in report["wrong"]}
    if compared:
        words = {name: [*words.get(name, []), *some] for name, some in compared["worse"].items()}
        words |= {name: some for name, some in compared["better"].items() if name not in words}
    by_id, earlier = {record["id"]: record for record in records}, {record["id"]: record for record in before}
    shown = [name for name in words if name in by_id and (show_held or not by_id[name]["case"].get("held"))]
    cases = [_view(by_id[name], words[name], earlier.get(name)) for name in shown[:MAX_CASES]]
    page = environment.get_template("page.html").render(
        report=report,
        tables=made.of_report(report, intervals=True),
        charts=_charts(report, compared),
        comparison=made.of_comparison(compared) if compared else None,
        compared=compared,
        cases=cases,
        hidden=len(words) - len(shown),
        wrong=len(words),
    )
    files.write(file, page.lstrip().translate(_CONTROLS), "--report or --page")


def _charts(report: Mapping[str, Any], compared: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    """The charts by the table that they go with. A row is a bar, or a dot on a line if it has a `mean`."""
    earlier = compared["measures"] if compared else {}
    measures = [
        {"label": name, **one, "before": earlier.get(name, {}).get("a"), "text": number(one["mean"])}
        for name, one in report["measures"].items()
    ]
    found = {"measures": _chart("Measures with their 95% intervals, from 0 to 1", measures, 1.0)}
    types = {name: (one["cases"], one["measures"].get("right")) for name, one in report["types"].items()}
    rows = [{"label": f"{name} ({n})", **one, "text": number(one["mean"])} for name, (n, one) in types.items() if one]
    if rows:
        found["types"] = _chart("Share that is right, by type", rows, 1.0)
    if ranks := report.get("ranks"):
        rows = [{"label": rank, "low": 0, "high": count, "text": str(count)} for rank, count in ranks.items()]
        found["ranks"] = _chart("Where the search ranks what answers: cases by rank", rows, max(ranks.values()))
    if points := report.get("tradeoff"):
        lines = {
            label: [(point["threshold"], point[name]) for point in points if point[name] is not None]
            for name, label in _CURVES.items()
        }
        ends = (f"{label} from {some[0][1]:.2f} to {some[-1][1]:.2f}" for label, some in lines.items() if some)
        title = "What refusing below a confidence would gain and cost"
        found["tradeoff"] = {"title": title, "description": f"{title}: {', '.join(ends)}", "lines": lines}
    if points := report.get("reliability"):
        title = "How often answers are right, by their confidence"
        lines = {"right": [(one["confidence"], one["right"]) for one in points], "as it says": [(0.0, 0.0), (1.0, 1.0)]}
        told = ", ".join(f"{right:.2f} at {confidence:.2f}" for confidence, right in lines["right"])
        found["reliability"] = {"title": title, "description": f"{title}: {told}", "lines": lines}
    return found


def _chart(title: str, rows: Sequence[Mapping[str, Any]], most: float) -> dict[str, Any]:
    figures = ", ".join(f"{row['label']} {row['text']}" for row in rows)
    return {"title": title, "description": f"{title}: {figures}", "rows": rows, "most": most or 1.0}


def _view(record: Record, words: Sequence[str], before: Record | None) -> dict[str, Any]:
    """A case of any command as the page shows it."""
    case = record["case"]
    return {
        "id": record["id"],
        "type": case.get("type", ""),
        "words": "; ".join(filter(None, words)),
        "question": case.get("question", case.get("claim", record["id"])),
        "history": case.get("history", []),
        "right": _right(case),
        "said": {"now": _reply(record)} if before is None else {"before": _reply(before), "now": _reply(record)},
        "passages": list(_passages(case, record["said"] or {})),
    }


def _reply(record: Record) -> dict[str, Any]:
    said: Mapping[str, Any] = record["said"] or {}
    citations = [
        {
            "marker": one["marker"],
            "quote": one["quote"],
            "byline": _join(
                one["title"], one["source"], one["published"] and PublishedDate.parse(one["published"]).written
            ),
        }
        for one in said.get("citations", ())
    ]
    return {
        "text": record["error"] or _text(said),
        "refused": said.get("reason_kind") or "",
        "confidence": said.get("confidence", said.get("score")),
        "citations": citations,
    }


def _text(said: Mapping[str, Any]) -> str:
    if "found" in said:
        return ", ".join(said["found"]["fused"][:_FOUND]) or "nothing"
    if "unaccounted" in said:
        missing = f"; the evidence lacks {', '.join(said['unaccounted'])}" if said["unaccounted"] else ""
        return f"{'supported' if said['supported'] else 'unsupported'}{missing}"
    return str(said.get("text", ""))


def _right(case: Mapping[str, Any]) -> str:
    """What would be right, in words."""
    if "supported" in case:
        return "supported" if case["supported"] else "unsupported"
    if "true" in case:
        return str(case["true"])
    if "judged" in case:
        return ", ".join(article for article, relevance in case["judged"].items() if relevance > 0)
    if case.get("mode"):
        return str(case["mode"])
    parts = case.get("all") or [case.get("answers", [])]
    return "; and ".join(" | ".join(part) for part in parts if part) or " | ".join(
        ["a refusal", *case.get("corrects", [])]
    )


def _passages(case: Mapping[str, Any], said: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The passages that were seen, best first; `gold` if one answers."""
    gold = case.get("gold", [])
    if "evidence" in case:
        yield {"title": "the evidence", "text": case["evidence"], "gold": False}
    for one in said.get("passages", ()):
        is_gold = case.get("judged", {}).get(one["article_id"], 0) > 0 or any(
            one["article_id"] == span["article_id"] and one["start"] <= span["start"] and span["end"] <= one["end"]
            for span in gold
        )
        yield {
            "title": _join(one["title"] or one["article_id"], one.get("byline")),
            "text": one["text"],
            "gold": is_gold,
        }
    for one in case.get("passages", ()):
        title = _join(one["title"] or one["id"], one["source"], one["published"])
        yield {"title": title, "text": one["text"], "gold": one["id"] in gold}


def _join(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)
