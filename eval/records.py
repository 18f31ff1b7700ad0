"""What each case of a finished run added to each measure, read back from the `cases.jsonl` of its report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from eval import files
from eval.cases import MODES
from eval.figures import Measure, Share, area, average, fraction, harmonic_mean
from eval.files import Row
from rag import InputError

_CASES, _REPORT = "cases.jsonl", "report.json"
_UNFINISHED = "the run was stopped, or is under way: the same command, with the same --report, goes on with it"
LOWER_IS_BETTER = frozenset(("false_refusal", "uncited"))
# Which class a case is of shows in which of these it counts; the first is the one that a high confidence is right for.
_POSITIVE, _NEGATIVE = {"false_refusal", "recall_supported"}, {"refusal_recall", "recall_unsupported"}
_AVERAGES = {
    "macro_f1": tuple(f"f1_{mode}" for mode in MODES),
    "balanced_accuracy": ("recall_supported", "recall_unsupported"),
}


@dataclass(frozen=True, slots=True)
class Scored:
    """A case with what it adds to each measure that it counts in; `case` is the fingerprint of all that was given.

    `confidence` is how sure the run was that it can be answered, or is supported; None where no such thing was asked.
    """

    id: str
    case: str
    scores: Mapping[str, Share]
    confidence: float | None = None


class Pairing(NamedTuple):
    """Two runs, case by case: `both` gave the same case to each; the others are ids."""

    both: tuple[tuple[Scored, Scored], ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    changed: tuple[str, ...]


def read(report: Path) -> tuple[Scored, ...]:
    """Read a report's folder, or its cases.jsonl. Raises: InputError, also where the run was not finished."""
    file = files.find(report, (_CASES,))
    found: dict[str, Scored] = {}
    try:
        for row in files.rows(file):
            one = _scored(row)
            if one.id in found:
                raise InputError(f"{row.place}: the id {one.id!r} stands twice", _UNFINISHED)
            found[one.id] = one
    except InputError as error:
        raise InputError(error.message, _UNFINISHED) from error
    if not found:
        raise InputError(f"{file} holds no case", _UNFINISHED)
    return tuple(found.values())


def models(report: Path) -> dict[str, str]:
    """The models that a report's figures are of, and their arithmetic; {} where there is no report.json beside."""
    file = (report if report.is_dir() else report.parent) / _REPORT
    return told_models(files.parsed(files.text(file), str(file))) if file.is_file() else {}


def command(report: Path) -> str | None:
    """The command that a report's folder is of; None where it has no report.json, or one that does not say."""
    file = report / _REPORT
    try:
        found = files.parsed(files.text(file), str(file)).get("command")
    except InputError:
        return None
    return None if found is None else str(found)


def told_models(told: Mapping[str, Any]) -> dict[str, str]:
    """The `models` of a report or a baseline, {} where it tells none."""
    found = told.get("models")
    return {str(role): str(model) for role, model in found.items()} if isinstance(found, dict) else {}


def pair(first: Sequence[Scored], second: Sequence[Scored]) -> Pairing:
    """Pair the cases by their ids, in the order of `second`."""
    earlier, later = ({one.id: one for one in some} for some in (first, second))
    shared = [(earlier[name], one) for name, one in later.items() if name in earlier]
    return Pairing(
        both=tuple((one, other) for one, other in shared if one.case == other.case),
        only_first=tuple(name for name in earlier if name not in later),
        only_second=tuple(name for name in later if name not in earlier),
        changed=tuple(one.id for one, other in shared if one.case != other.case),
    )


def measures(cases: Sequence[Scored]) -> dict[str, Measure]:
    """Every measure that one of the cases counts in; the averages and the area that come of them, too."""
    names = dict.fromkeys(name for one in cases for name in one.scores)
    found = {name: fraction([one.scores.get(name, (0.0, 0.0)) for one in cases]) for name in names}
    for name, parts in _AVERAGES.items():
        if found.keys() >= set(parts):
            found[name] = average([found[part] for part in parts], len(cases))
    if found.keys() >= {"precision", "recall"}:
        found["f1"] = harmonic_mean(found["precision"], found["recall"])
    confidences = [one.confidence for one in cases if one.confidence is not None]
    if len(confidences) == len(cases):
        found["auroc"] = area(confidences, [bool(one.scores.keys() & _POSITIVE) for one in cases])
    return found


def parsed_scores(told: object, place: str) -> dict[str, Share]:
    """Raises: InputError, where it is not what each measure gets above and below the line of a fraction."""
    if not isinstance(told, dict):
        raise InputError(f"{place} has no scores", _UNFINISHED)
    for name, share in told.items():
        if not isinstance(share, list) or [type(part) in (int, float) for part in share] != [True, True]:
            raise InputError(f"{place}: the score {name} is {share!r:.40}", "it is two numbers")
    return {name: (float(above), float(below)) for name, (above, below) in told.items()}


def _scored(row: Row) -> Scored:
    case = json.dumps(row.values.get("case"), sort_keys=True)
    scores = parsed_scores(row.values.get("scores"), row.place)
    fingerprint = hashlib.sha256(case.encode()).hexdigest()[:12]
    return Scored(str(row.values.get("id")), fingerprint, scores, _confidence(row.values.get("said"), scores))


def _confidence(said: Any, scores: Mapping[str, Share]) -> float | None:  # noqa: ANN401
    """Without a result, as wrong as can be."""
    positive, negative = (bool(scores.keys() & names) for names in (_POSITIVE, _NEGATIVE))
    if positive == negative:
        return None
    if not said:
        return float(negative)
    told = said.get("confidence", said.get("score"))
    return None if told is None else float(told)
