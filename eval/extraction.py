"""How well the text of articles is taken out of web pages: `python -m eval extraction DIR`.

DIR is laid out as the article extraction benchmark has it (https://github.com/scrapinghub/article-extraction-benchmark):
`ground-truth.json` with the `articleBody` of each page, and the pages in `html/KEY.html.gz`. The figures are defined as
there: the true and the read text are multisets of runs of four words; of each page the runs that both have, that only
the read text has and that only the true text has are counted and divided by their sum; precision and recall are means
over the pages, and F1 is their harmonic mean. As there, a page from which nothing was read counts as recall 0 and takes
no part in the mean of precision.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import time
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from eval import costs, files, publishing, running, showing
from eval.cases import sample
from eval.figures import Figure, Share, figures, fraction, harmonic_mean
from eval.publishing import Call, Wrong
from eval.running import AgainstOption, JsonOption, LimitOption, Record, ReportOption, SeedOption
from rag import Article, InputError, Settings, Upload, load_settings, read_articles

_TRUTH = "ground-truth.json"
_RUN_WORDS = 4


class Match(NamedTuple):
    """Shares of the runs of words that the true and the read text of a page have together; they sum to 1, or to 0."""

    both: float
    only_read: float
    only_true: float


@dataclass(frozen=True, slots=True)
class Page:
    """A page and its true text; `html` is the fingerprint of what stands in `file`."""

    id: str
    true: str
    file: Path
    html: str

    @property
    def written(self) -> dict[str, Any]:
        """The case as JSON."""
        return {"id": self.id, "true": self.true, "html": self.html}


def extraction(
    folder: Annotated[Path, typer.Argument(help="Holds ground-truth.json and html/*.html.gz.")],
    limit: LimitOption = None,
    seed: SeedOption = 0,
    json_file: JsonOption = None,
    report: ReportOption = None,
    against: AgainstOption = None,
) -> None:
    """Measure how well the texts of articles are taken out of web pages."""
    with running.reporting():
        call = Call("extraction", seed, json_file, report, against)
        publishing.check(call)
        drawn, settings = sample(read_pages(folder), limit, seed), load_settings()
        records = running.run(drawn, extracted, lambda: None, settings, report)
        for record in records:
            record["scores"] = scores(Match(**record["said"]["match"]))
        if report:
            running.keep(report, records)
        _tell(call, settings, records)


def read_pages(folder: Path) -> tuple[Page, ...]:
    """The pages that `ground-truth.json` names, in its order. Raises: InputError."""
    path = files.find(folder, (_TRUTH,))
    told = files.parsed(files.text(path), str(path))
    if not told:
        raise InputError(f"{path} names no page", 'it is {KEY: {"articleBody": TEXT}}')
    return tuple(_page(path, key, one) for key, one in told.items())


def extracted(page: Page) -> dict[str, Any]:
    """Read a page; return the text and its match as JSON, with the seconds that it took."""
    content, began = _content(page.file), time.perf_counter()
    found = "\n\n".join(
        one.text for one in read_articles(Upload(f"{page.id}.html", content)) if isinstance(one, Article)
    )
    seconds = time.perf_counter() - began
    return {"text": found, "match": compare(page.true, found)._asdict(), "seconds": {"extract": seconds}}


def compare(true: str, read_text: str) -> Match:
    """Compare two texts by their runs of four words, or by all the words where there are fewer."""
    true_runs, read_runs = Counter(_runs(true)), Counter(_runs(read_text))
    counts = [(true_runs & read_runs).total(), (read_runs - true_runs).total(), (true_runs - read_runs).total()]
    return Match(*(count / (sum(counts) or 1) for count in counts))


def scores(match: Match) -> dict[str, Share]:
    """What a page adds to precision and recall: nothing where it has no text of the kind."""
    found = {}
    if match.both or match.only_read:
        found["precision"] = (match.both / (match.both + match.only_read), 1.0)
    if match.both or match.only_true:
        found["recall"] = (match.both / (match.both + match.only_true), 1.0)
    return found


def measured(scored: Sequence[Mapping[str, Share]], seed: int) -> dict[str, Figure]:
    """The means over pages, and the F1 of both."""
    precision, recall = (fraction([one.get(name, (0.0, 0.0)) for one in scored]) for name in ("precision", "recall"))
    both = {"precision": precision, "recall": recall, "f1": harmonic_mean(precision, recall)}
    return figures(both, len(scored), seed)


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    for at in range(max(1, len(words) - _RUN_WORDS + 1)) if words else ():
        yield tuple(words[at : at + _RUN_WORDS])


def _page(truth: Path, key: str, told: object) -> Page:
    body = (told.get("articleBody") or "") if isinstance(told, dict) else None
    if not isinstance(body, str):
        raise InputError(f"{truth}: the page {key!r} is {told!r:.40}", 'it is {"articleBody": TEXT}')
    file = truth.parent / "html" / f"{key}.html.gz"
    return Page(key, body, file, hashlib.sha256(_content(file)).hexdigest()[:16])


def _content(file: Path) -> bytes:
    try:
        return gzip.decompress(file.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{file} cannot be read: {error}", "fetch it again") from error


def _wrong(records: Sequence[Record]) -> Iterator[Wrong]:
    """The pages of which something is missing or too much; the less both texts have, the worse."""
    for record in records:
        match = Match(**record["said"]["match"])
        if match.only_read or match.only_true:
            words = f"{match.both:.2f} of all is in both, {match.only_read:.2f} too much, {match.only_true:.2f} missing"
            yield Wrong(record["id"], words, 1 - match.both)


def _tell(call: Call, settings: Settings, records: Sequence[Record]) -> None:
    found = measured([record["scores"] for record in records], call.seed)
    told = showing.report(call.command, len(records), found, costs.costs(records), settings)
    empty = [record["id"] for record in records if not record["said"]["text"]]
    console = showing.console(call.json_file)
    console.print(showing.measures(f"{len(records)} pages", found))
    costs.show(console, told)
    showing.named(console, {"nothing was read of": empty})
    publishing.publish(call, told | {"models": {}, "empty": empty}, records, list(_wrong(records)))
