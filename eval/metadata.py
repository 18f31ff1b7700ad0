"""How well an article's outlet and day are read: `python -m eval metadata [TRUTH] [FOLDER]`.

TRUTH is a table with the columns `file`, `outlet` and `day`: a row for each article of a file, in their order, with
what the file itself tells, and nothing where it does not. Several names of an outlet are separated by `|`. Each field
is right, wrong or missing; the figures are shares of the articles. A host name in place of an outlet's name is missing,
and a day without its year, month or day is missing where what it has is true.
"""

from __future__ import annotations

import csv
import hashlib
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Annotated, Any

import typer

from eval import files, runs
from eval import report as reports
from eval.answers import SETS
from eval.cases import sample
from eval.report import Wrong
from eval.runs import Job, JsonOption, LimitOption, ReportOption, SeedOption
from eval.scores import Scores
from rag import Article, InputError, Upload, read_articles

_COLUMNS = ("file", "outlet", "day")
_TRUTH = SETS["news"].questions.with_name("metadata.csv")
_VERDICTS = ("right", "missing", "wrong")


@dataclass(frozen=True, slots=True)
class Told:
    """A file and what it tells of each of its articles, outlet and day; `content` identifies its bytes."""

    id: str
    true: tuple[tuple[str, str], ...]
    file: Path
    content: str

    @property
    def written(self) -> dict[str, Any]:
        return {"id": self.id, "true": self.true, "content": self.content}


def metadata(
    truth: Annotated[Path, typer.Argument(help="A CSV table with the columns file, outlet and day.")] = _TRUTH,
    folder: Annotated[Path, typer.Argument(help="The folder of the files.")] = SETS["news"].folder,
    limit: LimitOption = None,
    seed: SeedOption = 0,
    json_file: JsonOption = None,
    report: ReportOption = None,
) -> None:
    """Measure how well the outlets and days of articles are read from their files."""
    with runs.reporting():
        job = Job("metadata", seed, json_file, report)
        runs.check(job)
        drawn, settings = sample(read_truth(truth, folder), limit, seed), runs.settings_for()
        records = runs.run(job, drawn, read, lambda: None, settings)
        wrong = []
        for record in records:
            verdicts = judge(record["case"]["true"], record["said"]["read"])
            record["scores"] = score(verdicts)
            if failed := [words for verdict, words in verdicts if not verdict.endswith("right")]:
                weight = sum(verdict.endswith("wrong") for verdict, _ in verdicts)
                wrong.append(Wrong(record["id"], "; ".join(failed), 1 + weight))
        reports.write_json(json_file, reports.conclude(job, settings, records, wrong, {"models": {}}))


def read_truth(truth: Path, folder: Path) -> tuple[Told, ...]:
    """Read the table, in its order. Raises: InputError."""
    rows = list(csv.DictReader(files.lines(truth)))
    if not rows or not set(_COLUMNS) <= rows[0].keys():
        raise InputError(f"{truth} has not the columns {', '.join(_COLUMNS)} with a row", "name them in its first line")
    found = []
    for name, told in groupby(rows, key=lambda row: row["file"]):
        file = folder / name
        if not file.is_file():
            raise InputError(f"{truth}: there is no file {file}", "correct the name, or name the folder")
        digest = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
        found.append(Told(name, tuple((row["outlet"] or "", row["day"] or "") for row in told), file, digest))
    return tuple(found)


def read(told: Told) -> dict[str, Any]:
    """Read a file; return the outlet and the day of each of its articles and the seconds that it took."""
    upload, began = Upload(told.file.name, told.file.read_bytes()), time.perf_counter()
    found = [(one.source or "", str(one.published or "")) for one in read_articles(upload) if isinstance(one, Article)]
    return {"read": found, "seconds": {"read": time.perf_counter() - began}}


def judge(true: Sequence[Sequence[str]], read: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Return for each field of each article the name of its verdict (`day wrong`), and what differs in words."""
    found = []
    for told, got in zip_longest(true, read[: len(true)], fillvalue=("", "")):
        for field, verdict in (("outlet", _outlet(told[0], got[0])), ("day", _day(told[1], got[1]))):
            at = _COLUMNS.index(field) - 1
            found.append((f"{field} {verdict}", f"{field} {verdict}: {got[at] or 'none'}, not {told[at] or 'none'}"))
    return found


def score(verdicts: Sequence[tuple[str, str]]) -> Scores:
    """What a file adds to the share of each verdict among its articles."""
    names = [verdict for verdict, _ in verdicts]
    articles = len(names) / 2
    return {
        f"{field}_{verdict}": (float(names.count(f"{field} {verdict}")), articles)
        for field in _COLUMNS[1:]
        for verdict in _VERDICTS
    }


def _outlet(true: str, read: str) -> str:
    if _letters(read) in {_letters(name) for name in true.split("|")}:
        return "right"
    is_host = re.fullmatch(r"[\w-]+(\.[\w-]+)+", read) is not None
    return "missing" if not read or (is_host and true) else "wrong"


def _day(true: str, read: str) -> str:
    if true == read:
        return "right"
    parts = zip_longest(_parts(true), _parts(read), fillvalue=0)
    return "missing" if all(one in (0, is_true) for is_true, one in parts) else "wrong"


def _parts(day: str) -> list[int]:
    return [int(part or 0) for part in re.sub(r"^--", "0-", day).split("-")] if day else []


def _letters(name: str) -> str:
    """Reduce a name to its letters, without case and without a leading "The"."""
    return re.sub(r"^the\s|\W", "", name.casefold())
