"""How well passages are found: `python -m eval retrieval DIR` on a folder in the layout of BEIR.

The corpus goes through the real ingest and every query through the real search. An article stands where its best
passage does.
"""

from __future__ import annotations

import csv
import gzip
import json
import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_args

import ir_measures
import numpy as np
import typer
from ir_measures import RR, R, nDCG
from rich.console import Console
from rich.progress import Progress, track
from rich.table import Table

from rag import Assistant, InputError, NutgrafError, Order, Question, Upload, load

_MEASURES = (nDCG @ 10, R @ 5, R @ 10, R @ 20, RR @ 10)
_SHIPPED: Order = "fused"
_CORPUS = "corpus.jsonl"
# Passages asked for, so that 20 articles are among them.
_HITS = 100
_RESAMPLES = 2_000
_console = Console(stderr=True)

Qrels = dict[str, dict[str, int]]
Run = dict[str, dict[str, float]]


class Collection(NamedTuple):
    """A test collection. `articles` are (id, title, text); `judged` has the relevance of articles by query."""

    articles: tuple[tuple[str, str, str], ...]
    queries: dict[str, str]
    judged: Qrels


def retrieval(
    folder: Annotated[Path, typer.Argument(help="corpus.jsonl, queries.jsonl and qrels.tsv, or qrels/*.tsv; or .gz")],
    archive: Annotated[Path | None, typer.Option(help="keep the archive here, and use it again as it is")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="a random sample of so many queries")] = None,
    seed: Annotated[int, typer.Option(help="of the sample and of the intervals")] = 0,
    write: Annotated[Path | None, typer.Option("--json", help="write every figure here, query by query")] = None,
) -> None:
    """Measure how well the passages that answer are found."""
    try:
        collection = sample(read(folder), limit, seed)
        with tempfile.TemporaryDirectory() as temporary:
            home = archive or Path(temporary)
            with Assistant(load({"archive": home})) as assistant:
                runs = rank(assistant, collection)
    except NutgrafError as error:
        _console.print(f"error: {error}", markup=False, highlight=False)
        raise typer.Exit(1) from error
    values = {str(order): score(collection.judged, run) for order, run in runs.items()}
    report = summary(values, seed)
    _show(report, len(collection.queries))
    if write:
        write.write_text(json.dumps({"folder": folder.name, "summary": report, "queries": values}, indent=1))


def read(folder: Path) -> Collection:
    """Read a folder. Queries without a relevance judgement are named and left out. Raises: InputError."""
    articles = tuple(
        (str(row["_id"]), str(row.get("title") or ""), str(row.get("text") or ""))
        for row in _rows(_one(folder, _CORPUS))
    )
    queries = {str(row["_id"]): str(row.get("text") or "") for row in _rows(_one(folder, "queries.jsonl"))}
    judged: Qrels = {}
    for file in _qrels_files(folder):
        for query, article, relevance in _judgements(file):
            judged.setdefault(query, {})[article] = relevance
    judged = {query: theirs for query, theirs in judged.items() if max(theirs.values()) > 0}
    left_out = sorted(queries.keys() - judged.keys())
    if left_out:
        _console.print(f"{len(left_out)} queries without qrels are left out: {', '.join(left_out)}", markup=False)
    kept = {query: text for query, text in queries.items() if query in judged}
    if not kept:
        raise InputError(f"no query of {folder} has qrels", "the first column of qrels.tsv names the queries")
    return Collection(articles, kept, {query: judged[query] for query in kept})


def sample(collection: Collection, limit: int | None, seed: int) -> Collection:
    """`limit` of the queries, drawn at random; all of them where there are no more."""
    if limit is None or limit >= len(collection.queries):
        return collection
    drawn = random.Random(seed).sample(sorted(collection.queries), limit)  # noqa: S311
    return Collection(
        collection.articles,
        {query: collection.queries[query] for query in drawn},
        {query: collection.judged[query] for query in drawn},
    )


def rank(assistant: Assistant, collection: Collection) -> dict[Order, Run]:
    """The articles that each order finds for each query, with their scores."""
    with Progress(console=_console, transient=True) as progress:
        task = progress.add_task("ingesting", total=1.0)
        assistant.ingest([_upload(collection.articles)], lambda done: progress.update(task, completed=done.share))
    # An article's origin says which row it was.
    names = {f"upload:{_CORPUS}#{' '.join(article_id.split())}": article_id for article_id, _, _ in collection.articles}
    orders: tuple[Order, ...] = get_args(Order)
    runs: dict[Order, Run] = {order: {} for order in orders}
    for query in track(collection.queries, "searching", console=_console, transient=True):
        for order, run in runs.items():
            best: dict[str, float] = {}
            for place, hit in enumerate(assistant.search(Question(collection.queries[query]), _HITS, order)):
                best.setdefault(names[hit.article.origin], -float(place))
            run[query] = best
    return runs


def score(judged: Qrels, run: Run) -> dict[str, dict[str, float]]:
    """Every measure of every query; a query with no result counts as zero."""
    values = {str(measure): dict.fromkeys(sorted(judged), 0.0) for measure in _MEASURES}
    for found in ir_measures.iter_calc(list(_MEASURES), judged, run):
        values[str(found.measure)][found.query_id] = float(found.value)
    return values


def summary(values: Mapping[str, Mapping[str, Mapping[str, float]]], seed: int) -> dict[str, dict[str, dict[str, Any]]]:
    """Means, their bootstrap 95% intervals, and the paired difference to what ships with its own."""
    shipped = {measure: np.array(list(theirs.values())) for measure, theirs in values[_SHIPPED].items()}
    size = len(next(iter(shipped.values())))
    draws = np.random.default_rng(seed).integers(0, size, (_RESAMPLES, size))
    report: dict[str, dict[str, dict[str, Any]]] = {}
    for order, measures in values.items():
        report[order] = {}
        for measure, theirs in measures.items():
            one = np.array(list(theirs.values()))
            report[order][measure] = {
                "mean": float(one.mean()),
                "interval": _interval(one[draws].mean(axis=1)),
                "to_shipped": float((one - shipped[measure]).mean()),
                "to_shipped_interval": _interval((one - shipped[measure])[draws].mean(axis=1)),
            }
    return report


def _interval(means: Any) -> tuple[float, float]:  # noqa: ANN401
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def _show(report: Mapping[str, Mapping[str, Mapping[str, Any]]], queries: int) -> None:
    table = Table(title=f"{queries} queries; mean, 95% interval, and paired difference to what ships")
    table.add_column("order")
    for measure in _MEASURES:
        table.add_column(str(measure), justify="right")
    for order, measures in report.items():
        cells = [_cell(figures, shipped=order == _SHIPPED) for figures in measures.values()]
        table.add_row(f"{order} (ships)" if order == _SHIPPED else order, *cells)
    Console(width=150).print(table)


def _cell(figures: Mapping[str, Any], *, shipped: bool) -> str:
    low, high = figures["interval"]
    lines = f"{figures['mean']:.3f} [{low:.3f} {high:.3f}]".replace("[", r"\[")
    if shipped:
        return lines
    low, high = figures["to_shipped_interval"]
    return f"{lines}\n{figures['to_shipped']:+.3f} " + rf"\[{low:+.3f} {high:+.3f}]"


def _upload(articles: Sequence[tuple[str, str, str]]) -> Upload:
    """The articles as a user would hand them in; what has no title gets one as theirs would."""
    rows = (dict(zip(("_id", "title", "text"), article, strict=True)) for article in articles)
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    return Upload(_CORPUS, "\n".join(lines).encode("utf-8", "replace"))


def _one(folder: Path, name: str) -> Path:
    for file in (folder / name, folder / f"{name}.gz"):
        if file.is_file():
            return file
    raise InputError(f"{folder / name} is not there, nor is {name}.gz", "the folder must be laid out as BEIR's are")


def _qrels_files(folder: Path) -> list[Path]:
    single = [file for file in (folder / "qrels.tsv", folder / "qrels.tsv.gz") if file.is_file()]
    found = single[:1] or sorted(folder.glob("qrels/*.tsv")) + sorted(folder.glob("qrels/*.tsv.gz"))
    if not found:
        raise InputError(f"{folder / 'qrels.tsv'} is not there, nor is qrels/*.tsv", "it says which articles answer")
    return found


def _lines(file: Path) -> Iterator[str]:
    zipped = file.suffix == ".gz"
    try:
        with gzip.open(file, "rt", encoding="utf-8") if zipped else file.open(encoding="utf-8") as lines:
            yield from lines
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read: {error}", "fetch it again") from error


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(_lines(file), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InputError(f"{file}, line {number} is no JSON: {error}", "one object stands on each line") from error
        if not isinstance(row, dict) or "_id" not in row:
            raise InputError(f"{file}, line {number} has no _id", 'a line is {"_id": ..., "text": ...}')
        yield row


def _judgements(file: Path) -> Iterator[tuple[str, str, int]]:
    for number, row in enumerate(csv.reader(_lines(file), delimiter="\t", quoting=csv.QUOTE_NONE), start=1):
        cells: Sequence[str] = row
        if not cells or (number == 1 and not cells[-1].lstrip("-").isdigit()):
            continue
        try:
            query, article, relevance = cells
            yield query, article, int(relevance)
        except ValueError as error:
            raise InputError(
                f"{file}, line {number} is {cells}", "a line is query, article and relevance, parted by tabs"
            ) from error
