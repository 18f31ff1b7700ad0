"""Full-text search over the passages (BM25, English stems), derived from the store."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import tantivy

_MANIFEST = "nutgraf.json"
_ANALYZER = "nutgraf_en"
_WRITER_BYTES = 50_000_000


class LexicalUnusable(Exception):
    """The index on disk is missing, torn or stale; it must be built again."""


class LexicalIndex:
    """Passages by the words in them and in their articles' titles."""

    def __init__(self, folder: Path | None) -> None:
        """Open the index in `folder`, or start an empty one; without a folder, in memory.

        Raises: LexicalUnusable.
        """
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._schema = _schema()
        self._analyzer = _analyzer()
        try:
            self._index = tantivy.Index(self._schema, path=str(folder) if folder else None, reuse=True)
        except ValueError as error:
            raise LexicalUnusable(str(error)) from error
        self._index.register_tokenizer(_ANALYZER, self._analyzer)

    @classmethod
    def load(cls, folder: Path, generation: int) -> LexicalIndex:
        """Open what `commit` left. Raises: LexicalUnusable, unless it is whole and of `generation`."""
        try:
            manifest = json.loads((folder / _MANIFEST).read_bytes())
        except (OSError, ValueError) as error:
            raise LexicalUnusable(str(error)) from error
        if not isinstance(manifest, dict) or manifest.get("generation") != generation:
            raise LexicalUnusable(f"it is of {manifest}, not of generation {generation}")
        if manifest != _sealed(folder, generation):
            raise LexicalUnusable("it is torn: its checksum is another")
        index = cls(folder)
        try:
            index._index.reload()
        except ValueError as error:
            raise LexicalUnusable(str(error)) from error
        return index

    @classmethod
    def build(cls, folder: Path | None, passages: Iterable[tuple[int, str, str, str]], generation: int) -> LexicalIndex:
        """Make the index anew from (passage id, article id, title, text)."""
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
        index = cls(folder)
        index.change(passages, (), generation)
        return index

    def change(self, add: Iterable[tuple[int, str, str, str]], remove_articles: Sequence[str], generation: int) -> None:
        """Remove every passage of some articles, then add passages, then say which generation this is."""
        manifest = self._folder / _MANIFEST if self._folder else None
        if manifest:
            manifest.unlink(missing_ok=True)
        writer = self._index.writer(_WRITER_BYTES, 1)
        for article_id in remove_articles:
            writer.delete_documents_by_term("article_id", article_id)
        for passage_id, article_id, title, text in add:
            document = tantivy.Document(passage_id=passage_id, article_id=article_id, title=title, text=text)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        if manifest:
            manifest.write_text(json.dumps(_sealed(manifest.parent, generation)))

    def search(self, question: str, count: int, articles: Sequence[str] | None = None) -> list[tuple[int, float]]:
        """The `count` best as `(passage id, BM25 score)`, best first, ties by id.

        The query is made of the question's words: none of its characters is an operator.
        """
        terms = sorted(set(self._analyzer.analyze(question)))
        if not terms or (articles is not None and not articles):
            return []
        should = [
            (tantivy.Occur.Should, tantivy.Query.term_query(self._schema, field, term))
            for field in ("text", "title")
            for term in terms
        ]
        query = tantivy.Query.boolean_query(should)
        if articles is not None:
            allowed = tantivy.Query.term_set_query(self._schema, "article_id", list(articles))
            must = tantivy.Occur.Must
            query = tantivy.Query.boolean_query([(must, query), (must, tantivy.Query.const_score_query(allowed, 0.0))])
        searcher = self._index.searcher()
        found = [
            (int(searcher.doc(address)["passage_id"][0]), float(score))
            for score, address in _best(searcher, query, count)
        ]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:count]


def _best(searcher: tantivy.Searcher, query: tantivy.Query, count: int) -> list[tuple[Any, Any]]:
    """The `count` best and all that tie with the last: tantivy drops any of a tie."""
    wide = count + 1
    while True:
        hits: list[tuple[Any, Any]] = searcher.search(query, wide).hits
        if len(hits) < wide or hits[-1][0] < hits[count - 1][0]:
            return hits
        wide *= 2


def _sealed(folder: Path, generation: int) -> dict[str, str | int]:
    """The manifest: which generation the index is of, and a checksum of its files."""
    checksum = hashlib.sha256()
    # Hidden files are locks and lists of the files that may be deleted.
    for file in sorted(folder.glob("[!.]*")):
        if file.name != _MANIFEST:
            checksum.update(f"{file.name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return {"generation": generation, "sha256": checksum.hexdigest()}


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("passage_id", stored=True)
    builder.add_text_field("article_id", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("title", tokenizer_name=_ANALYZER)
    builder.add_text_field("text", tokenizer_name=_ANALYZER)
    return builder.build()


def _analyzer() -> tantivy.TextAnalyzer:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(60))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )
