"""Read a folder in the layout of BEIR: corpus.jsonl, queries.jsonl, and qrels.tsv or qrels/*.tsv; or .gz of these.

Source: Thakur et al., "BEIR: a heterogeneous benchmark for zero-shot evaluation of information retrieval models",
2021.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from eval import files
from eval.files import Row
from rag import InputError, Upload

_CORPUS, _QUERIES, _QRELS = "corpus.jsonl", "queries.jsonl", "qrels.tsv"

# The relevance of articles, by query.
Qrels = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Query:
    """A query with the relevance of the articles that were judged for it; `corpus` is the fingerprint of the corpus."""

    id: str
    text: str
    judged: tuple[tuple[str, int], ...]
    corpus: str

    @property
    def gold(self) -> frozenset[str]:
        """The relevant articles."""
        return frozenset(article for article, relevance in self.judged if relevance > 0)

    @property
    def written(self) -> dict[str, Any]:
        """The query as JSON."""
        return {"id": self.id, "question": self.text, "judged": dict(self.judged), "corpus": self.corpus}


class Collection(NamedTuple):
    """A test collection. `names` has the id of every article by its origin in `corpus`, which is what is ingested.

    `unjudged` are the queries for which no article is relevant: they are not among `queries`.
    """

    corpus: Upload
    names: dict[str, str]
    queries: tuple[Query, ...]
    unjudged: tuple[str, ...]


def read(folder: Path) -> Collection:
    """Raises: InputError, naming the file and the line."""
    articles = {article: row.values for article, row in _identified(files.find(folder, (_CORPUS,)))}
    corpus = Upload(_CORPUS, "".join(_line(article, values) for article, values in articles.items()).encode())
    fingerprint = hashlib.sha256(corpus.content).hexdigest()[:16]
    texts = {query: _text(row.values, "text") for query, row in _identified(files.find(folder, (_QUERIES,)))}
    judged = _judged(folder, texts)
    queries = (Query(query, text, tuple(judged.get(query, {}).items()), fingerprint) for query, text in texts.items())
    kept = tuple(query for query in queries if query.gold)
    if not kept:
        raise InputError(f"no query of {folder} has qrels", "the first column of qrels.tsv names the queries")
    names = {f"upload:{_CORPUS}#{' '.join(article.split())}": article for article in articles}
    return Collection(corpus, names, kept, tuple(sorted(texts.keys() - {query.id for query in kept})))


def _line(article: str, values: dict[str, Any]) -> str:
    """The row of an article as a user would hand it in; half a surrogate pair becomes a question mark."""
    row = {"_id": article, "title": _text(values, "title"), "text": _text(values, "text")}
    return json.dumps(row, ensure_ascii=False).encode("utf-8", "replace").decode() + "\n"


def _identified(file: Path) -> Iterator[tuple[str, Row]]:
    """The rows, each with its _id. Raises: InputError, where it has none, or another has it too."""
    seen = set()
    for row in files.rows(file):
        found = _text(row.values, "_id")
        if not found:
            raise InputError(f"{row.place} has no _id", 'a line is {"_id": ..., "text": ...}')
        if found in seen:
            raise InputError(f"{row.place}: the _id {found!r} stands twice", "give each line its own")
        seen.add(found)
        yield found, row


def _text(values: dict[str, Any], name: str) -> str:
    found = values.get(name)
    return "" if found is None else str(found)


def _judged(folder: Path, queries: Container[str]) -> Qrels:
    judged: Qrels = {}
    for file in _qrels_files(folder):
        for query, article, relevance in _judgements(file, queries):
            judged.setdefault(query, {})[article] = relevance
    return judged


def _qrels_files(folder: Path) -> list[Path]:
    split = sorted(folder.glob("qrels/*.tsv")) + sorted(folder.glob("qrels/*.tsv.gz"))
    single = [file for file in (folder / _QRELS, folder / f"{_QRELS}.gz") if file.is_file()]
    if not single and not split:
        raise InputError(f"{folder} holds no {_QRELS}, nor qrels/*.tsv", "it says which articles answer")
    return single[:1] or split


def _judgements(file: Path, queries: Container[str]) -> Iterator[tuple[str, str, int]]:
    """Query, article and relevance of every line but the heading, which names none of the `queries`."""
    for number, row in enumerate(csv.reader(files.lines(file), delimiter="\t", quoting=csv.QUOTE_NONE), start=1):
        cells: list[str] = row
        if not cells or (number == 1 and cells[0] not in queries and not cells[-1].lstrip("-").isdigit()):
            continue
        try:
            query, article, relevance = cells
            yield query, article, int(relevance)
        except ValueError as error:
            raise InputError(
                f"{file}, line {number} is {cells}", "a line is query, article and relevance, parted by tabs"
            ) from error
