"""A small test collection in the layout of BEIR."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

CORPUS = (
    {"_id": "gas", "title": "A pipeline", "text": "Russia builds a gas pipeline to Lahore."},
    {"_id": "x/y-z", "title": "", "text": "Five million doses of Sputnik were bought by Pakistan this week."},
    {"_id": "rail", "title": "Rail: a 'plan'", "text": "Pakistan welcomes expertise on railways."},
)
QUERIES = (
    {"_id": "1", "text": "gas pipeline to Lahore"},
    {"_id": "2", "text": "doses of Sputnik"},
    {"_id": "3", "text": "unjudged"},
)


def lines(rows: Sequence[dict[str, str]]) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def folder(home: Path, *more: dict[str, str]) -> Path:
    """Write the collection, and `more` articles."""
    (home / "qrels").mkdir(parents=True, exist_ok=True)
    (home / "corpus.jsonl.gz").write_bytes(gzip.compress(lines((*CORPUS, *more)).encode()))
    (home / "queries.jsonl").write_text(lines(QUERIES))
    (home / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n1\tgas\t1\n2\tx/y-z\t1\n2\tgone\t1\n")
    return home
