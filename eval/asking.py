"""How well questions are answered from an archive, end to end: `python -m eval run`."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from eval import answers, publishing, replies, running, scoring
from eval.alce import Check
from eval.cases import sample
from eval.publishing import Call
from eval.questions import Query, locate, read_queries
from eval.running import AgainstOption, CautionOption, JsonOption, LimitOption, ReportOption, SeedOption
from rag import ArchiveEmpty, Article, Assistant, InputError, Settings, Upload, archive_exists, load_settings

_HERE = Path(__file__).parent
_FIXED_SET, _SEEDS = _HERE / "questions" / "seeds.jsonl", _HERE.parent / "seeds"

ArchiveOption = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Ask this archive, not one of the sample articles.")
]


def run(
    cases: Annotated[
        Path, typer.Argument(help="questions.jsonl, or a folder that holds it; or .gz.", show_default="the fixed set")
    ] = _FIXED_SET,
    archive: ArchiveOption = None,
    limit: LimitOption = None,
    seed: SeedOption = 0,
    json_file: JsonOption = None,
    report: ReportOption = None,
    against: AgainstOption = None,
    caution: CautionOption = None,
) -> None:
    """Measure answers from an archive, end to end."""
    with running.reporting(), tempfile.TemporaryDirectory() as temporary:
        call = Call("run", seed, json_file, report, against)
        publishing.check(call)
        drawn = sample(read_queries(cases), limit, seed)
        settings = load_settings({"archive": archive or temporary, "caution": caution})
        if archive and not archive_exists(settings):
            raise ArchiveEmpty(f"there is no archive in {archive}", "begin one: nutgraf ingest PATH")
        with Assistant(settings) as assistant:
            if not archive:
                assistant.ingest(sample_articles())
            articles = assistant.articles()
            drawn = locate(drawn, articles)
            check, told = replies.checks(assistant), contents(articles)
            records = running.run(
                drawn, lambda query: answered(assistant, query, check), assistant.warm, settings, report, told
            )
        _conclude(call, settings, drawn, records, articles)


def answered(assistant: Assistant, query: Query, check: Check) -> dict[str, Any]:
    """Ask a case; return the answer as JSON, its citations judged by `check`.

    Raises: QuestionInvalid, ArchiveError, ModelError.
    """
    answer = assistant.ask(query.asked)
    return replies.written(answer, check) | replies.seen(answer)


def sample_articles() -> list[Upload]:
    """The sample articles, as uploads: so their ids are the same wherever the checkout is. Raises: InputError."""
    files = sorted(_SEEDS.glob("*.txt"))
    if not files:
        raise InputError(f"{_SEEDS} holds no sample article", "run this from a checkout, or name an --archive")
    return [Upload(file.name, file.read_bytes()) for file in files]


def contents(articles: Sequence[Article]) -> str:
    """What the articles say, as a hash."""
    told = "\n".join(sorted(f"{article.id} {article.content_hash}" for article in articles))
    return hashlib.sha256(told.encode()).hexdigest()


def _conclude(
    call: Call,
    settings: Settings,
    drawn: Sequence[Query],
    records: Sequence[running.Record],
    articles: Sequence[Article],
) -> None:
    texts = {article.id: article.text for article in articles}
    pairs = [(query, answers.reply(record, texts)) for query, record in zip(drawn, records, strict=True)]
    scores = [scoring.searched(query, reply) for query, reply in pairs]
    answers.conclude(call, settings, records, pairs, scores, answers.OF_SEARCH)
