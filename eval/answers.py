"""What `read` and `run` share once every case was asked: the scores, the figures, the tables, the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rich.console import Console

from eval import costs, publishing, replies, running, scoring, showing
from eval.cases import MODES, Judged
from eval.figures import Figure, Measure, area, average, figures, fraction
from eval.publishing import Call, Wrong
from eval.questions import Query
from eval.replies import Reply
from eval.running import Record
from eval.scoring import Scores
from eval.tradeoff import curve
from rag import Settings

_POINTS = (
    "threshold",
    "refused of\nunanswerable",
    "refused of\nanswerable",
    "f1",
    "scored below of\nunanswerable",
    "scored below of\nanswerable",
)
_OF_ANSWERS = ("em", "f1", "f1_answerable", "contains")
_OF_MODES = tuple(f"{name}_{mode}" for mode in MODES for name in ("precision", "recall", "f1"))
_OF_ALL = (
    *("refusal_precision", "refusal_recall", "refusal_f1", "false_refusal"),
    *("uncited", "grounded", "citation_precision", "citation_recall", "citation_gold"),
)
OF_SEARCH = ("rouge_l", "recall@5", "recall@10", "mrr@10")

Pairs = Sequence[tuple[Judged, Reply | None]]


class Typed(NamedTuple):
    """The cases of one type: how many there are, how many replies are right, and how many refuse."""

    cases: int
    right: int
    refused: int


def reply(record: Record, texts: Mapping[str, str]) -> Reply | None:
    """What was said, None where there is no result; `texts` are those of the articles, by id."""
    return replies.parsed(record["said"], texts) if record["said"] else None


def conclude(
    call: Call,
    settings: Settings,
    records: Sequence[Record],
    pairs: Pairs,
    scores: Sequence[Scores],
    more: Sequence[str] = (),
) -> None:
    """Keep the records with their scores, print the tables, and write the figures; `more` as in `measured`."""
    for record, one in zip(records, scores, strict=True):
        record["scores"] = one
    if call.report:
        running.keep(call.report, records)
    _tell(call, settings, records, pairs, measured(pairs, scores, call.seed, more))


def measured(pairs: Pairs, scores: Sequence[Scores], seed: int, more: Sequence[str] = ()) -> dict[str, Figure]:
    """Every figure of the set, with its interval; `more` names measures that only this command has."""
    modes = bool(pairs[0][0].mode)
    names = (*(_OF_MODES if modes else _OF_ANSWERS), *_OF_ALL, *more)
    found = {name: fraction([some.get(name, (0.0, 0.0)) for some in scores]) for name in names}
    if modes:
        found = {"macro_f1": average([found[f"f1_{mode}"] for mode in MODES], len(pairs))} | found
    return figures(found | {"auroc": _ranked(pairs)}, len(pairs), seed)


def by_type(pairs: Pairs) -> dict[str, Typed]:
    """The cases of every type, in the order in which the set has them; empty where the set names no type."""
    if not any(case.type for case, _ in pairs):
        return {}
    return {
        name: Typed(
            sum(case.type == name for case, _ in pairs),
            sum(case.type == name and scoring.right(case, reply) for case, reply in pairs),
            sum(case.type == name and bool(reply and reply.refused) for case, reply in pairs),
        )
        for name in dict.fromkeys(case.type for case, _ in pairs)
    }


def _ranked(pairs: Pairs) -> Measure:
    """AUROC of the best evidence's score, for telling what can be answered from what cannot."""
    return area([scoring.confidence(case, reply) for case, reply in pairs], [case.answerable for case, _ in pairs])


def _tell(call: Call, settings: Settings, records: Sequence[Record], pairs: Pairs, found: Mapping[str, Figure]) -> None:
    points, types, rows = curve(pairs), by_type(pairs), _confusion(pairs)
    kinds = Counter(sorted(reply.refused for _, reply in pairs if reply and reply.refused))
    told = showing.report(call.command, len(pairs), found, costs.costs(records), settings)
    console = showing.console(call.json_file)
    console.print(showing.measures(f"{len(pairs)} cases, caution {settings.caution}", found))
    if rows:
        console.print(showing.confusion(rows))
    _tell_counts(console, types, kinds)
    cells = ([showing.cell(value) for value in point] for point in points)
    console.print(showing.table("refused below a threshold, too", _POINTS, cells))
    costs.show(console, told)
    showing.failures(console, {record["id"]: record["error"] for record in records if record["error"]})
    more = {
        "refusals": kinds,
        "types": {name: one._asdict() for name, one in types.items()},
        "confusion": rows,
        "tradeoff": [showing.numbers(point) for point in points],
        "ranks": _ranks(pairs),
    }
    publishing.publish(call, told | more, records, _wrong(pairs))


def _ranks(pairs: Pairs) -> dict[str, int]:
    """Where the first passage with a sentence that answers stands; {} where nothing was searched."""
    searched = [(case, reply) for case, reply in pairs if isinstance(case, Query) and case.gold]
    return publishing.histogram([min(scoring.ranks_found(case.gold, reply)) for case, reply in searched])


def _wrong(pairs: Pairs) -> list[Wrong]:
    """The cases that are not right: first those without a result, then false answers, then false refusals.

    Of each kind the surest answer is the worst, and the surest refused.
    """
    found = []
    for case, reply in pairs:
        if scoring.right(case, reply):
            continue
        if reply is None:
            found.append(Wrong(case.id, "no result", 4.0))
        elif case.mode:
            found.append(Wrong(case.id, f"taken for {scoring.mode(reply)}", 2.0 + reply.confidence))
        elif reply.refused:
            found.append(Wrong(case.id, "refused, though there is an answer", reply.confidence))
        elif case.answers:
            found.append(Wrong(case.id, "answered wrongly", 1.0 + reply.confidence))
        else:
            found.append(Wrong(case.id, "answered, though there is no answer", 2.0 + reply.confidence))
    return found


def _tell_counts(console: Console, types: Mapping[str, Typed], kinds: Counter[str]) -> None:
    if types:
        typed = ((name, *map(str, one)) for name, one in types.items())
        console.print(showing.table("by type", ("type", *Typed._fields), typed))
    if kinds:
        counts = ((kind, str(count)) for kind, count in kinds.most_common())
        console.print(showing.table("refusals by kind", ("kind", "cases"), counts))


def _confusion(pairs: Pairs) -> dict[str, dict[str, int]]:
    """What was given, by what was right; empty in a set without modes."""
    given = Counter((case.mode, scoring.mode(reply)) for case, reply in pairs if case.mode)
    columns = [*MODES, scoring.NO_RESULT]
    return {mode: {column: given[mode, column] for column in columns} for mode in MODES} if given else {}
