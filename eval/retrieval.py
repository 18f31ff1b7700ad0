"""How well articles are found: `python -m eval retrieval DIR` on a collection in the layout of BEIR.

DIR contains corpus.jsonl, queries.jsonl, and qrels.tsv or qrels/*.tsv; or .gz of these (Thakur et al., "BEIR: a
heterogeneous benchmark for zero-shot evaluation of information retrieval models", 2021). The corpus goes through the
real ingest and every query through the real search. An article ranks where its best passage does. The order that ships
is reported beside the others, on the same queries.
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
import time
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_args

import ir_measures
import platformdirs
import typer
from ir_measures import AP, RR, R, nDCG
from rich.progress import Progress

from eval import files, runs, statistics
from eval import report as reports
from eval.cases import sample
from eval.files import Row
from eval.report import Wrong
from eval.runs import Job, JsonOption, LimitOption, Record, ReportOption, SeedOption
from eval.statistics import Measure, Share, fraction
from rag import Assistant, InputError, Order, Question, Upload

_CORPUS, _QUERIES, _QRELS = "corpus.jsonl", "queries.jsonl", "qrels.tsv"
_SHIPPED: Order = "fused"
ORDERS: tuple[Order, ...] = get_args(Order)
# Enough passages that 20 articles are among them; as many are kept for the report as the measures look at.
_HITS, _SEEN, _HITS_AT = 100, 10, (4, 10)
_MEASURES = {"ndcg@10": nDCG @ 10, "recall@5": R @ 5, "recall@10": R @ 10, "mrr@10": RR @ 10, "map@10": AP @ 10}
MAX_NAMED = 10

# The relevance of articles, and the scores of those that were found (higher is better), by query.
Qrels = dict[str, dict[str, int]]
Run = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Query:
    """A query with the relevance of its judged articles; `corpus` identifies the corpus."""

    id: str
    text: str
    judged: tuple[tuple[str, int], ...]
    corpus: str

    @property
    def gold(self) -> frozenset[str]:
        return frozenset(article for article, relevance in self.judged if relevance > 0)

    @property
    def written(self) -> dict[str, Any]:
        return {"id": self.id, "question": self.text, "judged": dict(self.judged), "corpus": self.corpus}


class Collection(NamedTuple):
    """A test collection. `names` maps the origins of articles to their ids; `unjudged` are queries without qrels."""

    corpus: Upload
    names: dict[str, str]
    queries: tuple[Query, ...]
    unjudged: tuple[str, ...]


def retrieval(
    folder: Annotated[Path, typer.Argument(help="corpus.jsonl, queries.jsonl and qrels.tsv, or qrels/*.tsv; or .gz.")],
    limit: LimitOption = None,
    seed: SeedOption = 0,
    json_file: JsonOption = None,
    report: ReportOption = None,
    archive: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep the archive here instead of in the user's cache.")
    ] = None,
    trec: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the runs and qrels.txt as TREC files.")
    ] = None,
) -> None:
    """Measure how well the articles that answer are found."""
    with runs.reporting():
        job = Job("retrieval", seed, json_file, report)
        runs.check(job)
        collection = read_collection(folder)
        if unjudged := collection.unjudged:
            named = ", ".join([*unjudged[:MAX_NAMED], *["..."] * (len(unjudged) > MAX_NAMED)])
            runs.errors.print(f"queries without qrels, left out: {len(unjudged)} ({named})", markup=False)
        drawn = sample(collection.queries, limit, seed)
        if trec:
            _check_trec([*collection.names.values(), *(name for one in drawn for name in (one.id, *dict(one.judged)))])
        settings = runs.settings_for({"archive": archive or _cached(collection)})
        with Assistant(settings) as assistant:
            warm = partial(_prepare, assistant, collection)
            records = runs.run(job, drawn, lambda query: _search(assistant, collection, query), warm, settings)
        judged = {query.id: dict(query.judged) for query in drawn}
        ranked = {order: _run(records, order) for order in ORDERS}
        if trec:
            _write_trec(trec, judged, ranked)
        shares = {order: score(judged, run) for order, run in ranked.items()}
        for record in records:
            record["scores"] = shares[_SHIPPED][record["id"]]
        ndcg = {name: scores["ndcg@10"][0] for name, scores in shares[_SHIPPED].items()}
        wrong = [Wrong(name, f"nDCG@10 is {value:.3f}", 1 - value) for name, value in ndcg.items() if value < 1]
        more = {
            "ranks": reports.rank_counts([_rank(query, ranked[_SHIPPED]) for query in drawn]),
            "orders": compare_orders(shares, seed),
        }
        reports.write_json(json_file, reports.conclude(job, settings, records, wrong, more))


def read_collection(folder: Path) -> Collection:
    """Read a collection. Raises: InputError, naming the file and the line."""
    articles = dict(_identified(files.find(folder, (_CORPUS,))))
    corpus = Upload(_CORPUS, "".join(_corpus_line(name, row) for name, row in articles.items()).encode())
    identity = hashlib.sha256(corpus.content).hexdigest()[:16]
    texts = {name: row.text("text", "") for name, row in _identified(files.find(folder, (_QUERIES,)))}
    judged = _read_qrels(folder, texts)
    queries = (Query(name, text, tuple(judged.get(name, {}).items()), identity) for name, text in texts.items())
    kept = tuple(query for query in queries if query.gold)
    if not kept:
        raise InputError(f"no query of {folder} has qrels", "the first column of qrels.tsv must name the queries")
    names = {f"upload:{_CORPUS}#{' '.join(name.split())}": name for name in articles}
    return Collection(corpus, names, kept, tuple(sorted(texts.keys() - {query.id for query in kept})))


def score(judged: Qrels, run: Run) -> dict[str, dict[str, Share]]:
    """What each query adds to each measure; a query with no result counts as zero.

    nDCG@10 (Järvelin and Kekäläinen 2002), recall, MRR and MAP are those of `ir_measures`; as in trec_eval, MAP@10
    divides by all relevant articles even if there are more than 10. Hits@k is the share of all evidence among the first
    k, summed over all queries, as the text of the paper defines it (Tang and Yang, "MultiHop-RAG", 2024, section 3.3);
    the script published with it counts the queries for which any evidence is found.
    """
    values: dict[str, dict[str, Share]] = {query: dict.fromkeys(_MEASURES, (0.0, 1.0)) for query in judged}
    names = {measure: name for name, measure in _MEASURES.items()}
    for one in ir_measures.iter_calc(list(names), judged, run):
        values[one.query_id][names[one.measure]] = (float(one.value), 1.0)
    for query, grades in judged.items():
        gold = {article for article, relevance in grades.items() if relevance > 0}
        best = _ranked(run, query)
        values[query] |= {f"hits@{k}": (float(len(gold & set(best[:k]))), float(len(gold))) for k in _HITS_AT}
    return values


def compare_orders(shares: Mapping[Order, Mapping[str, Mapping[str, Share]]], seed: int) -> dict[str, Any]:
    """Every measure of the other orders, with its paired difference to what ships."""
    cases = len(shares[_SHIPPED])
    shipped, found = _measures(shares[_SHIPPED]), {}
    for order in (order for order in shares if order != _SHIPPED):
        given = _measures(shares[order])
        less = {name: statistics.difference(measure, shipped[name]) for name, measure in given.items()}
        figures, differences = statistics.figures(given, cases, seed), statistics.figures(less, cases, seed)
        found[str(order)] = {
            name: {"figure": figures[name].json, "less_shipped": differences[name].json} for name in given
        }
    return found


def _measures(shares: Mapping[str, Mapping[str, Share]]) -> dict[str, Measure]:
    names = next(iter(shares.values()))
    return {name: fraction([one[name] for one in shares.values()]) for name in names}


def _cached(collection: Collection) -> Path:
    key = runs.archive_key(runs.settings_for(), collection.corpus.content)
    return platformdirs.user_cache_path("nutgraf") / "eval" / key


def _prepare(assistant: Assistant, collection: Collection) -> None:
    """Ingest what the archive does not have yet, and load the encoder and indexes, so that no query is charged for it.

    Raises: InputError, before anything is changed, if the archive holds other articles.
    """
    for article in assistant.articles():
        if article.origin not in collection.names:
            raise InputError(
                f"{assistant.settings.archive} contains {article.title!r}, which is not of this corpus",
                "an archive of other articles measures something else: name a new folder",
            )
    with Progress(console=runs.errors, transient=True) as progress:
        task = progress.add_task("ingesting", total=1.0)
        assistant.convert(lambda done: progress.update(task, completed=done.share))
        ingested = assistant.ingest([collection.corpus], lambda done: progress.update(task, completed=done.share))
    for one in ingested.rejected:
        runs.errors.print(f"no query can find {one.path}: {one.reason}", markup=False, highlight=False)
    assistant.search(Question("warm"), 1)


def _search(assistant: Assistant, collection: Collection, query: Query) -> dict[str, Any]:
    """Search by every order; return the articles of each, best first, and the passages of the order that ships."""
    ranked: dict[str, list[str]] = {}
    said: dict[str, Any] = {"found": ranked}
    for order in ORDERS:
        began = time.perf_counter()
        hits = assistant.search(Question(query.text), _HITS, order)
        if order == _SHIPPED:
            said["seconds"] = {"search": time.perf_counter() - began}
            said["passages"] = [
                {
                    "article_id": collection.names[hit.article.origin],
                    "title": hit.article.title,
                    "text": hit.passage.text,
                }
                for hit in hits[:_SEEN]
            ]
        ranked[order] = list(dict.fromkeys(collection.names[hit.article.origin] for hit in hits))
    return said


def _run(records: Sequence[Record], order: Order) -> Run:
    """What an order found for every query that has a result; the first article has the highest score."""
    return {
        record["id"]: {article: float(_HITS - place) for place, article in enumerate(record["said"]["found"][order])}
        for record in records
        if record["said"]
    }


def _ranked(run: Run, query: str) -> list[str]:
    found = run.get(query, {})
    return sorted(found, key=found.__getitem__, reverse=True)


def _rank(query: Query, run: Run) -> float:
    """The rank of the first relevant article, from 1; infinite if none was found."""
    ranked = enumerate(_ranked(run, query.id), start=1)
    return next((float(place) for place, article in ranked if article in query.gold), math.inf)


def _corpus_line(name: str, row: Row) -> str:
    return (
        json.dumps({"_id": name, "title": row.text("title", ""), "text": row.text("text", "")}, ensure_ascii=False)
        + "\n"
    )


def _identified(file: Path) -> Iterator[tuple[str, Row]]:
    """Yield the rows, each with its _id."""
    seen = set()
    for row in files.rows(file):
        name = row.text("_id", "")
        if not name:
            raise InputError(f"{row.place} has no _id", 'a line must be {"_id": ..., "text": ...}')
        if name in seen:
            raise InputError(f"{row.place}: the _id {name!r} is already used", "give each line its own")
        seen.add(name)
        yield name, row


def _read_qrels(folder: Path, queries: Container[str]) -> Qrels:
    split = sorted(folder.glob("qrels/*.tsv")) + sorted(folder.glob("qrels/*.tsv.gz"))
    single = [file for file in (folder / _QRELS, folder / f"{_QRELS}.gz") if file.is_file()]
    if not single and not split:
        raise InputError(f"{folder} contains neither {_QRELS} nor qrels/*.tsv", "they say which articles answer")
    judged: Qrels = {}
    for file in single[:1] or split:
        rows = csv.reader(files.lines(file), delimiter="\t", quoting=csv.QUOTE_NONE)
        for number, cells in enumerate(rows, start=1):
            # A heading names no query.
            if not cells or (number == 1 and cells[0] not in queries and not cells[-1].lstrip("-").isdigit()):
                continue
            try:
                query, article, relevance = cells
                judged.setdefault(query, {})[article] = int(relevance)
            except ValueError as error:
                hint = "a line must be query, article and relevance, separated by tabs"
                raise InputError(f"{file}, line {number} is {cells}", hint) from error
    return judged


def _check_trec(ids: Iterable[str]) -> None:
    """Raises: InputError, for an id that a TREC file cannot hold: its columns are separated by white space."""
    for one in ids:
        if len(one.split()) != 1 or one.split()[0] != one:
            raise InputError(f"the id {one!r} contains white space", "a TREC file cannot hold it: leave --trec out")


def _write_trec(folder: Path, judged: Qrels, ranked: Mapping[Order, Run]) -> None:
    """Write qrels.txt (`query 0 article relevance`) and ORDER.run (`query Q0 article rank score tag`).

    Source: Voorhees and Harman (editors), "TREC: experiment and evaluation in information retrieval" (2005).
    """
    qrels = (f"{query} 0 {article} {grade}\n" for query, grades in judged.items() for article, grade in grades.items())
    files.write(folder / "qrels.txt", "".join(qrels), "--trec")
    for order, run in ranked.items():
        lines = (
            f"{query} Q0 {article} {rank} {run[query][article]:g} {order}\n"
            for query in run
            for rank, article in enumerate(_ranked(run, query), start=1)
        )
        files.write(folder / f"{order}.run", "".join(lines), "--trec")
