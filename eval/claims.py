"""How well claims are checked against evidence: `python -m eval claims CASES`."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from eval import report as reports
from eval import runs, scores
from eval.cases import Claim, read_claims, sample
from eval.report import Wrong
from eval.runs import CautionOption, Job, JsonOption, LimitOption, Record, ReportOption, SeedOption
from rag import Assistant

CLASSES = ("supported", "unsupported")


def claims(
    cases: Annotated[Path, typer.Argument(help="claims.jsonl, or its folder; or .gz.")],
    limit: LimitOption = None,
    seed: SeedOption = 0,
    json_file: JsonOption = None,
    report: ReportOption = None,
    caution: CautionOption = None,
) -> None:
    """Measure the check of claims against their evidence."""
    with runs.reporting(), tempfile.TemporaryDirectory() as archive:
        job = Job("claims", seed, json_file, report)
        runs.check(job)
        drawn = sample(read_claims(cases), limit, seed)
        settings = runs.settings_for({"archive": archive, "caution": caution})
        with Assistant(settings) as assistant:
            # The first check loads the judge, and must not be timed.
            warm = partial(assistant.check, "warm", "warm")
            records = runs.run(job, drawn, lambda claim: _checked(assistant, claim), warm, settings)
        wrong, counts = [], Counter[tuple[str, str]]()
        for claim, record in zip(drawn, records, strict=True):
            expected, given = _class(supported=claim.supported), _given(record)
            record["scores"] = scores.by_class(CLASSES, expected, given)
            counts[expected, given] += 1
            if expected != given:
                score = record["said"]["score"] if record["said"] else float(not claim.supported)
                wrong.append(Wrong(claim.id, f"found {given}", 1 - score if claim.supported else score))
        columns = (*CLASSES, scores.NO_RESULT)
        confusion = {right: {column: counts[right, column] for column in columns} for right in CLASSES}
        reports.write_json(json_file, reports.conclude(job, settings, records, wrong, {"confusion": confusion}))


def _checked(assistant: Assistant, claim: Claim) -> dict[str, Any]:
    began = time.perf_counter()
    support = assistant.check(claim.claim, claim.evidence)
    return support._asdict() | {"seconds": {"check": time.perf_counter() - began}}


def _class(*, supported: bool) -> str:
    return CLASSES[not supported]


def _given(record: Record) -> str:
    return _class(supported=record["said"]["supported"]) if record["said"] else scores.NO_RESULT
