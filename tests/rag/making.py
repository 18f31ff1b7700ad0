"""Small articles and archives for the tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag import ArticleUnreadable, Assistant, Upload, reading, settings
from rag.archive import Store, as_stored
from rag.models.reader import Reader
from rag.reading.draft import content_hash
from rag.search import chunking
from rag.types import Article, PublishedDate, Rejection, Span
from tests.fakes import HashEncoder, ScriptedReader, WordJudge

Row = tuple[Article, Sequence[Span], npt.NDArray[np.float32]]
WORDS = 20
TEXTS = tuple(f"Headline #{n}\n\nThe word of this one is unique{n}. " + "It goes on and on. " * 20 for n in range(80))
MONDAY = "Rain fell on Monday in Lahore. Forty houses were hit."
TUESDAY = "Rain fell on Tuesday in Lahore. Forty houses were hit."


def article(
    name: str,
    text: str,
    source: str | None = None,
    published: PublishedDate | None = None,
    language: str | None = None,
) -> Article:
    made = Article(name, f"Title of {name}", text, "", source=source, published=published, language=language)
    return replace(made, content_hash=content_hash(made))


def sealed(record: dict[str, Any]) -> dict[str, Any]:
    """Give an exported record the content_hash of its content."""
    published = record["published"] and PublishedDate.parse(record["published"])
    names = ("id", "title", "text", "content_hash", "source", "url", "author", "language")
    article = Article(**{name: record[name] for name in names}, published=published)
    return record | {"content_hash": content_hash(article)}


def storm(text: str) -> Upload:
    """A text that replaces the one of the earlier storm."""
    front = "---\ntitle: Storm\nurl: https://news.example/storm\n---\n\n"
    return Upload("storm.md", f"{front}{text}".encode(), replaces=True)


def read_one(item: Path | Upload) -> Article:
    """Read the only article of a file. Raises: ArticleUnreadable."""
    (found,) = reading.read(item)
    if isinstance(found, Rejection):
        raise ArticleUnreadable(found.reason)
    return found


def row(item: Article, encoder: HashEncoder | None = None) -> Row:
    """Chunk and embed an article for `Store.put`."""
    spans = chunking.split(item.text, WORDS)
    encoder = encoder or HashEncoder()
    return item, spans, as_stored(encoder.encode([item.text[span.start : span.end] for span in spans]))


def put(store: Store, *articles: Article) -> list[tuple[int, ...]]:
    made = store.put([row(item) for item in articles], {"encoder": "hash@64", "dimension": "64", "chunking": "test"})
    return [one.passage_ids for one in made]


def files(folder: Path, texts: Sequence[str]) -> list[Path]:
    """Write one file for each text: `a000.txt`, `a001.txt`, …"""
    folder.mkdir(exist_ok=True)
    paths = [folder / f"a{number:03}.txt" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def assistant(
    home: Path, reader: Reader | None = None, encoder: HashEncoder | None = None, **given: object
) -> Assistant:
    """An assistant with fake models."""
    chosen = settings.load_settings({"home": home, **given}, {})
    return Assistant(chosen, encoder or HashEncoder(), WordJudge(), reader or ScriptedReader())
