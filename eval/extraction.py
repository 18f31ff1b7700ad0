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
import json
import random
import re
import statistics
import sys
import time
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from rag import Article, Upload, read

_RUN_WORDS = 4
_SHOWN_PAGES = 20
_SEED = 0


class Match(NamedTuple):
    """Shares of the runs of words that the true and the read text of a page have together; they sum to 1, or to 0."""

    both: float
    only_read: float
    only_true: float


class Measured(NamedTuple):
    """One page: its key, its match, and the characters of the true and of the read text."""

    page: str
    match: Match
    true_chars: int
    read_chars: int


class Figures(NamedTuple):
    """Means over pages."""

    precision: float
    recall: float
    f1: float


def extraction(
    folder: Annotated[Path, typer.Argument(help="Holds ground-truth.json and html/*.html.gz.")],
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures here, too.")] = None,
    pages: Annotated[bool, typer.Option("--pages", help="Show the worst pages, too.")] = False,  # noqa: FBT002
    bootstrap: Annotated[int, typer.Option(min=2, help="Samples for the deviation.")] = 1_000,
) -> None:
    """Precision, recall and F1 of article texts taken out of web pages, ± one standard deviation."""
    true = _ground_truth(folder)
    clock = time.perf_counter()
    measured = [_measure(folder, key, text) for key, text in true.items()]
    seconds = time.perf_counter() - clock
    matches = [page.match for page in measured]
    figures, deviations = figures_of(matches), deviations_of(matches, bootstrap)
    empty = sum(not page.read_chars for page in measured)
    sys.stdout.write(
        f"pages {len(measured)}, of which nothing was read {empty}, pages a second {len(true) / seconds:.1f}\n"
    )
    for name, value, deviation in zip(Figures._fields, figures, deviations, strict=True):
        sys.stdout.write(f"{name:<10} {value:.3f} ± {deviation:.3f}\n")
    if pages:
        _show_worst(measured)
    if json_file:
        written = {
            "pages": len(measured),
            "empty": empty,
            "pages_per_second": len(true) / seconds,
            "figures": figures._asdict(),
            "deviations": deviations._asdict(),
            "by_page": {page.page: page.match._asdict() for page in measured},
        }
        json_file.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")


def compare(true: str, read_text: str) -> Match:
    """Compare two texts by their runs of four words, or by all the words where there are fewer."""
    true_runs, read_runs = Counter(_runs(true)), Counter(_runs(read_text))
    counts = [(true_runs & read_runs).total(), (read_runs - true_runs).total(), (true_runs - read_runs).total()]
    return Match(*(count / (sum(counts) or 1) for count in counts))


def figures_of(matches: Sequence[Match]) -> Figures:
    """The means; 0 where no page could count."""
    precision = _mean(
        [match.both / (match.both + match.only_read) for match in matches if match.both or match.only_read]
    )
    recall = _mean([match.both / (match.both + match.only_true) for match in matches if match.both or match.only_true])
    return Figures(precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0)


def deviations_of(matches: Sequence[Match], samples: int) -> Figures:
    """The standard deviations over samples of the pages, drawn with replacement and the same each time."""
    chance = random.Random(_SEED)  # noqa: S311
    drawn = [figures_of(chance.choices(matches, k=len(matches))) for _ in range(samples)]
    return Figures(*(statistics.stdev(values) for values in zip(*drawn, strict=True)))


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    for at in range(max(1, len(words) - _RUN_WORDS + 1)) if words else ():
        yield tuple(words[at : at + _RUN_WORDS])


def _mean(values: Sequence[float]) -> float:
    return statistics.mean(values) if values else 0.0


def _ground_truth(folder: Path) -> dict[str, str]:
    path = folder / "ground-truth.json"
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
        true = {str(key): str(page.get("articleBody") or "") for key, page in loaded.items()}
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, AttributeError) as error:
        raise typer.BadParameter(f"{path} is no JSON object of pages: {error}") from error
    if not true:
        raise typer.BadParameter(f"{path} names no page")
    return true


def _measure(folder: Path, key: str, true: str) -> Measured:
    path = folder / "html" / f"{key}.html.gz"
    try:
        content = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise typer.BadParameter(f"{path} cannot be read: {error}") from error
    found = "\n\n".join(item.text for item in read(Upload(f"{key}.html", content)) if isinstance(item, Article))
    return Measured(key, compare(true, found), len(true), len(found))


def _show_worst(measured: Sequence[Measured]) -> None:
    sys.stdout.write("\nboth  only read  only true  characters true/read  page\n")
    for page in sorted(measured, key=lambda page: (page.match.both, page.page))[:_SHOWN_PAGES]:
        both, only_read, only_true = page.match
        chars = f"{page.true_chars}/{page.read_chars}"
        sys.stdout.write(f"{both:.2f}  {only_read:9.2f}  {only_true:9.2f}  {chars:>20}  {page.page}\n")
