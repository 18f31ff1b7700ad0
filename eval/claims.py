"""How well claims are checked against evidence: `python -m eval claims CASES`."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from eval import costs, publishing, running, scoring, showing
from eval.cases import Claim, read_claims, sample
from eval.figures import Figure, Measure, area, average, figures, fraction
from eval.publishing import Call, Wrong
from eval.running import AgainstOption, CautionOption, JsonOption, LimitOption, Record, ReportOption, SeedOption
from rag import Assistant, Settings, Support, load_settings

_CLASSES = SUPPORTED, UNSUPPORTED = ("supported", "unsupported")


def claims(
    cases: Annotated[Path, typer.Argument(help="claims.jsonl, or a folder that holds it; or .gz.")],
    limit: LimitOption = None,
    seed: SeedOption = 0,
    json_file: JsonOption = None,
    report: ReportOption = None,
    against: AgainstOption = None,
    caution: CautionOption = None,
) -> None:
    """Measure how well it is told whether evidence supports a claim."""
    with running.reporting():
        call = Call("claims", seed, json_file, report, against)
        publishing.check(call)
        drawn = sample(read_claims(cases), limit, seed)
        with tempfile.TemporaryDirectory() as archive:
            settings = load_settings({"archive": archive, "caution": caution})
            with Assistant(settings) as assistant:
                # The first check loads the judge, and must not be timed.
                warm = partial(assistant.check, "warm", "warm")
                records = running.run(drawn, lambda claim: checked(assistant, claim), warm, settings, report)
        for record, claim in zip(records, drawn, strict=True):
            record["scores"] = scoring.by_class(_CLASSES, _class(supported=claim.supported), given(record))
        if report:
            running.keep(report, records)
        _tell(call, drawn, records, settings)


def checked(assistant: Assistant, claim: Claim) -> dict[str, Any]:
    """Check a claim; return what was found as JSON, with the seconds that it took. Raises: ModelError."""
    began = time.perf_counter()
    support: Support = assistant.check(claim.claim, claim.evidence)
    return support._asdict() | {"seconds": {"check": time.perf_counter() - began}}


def given(record: Record) -> str:
    """The class that the check gave."""
    return _class(supported=record["said"]["supported"]) if record["said"] else scoring.NO_RESULT


def measured(drawn: Sequence[Claim], records: Sequence[Record], seed: int) -> dict[str, Figure]:
    """Balanced accuracy, AUROC of the support score, and precision, recall and F1 of "unsupported"."""
    scores = [record["scores"] for record in records]

    def of(name: str) -> Measure:
        return fraction([some.get(name, (0.0, 0.0)) for some in scores])

    found = {
        "balanced_accuracy": average([of("recall_supported"), of("recall_unsupported")], len(drawn)),
        "auroc": area([_score(*pair) for pair in zip(drawn, records, strict=True)], [one.supported for one in drawn]),
        **{f"unsupported_{name}": of(f"{name}_unsupported") for name in ("precision", "recall", "f1")},
    }
    return figures(found, len(drawn), seed)


def _score(claim: Claim, record: Record) -> float:
    """How surely it is supported; without a result, as wrong as can be."""
    return float(record["said"]["score"]) if record["said"] else float(not claim.supported)


def _class(*, supported: bool) -> str:
    return SUPPORTED if supported else UNSUPPORTED


def _wrong(drawn: Sequence[Claim], records: Sequence[Record]) -> Iterator[Wrong]:
    """The claims that were not found what they are; the surest is the worst."""
    for claim, record in zip(drawn, records, strict=True):
        if given(record) != _class(supported=claim.supported):
            score = _score(claim, record)
            yield Wrong(claim.id, f"found {given(record)}", 1 - score if claim.supported else score)


def _tell(call: Call, drawn: Sequence[Claim], records: Sequence[Record], settings: Settings) -> None:
    found = measured(drawn, records, call.seed)
    pairs = Counter(
        (_class(supported=claim.supported), given(record)) for claim, record in zip(drawn, records, strict=True)
    )
    rows = {right: {said: pairs[right, said] for said in (*_CLASSES, scoring.NO_RESULT)} for right in _CLASSES}
    told = showing.report(call.command, len(drawn), found, costs.costs(records), settings)
    console = showing.console(call.json_file)
    console.print(showing.measures(f"{len(drawn)} claims", found))
    console.print(showing.confusion(rows))
    costs.show(console, told)
    showing.failures(console, {record["id"]: record["error"] for record in records if record["error"]})
    publishing.publish(call, told | {"confusion": rows}, records, list(_wrong(drawn, records)))
