"""The figures that a change must not make worse: a file for git, with a line for each measure and each case."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from eval import files
from eval.figures import value
from eval.records import Scored, measures, parsed_scores, told_models
from rag import InputError

_DIGITS = 4
_MAKE = "make it from a report with --write"


class Baseline(NamedTuple):
    """The cases, and the models that they were asked with, {} where that is not told."""

    models: dict[str, str]
    cases: tuple[Scored, ...]


def read(file: Path) -> Baseline:
    """The figures above the cases are for people, and are not read. Raises: InputError."""
    if not file.is_file():
        raise InputError(f"{file} is not there", _MAKE)
    whole = files.parsed(files.text(file), str(file))
    cases = whole.get("cases")
    if not isinstance(cases, dict) or not cases:
        raise InputError(f"{file} is no baseline: it holds no cases", _MAKE)
    scored = tuple(_scored(name, told, f"{file}, case {name!r}") for name, told in cases.items())
    return Baseline(told_models(whole), scored)


def rounded(cases: Sequence[Scored]) -> tuple[Scored, ...]:
    """The cases as a baseline keeps them, so that a run is no better and no worse than the baseline made from it."""
    return tuple(
        Scored(
            one.id,
            one.case,
            {name: (_rounded(above), _rounded(below)) for name, (above, below) in one.scores.items()},
            None if one.confidence is None else _rounded(one.confidence),
        )
        for one in cases
    )


def write(file: Path, made: Baseline) -> None:
    """Raises: InputError."""
    half = file.with_name(f"{file.name}.part")
    try:
        half.write_text(text(made), encoding="utf-8")
        half.replace(file)
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror or error}", "name another --baseline") from error


def text(made: Baseline) -> str:
    """The whole file: the models, the mean of each measure and how many cases count in it, then every case."""
    cases = made.cases
    means = {
        name: {"mean": _rounded(value(measure, len(cases))), "n": measure.n}
        for name, measure in measures(cases).items()
        if measure.n
    }
    told = {one.id: _told(one) for one in rounded(cases)}
    parts: dict[str, Mapping[str, object]] = {"models": made.models, "measures": means, "cases": told}
    return "{\n" + ",\n".join(f"{json.dumps(name)}: {_lines(part)}" for name, part in parts.items()) + "\n}\n"


def _lines(part: Mapping[str, object]) -> str:
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(told)}" for name, told in part.items())
    return "{\n" + lines + "\n}" if part else "{}"


def _told(one: Scored) -> dict[str, Any]:
    told: dict[str, Any] = {"case": one.case, "scores": {name: list(share) for name, share in one.scores.items()}}
    return told if one.confidence is None else told | {"confidence": one.confidence}


def _rounded(number: float) -> float:
    """A whole number without its point: the lines are read by people."""
    return int(number) if number == int(number) else round(number, _DIGITS)


def _scored(name: str, told: object, place: str) -> Scored:
    if not isinstance(told, dict) or not isinstance(told.get("case"), str):
        raise InputError(f"{place} is {told!r:.40}", _MAKE)
    confidence = told.get("confidence")
    if confidence is not None and type(confidence) not in (int, float):
        raise InputError(f"{place}: `confidence` is {confidence!r:.40}", _MAKE)
    return Scored(name, told["case"], parsed_scores(told.get("scores"), place), confidence)
