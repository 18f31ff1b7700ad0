"""The articles that the benchmark reads: a corpus of the user's, or sentences of the samples put together anew."""

from __future__ import annotations

import gzip
import json
import random
import re
from itertools import islice
from pathlib import Path

from rag import Upload

_SEEDS = Path(__file__).parent.parent.parent / "seeds"
_SENTENCES = 12


def load(corpus: Path | None, count: int) -> list[Upload]:
    """The first `count` articles of `corpus.jsonl[.gz]` in the folder `corpus`, or as many synthetic ones.

    Raises: OSError, ValueError.
    """
    if corpus is None:
        return synthetic(count)
    path = next((path for path in sorted(corpus.glob("corpus.jsonl*")) if path.suffix in (".jsonl", ".gz")), None)
    if path is None:
        raise FileNotFoundError(f"{corpus} holds no corpus.jsonl or corpus.jsonl.gz")
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in islice(lines, count)]
    return [_upload(at, str(row.get("title", "")), str(row["text"])) for at, row in enumerate(rows)]


def synthetic(count: int, first: int = 0) -> list[Upload]:
    """`count` articles of the samples' sentences in an order of chance, each with numbers of its own."""
    text = " ".join(path.read_text(encoding="utf-8") for path in sorted(_SEEDS.glob("*.txt")))
    sentences = [" ".join(found.split()) for found in re.split(r"(?<=[.!?])\s+", text) if len(found) > 40]
    uploads = []
    for number in range(first, first + count):
        chance = random.Random(number)  # noqa: S311
        told = [f"{chance.choice(sentences)} That was on day {chance.randint(1, 9999)}." for _ in range(_SENTENCES)]
        uploads.append(_upload(number, f"Report {number}", "\n\n".join(told)))
    return uploads


def _upload(number: int, title: str, text: str) -> Upload:
    return Upload(f"article-{number:06}.txt", f"{title or f'Article {number}'}\n\n{text}".encode())
