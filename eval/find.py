"""How completely `nutgraf find` lists the articles that answer: `python -m eval find`.

Asks the questions of a `questions.jsonl` that have gold and want one answer, without earlier turns. Of each:

    recall      of the articles of the gold, those found
    precision   of the articles found, those of the gold, or whose quote gives an accepted answer

So the recall counts only articles that somebody named: others that answer as well may be missed unseen.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from eval import report as reports
from eval import runs
from eval.answers import SETS, ingest, row_ids
from eval.cases import Case, locate, read_questions, sample
from eval.measures import contains
from eval.report import Wrong
from eval.runs import ArchiveOption, CautionOption, HeldOption, Job, JsonOption, LimitOption, ReportOption, SeedOption
from eval.scores import Scores
from rag import Assistant, InputError

_NEWS = SETS["news"]


def find(
    cases: Annotated[Path, typer.Argument(help="A questions.jsonl, or its folder; or .gz.")] = _NEWS.questions,
    archive: ArchiveOption = None,
    limit: LimitOption = None,
    seed: SeedOption = 0,
    json_file: JsonOption = None,
    report: ReportOption = None,
    caution: CautionOption = None,
    show_held: HeldOption = False,  # noqa: FBT002
) -> None:
    """Measure how completely the articles that answer are listed."""
    with runs.reporting(), tempfile.TemporaryDirectory() as temporary:
        job = Job("find", seed, json_file, report, show_held=show_held)
        runs.check(job)
        drawn = sample(usable(read_questions(cases), cases), limit, seed)
        uploads = [] if archive else _NEWS.uploads()
        settings = runs.settings_for({"archive": archive or temporary, "caution": caution})
        with Assistant(settings) as assistant:
            if not archive:
                ingest(assistant, uploads)
            drawn = locate(drawn, assistant.articles(), row_ids(uploads))
            records = runs.run(job, drawn, lambda case: _found(assistant, case), assistant.warm, settings)
        wrong = list[Wrong]()
        for case, record in zip(drawn, records, strict=True):
            found = record["said"]["listed"] if record["said"] else []
            record["scores"] = score(case, found)
            wrong += [Wrong(case.id, words, 1) for words in faults(case, found)]
        reports.write_json(json_file, reports.conclude(job, settings, records, wrong, {}))


def usable(cases: Sequence[Case], file: Path) -> tuple[Case, ...]:
    """The cases with one answer that stands in named articles. Raises: InputError if there is none."""
    found = tuple(case for case in cases if case.answers and case.gold and not case.parts and not case.asked.history)
    if not found:
        raise InputError(f"{file} has no question with gold and one answer", "add `gold` and `answers` to its lines")
    return found


def score(case: Case, found: Sequence[dict[str, Any]]) -> Scores:
    """What a question adds to each measure; `found` are `article_id` and `quote` of each article listed."""
    named = {span.article_id for span in case.gold}
    recalled = named & {one["article_id"] for one in found}
    scores: Scores = {"recall": (float(len(recalled)), float(len(named)))}
    if found:
        scores["precision"] = (float(sum(_says_so(case, one) for one in found)), float(len(found)))
    return scores


def faults(case: Case, found: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Say in words what is missing and what does not answer."""
    for one in found:
        if not _says_so(case, one):
            yield f"does not answer: {one['quote']}"
    listed = {one["article_id"] for one in found}
    for span in case.gold:
        if span.article_id not in listed:
            yield f"missing: {span.text}"


def _says_so(case: Case, one: dict[str, Any]) -> bool:
    return one["article_id"] in {span.article_id for span in case.gold} or contains(one["quote"], case.answers)


def _found(assistant: Assistant, case: Case) -> dict[str, Any]:
    began = time.perf_counter()
    found = assistant.find_all(case.asked)
    return {
        "listed": [
            {"article_id": one.evidence.article.id, "quote": one.evidence.text, "score": one.evidence.score}
            for one in found.testimonies
        ],
        "seconds": {"find": time.perf_counter() - began},
    }
