"""The public sets that the judge is trained and measured on: their cases, and which of them are held back."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Sequence
from logging import getLogger
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from embeddings import SentenceEncoder
from rag.models import weights as models
from rag.search import chunking
from rag.types import Span

# The encoder that ships: the default base of the judge.
ENCODER = "all-MiniLM-L6-v2"
# The sets to train on; of each, every so many-th title is held back.
TRAINED = {"squad2_half": 4, "new_wiki": 8}
_NEAR_WINDOWS = 12
_log = getLogger(__name__)


class Case(NamedTuple):
    """A question over one paragraph. `answers` are substrings of the paragraph; none if it does not answer."""

    id: str
    question: str
    answers: tuple[str, ...]
    title: str
    text: str

    def cut(self, span: Span) -> str:
        return self.text[span.start : span.end]

    def windows(self, words: int) -> list[str]:
        """Split the paragraph as the product does, into windows of about so many words."""
        return [self.cut(span) for span in chunking.split(self.text, words)]


def read(folder: Path, name: str) -> list[dict[str, Any]]:
    """Read the rows of `folder/name`, compressed (`.gz`) or not. Raises: FileNotFoundError."""
    path = next((path for path in (folder / name, folder / f"{name}.gz") if path.is_file()), None)
    if path is None:
        raise FileNotFoundError(f"{folder} has no {name}; the README of the data folder describes it")
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def questions(data: Path) -> tuple[list[Case], list[Case]]:
    """Return the cases of `TRAINED` to train on, and those held back: all cases of some titles."""
    train, held = list[Case](), list[Case]()
    for name, every in TRAINED.items():
        cases = [_case(row) for row in read(data / name, "reading.jsonl")]
        held_titles = set(sorted({case.title for case in cases})[::every])
        for case in cases:
            (held if case.title in held_titles else train).append(case)
    return train, held


def halves(held: Iterable[Case]) -> tuple[list[Case], list[Case]]:
    """Split held-back cases, by title, into those to calibrate on and those to measure on."""
    held = list(held)
    first = set(sorted({case.title for case in held})[::2])
    return [case for case in held if case.title in first], [case for case in held if case.title not in first]


def split(rows: Iterable[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows to train on, and a fifth held back, chosen by the hash of the id."""
    train, held = list[dict[str, Any]](), list[dict[str, Any]]()
    for row in rows:
        digest = int(hashlib.sha256(str(row["id"]).encode()).hexdigest()[:8], 16)
        (held if digest % 5 == 0 else train).append(row)
    return train, held


def near_windows(cases: Sequence[Case], cache: Path) -> dict[str, list[str]]:
    """Find hard negatives: by the id of each case, the windows of other paragraphs nearest to its question.

    The result is stored in the file `cache` and read from there if it is for the same cases.
    """
    key = hashlib.sha256("".join(case.id for case in cases).encode()).hexdigest()
    if cache.is_file() and (stored := json.loads(cache.read_text(encoding="utf-8")))["key"] == key:
        return dict(stored["near"])
    by_text = {case.text: case.windows(60) for case in cases}
    owners = [text for text, windows in by_text.items() for _ in windows]
    windows = [window for some in by_text.values() for window in some]
    _log.info("encoding %d windows and %d questions to find hard negatives", len(windows), len(cases))
    encoder = SentenceEncoder(models.find(ENCODER, "encoder").path, ENCODER, "")
    window_vectors = encoder.encode(windows)
    question_vectors = encoder.encode([case.question for case in cases])
    near: dict[str, list[str]] = {}
    for case, vector in zip(cases, question_vectors, strict=True):
        best = np.argsort(-(window_vectors @ vector), kind="stable")[: 4 * _NEAR_WINDOWS]
        near[case.id] = [windows[i] for i in best if owners[i] != case.text][:_NEAR_WINDOWS]
    cache.write_text(json.dumps({"key": key, "near": near}), encoding="utf-8")
    return near


def _case(row: dict[str, Any]) -> Case:
    (passage,) = row["passages"]
    title = str(passage.get("title") or "").replace("_", " ")
    answers = tuple(answer.strip() for answer in row["answers"] if answer.strip() in passage["text"])
    if row["answers"] and not answers:
        raise ValueError(f"no answer to {row['id']} occurs in its paragraph")
    return Case(str(row["id"]), " ".join(row["question"].split()), answers, title, passage["text"])
