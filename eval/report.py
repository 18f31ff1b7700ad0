"""The report of a finished run: its figures, the tables printed of them, and the files that others read.

A report is a folder with three files:

    cases.jsonl   every case on a line: `case` (what was asked, what is right), `said` (the reply, or null with the
                  reason in `error`), `scores` (what it adds to each measure: above and below the line of a fraction)
    report.json   `command`, `set`, `cases`, `measures` (mean, low, high, n), `held` and `not_held` (measures of each),
                  `types`, `seconds`, `tokens`, `memory_bytes`, `models`, `caution`, `wrong` (worst first),
                  and per command `refusals`, `confusion`, `tradeoff`, `reliability`, `ranks`, `orders`
    page.html     the page of it, which loads nothing from a network

`eval run` of several sets writes one such folder for each, named after the set, and their archives into `work/`.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console

from eval import files, runs, statistics, tables
from eval.cases import MODES
from eval.files import Row
from eval.runs import Job, Record
from eval.statistics import Figure, Measure, Share, area, average, fraction, harmonic_mean
from rag import InputError, Settings, compute_dtype

LOWER_IS_BETTER = frozenset(
    ("false_refusal", "uncited", "misled", "outlet_missing", "outlet_wrong", "day_missing", "day_wrong")
)
_ORDER = (
    *("right", "contains", "f1", "f1_answerable", "em", "rouge_l"),
    *("refusal_recall", "false_refusal", "refusal_precision", "refusal_f1", "misled"),
    *("gold_cited", "citation_gold", "uncited", "grounded", "citation_precision", "citation_recall"),
)
# Which class a case is of shows in which of these it counts; a high confidence is right for the first kind.
_POSITIVE, _NEGATIVE = {"false_refusal", "recall_supported"}, {"refusal_recall", "recall_unsupported"}
_AVERAGES = {
    "macro_f1": tuple(f"f1_{mode}" for mode in MODES),
    "balanced_accuracy": ("recall_supported", "recall_unsupported"),
}
_RESUME = "the run was stopped or is still running: run the same command, with the same --report, to resume it"


@dataclass(frozen=True, slots=True)
class Scored:
    """A case with what it adds to each measure; `case` identifies what was asked and what is right.

    `confidence` is None where none was asked for.
    """

    id: str
    case: str
    scores: Mapping[str, Share]
    confidence: float | None = None
    type: str = ""
    held: bool = False


class Wrong(NamedTuple):
    """A case that is not right: what is wrong in words; the higher `weight`, the worse."""

    id: str
    words: str
    weight: float


def conclude(
    job: Job, settings: Settings, records: Sequence[Record], wrong: Iterable[Wrong], more: Mapping[str, Any]
) -> dict[str, Any]:
    """Print the tables of a finished run, whose records have their `scores`, and write its report; return report.json.

    `more` is what only this command reports. Raises: InputError.
    """
    cases = [scored(Row(record, record["id"])) for record in records]
    report = {
        "command": job.command,
        "set": job.name,
        "cases": len(cases),
        "seed": job.seed,
        "measures": _figures(cases, job.seed),
        **_groups(cases, job.seed),
        "types": _types(cases, job.seed),
        **runs.costs(records),
        "models": models(settings),
        "caution": settings.caution,
        "wrong": [{"id": one.id, "words": one.words} for one in sorted(wrong, key=lambda one: -one.weight)],
        **more,
    }
    out = tables.console(job.json_file)
    tables.show(out, tables.of_report(report).values())
    _show_failures(out, records, show_held=job.show_held)
    if job.report:
        from eval import page  # it imports jinja2, which only reports need

        files.write(job.report / runs.CASES, "".join(map(runs.line, records)), "--report")
        files.write(job.report / runs.REPORT, json.dumps(report, ensure_ascii=False, indent=1) + "\n", "--report")
        page.write(job.report / runs.PAGE, report, records, show_held=job.show_held)
    return report


def read(folder: Path) -> tuple[dict[str, Any], list[Record]]:
    """Read the report.json and the cases of a finished report. Raises: InputError."""
    return files.load(folder / runs.REPORT).values, [row.values for row in files.rows(folder / runs.CASES)]


def read_scored(folder: Path) -> tuple[Scored, ...]:
    """Read the scores of a report, or of its cases.jsonl. Raises: InputError, also if the run is not finished."""
    file = files.find(folder, (runs.CASES,))
    found: dict[str, Scored] = {}
    try:
        for row in files.rows(file):
            case = scored(row)
            if case.id in found:
                raise InputError(f"{row.place}: the id {case.id!r} is already used", _RESUME)
            found[case.id] = case
    except InputError as error:
        raise InputError(error.message, _RESUME) from error
    if not found:
        raise InputError(f"{file} contains no case", _RESUME)
    return tuple(found.values())


def scored(row: Row) -> Scored:
    """Read a record with its scores. Raises: InputError."""
    case, scores = row.values.get("case") or {}, parse_scores(row)
    # Keys without a value do not count, so that a case stays the same when new optional keys appear.
    given = {name: _without_empty(value) for name, value in case.items() if value}
    identity = hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()[:12]
    said = row.values.get("said")
    confidence = said.get("confidence", said.get("score")) if said else float(bool(scores.keys() & _NEGATIVE))
    asked = bool(scores.keys() & (_POSITIVE | _NEGATIVE)) and confidence is not None
    return Scored(
        str(row.values.get("id")),
        identity,
        scores,
        float(confidence) if asked else None,
        str(case.get("type", "")),
        bool(case.get("held")),
    )


def parse_scores(row: Row) -> dict[str, Share]:
    """Raises: InputError, unless `scores` is two numbers for each measure."""
    scores = row.values.get("scores")
    if not isinstance(scores, dict):
        raise InputError(f"{row.place} has no scores", _RESUME)
    for name, share in scores.items():
        if not isinstance(share, (list, tuple)) or [type(part) in (int, float) for part in share] != [True, True]:
            raise InputError(f"{row.place}: the score {name} is {share!r:.40}", "it must be two numbers")
    return {name: (float(above), float(below)) for name, (above, below) in scores.items()}


def measures(cases: Sequence[Scored]) -> dict[str, Measure]:
    """Every measure that a case counts in, and those computed from several of them."""
    given = dict.fromkeys(name for case in cases for name in case.scores)
    names = [*(name for name in _ORDER if name in given), *(name for name in given if name not in _ORDER)]
    found = {name: fraction([case.scores.get(name, (0.0, 0.0)) for case in cases]) for name in names}
    for name, parts in _AVERAGES.items():
        if found.keys() >= set(parts):
            found = {name: average([found[part] for part in parts], len(cases)), **found}
    if found.keys() >= {"precision", "recall"}:
        found["f1"] = harmonic_mean(found["precision"], found["recall"])
    confidences = [case.confidence for case in cases if case.confidence is not None]
    if len(confidences) == len(cases):
        found["auroc"] = area(confidences, [bool(case.scores.keys() & _POSITIVE) for case in cases])
    return {name: measure for name, measure in found.items() if measure.n}


def models(settings: Settings) -> dict[str, str]:
    """The models, and the arithmetic they compute in: with another, a case on the edge may differ."""
    return {role: str(getattr(settings, role)) for role in ("encoder", "judge", "reader")} | {
        "arithmetic": compute_dtype()
    }


def rank_counts(ranks: Sequence[float]) -> dict[str, int]:
    """In how many cases the first passage that answers has each rank; {} without cases."""
    counts = Counter(str(int(rank)) if rank <= 10 else "beyond 10" for rank in ranks)
    return {name: counts[name] for name in (*map(str, range(1, 11)), "beyond 10")} if ranks else {}


def write_json(json_file: str | None, report: Mapping[str, Any]) -> None:
    """Write or print what --json asks for. Raises: InputError."""
    text = json.dumps(report, ensure_ascii=False, allow_nan=False) + "\n"
    if json_file == "-":
        sys.stdout.write(text)
    elif json_file:
        files.write(Path(json_file), text, "--json")


def _show_failures(out: Console, records: Sequence[Record], *, show_held: bool) -> None:
    failed = [record for record in records if record.get("error")]
    if failed:
        out.print(f"no result, so wrong in every measure: {len(failed)}")
    for record in failed:
        hidden = record["case"].get("held") and not show_held
        out.print(f"{record['id']}: {'(held)' if hidden else record['error']}", soft_wrap=True)


def _groups(cases: Sequence[Scored], seed: int) -> dict[str, Any]:
    """The figures of the held cases and of the others; nothing if none is held."""
    halves = {"held": [case for case in cases if case.held], "not_held": [case for case in cases if not case.held]}
    return {name: _figures(some, seed) if some else {} for name, some in halves.items()} if halves["held"] else {}


def _types(cases: Sequence[Scored], seed: int) -> dict[str, Any]:
    """The figures of each type, in the order of the set; {} if no case has a type."""
    groups: dict[str, list[Scored]] = {}
    for case in cases:
        groups.setdefault(case.type, []).append(case)
    if set(groups) == {""}:
        return {}
    return {
        name: {"cases": len(some), "measures": _figures(some, seed, tables.GROUP_MEASURES)}
        for name, some in groups.items()
    }


def _figures(cases: Sequence[Scored], seed: int, names: Sequence[str] = ()) -> dict[str, dict[str, float | None]]:
    found = {name: one for name, one in measures(cases).items() if not names or name in names}
    figures: dict[str, Figure] = statistics.figures(found, len(cases), seed)
    return {name: one.json for name, one in figures.items()}


def _without_empty(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {name: _without_empty(one) for name, one in value.items() if one}
    return [_without_empty(one) for one in value] if isinstance(value, list) else value
