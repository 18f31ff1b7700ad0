"""How well questions are answered: `python -m eval run` asks an archive, `read` brings the passages of each case."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from eval import noise, runs, scores
from eval import report as reports
from eval.cases import MODES, Case, Source, locate, read_cases, read_questions, sample
from eval.measures import Check
from eval.report import Wrong
from eval.runs import (
    ArchiveOption,
    CautionOption,
    HeldOption,
    Job,
    JsonOption,
    LimitOption,
    Record,
    ReportOption,
    SeedOption,
)
from eval.scores import Reply
from rag import (
    ArchiveEmpty,
    Article,
    Assistant,
    InputError,
    PublishedDate,
    Settings,
    Upload,
    archive_exists,
    read_articles,
)

QUESTIONS = Path(__file__).parent / "questions"
_NOISE_HELP = "Add so many passages of other cases that are near the question; every other case has these alone."
_TABLES = (".csv", ".tsv", ".jsonl")

Pairs = Sequence[tuple[Case, Reply | None]]


class FixedSet(NamedTuple):
    """Questions that come with nutgraf, and the pattern of the files they are about."""

    questions: Path
    folder: Path
    pattern: str

    def uploads(self) -> list[Upload]:
        """The articles, as uploads: so their ids are the same wherever the checkout is. Raises: InputError."""
        found = sorted(path for path in self.folder.glob(self.pattern) if path.is_file())
        if not found:
            raise InputError(f"{self.folder} contains no article", "run this from a checkout, or name an --archive")
        return [Upload(path.name, path.read_bytes()) for path in found]


SETS = {
    "news": FixedSet(QUESTIONS / "news" / "questions.jsonl", QUESTIONS / "news" / "articles", "*"),
    "seeds": FixedSet(QUESTIONS / "seeds.jsonl", QUESTIONS.parent.parent / "seeds", "*.txt"),
}


def run(
    cases: Annotated[
        Path | None, typer.Argument(help="A questions.jsonl, or its folder; or .gz.", show_default="all fixed sets")
    ] = None,
    name: Annotated[str | None, typer.Option("--set", help=f"Ask one fixed set: {', '.join(SETS)}.")] = None,
    archive: ArchiveOption = None,
    limit: LimitOption = None,
    seed: SeedOption = 0,
    json_file: JsonOption = None,
    report: ReportOption = None,
    caution: CautionOption = None,
    show_held: HeldOption = False,  # noqa: FBT002
) -> None:
    """Measure answers from an archive, end to end."""
    with runs.reporting(), tempfile.TemporaryDirectory() as temporary:
        if name and cases:
            raise InputError(f"both {cases} and --set {name} are given", "give one of them")
        if name and name not in SETS:
            raise InputError(f"there is no set {name}", f"name one of {', '.join(SETS)}, or a file of questions")
        if archive and not (cases or name):
            raise InputError("--archive needs questions", f"name a file, or --set {' or '.join(SETS)}")
        names = [name or ""] if cases or name else [one for one in SETS if SETS[one].questions.is_file()]
        jobs = []
        for one in names:
            # Each of several sets has a report of its own.
            folder = report / one if report and len(names) > 1 else report
            jobs.append(Job("run", seed, json_file, folder, one, show_held))
            runs.check(jobs[-1])
        found = {}
        for job in jobs:
            fixed = SETS[job.name or "seeds"]
            drawn = sample(read_questions(cases or fixed.questions), limit, seed)
            found[job.name] = _run(job, drawn, fixed, archive, (report or Path(temporary)) / "work", caution)
        reports.write_json(json_file, found[names[0]] if len(names) == 1 else {"command": "run", "sets": found})


def read(
    cases: Annotated[Path, typer.Argument(help="reading.jsonl, modes.jsonl, SQuAD 2.0 JSON, or a folder; or .gz.")],
    limit: LimitOption = None,
    seed: SeedOption = 0,
    json_file: JsonOption = None,
    report: ReportOption = None,
    caution: CautionOption = None,
    near: Annotated[int | None, typer.Option("--noise", min=1, max=20, help=_NOISE_HELP, show_default=False)] = None,
) -> None:
    """Measure answers, citations and refusals where the passages come with each question."""
    with runs.reporting(), tempfile.TemporaryDirectory() as archive:
        job = Job("read", seed, json_file, report)
        runs.check(job)
        every = read_cases(cases)
        drawn = sample(every, limit, seed)
        settings = runs.settings_for({"archive": archive, "caution": caution})
        if near:
            drawn = noise.added(drawn, every, near, runs.settings_for({"archive": Path(archive) / "noise"}))
        with Assistant(settings) as assistant:
            check = _check(assistant)

            def ask(case: Case) -> dict[str, Any]:
                answer = assistant.read(case.asked, [article(passage) for passage in case.passages])
                return scores.written(answer, check, searched=False)

            records = runs.run(job, drawn, ask, assistant.warm, settings)
        pairs = [
            (case, scores.parse_reply(record["said"], {passage.id: passage.text for passage in case.passages}))
            for case, record in zip(drawn, records, strict=True)
        ]
        reports.write_json(json_file, _conclude(job, settings, records, pairs))


def article(passage: Source) -> Article:
    """Make a passage an article of its own. A date that cannot be parsed counts as not given."""
    try:
        published = PublishedDate.parse(passage.published.partition("T")[0].strip())
    except ValueError:
        published = None
    content_hash = hashlib.sha256(passage.text.encode("utf-8", "replace")).hexdigest()
    return Article(
        passage.id, passage.title, passage.text, content_hash, source=passage.source or None, published=published
    )


def row_ids(uploads: Sequence[Upload]) -> dict[str, str]:
    """Map `rows.csv#3` to the id of the article in that row, counted from 1, for every table among the uploads."""
    return {
        f"{upload.name}#{number}": found.id
        for upload in uploads
        if upload.name.endswith(_TABLES)
        for number, found in enumerate(read_articles(upload), start=1)
        if isinstance(found, Article)
    }


def _run(
    job: Job, drawn: Sequence[Case], fixed: FixedSet, archive: Path | None, work: Path, caution: float | None
) -> dict[str, Any]:
    uploads = [] if archive else fixed.uploads()
    settings = runs.settings_for({"archive": archive, "caution": caution})
    if archive and not archive_exists(settings):
        raise ArchiveEmpty(f"there is no archive in {archive}", "create one: nutgraf ingest PATH")
    if not archive:
        settings = runs.settings_for(
            {"archive": archive_folder(work, job.name or "seeds", uploads, settings), "caution": caution}
        )
    with Assistant(settings) as assistant:
        if uploads:
            ingest(assistant, uploads)
        articles = assistant.articles()
        drawn = locate(drawn, articles, row_ids(uploads))
        check = _check(assistant)
        contents = "\n".join(sorted(f"{one.id} {one.content_hash}" for one in articles))
        records = runs.run(
            job,
            drawn,
            lambda case: scores.written(assistant.ask(case.asked), check, searched=True),
            assistant.warm,
            settings,
            hashlib.sha256(contents.encode()).hexdigest(),
        )
    texts = {one.id: one.text for one in articles}
    pairs = [(case, scores.parse_reply(record["said"], texts)) for case, record in zip(drawn, records, strict=True)]
    return _conclude(job, settings, records, pairs)


def archive_folder(work: Path, name: str, uploads: Sequence[Upload], settings: Settings) -> Path:
    """The folder of the archive of a set. One that was built from other articles, or by other code, is removed."""
    contents = b"".join(upload.name.encode() + upload.content for upload in uploads)
    folder = work / f"{name}-{runs.archive_key(settings, contents)}"
    for other in work.glob(f"{name}-*"):
        if other != folder:
            shutil.rmtree(other)
    return folder


def ingest(assistant: Assistant, uploads: Sequence[Upload]) -> None:
    """Ingest what the archive does not have yet, and name what cannot be read."""
    with runs.errors.status("ingesting"):
        done = assistant.ingest(uploads)
    for one in done.rejected:
        runs.errors.print(f"not ingested: {one.path}: {one.reason}", markup=False, highlight=False, soft_wrap=True)


def _check(assistant: Assistant) -> Check:
    """How the assistant itself checks a claim. A claim that its evidence contains word for word needs no model."""

    def check(claim: str, evidence: str) -> bool:
        return " ".join(claim.split()) in " ".join(evidence.split()) or assistant.check(claim, evidence).supported

    cached: Callable[[str, str], bool] = cache(check)
    return cached


def _conclude(job: Job, settings: Settings, records: Sequence[Record], pairs: Pairs) -> dict[str, Any]:
    for record, (case, reply) in zip(records, pairs, strict=True):
        record["scores"] = scores.score(case, reply) | (
            scores.score_search(case, reply) if job.command == "run" else {}
        )
    refusals = Counter(sorted(reply.refused for _, reply in pairs if reply and reply.refused))
    searched = [(case, reply) for case, reply in pairs if job.command == "run" and case.gold]
    more = {
        "refusals": dict(refusals.most_common()),
        "confusion": _confusion(pairs),
        "tradeoff": scores.tradeoff(pairs),
        "reliability": scores.reliability(pairs),
        "ranks": reports.rank_counts([min(scores.ranks_found(case.gold, reply)) for case, reply in searched]),
    }
    return reports.conclude(job, settings, records, _wrong(pairs), more)


def _confusion(pairs: Pairs) -> dict[str, dict[str, int]]:
    """What was given, by what was right; {} in a set without modes."""
    given = Counter((case.mode, scores.mode(reply)) for case, reply in pairs if case.mode)
    columns = (*MODES, scores.NO_RESULT)
    return {mode: {column: given[mode, column] for column in columns} for mode in MODES} if given else {}


def _wrong(pairs: Pairs) -> Iterator[Wrong]:
    """The cases that are not right; the worst have no result, then come false answers, then false refusals.

    Of each kind the most confident answer is the worst, and the most confident refused.
    """
    for case, reply in pairs:
        if scores.is_right(case, reply):
            continue
        if reply is None:
            yield Wrong(case.id, "no result", 4.0)
        elif scores.is_misled(case, reply):
            yield Wrong(case.id, "misled", 3.0 + reply.confidence)
        elif case.mode:
            yield Wrong(case.id, f"taken for {scores.mode(reply)}", 2.0 + reply.confidence)
        elif reply.refused:
            yield Wrong(case.id, "refused, though there is an answer", reply.confidence)
        elif case.answerable:
            yield Wrong(case.id, "answered wrongly", 1.0 + reply.confidence)
        else:
            yield Wrong(case.id, "answered, though there is no answer", 2.0 + reply.confidence)
