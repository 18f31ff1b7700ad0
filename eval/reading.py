"""How well questions are answered from given passages: `python -m eval read CASES`.

The passages come with each case and are read whole, so that nothing depends on what a search finds.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from eval import answers, publishing, replies, running, scoring
from eval.alce import Check
from eval.cases import Case, Source, read_cases, sample
from eval.publishing import Call
from eval.running import AgainstOption, CautionOption, JsonOption, LimitOption, ReportOption, SeedOption
from rag import Article, Assistant, PublishedDate, Question, load_settings


def read(
    cases: Annotated[Path, typer.Argument(help="reading.jsonl, modes.jsonl, SQuAD 2.0 JSON, or a folder; or .gz.")],
    limit: LimitOption = None,
    seed: SeedOption = 0,
    json_file: JsonOption = None,
    report: ReportOption = None,
    against: AgainstOption = None,
    caution: CautionOption = None,
) -> None:
    """Measure answers, citations and refusals where the passages come with each question."""
    with running.reporting():
        call = Call("read", seed, json_file, report, against)
        publishing.check(call)
        drawn = sample(read_cases(cases), limit, seed)
        with tempfile.TemporaryDirectory() as archive:
            settings = load_settings({"archive": archive, "caution": caution})
            with Assistant(settings) as assistant:
                check = replies.checks(assistant)
                records = running.run(
                    drawn, lambda case: answered(assistant, case, check), assistant.warm, settings, report
                )
        pairs = [
            (case, answers.reply(record, {passage.id: passage.text for passage in case.passages}))
            for case, record in zip(drawn, records, strict=True)
        ]
        scores = [scoring.scores(case, reply) for case, reply in pairs]
        answers.conclude(call, settings, records, pairs, scores)


def answered(assistant: Assistant, case: Case, check: Check) -> dict[str, Any]:
    """Ask a case; return the answer as JSON, its citations judged by `check`. Raises: QuestionInvalid, ModelError."""
    answer = assistant.read(Question(case.question), [article(passage) for passage in case.passages])
    return replies.written(answer, check)


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
