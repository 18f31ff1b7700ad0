"""How well the text of articles is extracted from web pages: `python -m eval extraction DIR`.

DIR is laid out as in the article extraction benchmark (https://github.com/scrapinghub/article-extraction-benchmark):
`ground-truth.json` with the `articleBody` of each page, and the pages in `html/KEY.html.gz`. The figures are defined as
there: the true and the extracted text are multisets of runs of four words; for each page the runs that both have, that
only the extracted text has and that only the true text has are counted and divided by their sum; precision and recall
are means over the pages, and F1 is their harmonic mean. A page from which nothing was extracted has recall 0 and does
not count in precision.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from eval import files, runs, tables
from eval import report as reports
from eval.cases import sample
from eval.report import Wrong
from eval.runs import Job, JsonOption, LimitOption, ReportOption, SeedOption
from eval.scores import Scores
from rag import Article, InputError, Upload, read_articles

_TRUTH, _RUN_WORDS = "ground-truth.json", 4


class Match(NamedTuple):
    """Shares of the runs of words that two texts have together; they sum to 1, or to 0 for two empty texts."""

    both: float
    only_read: float
    only_true: float


@dataclass(frozen=True, slots=True)
class Page:
    """A page and its true text; `html` identifies the content of `file`."""

    id: str
    true: str
    file: Path
    html: str

    @property
    def written(self) -> dict[str, Any]:
        return {"id": self.id, "true": self.true, "html": self.html}


def extraction(
    folder: Annotated[Path, typer.Argument(help="A folder with ground-truth.json and html/*.html.gz.")],
    limit: LimitOption = None,
    seed: SeedOption = 0,
    json_file: JsonOption = None,
    report: ReportOption = None,
) -> None:
    """Measure how well the texts of articles are extracted from web pages."""
    with runs.reporting():
        job = Job("extraction", seed, json_file, report)
        runs.check(job)
        drawn, settings = sample(read_pages(folder), limit, seed), runs.settings_for()
        records = runs.run(job, drawn, extract, lambda: None, settings)
        wrong = []
        for record in records:
            match = Match(**record["said"]["match"])
            record["scores"] = score(match)
            if match.only_read or match.only_true:
                words = f"{match.both:.2f} in both, {match.only_read:.2f} too much, {match.only_true:.2f} missing"
                wrong.append(Wrong(record["id"], words, 1 - match.both))
        empty = [record["id"] for record in records if not record["said"]["text"]]
        found = reports.conclude(job, settings, records, wrong, {"models": {}, "empty": empty})
        if empty:
            tables.console(json_file).print(f"nothing extracted: {len(empty)} ({', '.join(empty)})", soft_wrap=True)
        reports.write_json(json_file, found)


def read_pages(folder: Path) -> tuple[Page, ...]:
    """Read the pages that ground-truth.json names, in its order. Raises: InputError."""
    path = files.find(folder, (_TRUTH,))
    truth = files.load(path).values
    if not truth:
        raise InputError(f"{path} names no page", 'it must be {KEY: {"articleBody": TEXT}}')
    return tuple(_page(path, key, one) for key, one in truth.items())


def extract(page: Page) -> dict[str, Any]:
    """Extract the text of a page; return it with its match and the seconds that it took."""
    content, began = _content(page.file), time.perf_counter()
    text = "\n\n".join(
        one.text for one in read_articles(Upload(f"{page.id}.html", content)) if isinstance(one, Article)
    )
    seconds = time.perf_counter() - began
    return {"text": text, "match": match(page.true, text)._asdict(), "seconds": {"extract": seconds}}


def match(true: str, text: str) -> Match:
    """Compare two texts by their runs of four words, or by all their words if there are fewer."""
    true_runs, text_runs = Counter(_word_runs(true)), Counter(_word_runs(text))
    counts = [(true_runs & text_runs).total(), (text_runs - true_runs).total(), (true_runs - text_runs).total()]
    return Match(*(count / (sum(counts) or 1) for count in counts))


def score(found: Match) -> Scores:
    """What a page adds to precision and recall: nothing if there is no text of the kind."""
    scores: Scores = {}
    if found.both or found.only_read:
        scores["precision"] = (found.both / (found.both + found.only_read), 1.0)
    if found.both or found.only_true:
        scores["recall"] = (found.both / (found.both + found.only_true), 1.0)
    return scores


def _word_runs(text: str) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    for at in range(max(1, len(words) - _RUN_WORDS + 1)) if words else ():
        yield tuple(words[at : at + _RUN_WORDS])


def _page(truth: Path, key: str, given: object) -> Page:
    body = (given.get("articleBody") or "") if isinstance(given, dict) else None
    if not isinstance(body, str):
        raise InputError(f"{truth}: the page {key!r} is {given!r:.40}", 'it must be {"articleBody": TEXT}')
    file = truth.parent / "html" / f"{key}.html.gz"
    return Page(key, body, file, hashlib.sha256(_content(file)).hexdigest()[:16])


def _content(file: Path) -> bytes:
    try:
        return gzip.decompress(file.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{file} cannot be read: {error}", "download it again") from error
