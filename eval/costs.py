"""What a run cost: seconds and tokens by stage, pairs that the judge read, and memory."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console

from eval import showing
from eval.running import Record

_MIB = 2**20
# The readings of the clock in `said`, and what a case does up to each.
_READINGS = (
    ("retrieve", "find and choose"),
    ("first_token", "read the prompt"),
    ("total", "write and check"),
)


class Stage(NamedTuple):
    """Seconds of a stage in the mean case: it follows the stage before, so `end` of the last is the mean of the whole.

    `p50`, `p95` and `n` are of the cases that came to it.
    """

    stage: str
    start: float
    end: float
    p50: float
    p95: float
    n: int


def costs(records: Sequence[Record]) -> dict[str, Any]:
    """What every command writes of its costs: percentiles over the cases, and the peak of memory of this process.

    Of seconds, only the cases that came to a stage count; of tokens and pairs, all, also those that took none.
    """
    tokens = _percentiles(records, "tokens")
    pairs = [record["said"]["judged_pairs"] for record in records if "judged_pairs" in (record["said"] or {})]
    told: dict[str, Any] = {"seconds": _percentiles(records, "seconds"), "tokens": tokens}
    return told | ({"judged_pairs": _spread(pairs)} if pairs else {}) | {"memory_bytes": peak_memory_bytes()}


def peak_memory_bytes() -> int:
    """The most memory that this process has held so far, its models included."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def waterfall(records: Sequence[Record]) -> list[Stage]:
    """The stages one after another. A case that does not come to a stage counts as 0 in its mean."""
    taken = [dict(_taken(record["said"]["seconds"])) for record in records if record["said"]]
    order = {words: place for place, (_, words) in enumerate(_READINGS)}
    end, found = 0.0, []
    for stage in sorted({name: None for one in taken for name in one}, key=lambda name: order.get(name, 0)):
        seconds = [one[stage] for one in taken if stage in one]
        start, end = end, end + sum(seconds) / len(taken)
        found.append(Stage(stage, start, end, **_spread(seconds), n=len(seconds)))
    return found


def show(console: Console, told: Mapping[str, Any]) -> None:
    """Print what `costs` found."""
    console.print(showing.timings(told["seconds"]))
    counts = told["tokens"] | ({"pairs judged": told["judged_pairs"]} if "judged_pairs" in told else {})
    if counts:
        rows = ((name, f"{one['p50']:g}", f"{one['p95']:g}") for name, one in counts.items())
        console.print(showing.table("tokens, and pairs that the judge read", ("stage", "p50", "p95"), rows))
    console.print(f"peak memory: {told['memory_bytes'] / _MIB:,.0f} MiB")


def _taken(readings: Mapping[str, float | None]) -> Iterator[tuple[str, float]]:
    """The seconds of each stage that a case came to; `readings` are since it was asked, or each of a stage alone."""
    if "total" not in readings:
        yield from ((name, seconds) for name, seconds in readings.items() if seconds is not None)
        return
    before = 0.0
    for name, words in _READINGS:
        reading = readings[name]
        if reading is not None:
            yield words, reading - before
            before = reading


def _percentiles(records: Sequence[Record], kind: str) -> dict[str, dict[str, float]]:
    """Of each stage, over the cases that have a number there."""
    stages: dict[str, list[float]] = {}
    for record in records:
        for stage, taken in (record["said"] or {}).get(kind, {}).items():
            stages.setdefault(stage, []).extend([] if taken is None else [taken])
    return {stage: _spread(some) for stage, some in stages.items() if some}


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"p50": float(np.percentile(values, 50)), "p95": float(np.percentile(values, 95))}
