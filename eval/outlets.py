"""How well outlets are compared: `python -m eval outlets`, over the articles of the news set.

A line of `comparisons.jsonl` has `id`, `topic`, the two `sources`, the days `from` and `to`, and the `pairs` of quotes
that tell the same thing, each with `values` where the amounts differ. Every sentence of the outlets in these days that
is in no pair is told by one alone. `held` as in `questions.jsonl`.

What both outlets print in the same words does not count: no model is needed to find it.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from eval import files, runs
from eval import report as reports
from eval.answers import SETS, archive_folder, ingest
from eval.cases import day, sample
from eval.files import Row
from eval.report import Wrong
from eval.runs import HeldOption, Job, JsonOption, LimitOption, ReportOption, SeedOption
from eval.scores import Scores
from rag import Assistant, Comparison, InputError, Question

_SET = SETS["news"]
_CASES = _SET.questions.with_name("comparisons.jsonl")
_KEYS = ("id", "topic", "sources", "from", "to", "pairs", "held")
_KINDS = {"alike": "alike", "may differ": "differ", "alone": "alone"}


class Told(NamedTuple):
    """A quote of each outlet, and the amounts in them that differ."""

    quotes: tuple[str, ...]
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Topic:
    """What two outlets tell of a topic."""

    id: str
    asked: Question
    pairs: tuple[Told, ...]
    held: bool = False

    @property
    def written(self) -> dict[str, Any]:
        asked = self.asked
        days = {"from": str(asked.published_from), "to": str(asked.published_to)}
        pairs = [one._asdict() for one in self.pairs]
        return {
            "id": self.id,
            "question": asked.text,
            "sources": asked.sources,
            **days,
            "pairs": pairs,
            "held": self.held,
        }


def outlets(
    cases: Annotated[Path, typer.Argument(help="A comparisons.jsonl; or .gz.")] = _CASES,
    limit: LimitOption = None,
    seed: SeedOption = 0,
    json_file: JsonOption = None,
    report: ReportOption = None,
    show_held: HeldOption = False,  # noqa: FBT002
) -> None:
    """Measure what is told by two outlets, with other amounts, or by one."""
    with runs.reporting(), tempfile.TemporaryDirectory() as temporary:
        job = Job("outlets", seed, json_file, report, show_held=show_held)
        runs.check(job)
        drawn, uploads, settings = sample(read_topics(cases), limit, seed), _SET.uploads(), runs.settings_for()
        folder = archive_folder((report or Path(temporary)) / "work", "news", uploads, settings)
        settings = runs.settings_for({"archive": folder})
        with Assistant(settings) as assistant:
            ingest(assistant, uploads)
            records = runs.run(job, drawn, lambda topic: _compared(assistant, topic), assistant.warm, settings)
        wrong = []
        for topic, record in zip(drawn, records, strict=True):
            claims = record["said"]["pieces"] if record["said"] else []
            record["scores"], faults = score(topic, claims)
            wrong += [Wrong(topic.id, fault, 1.0) for fault in faults]
        reports.write_json(json_file, reports.conclude(job, settings, records, wrong, {}))


def read_topics(file: Path) -> tuple[Topic, ...]:
    """Raises: InputError."""
    found = []
    for row in files.rows(files.find(file, (_CASES.name,))):
        row.allow(_KEYS)
        asked = Question(
            row.text("topic"),
            published_from=day(row, "from"),
            published_to=day(row, "to"),
            sources=row.texts("sources"),
        )
        pairs = tuple(_pair(one) for one in row.rows("pairs", "pair"))
        found.append(Topic(row.text("id"), asked, pairs, bool(row.values.get("held"))))
    if not found:
        raise InputError(f"{file} contains no case", "put one case on each line")
    return tuple(found)


def score(topic: Topic, claims: Sequence[dict[str, Any]]) -> tuple[Scores, list[str]]:
    """What a topic adds to the precision and recall of each kind of claim; and which claims are wrong, in words."""
    kinds = {pair.quotes: "differ" if pair.values else "alike" for pair in topic.pairs}
    values = {pair.quotes: pair.values for pair in topic.pairs}
    shared = {quote for pair in topic.pairs for quote in pair.quotes}
    scores, faults = Scores(), list[str]()
    for kind in _KINDS.values():
        claimed = [one for one in claims if one["kind"] == kind]
        quotes = [tuple(one["quotes"]) for one in claimed]
        if kind == "alone":
            right = [quote not in shared for (quote,) in quotes]
        else:
            right = [kinds.get(pair) == kind for pair in quotes]
            wanted = [pair for pair, other in kinds.items() if other == kind]
            if wanted:
                scores[f"{kind}_recall"] = (float(sum(pair in quotes for pair in wanted)), float(len(wanted)))
        if quotes:
            scores[f"{kind}_precision"] = (float(sum(right)), float(len(right)))
        faults += [f"{kind}: {' | '.join(pair)}" for pair, good in zip(quotes, right, strict=True) if not good]
    named = [(one["values"], values.get(tuple(one["quotes"]))) for one in claims if one["kind"] == "differ"]
    if there := [(given, true) for given, true in named if true]:
        good = sum(all(word in some for word, some in zip(true, given, strict=True)) for given, true in there)
        scores["values_right"] = (float(good), float(len(there)))
    return scores, faults


def _pair(row: Row) -> Told:
    row.allow(("quotes", "values"))
    told = Told(tuple(map(_line, row.texts("quotes"))), row.texts("values", optional=True))
    if len(told.quotes) != 2 or len(told.values) not in (0, 2):
        raise InputError(f"{row.place} has not two quotes, or one value", "give a quote, and a value, of each outlet")
    return told


def _compared(assistant: Assistant, topic: Topic) -> dict[str, Any]:
    began = time.perf_counter()
    found = assistant.compare(topic.asked)
    return {
        "pieces": _written(found),
        "uncertain": found.uncertain,
        "seconds": {"compare": time.perf_counter() - began},
    }


def _written(found: Comparison) -> list[dict[str, Any]]:
    return [
        {
            "kind": _KINDS[piece.kind],
            "quotes": [_line(quote.text) for quote in piece.quotes],
            "values": [quote.short for quote in piece.quotes],
        }
        for piece in found.pieces
        if not piece.same_words
    ]


def _line(text: str) -> str:
    return " ".join(text.split())
