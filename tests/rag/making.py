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
from rag.models.llm import Reader
from rag.reading.draft import content_hash
from rag.reports import Rejection
from rag.search import chunking
from rag.types import Article, PublishedDate, Span
from tests.fakes import HashEncoder, ScriptedReader, WordJudge

Row = tuple[Article, Sequence[Span], npt.NDArray[np.float32]]
WORDS = 20


def article(
    name: str,
    text: str,
    source: str | None = None,
    published: PublishedDate | None = None,
    language: str | None = None,
) -> Article:
    made = Article(name, f"Title of {name}", text, "", source=source, published=published, language=language)
    return replace(made, content_hash=content_hash(made))


def sealed(told: dict[str, Any]) -> dict[str, Any]:
    """A record of an export with the content_hash of what it says."""
    published = told["published"] and PublishedDate.parse(told["published"])
    names = ("id", "title", "text", "content_hash", "source", "url", "author", "language")
    article = Article(**{name: told[name] for name in names}, published=published)
    return told | {"content_hash": content_hash(article)}


def read_one(item: Path | Upload) -> Article:
    """The only article of a file. Raises: ArticleUnreadable, with the reason that the report would give."""
    (found,) = reading.read(item)
    if isinstance(found, Rejection):
        raise ArticleUnreadable(found.reason)
    return found


def row(item: Article, encoder: HashEncoder | None = None) -> Row:
    """What the store takes: the article, cut and encoded."""
    spans = chunking.split(item.text, WORDS)
    encoder = encoder or HashEncoder()
    return item, spans, as_stored(encoder.encode([item.text[span.start : span.end] for span in spans]))


def put(store: Store, *articles: Article) -> list[tuple[int, ...]]:
    made = store.put([row(item) for item in articles], {"encoder": "hash@64", "dimension": "64", "chunking": "test"})
    return [one.passage_ids for one in made]


def files(folder: Path, texts: Sequence[str]) -> list[Path]:
    """One file for each text, `a000.txt` and on."""
    folder.mkdir(exist_ok=True)
    paths = [folder / f"a{number:03}.txt" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def assistant(
    home: Path, reader: Reader | None = None, encoder: HashEncoder | None = None, **given: object
) -> Assistant:
    """An assistant on fakes."""
    chosen = settings.load({"home": home, **given}, {})
    return Assistant(chosen, encoder or HashEncoder(), WordJudge(), reader or ScriptedReader())
