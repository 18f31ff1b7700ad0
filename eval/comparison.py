"""Whether a run is better or worse than another: `python -m eval compare A B`, `gate REPORT`.

Runs are paired case by case, by their ids. `compare` tests every measure: McNemar's exact test where a case can only be
right or wrong, a paired bootstrap otherwise. `gate` holds a run against a baseline that is kept in git. It fails if a
case that was right no longer is, or lost half of a share; if a measure fell by more than the tolerance; or if cases of
the baseline are missing. New cases pass, so that a set can grow.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from rich.console import Console

from eval import files, runs, statistics, tables
from eval import report as reports
from eval.answers import QUESTIONS
from eval.cases import MODES, sample
from eval.files import Row
from eval.report import LOWER_IS_BETTER, Scored
from eval.runs import HeldOption, JsonOption, LimitOption, SeedOption
from eval.tables import Table, cell, number
from rag import InputError

_TOLERANCE, _DIGITS = 0.02, 4
# Besides what is right or wrong, a case is worse if its own share of one of these falls by so much. Ranks are not among
# them: another arithmetic moves them, and `recall@10` says what matters.
_SHARES, _FALL = ("em", "f1", "rouge_l", "grounded", "citation_precision", "citation_recall"), 0.5
_LABELS = {
    "gone": "only in the first run",
    "new": "only in the second run",
    "changed": "asked differently",
}
_WRITE = "create it from a report with --write"

Pairs = Sequence[tuple[Scored, Scored]]


# What a case can have right, in words. It holds for a value above 0, or of 0 where lower is better.
_RIGHTS = {
    "right": "right",
    "misled": "not misled",
    "uncited": "cited in every sentence",
    "gold_cited": "citing a sentence that answers",
    "recall@10": "found among the first 10",
    **{f"recall_{mode}": f"recognised as {mode}" for mode in (*MODES, "supported", "unsupported")},
}


class Pairing(NamedTuple):
    """Two runs case by case: `both` were given the same; the others are ids."""

    both: Pairs
    gone: tuple[str, ...]
    new: tuple[str, ...]
    changed: tuple[str, ...]


class Baseline(NamedTuple):
    """Cases with their scores, and the models that answered them."""

    models: dict[str, str]
    cases: tuple[Scored, ...]


def compare(
    a: Annotated[Path, typer.Argument(metavar="A", help="The folder of a report.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another one, compared with A.")],
    limit: LimitOption = None,
    seed: SeedOption = 0,
    json_file: JsonOption = None,
    page: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the comparison as a page of HTML.")] = None,
    show_held: HeldOption = False,  # noqa: FBT002
) -> None:
    """Compare two reports case by case: what is better, what is worse, and what is noise."""
    with runs.reporting():
        runs.check_writable(json_file)
        pairing = pair(reports.read_scored(a), reports.read_scored(b))
        if not pairing.both:
            raise InputError(f"{a} and {b} have no case in common", "compare two runs of the same set")
        pairing = pairing._replace(both=sample(pairing.both, limit, seed))
        worse, better = changes(pairing.both)
        tested = test_measures(pairing.both, seed)
        compared = {"cases": len(pairing.both), "measures": tested, "worse": worse, "better": better, **_apart(pairing)}
        out = tables.console(json_file)
        tables.show(out, [tables.of_comparison(compared)])
        _show_changes(out, compared)
        reports.write_json(json_file, {"command": "compare", **compared})
        if page:
            from eval import page as pages  # it imports jinja2, which only reports need

            (_, before), (report, records) = reports.read(a), reports.read(b)
            pages.write(page, report, records, show_held=show_held, compared=compared, before=before)


def gate(
    report: Annotated[Path, typer.Argument(metavar="REPORT", help="The folder that a command wrote with --report.")],
    file: Annotated[
        Path | None, typer.Option("--baseline", metavar="FILE", help="The baseline.", show_default="that of the set")
    ] = None,
    tolerance: Annotated[float, typer.Option(min=0, max=1, help="How far a measure may fall.")] = _TOLERANCE,
    partial: Annotated[bool, typer.Option("--partial", help="Cases may be missing.")] = False,  # noqa: FBT002
    write: Annotated[bool, typer.Option("--write", help="Replace the baseline by REPORT.")] = False,  # noqa: FBT002
    limit: LimitOption = None,
    seed: SeedOption = 0,
    json_file: JsonOption = None,
) -> None:
    """Fail if a run is worse than its baseline, and name the cases. A report of several sets is gated set by set."""
    with runs.reporting():
        runs.check_writable(json_file)
        out, results = tables.console(json_file), {}
        for folder in _reports_in(report):
            now = Baseline(_models(folder), tuple(map(rounded, reports.read_scored(folder))))
            baseline = file or _default_baseline(folder)
            if write:
                files.write(baseline, baseline_text(now), "--baseline")
                out.print(f"{baseline} has {len(now.cases)} cases", soft_wrap=True)
            before = read_baseline(baseline)
            pairing = pair(before.cases, now.cases)
            if not pairing.both:
                hint = "name the baseline of this set, or create one with --write"
                raise InputError(f"no case of {folder} is in {baseline}: it is the baseline of another set", hint)
            pairing = pairing._replace(both=sample(pairing.both, limit, seed))
            results[folder.name] = _gate(out, pairing, tolerance, seed)
            if others := _other_models(before.models, now.models):
                out.print(f"the baseline was made with {others}: a case on the edge may differ for that alone")
        one = next(iter(results.values())) if len(results) == 1 else {"sets": results}
        reports.write_json(json_file, {"command": "gate", "tolerance": tolerance, **one})
    if any(one["worse"] or one["fell"] or (one["gone"] and not partial) for one in results.values()):
        raise typer.Exit(1)


def pair(first: Sequence[Scored], second: Sequence[Scored]) -> Pairing:
    """Pair the cases by their ids, in the order of `second`."""
    earlier, later = ({one.id: one for one in some} for some in (first, second))
    shared = [(earlier[name], one) for name, one in later.items() if name in earlier]
    return Pairing(
        both=tuple((one, other) for one, other in shared if one.case == other.case),
        gone=tuple(name for name in earlier if name not in later),
        new=tuple(name for name in later if name not in earlier),
        changed=tuple(one.id for one, other in shared if one.case != other.case),
    )


def changes(both: Pairs) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """What cases have lost, and what they have gained, by their ids."""
    worse: dict[str, list[str]] = {}
    better: dict[str, list[str]] = {}
    for before, now in both:
        lost, gained = [], []
        for name, words in _RIGHTS.items():
            if shares := _shares(name, before, now):
                held, holds = ((share > 0) != (name in LOWER_IS_BETTER) for share in shares)
                lost += [f"was {words}, and is not now"] * (held and not holds)
                gained += [f"is {words}, and was not before"] * (holds and not held)
        fallen = ((name, _shares(name, before, now)) for name in _SHARES)
        lost = lost or [
            f"its {name} fell from {shares[0]:.2f} to {shares[1]:.2f}"
            for name, shares in fallen
            if shares and shares[0] - shares[1] >= _FALL
        ]
        worse |= {now.id: lost} if lost else {}
        better |= {now.id: gained} if gained else {}
    return worse, better


def test_measures(both: Pairs, seed: int) -> dict[str, dict[str, Any]]:
    """Every measure that both runs have: second less first, p before and after Holm's correction, and the verdict."""
    draws = statistics.resample(len(both), seed)
    before, now = (reports.measures(some) for some in zip(*both, strict=True))
    found: dict[str, dict[str, Any]] = {}
    for name in (name for name in now if name in before):
        less = statistics.difference(now[name], before[name])
        changed = rights_changed(name, both)
        p = statistics.mcnemar(*changed) if changed else _bootstrap_p(name, both, less, draws)
        found[name] = {
            **statistics.figure(less, draws).json,
            "a": statistics.value(before[name], len(both)),
            "b": statistics.value(now[name], len(both)),
            "test": "mcnemar" if changed else "paired bootstrap",
            "p": p,
        }
    corrected = statistics.holm({name: one["p"] for name, one in found.items()})
    for name, one in found.items():
        one["p_holm"] = corrected[name]
        gained = (one["mean"] > 0) != (name in LOWER_IS_BETTER)
        is_noise = corrected[name] >= statistics.LEVEL or not one["mean"]
        one["verdict"] = "noise" if is_noise else "better" if gained else "worse"
    return found


def rights_changed(name: str, both: Pairs) -> tuple[int, int] | None:
    """How many cases only the second run has right, and only the first; None unless each is right or wrong in both."""
    shares = [(one.scores.get(name, (0.0, 0.0)), other.scores.get(name, (0.0, 0.0))) for one, other in both]
    if any(one[1] != other[1] or {one, other} - {(0, 0), (0, 1), (1, 1)} for one, other in shares):
        return None
    if not any(one[1] for one, _ in shares):
        return None
    return sum(other > one for one, other in shares), sum(other < one for one, other in shares)


def read_baseline(file: Path) -> Baseline:
    """Read a baseline; the figures above its cases are for people. Raises: InputError."""
    if not file.is_file():
        raise InputError(f"{file} does not exist", _WRITE)
    whole = files.load(file).values
    cases = whole.get("cases")
    if not isinstance(cases, dict) or not cases:
        raise InputError(f"{file} is not a baseline: it has no cases", _WRITE)
    return Baseline(whole.get("models") or {}, tuple(_baseline_case(file, name, one) for name, one in cases.items()))


def baseline_text(made: Baseline) -> str:
    """The file of a baseline: the models, the measures, then every case on a line."""
    means = {
        name: {"mean": _round(statistics.value(measure, len(made.cases))), "n": measure.n}
        for name, measure in reports.measures(made.cases).items()
    }
    cases = {
        one.id: {"case": one.case, "scores": one.scores}
        | ({} if one.confidence is None else {"confidence": one.confidence})
        for one in made.cases
    }
    parts: Mapping[str, Mapping[str, object]] = {"models": made.models, "measures": means, "cases": cases}
    return "{\n" + ",\n".join(f"{json.dumps(name)}: {_object_lines(part)}" for name, part in parts.items()) + "\n}\n"


def rounded(one: Scored) -> Scored:
    """The case as a baseline keeps it, so that a run is no better and no worse than the baseline made from it."""
    scores = {name: (_round(above), _round(below)) for name, (above, below) in one.scores.items()}
    return Scored(one.id, one.case, scores, None if one.confidence is None else _round(one.confidence))


def _gate(out: Console, pairing: Pairing, tolerance: float, seed: int) -> dict[str, Any]:
    """Print and return how the run stands beside its baseline."""
    worse, better = changes(pairing.both)
    before, now = (reports.measures(some) for some in zip(*pairing.both, strict=True))
    shared = {name: measure for name, measure in now.items() if name in before}
    moved: dict[str, dict[str, Any]] = {}
    for name, one in statistics.figures(shared, len(pairing.both), seed).items():
        old = statistics.value(before[name], len(pairing.both))
        moved[name] = {**one.json, "before": old}
    signs = {name: -1 if name in LOWER_IS_BETTER else 1 for name in moved}
    fell = [name for name, one in moved.items() if signs[name] * (one["before"] - one["mean"]) > tolerance]
    rows = (
        (
            *(name, number(one["before"]), cell(one, wide=True), number(one["mean"] - one["before"], "+")),
            *(str(one["n"]), "worse" if name in fell else ""),
        )
        for name, one in moved.items()
    )
    title = f"{len(pairing.both)} cases; worse: by more than {tolerance}"
    tables.show(out, [Table(title, ("measure", "baseline", "now", "change", "n", "verdict"), tuple(rows))])
    result: dict[str, Any] = {
        "cases": len(pairing.both),
        "measures": moved,
        "worse": worse,
        "better": better,
        "fell": fell,
        **_apart(pairing),
    }
    out.print(f"worse, measures: {', '.join(fell) or 'none'}")
    _show_changes(out, result)
    return result


def _show_changes(out: Console, compared: Mapping[str, Any]) -> None:
    for kind in ("worse", "better"):
        out.print(f"{kind}, cases: {len(compared[kind])}")
        for name, words in compared[kind].items():
            out.print(f"  {name}: {'; '.join(words)}", soft_wrap=True)
    for kind, label in _LABELS.items():
        if ids := compared[kind]:
            out.print(f"not compared, {label}: {len(ids)} ({', '.join(ids)})", soft_wrap=True)


def _apart(pairing: Pairing) -> dict[str, list[str]]:
    return {"gone": list(pairing.gone), "new": list(pairing.new), "changed": list(pairing.changed)}


def _shares(name: str, before: Scored, now: Scored) -> tuple[float, float] | None:
    """A case's value in a measure before and now; None if it does not count in it both times."""
    (above, below), (over, under) = (one.scores.get(name, (0.0, 0.0)) for one in (before, now))
    return (above / below, over / under) if below and under else None


def _bootstrap_p(name: str, both: Pairs, less: statistics.Measure, draws: statistics.Floats) -> float:
    changed = sum(one.scores.get(name) != other.scores.get(name) for one, other in both)
    return statistics.paired_bootstrap(statistics.spread(less, draws), changed)


def _reports_in(folder: Path) -> list[Path]:
    """The report itself, or the reports of several sets in a folder."""
    if (folder / runs.CASES).is_file() or not folder.is_dir():
        return [folder]
    return sorted(one.parent for one in folder.glob(f"*/{runs.CASES}")) or [folder]


def _default_baseline(folder: Path) -> Path:
    file = folder / runs.REPORT
    name = files.load(file).values.get("set") if file.is_file() else ""
    if not name:
        raise InputError(f"{folder} is not a report of a fixed set", "name its --baseline")
    return QUESTIONS / f"{name}-baseline.json"


def _models(folder: Path) -> dict[str, str]:
    file = folder / runs.REPORT
    return dict(files.load(file).values.get("models") or {}) if file.is_file() else {}


def _other_models(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    differ = (role for role in now if before.get(role, now[role]) != now[role])
    return ", ".join(f"{role} {before[role]}, not {now[role]}" for role in differ)


def _baseline_case(file: Path, name: str, given: object) -> Scored:
    place = f"{file}, case {name!r}"
    if not isinstance(given, dict) or not isinstance(given.get("case"), str):
        raise InputError(f"{place} is {given!r:.40}", _WRITE)
    confidence = given.get("confidence")
    if confidence is not None and type(confidence) not in (int, float):
        raise InputError(f"{place}: `confidence` is {confidence!r:.40}", _WRITE)
    return Scored(name, given["case"], reports.parse_scores(Row(given, place)), confidence)


def _object_lines(part: Mapping[str, object]) -> str:
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in part.items())
    return "{\n" + lines + "\n}" if part else "{}"


def _round(value: float) -> float:
    """A whole number without its point: people read the lines."""
    return int(value) if value == int(value) else round(value, _DIGITS)
