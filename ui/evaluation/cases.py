"""The cases of a report: an index of where each stands in cases.jsonl, and each read when it is looked at.

Ten thousand cases are hundreds of megabytes: only the index is held.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from rag import InputError
from ui.evaluation import told
from ui.evaluation.reports import CASES

RIGHT, WRONG, NO_RESULT, NOT_SCORED, DAMAGED = "right", "wrong", "no result", "not scored", "damaged"
_QUESTION_CHARS = 200
# The first of these that a case counts in says whether it is right as a whole, as `eval.scoring.right` has it.
_RIGHTS = (
    *("recall_abstain", "recall_disputed", "recall_trustworthy"),
    *("recall_supported", "recall_unsupported", "contains", "refusal_recall"),
)


class Place(NamedTuple):
    """A case in the index: where its line begins, and what lists show of it."""

    start: int
    id: str
    question: str
    type: str
    verdict: str


def index(folder: Path) -> tuple[Place, ...]:
    """Every case of a report, in their order. Raises: InputError."""
    file = folder / CASES
    try:
        seen = file.stat()
    except OSError as error:
        raise InputError(f"{file} is not there", "its cases cannot be shown; run the evaluation again") from error
    return _index(str(file), seen.st_mtime_ns, seen.st_size)


def read(folder: Path, place: Place) -> Mapping[str, Any]:
    """All that is kept of a case. Raises: InputError."""
    file = folder / CASES
    try:
        with file.open("rb") as lines:
            lines.seek(place.start)
            return _parsed(lines.readline())
    except (OSError, ValueError) as error:
        raise InputError(
            f"{file} is damaged at byte {place.start:,}: {error}", "run the evaluation with the same folder again"
        ) from error


@st.cache_resource(show_spinner="Reading the cases …", max_entries=4)
def _index(file: str, changed_ns: int, size: int) -> tuple[Place, ...]:  # noqa: ARG001
    try:
        return tuple(_places(Path(file)))
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror or error}", "mend its permissions") from error


def _places(file: Path) -> Iterator[Place]:
    start = 0
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _place(line, start, number)
            start += len(line)


def _place(line: bytes, start: int, number: int) -> Place:
    try:
        record = _parsed(line)
    except ValueError:
        return Place(start, f"line {number}", "This line is no JSON: it was cut short.", "", DAMAGED)
    case = told.mapping(record.get("case"))
    question = told.text(case.get("question")) or told.text(case.get("claim"))
    return Place(
        start, told.text(record.get("id")), question[:_QUESTION_CHARS], told.text(case.get("type")), verdict(record)
    )


def verdict(record: Mapping[str, Any]) -> str:
    """Whether what was said is right, as the scores of the case have it; "" in a search, which is neither."""
    if not record.get("said"):
        return NO_RESULT
    scores = record.get("scores")
    if not isinstance(scores, dict):
        return NOT_SCORED
    for name in _RIGHTS:
        share = scores.get(name)
        if isinstance(share, list) and len(share) == 2 and told.number(share[1]):
            return RIGHT if share[0] == share[1] else WRONG
    return ""


def _parsed(line: bytes) -> Mapping[str, Any]:
    """Raises: ValueError, where it is no object."""
    try:
        found = json.loads(line)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    if not isinstance(found, dict):
        raise ValueError("no object stands there")
    return found
