"""Whether a run may replace the one before: `python -m eval gate REPORT --baseline FILE`.

It may not where a case that was right is not any more or has lost half of a share, where a measure fell by more than
the tolerance, or where cases of the baseline are missing, unless it is said that they may. New cases are let be, so
that a set can grow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from rich.console import Console

from eval import baseline, records, running, showing
from eval.baseline import Baseline
from eval.cases import MODES, sample
from eval.figures import Figure, figures, value
from eval.records import LOWER_IS_BETTER, Pairing, Scored
from eval.running import JsonOption, LimitOption, SeedOption
from rag import InputError

_TOLERANCE = 0.02
_COLUMNS = ("measure", "baseline", "now", "95% interval", "change", "n", "verdict")


class Right(NamedTuple):
    """What a case can have right: `holds` of its value in `measure`; `words` say it."""

    measure: str
    holds: Callable[[float], bool]
    words: str


def _whole(share: float) -> bool:
    return share == 1


def _some(share: float) -> bool:
    return share > 0


def _none(share: float) -> bool:
    return share == 0


_RIGHTS = (
    Right("contains", _whole, "answered right"),
    Right("refusal_recall", _whole, "refused rightly"),
    Right("uncited", _none, "cited in every sentence"),
    Right("citation_gold", _some, "cited from a gold passage"),
    Right("recall@10", _some, "found among the first 10"),
    *(Right(f"recall_{mode}", _whole, f"taken for {mode} rightly") for mode in MODES),
    *(Right(f"recall_{support}", _whole, f"found {support} rightly") for support in ("supported", "unsupported")),
)


# Where nothing of that is lost, a case is worse too if its own share of one of these falls by so much. Ranks are not
# among them: another arithmetic moves them, and `recall@10` above says what matters.
_SHARES = ("em", "f1", "rouge_l", "grounded", "citation_precision", "citation_recall")
_FALL = 0.5


class Change(NamedTuple):
    """What a case has lost or gained."""

    id: str
    words: str


class Moved(NamedTuple):
    """A measure over the cases in common; `change` is better where it is positive."""

    before: float
    now: Figure
    change: float


def gate(
    report: Annotated[Path, typer.Argument(metavar="REPORT", help="The folder that a command wrote with --report.")],
    file: Annotated[Path, typer.Option("--baseline", metavar="FILE", help="What it must not be worse than.")],
    tolerance: Annotated[float, typer.Option(min=0, max=1, help="How far a measure may fall.")] = _TOLERANCE,
    partial: Annotated[bool, typer.Option("--partial", help="REPORT may lack cases.")] = False,  # noqa: FBT002
    write: Annotated[bool, typer.Option("--write", help="Make FILE anew from REPORT.")] = False,  # noqa: FBT002
    limit: LimitOption = None,
    seed: SeedOption = 0,
    json_file: JsonOption = None,
) -> None:
    """Fail where a run is worse than its baseline, and name the cases."""
    with running.reporting():
        running.writable(json_file)
        now, models = baseline.rounded(records.read(report)), records.models(report)
        console = showing.console(json_file)
        if write:
            baseline.write(file, Baseline(models, now))
            console.print(f"{file} holds {len(now)} cases", soft_wrap=True)
        before = baseline.read(file)
        pairing = records.pair(before.cases, now)
        if not pairing.both:
            words = f"no case of {report} is in {file}: it is the baseline of another set"
            raise InputError(words, "name the baseline of this set, or make one with --write")
        pairing = pairing._replace(both=sample(pairing.both, limit, seed))
        worse, better = changes(pairing.both)
        moved = measured(pairing.both, seed)
        fell = [name for name, one in moved.items() if -one.change > tolerance]
        lost = {name: fallen(name, pairing.both) for name in fell}
        _show(console, pairing, moved, lost, f"{tolerance}{', of a sample' if limit else ''}")
        _name(console, "worse", worse)
        _name(console, "better", better)
        if others := _others(before.models, models):
            console.print(f"the baseline is of {others}: a case on the edge may differ for that alone", soft_wrap=True)
        if json_file:
            told = {"worse": by_case(worse), "better": by_case(better), "fell": fell, "lower": lost} | _apart(pairing)
            showing.write(json_file, _written(len(pairing.both), moved, models) | {"tolerance": tolerance} | told)
    if worse or fell or (pairing.only_first and not partial):
        raise typer.Exit(1)


def changes(both: Sequence[tuple[Scored, Scored]]) -> tuple[list[Change], list[Change]]:
    """What cases have lost, and what they have gained, of all that counts before and now."""
    worse, better = [], []
    for before, now in both:
        lost, gained = [], []
        for right in _RIGHTS:
            if not (shares := _shares(right.measure, before, now)):
                continue
            held, holds = map(right.holds, shares)
            if held and not holds:
                lost.append(f"was {right.words}, and is not now")
            if holds and not held:
                gained.append(f"is {right.words}, and was not before")
        lost = lost or [
            f"its {name} fell from {shares[0]:.2f} to {shares[1]:.2f}"
            for name in _SHARES
            if (shares := _shares(name, before, now)) and shares[0] - shares[1] >= _FALL
        ]
        worse += [Change(now.id, words) for words in lost]
        better += [Change(now.id, words) for words in gained]
    return worse, better


def fallen(name: str, both: Sequence[tuple[Scored, Scored]]) -> list[str]:
    """The ids of the cases whose own share of a measure is worse now."""
    sign = -1 if name in LOWER_IS_BETTER else 1
    moved = [(now.id, _shares(name, before, now)) for before, now in both]
    return [one for one, shares in moved if shares and sign * (shares[1] - shares[0]) < 0]


def _shares(name: str, before: Scored, now: Scored) -> tuple[float, float] | None:
    """A case's share of a measure before and now; None where it does not count in it both times."""
    (above, below), (over, under) = (one.scores.get(name, (0.0, 0.0)) for one in (before, now))
    return (above / below, over / under) if below and under else None


def by_case(found: Sequence[Change]) -> dict[str, list[str]]:
    """The words of all changes of each case, by its id."""
    told: dict[str, list[str]] = {}
    for one in found:
        told.setdefault(one.id, []).append(one.words)
    return told


def measured(both: Sequence[tuple[Scored, Scored]], seed: int) -> dict[str, Moved]:
    """Every measure that has a value before and now."""
    before, now = (records.measures(some) for some in zip(*both, strict=True))
    shared = {name: measure for name, measure in now.items() if measure.n and name in before and before[name].n}
    found = {}
    for name, one in figures(shared, len(both), seed).items():
        old = value(before[name], len(both))
        found[name] = Moved(old, one, old - one.mean if name in LOWER_IS_BETTER else one.mean - old)
    return found


def _show(
    console: Console, pairing: Pairing, moved: Mapping[str, Moved], fell: Mapping[str, Sequence[str]], margin: str
) -> None:
    rows = (
        (
            *(name, showing.cell(one.before), showing.cell(one.now.mean), showing.interval(one.now)),
            *(f"{one.now.mean - one.before:+.3f}", str(one.now.n), "worse" if name in fell else ""),
        )
        for name, one in moved.items()
    )
    title = f"{len(pairing.both)} cases; worse: by more than {margin}"
    console.print(showing.table(title, _COLUMNS, rows))
    console.print(f"worse, measures: {', '.join(fell) or 'none'}")
    showing.named(console, {f"  lower in {name}": ids for name, ids in fell.items()})
    showing.named(console, {f"not compared, {kind}": ids for kind, ids in _apart(pairing).items()})
    if pairing.only_first:
        console.print("cases that are gone fail the gate unless --partial is given", soft_wrap=True)


def _name(console: Console, word: str, found: Sequence[Change]) -> None:
    cases = len({one.id for one in found})
    console.print(f"{word}, cases: {cases}")
    for one in found:
        console.print(f"  {one.id}: {one.words}", soft_wrap=True)


def _apart(pairing: Pairing) -> dict[str, Sequence[str]]:
    """The cases that are not compared."""
    return {"new": pairing.only_second, "changed": pairing.changed, "gone": pairing.only_first}


def _others(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """What of the models differs, in words; of what one of them does not tell, nothing is known."""
    return ", ".join(
        f"{role} {before[role]}, not {model}" for role, model in now.items() if before.get(role, model) != model
    )


def _written(cases: int, moved: Mapping[str, Moved], models: Mapping[str, str]) -> dict[str, Any]:
    measures = {name: showing.numbers(one.now) | {"before": one.before} for name, one in moved.items()}
    return {"command": "gate", "cases": cases, "measures": measures, "seconds": {}, "models": models}
