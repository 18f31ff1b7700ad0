"""What a second run does better or worse than a first, and what is noise: `python -m eval compare A B`.

A and B are report folders, of any command, whose cases are paired by their ids: a paired bootstrap for every measure,
and McNemar's exact test where a case can only be right or wrong. Files that `--json` wrote hold no cases: they are
compared by their intervals alone, which shows less.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import typer
from rich.console import Console

from eval import files, gate, records, running, showing, significance
from eval.cases import sample
from eval.figures import Figure, difference, figure, resamples, spread, value
from eval.records import LOWER_IS_BETTER, Pairing, Scored
from eval.running import JsonOption, LimitOption, SeedOption
from rag import InputError

Test = Literal["mcnemar", "paired bootstrap", "intervals"]
Verdict = Literal["better", "worse", "noise"]
_VERDICTS: tuple[Verdict, ...] = ("better", "worse", "noise")
_COLUMNS = ("measure", "A", "B", "B less A", "95% interval", "p, Holm", "n", "B is")
_LEFT_OUT = {
    "only_a": "cases of A alone",
    "only_b": "cases of B alone",
    "changed": "cases that were given something else",
    "no_value": "measures without a value in A or B",
}
_TESTS: dict[Test, str] = {
    "mcnemar": "McNemar's exact test",
    "paired bootstrap": "the paired bootstrap",
    "intervals": "the intervals, as if the cases of A and B were not the same",
}


class Tested(NamedTuple):
    """A measure of both runs; `difference` is B less A, `p` that of `test`, not corrected."""

    a: float
    b: float
    difference: Figure
    p: float
    test: Test


class Compared(NamedTuple):
    """All measures that both runs have, by name; `p_holm` is corrected for how many they are."""

    tested: dict[str, Tested]
    p_holm: dict[str, float]
    verdicts: dict[str, Verdict]


def compare(
    a: Annotated[Path, typer.Argument(metavar="A", help="A report folder, or a file that --json wrote.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another of the same, to be compared with A.")],
    limit: LimitOption = None,
    seed: SeedOption = 0,
    json_file: JsonOption = None,
) -> None:
    """Tell what B does better or worse than A, and what is noise."""
    with running.reporting():
        running.writable(json_file)
        if _holds_figures(a) != _holds_figures(b):
            raise InputError(f"{a} and {b} are a report and a file of figures", "compare two of the same kind")
        console = showing.console(json_file)
        if _holds_figures(a):
            if limit:
                raise InputError(f"{a} holds no cases that --limit {limit} could draw from", "name the report's folder")
            cases, told = _figures_compared(a, b, console)
            left: dict[str, Any] = {}
        else:
            pairing, told = reports(a, b, seed, limit)
            cases = len(pairing.both)
            _show(console, f"{cases} {'of the ' if limit else ''}cases that A and B have in common", told)
            left = dict(left_out(pairing, told))
            showing.named(console, {_LEFT_OUT[kind]: names for kind, names in left.items()})
            worse, better = gate.changes(pairing.both)
            left |= {"worse": gate.by_case(worse), "better": gate.by_case(better)}
        if json_file:
            models = records.models(b) if b.is_dir() else {}
            figures = {"command": "compare", "cases": cases, "measures": written(told), "seconds": {}, "models": models}
            showing.write(json_file, figures | left)


def reports(a: Path, b: Path, seed: int, limit: int | None = None) -> tuple[Pairing, Compared]:
    """Compare two report folders, or a sample of `limit` of their cases in common.

    Raises: InputError, also where they have no case in common.
    """
    pairing = records.pair(records.read(a), records.read(b))
    if not pairing.both:
        raise InputError(f"{a} and {b} have no case in common", "compare two runs of the same set")
    pairing = pairing._replace(both=sample(pairing.both, limit, seed))
    return pairing, judged(paired(pairing.both, seed))


def paired(both: Sequence[tuple[Scored, Scored]], seed: int) -> dict[str, Tested]:
    """Every measure that has a value in both runs. All see the same draws of the cases."""
    draws = resamples(len(both), seed)
    ours, theirs = (records.measures(some) for some in zip(*both, strict=True))
    found = {}
    for name in ours.keys() & theirs.keys():
        less = difference(theirs[name], ours[name])
        if not less.n:
            continue
        values = spread(less, draws)
        changes = rights_changed(name, both)
        found[name] = Tested(
            a=value(ours[name], len(both)),
            b=value(theirs[name], len(both)),
            difference=figure(less, len(both), values),
            p=significance.mcnemar(*changes) if changes else significance.bootstrap(values, _changed(name, both)),
            test="mcnemar" if changes else "paired bootstrap",
        )
    return {name: found[name] for name in ours if name in found}


def _changed(name: str, both: Sequence[tuple[Scored, Scored]]) -> int:
    return sum(one.scores.get(name) != other.scores.get(name) for one, other in both)


def rights_changed(name: str, both: Sequence[tuple[Scored, Scored]]) -> tuple[int, int] | None:
    """How many cases only B has right and how many only A; None unless each case is right or wrong in both."""
    shares = [(one.scores.get(name, (0.0, 0.0)), other.scores.get(name, (0.0, 0.0))) for one, other in both]
    if any(one[1] != other[1] or {one, other} - {(0, 0), (0, 1), (1, 1)} for one, other in shares):
        return None
    if not any(one[1] for one, _ in shares):
        return None
    return sum(other > one for one, other in shares), sum(other < one for one, other in shares)


def judged(tested: Mapping[str, Tested]) -> Compared:
    """Correct for how many measures there are, and say in words what B is."""
    p_holm = significance.holm({name: one.p for name, one in tested.items()})
    verdicts = {name: _verdict(name, one.difference.mean, p_holm[name]) for name, one in tested.items()}
    return Compared(dict(tested), p_holm, verdicts)


def _verdict(name: str, less: float, p_value: float) -> Verdict:
    if p_value >= significance.LEVEL or not less:
        return "noise"
    return "better" if (less > 0) != (name in LOWER_IS_BETTER) else "worse"


def left_out(pairing: Pairing, told: Compared) -> dict[str, Sequence[str]]:
    """The cases and the measures that are not compared."""
    scores = (one.scores for pair in pairing.both for one in pair)
    lacking = [name for name in dict.fromkeys(name for some in scores for name in some) if name not in told.tested]
    cases = (pairing.only_first, pairing.only_second, pairing.changed)
    return dict(zip(_LEFT_OUT, (*cases, lacking), strict=True))


def _holds_figures(path: Path) -> bool:
    return path.is_file() and path.suffix == ".json"


def _figures_compared(a: Path, b: Path, console: Console) -> tuple[int, Compared]:
    ours, theirs = (files.parsed(files.text(path), str(path)) for path in (a, b))
    before, after = dict(_figures(ours, a)), dict(_figures(theirs, b))
    if ours["command"] != theirs["command"] or ours["cases"] != theirs["cases"]:
        raise InputError(
            f"{a} and {b} are not of the same command and number of cases", "compare two runs of the same set"
        )
    found = {}
    for name in (name for name in before if name in after):
        less, p_value = significance.unpaired(after[name], before[name])
        found[name] = Tested(before[name].mean, after[name].mean, less, p_value, "intervals")
    told = judged(found)
    _show(console, "two runs, by their figures alone", told)
    console.print("compare the folders of --report, and more differences may show: their cases are paired")
    return ours["cases"], told


def _figures(told: Mapping[str, Any], path: Path) -> Iterator[tuple[str, Figure]]:
    """The measures with a value. Raises: InputError."""
    try:
        if not isinstance(told["command"], str) or not isinstance(told["cases"], int):
            raise ValueError("no command, or no number of cases")
        for name, one in told["measures"].items():
            if one["n"]:
                yield name, Figure(float(one["mean"]), float(one["low"]), float(one["high"]), int(one["n"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{path} holds no measures as --json writes them", "name such a file") from error


def _show(console: Console, title: str, told: Compared) -> None:
    rows = (
        (
            *(name, showing.cell(one.a), showing.cell(one.b), *showing.difference(one.difference)),
            *(showing.p_value(told.p_holm[name]), str(one.difference.n), told.verdicts[name]),
        )
        for name, one in told.tested.items()
    )
    console.print(showing.table(title, _COLUMNS, rows))
    for verdict in _VERDICTS:
        names = [name for name, given in told.verdicts.items() if given == verdict]
        console.print(f"{verdict}: {', '.join(names) or 'nothing'}")
    for test, words in _TESTS.items():
        names = [name for name, one in told.tested.items() if one.test == test]
        if names:
            console.print(f"p by {words}: {', '.join(names)}")
    console.print(f"noise: p is {significance.LEVEL} or more, after Holm's correction for {len(told.tested)} measures")


def written(told: Compared) -> dict[str, Any]:
    """Every measure as JSON, by name."""
    return {
        name: showing.numbers(one.difference)
        | {"a": one.a, "b": one.b, "p": one.p, "p_holm": told.p_holm[name]}
        | {"test": one.test, "verdict": told.verdicts[name]}
        for name, one in told.tested.items()
    }
