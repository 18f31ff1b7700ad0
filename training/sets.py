"""The public sets that the small models are trained and measured on, and which part of each is held back."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

TRAINED = ("squad2_half", "new_wiki")


class Case(NamedTuple):
    """A question over one paragraph; `answers` are words of it, none where it does not answer."""

    id: str
    question: str
    answers: tuple[str, ...]
    title: str
    text: str


def read(folder: Path, name: str) -> list[dict[str, Any]]:
    """The rows of `folder/name`, `.gz` or not. Raises: FileNotFoundError."""
    path = next((path for path in (folder / name, folder / f"{name}.gz") if path.is_file()), None)
    if path is None:
        raise FileNotFoundError(f"{folder} holds no {name}; it is described in the data folder's README")
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def questions(data: Path) -> tuple[list[Case], list[Case]]:
    """The cases of `TRAINED` to train on and those held back: of every fourth and eighth title all of them."""
    train, held = list[Case](), list[Case]()
    for name, every in zip(TRAINED, (4, 8), strict=True):
        cases = [_case(row) for row in read(data / name, "reading.jsonl")]
        back = set(sorted({case.title for case in cases})[::every])
        for case in cases:
            (held if case.title in back else train).append(case)
    return train, held


def halves(held: Iterable[Case]) -> tuple[list[Case], list[Case]]:
    """Of what was held back, the cases to calibrate on and those to measure on: every other title."""
    held = list(held)
    first = set(sorted({case.title for case in held})[::2])
    return [case for case in held if case.title in first], [case for case in held if case.title not in first]


def split(rows: Iterable[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows to train on, and a fifth held back, chosen by their ids."""
    train, held = list[dict[str, Any]](), list[dict[str, Any]]()
    for row in rows:
        chance = int(hashlib.sha256(str(row["id"]).encode()).hexdigest()[:8], 16)
        (held if chance % 5 == 0 else train).append(row)
    return train, held


def _case(row: dict[str, Any]) -> Case:
    (passage,) = row["passages"]
    title = str(passage.get("title") or "").replace("_", " ")
    answers = tuple(answer.strip() for answer in row["answers"] if answer.strip() in passage["text"])
    if row["answers"] and not answers:
        raise ValueError(f"no answer of {row['id']} stands in its paragraph")
    return Case(str(row["id"]), " ".join(row["question"].split()), answers, title, passage["text"])
