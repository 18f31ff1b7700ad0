"""How well questions are answered from given passages: `python -m eval read CASES`.

The passages come with each case and are read whole, so that nothing depends on what a search finds.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from eval import replies, running, scoring, showing
from eval.cases import MODES, Case, Source, read_cases, sample
from eval.figures import Figure, Measure, area, average, figures, fraction
from eval.replies import Reply
from eval.running import CautionOption, JsonOption, LimitOption, Record, ReportOption, SeedOption
from eval.tradeoff import curve
from rag import Answer, Article, Assistant, PublishedDate, Question, Settings, load

_POINTS = (
    "threshold",
    "refused of\nunanswerable",
    "refused of\nanswerable",
    "f1",
    "scored below of\nunanswerable",
    "scored below of\nanswerable",
)
_OF_ANSWERS = ("em", "f1", "f1_answerable", "contains")
_OF_MODES = tuple(f"{name}_{mode}" for mode in MODES for name in ("precision", "recall", "f1"))
_OF_ALL = (
    *("refusal_precision", "refusal_recall", "refusal_f1", "false_refusal"),
    *("uncited", "grounded", "citation_precision", "citation_recall", "citation_gold"),
)

Pairs = Sequence[tuple[Case, Reply | None]]


def read(
    cases: Annotated[Path, typer.Argument(help="reading.jsonl, modes.jsonl, SQuAD 2.0 JSON, or a folder; or .gz.")],
    limit: LimitOption = None,
    seed: SeedOption = 0,
    json_file: JsonOption = None,
    report: ReportOption = None,
    caution: CautionOption = None,
) -> None:
    """Measure answers, citations and refusals where the passages come with each question."""
    with running.reporting():
        running.writable(json_file)
        drawn = sample(read_cases(cases), limit, seed)
        with tempfile.TemporaryDirectory() as archive:
            settings = load({"archive": archive, "caution": caution})
            with Assistant(settings) as assistant:
                records = running.run(drawn, lambda case: answered(assistant, case), assistant.warm, settings, report)
        pairs = paired(drawn, records)
        for record, (case, reply) in zip(records, pairs, strict=True):
            record["scores"] = scoring.scores(case, reply)
        if report:
            running.keep(report, records)
        _tell(pairs, records, settings, seed, json_file)


def answered(assistant: Assistant, case: Case) -> dict[str, Any]:
    """Ask a case; return the answer as JSON. Raises: QuestionInvalid, ModelError."""
    answer: Answer = assistant.read(Question(case.question), [article(passage) for passage in case.passages])
    return replies.written(answer, lambda claim, evidence: assistant.check(claim, evidence).supported)


def article(passage: Source) -> Article:
    """A passage as an article of its own, whose text it is; a date that cannot be read counts as not given."""
    try:
        published = PublishedDate.parse(passage.published.partition("T")[0].strip())
    except ValueError:
        published = None
    content_hash = hashlib.sha256(passage.text.encode("utf-8", "replace")).hexdigest()
    return Article(
        passage.id, passage.title, passage.text, content_hash, source=passage.source or None, published=published
    )


def paired(cases: Sequence[Case], records: Sequence[Record]) -> Pairs:
    """Every case with its reply; None where there is no result."""
    return [
        (case, replies.parsed(record["said"], case) if record["said"] else None)
        for case, record in zip(cases, records, strict=True)
    ]


def measured(pairs: Pairs, seed: int) -> dict[str, Figure]:
    """Every figure of the set, with its interval."""
    scores = [scoring.scores(case, reply) for case, reply in pairs]
    modes = bool(pairs[0][0].mode)
    names = (*(_OF_MODES if modes else _OF_ANSWERS), *_OF_ALL)
    found = {name: fraction([some.get(name, (0.0, 0.0)) for some in scores]) for name in names}
    if modes:
        found = {"macro_f1": average([found[f"f1_{mode}"] for mode in MODES], len(pairs))} | found
    return figures(found | {"auroc": ranked(pairs)}, len(pairs), seed)


def ranked(pairs: Pairs) -> Measure:
    """AUROC of the best evidence's score, for telling what the passages answer from what they do not."""
    return area([scoring.confidence(case, reply) for case, reply in pairs], [case.answerable for case, _ in pairs])


def _tell(pairs: Pairs, records: Sequence[Record], settings: Settings, seed: int, json_file: str | None) -> None:
    found, points = measured(pairs, seed), curve(pairs)
    kinds = Counter(sorted(reply.refused for _, reply in pairs if reply and reply.refused))
    seconds = showing.percentiles(records)
    console = showing.console(json_file)
    console.print(showing.measures(f"{len(pairs)} cases, caution {settings.caution}", found))
    rows = _confusion(pairs)
    if rows:
        console.print(showing.confusion(rows))
    if kinds:
        counts = ((kind, str(count)) for kind, count in kinds.most_common())
        console.print(showing.table("refusals by kind", ("kind", "cases"), counts))
    cells = ([showing.cell(value) for value in point] for point in points)
    console.print(showing.table("refused below a threshold, too", _POINTS, cells))
    console.print(showing.timings(seconds))
    showing.failures(console, {record["id"]: record["error"] for record in records if record["error"]})
    if json_file:
        more = {"refusals": kinds, "confusion": rows, "tradeoff": [showing.numbers(point) for point in points]}
        showing.write(json_file, showing.report("read", len(pairs), found, seconds, settings) | more)


def _confusion(pairs: Pairs) -> dict[str, dict[str, int]]:
    """What was given, by what was right; empty in a set without modes."""
    given = Counter((case.mode, scoring.mode(reply)) for case, reply in pairs if case.mode)
    columns = [*MODES, scoring.NO_RESULT]
    return {mode: {column: given[mode, column] for column in columns} for mode in MODES} if given else {}
