"""How well articles are found: `python -m eval retrieval DIR` on a folder in the layout of BEIR.

The corpus goes through the real ingest and every query through the real search. An article stands where its best
passage does. What ships is beside the other orders, on the same queries.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_args

import ir_measures
import typer
from ir_measures import AP, RR, R, nDCG
from rich.console import Console

from eval import archives, beir, costs, publishing, running, showing, trec
from eval.beir import Collection, Qrels, Query
from eval.cases import sample
from eval.figures import Figure, Measure, Share, difference, figures, fraction
from eval.publishing import Call, Wrong
from eval.running import AgainstOption, JsonOption, LimitOption, Record, ReportOption, SeedOption
from eval.trec import Run
from rag import Assistant, Hit, Order, Question, Settings, load_settings

_SHIPPED: Order = "fused"
_ORDERS: tuple[Order, ...] = get_args(Order)
# Passages asked for, so that 20 articles are among them; as many of them are kept as the measures look at.
_HITS, _SEEN = 100, 10
_HITS_AT = (4, 10)
_MEASURES = {"ndcg@10": nDCG @ 10, "recall@5": R @ 5, "recall@10": R @ 10, "mrr@10": RR @ 10, "map@10": AP @ 10}
_UNJUDGED_NAMED = 10
_COLUMNS = ("order", "measure", "mean", "95% interval", "less what ships", "95% interval", "n")


class Beside(NamedTuple):
    """A measure of another order, and its paired difference to what ships."""

    figure: Figure
    to_shipped: Figure


def retrieval(
    folder: Annotated[Path, typer.Argument(help="corpus.jsonl, queries.jsonl and qrels.tsv, or qrels/*.tsv; or .gz.")],
    limit: LimitOption = None,
    seed: SeedOption = 0,
    json_file: JsonOption = None,
    report: ReportOption = None,
    against: AgainstOption = None,
    archive: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep the archive here, not in the cache of the platform.")
    ] = None,
    trec_folder: Annotated[
        Path | None, typer.Option("--trec", metavar="DIR", help="Write the runs and qrels.txt here, as TREC has them.")
    ] = None,
) -> None:
    """Measure how well the articles that answer are found."""
    with running.reporting():
        call = Call("retrieval", seed, json_file, report, against)
        publishing.check(call)
        collection = beir.read(folder)
        _name_unjudged(collection.unjudged)
        drawn = sample(collection.queries, limit, seed)
        if trec_folder:
            trec.check(collection.names.values())
            trec.check(name for query in drawn for name in (query.id, *dict(query.judged)))
        settings = load_settings({"archive": archive or archives.cached(collection, load_settings())})
        with Assistant(settings) as assistant:
            warm = partial(_ready, assistant, collection)
            records = running.run(drawn, lambda query: found(assistant, collection, query), warm, settings, report)
        judged = {query.id: dict(query.judged) for query in drawn}
        runs = {order: run(records, order) for order in _ORDERS}
        if trec_folder:
            trec.write(trec_folder, judged, {str(order): run for order, run in runs.items()})
        shares = {order: scores(judged, run) for order, run in runs.items()}
        for record in records:
            record["scores"] = shares[_SHIPPED][record["id"]]
        if report:
            running.keep(report, records)
        _tell(call, records, shares, settings, [_rank(query, runs[_SHIPPED]) for query in drawn])


def found(assistant: Assistant, collection: Collection, query: Query) -> dict[str, Any]:
    """Search by every order; return the articles of each, best first, as JSON, and the passages that what ships found.

    Raises: QuestionInvalid, ArchiveError, ModelError.
    """
    ranked: dict[str, list[str]] = {}
    told: dict[str, Any] = {"found": ranked}
    for order in _ORDERS:
        began = time.perf_counter()
        hits = assistant.search(Question(query.text), _HITS, order)
        if order == _SHIPPED:
            told["seconds"] = {"search": time.perf_counter() - began}
            told["passages"] = [_passage(hit, collection) for hit in hits[:_SEEN]]
        ranked[order] = list(dict.fromkeys(collection.names[hit.article.origin] for hit in hits))
    return told


def run(records: Sequence[Record], order: Order) -> Run:
    """What an order found for every query that has a result: the first article has the highest score."""
    return {
        record["id"]: {article: float(_HITS - place) for place, article in enumerate(record["said"]["found"][order])}
        for record in records
        if record["said"]
    }


def scores(judged: Qrels, run: Run) -> dict[str, dict[str, Share]]:
    """What each query adds to each measure; a query with no result counts as zero.

    nDCG@10 (Järvelin and Kekäläinen 2002), recall, MRR and MAP are those of `ir_measures`; as in trec_eval, MAP@10
    divides by all relevant articles, also where there are more than 10. Hits@k is the share of all evidence that stands
    among the first k: found and relevant articles are each summed over all queries. So the text of the paper has it
    (Tang and Yang, "MultiHop-RAG: benchmarking retrieval-augmented generation for multi-hop queries", 2024, section
    3.3); the script published with it counts the queries for which any evidence is found.
    """
    values: dict[str, dict[str, Share]] = {query: dict.fromkeys(_MEASURES, (0.0, 1.0)) for query in judged}
    names = {measure: name for name, measure in _MEASURES.items()}
    for one in ir_measures.iter_calc(list(names), judged, run):
        values[one.query_id][names[one.measure]] = (float(one.value), 1.0)
    for query, grades in judged.items():
        gold = {article for article, relevance in grades.items() if relevance > 0}
        best = sorted(run.get(query, {}), key=run.get(query, {}).__getitem__, reverse=True)
        values[query] |= {f"hits@{k}": (float(len(gold & set(best[:k]))), float(len(gold))) for k in _HITS_AT}
    return values


def measures(shares: Mapping[str, Mapping[str, Share]]) -> dict[str, Measure]:
    """The measures of an order, from what each query adds."""
    names = next(iter(shares.values()))
    return {name: fraction([one[name] for one in shares.values()]) for name in names}


def beside(shares: Mapping[Order, Mapping[str, Mapping[str, Share]]], seed: int) -> dict[Order, dict[str, Beside]]:
    """The other orders, each with its paired difference to what ships."""
    cases, shipped = len(shares[_SHIPPED]), measures(shares[_SHIPPED])
    told = {}
    for order in (order for order in shares if order != _SHIPPED):
        theirs = measures(shares[order])
        less = {name: difference(measure, shipped[name]) for name, measure in theirs.items()}
        figured, differing = figures(theirs, cases, seed), figures(less, cases, seed)
        told[order] = {name: Beside(figured[name], differing[name]) for name in theirs}
    return told


def _ready(assistant: Assistant, collection: Collection) -> None:
    """The first search loads the encoder and the indexes, and must not be timed."""
    archives.fill(assistant, collection, running.errors)
    assistant.search(Question("warm"), 1)


def _passage(hit: Hit, collection: Collection) -> dict[str, Any]:
    told = {"article_id": collection.names[hit.article.origin], "title": hit.article.title, "score": hit.score}
    return told | {"start": hit.passage.start, "end": hit.passage.end, "text": hit.passage.text}


def _name_unjudged(queries: Sequence[str]) -> None:
    if queries:
        named = ", ".join([*queries[:_UNJUDGED_NAMED], *["..."] * (len(queries) > _UNJUDGED_NAMED)])
        running.errors.print(f"queries without qrels, left out: {len(queries)} ({named})", markup=False, soft_wrap=True)


def _rank(query: Query, run: Run) -> float:
    """The place of the first relevant article, from 1; infinite where none was found."""
    best = sorted(run.get(query.id, {}), key=run.get(query.id, {}).__getitem__, reverse=True)
    return next((float(place) for place, article in enumerate(best, start=1) if article in query.gold), math.inf)


def _wrong(shares: Mapping[str, Mapping[str, Share]]) -> list[Wrong]:
    """The queries whose best articles are not all first; the one with the least nDCG is the worst."""
    found = {name: scores["ndcg@10"][0] for name, scores in shares.items()}
    return [Wrong(name, f"nDCG@10 is {value:.3f}", 1 - value) for name, value in found.items() if value < 1]


def _tell(
    call: Call,
    records: Sequence[Record],
    shares: Mapping[Order, Mapping[str, Mapping[str, Share]]],
    settings: Settings,
    ranks: Sequence[float],
) -> None:
    found, others = figures(measures(shares[_SHIPPED]), len(records), call.seed), beside(shares, call.seed)
    told = showing.report(call.command, len(records), found, costs.costs(records), settings)
    console: Console = showing.console(call.json_file)
    console.print(showing.measures(f"{len(records)} queries, {_SHIPPED}, as it ships", found))
    console.print(showing.table("the other orders", _COLUMNS, _rows(others)))
    costs.show(console, told)
    showing.failures(console, {record["id"]: record["error"] for record in records if record["error"]})
    more = {
        "models": showing.models(settings, "encoder"),
        "orders": _written(others),
        "ranks": publishing.histogram(ranks),
    }
    publishing.publish(call, told | more, records, _wrong(shares[_SHIPPED]))


def _rows(others: Mapping[Order, Mapping[str, Beside]]) -> Iterable[Sequence[str]]:
    for order, theirs in others.items():
        for name, (figure, less) in theirs.items():
            cells = (showing.cell(figure.mean), showing.interval(figure), *showing.difference(less))
            yield order, name, *cells, str(figure.n)


def _written(others: Mapping[Order, Mapping[str, Beside]]) -> dict[str, Any]:
    return {
        order: {
            name: showing.numbers(figure) | {"to_shipped": showing.numbers(less)}
            for name, (figure, less) in theirs.items()
        }
        for order, theirs in others.items()
    }
