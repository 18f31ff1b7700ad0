"""Put the figures of a finished run where they were asked for: a file of JSON, and a report for people and scripts.

A report's folder holds `cases.jsonl` (every case), `report.json` (all that the page shows) and `report.html` (the page,
which asks nothing of any network).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from eval import compare, costs, files, gate, records, running, showing, views
from eval.running import Record
from rag import InputError

_CASES, _REPORT, _PAGE = "cases.jsonl", "report.json", "report.html"
_WORST = 20
_RANKS, _BEYOND = 10, "beyond 10"


class Call(NamedTuple):
    """How a command was called: its name and options. `against` is an earlier report of the same set."""

    command: str
    seed: int
    json_file: str | None
    report: Path | None
    against: Path | None = None


class Wrong(NamedTuple):
    """A case that is not right: what is wrong, in words; `weight` is the higher the worse it is."""

    id: str
    words: str
    weight: float


class _Earlier(NamedTuple):
    """An earlier run: its records by id, what of it the new one is compared with, and what cases lost and gained."""

    records: dict[str, Record]
    compared: dict[str, Any]
    worse: dict[str, str]


def check(call: Call) -> None:
    """Raises: InputError, where what the call asks for could not be written or compared: better before the run."""
    running.writable(call.json_file)
    _refuse_another(call)
    if not call.against:
        return
    if not call.report:
        raise InputError(f"--against {call.against} has nothing to be compared with", "name a --report, too")
    if call.report.resolve() == call.against.resolve():
        raise InputError(f"{call.report} is both --report and --against", "write the new report into another folder")
    records.read(call.against)


def _refuse_another(call: Call) -> None:
    """Raises: InputError, where the report that would be gone on with is another command's."""
    told = records.command(call.report) if call.report else None
    if told not in (None, call.command):
        raise InputError(f"{call.report} is a report of `{told}`, not of `{call.command}`", "name another --report")


def publish(call: Call, told: Mapping[str, Any], kept: Sequence[Record], wrong: Sequence[Wrong]) -> None:
    """Write `told`, the figures; and into the report, whose cases.jsonl is there, those with the worst cases.

    Raises: InputError.
    """
    if call.json_file:
        showing.write(call.json_file, told)
    if not call.report:
        return
    # Imported here: it takes seconds to load, and only reports are drawn.
    from eval import charts, page

    earlier = _earlier(call.against, call.report, call.seed, told["measures"]) if call.against else None
    whole = {
        **told,
        "waterfall": [one._asdict() for one in costs.waterfall(kept)],
        "against": earlier.compared if earlier else None,
        "wrong": len(wrong),
        "worst": _worst(kept, wrong, earlier),
    }
    drawn = charts.charts(whole)
    whole["charts"] = {name: chart._asdict() for name, chart in drawn.items()}
    _write(call.report / _REPORT, json.dumps(whole, ensure_ascii=False, allow_nan=False, indent=1) + "\n")
    _write(call.report / _PAGE, page.page(whole, drawn))


def histogram(ranks: Sequence[float]) -> dict[str, int]:
    """How many cases have the first passage that answers at each rank, or beyond 10 or nowhere; {} without cases."""
    found = Counter(str(int(rank)) if rank <= _RANKS else _BEYOND for rank in ranks)
    return {name: found[name] for name in (*map(str, range(1, _RANKS + 1)), _BEYOND)} if ranks else {}


def _earlier(against: Path, report: Path, seed: int, order: Iterable[str]) -> _Earlier:
    """`order` is that of the measures."""
    pairing, told = compare.reports(against, report, seed)
    measures = compare.written(told)
    worse, better = gate.changes(pairing.both)
    compared = {
        "cases": len(pairing.both),
        "measures": {name: measures[name] for name in (*filter(measures.__contains__, order), *measures)},
        "worse": gate.by_case(worse),
        "better": gate.by_case(better),
        **{kind: list(ids) for kind, ids in compare.left_out(pairing, told).items()},
    }
    rows = files.rows(files.find(against, (_CASES,)))
    words = {name: "; ".join(some) for name, some in gate.by_case(worse).items()}
    return _Earlier({str(row.values.get("id")): row.values for row in rows}, compared, words)


def _worst(kept: Sequence[Record], wrong: Sequence[Wrong], earlier: _Earlier | None) -> list[dict[str, Any]]:
    """The worst cases as the page shows them, first those that were right before."""
    lost = earlier.worse if earlier else {}
    words = dict.fromkeys(lost, "") | {one.id: one.words for one in wrong}
    weights = {one.id: one.weight for one in wrong}
    by_id = {record["id"]: record for record in kept}
    worst = sorted(words, key=lambda name: (name not in lost, -weights.get(name, 0.0)))[:_WORST]
    return [
        views.view(
            by_id[name],
            "; ".join(filter(None, (words[name], lost.get(name)))),
            earlier.records.get(name) if earlier else None,
        )
        for name in worst
    ]


def _write(file: Path, content: str) -> None:
    try:
        file.write_text(content, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror or error}", "name another --report") from error
