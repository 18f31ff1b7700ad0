"""Full-text search (BM25) over passages and over whole articles, derived from the store.

Every text is analysed here, by its language, into tokens between spaces; tantivy only counts them. So all languages
share one field, whose statistics are those of the whole archive.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tantivy

from rag.reading.language import NO_STEMS, join_initials, split_unspaced, stemmer
from rag.search import chunking, terms
from rag.search.sealing import checksums

_MANIFEST = "nutgraf.json"
# Of tokens and their analysis; a change makes what is on the disk unusable.
_SCHEME = 3
_WRITER_BYTES = 50_000_000
# Two neighbours of the question that stand side by side in a text count this much of what a word counts.
_PAIR_WEIGHT = 0.25
# Removed documents count in BM25's statistics until the index is built again: at this share of all it is.
_WORN = 0.2

# So many passages that are allowed are looked up one by one; of more, those are kept that a deeper search finds.
_FEW = 1_000

Ids = npt.NDArray[np.int64]
# Passage id, article id, title, text, and the article's language as ISO 639-1 (None: English).
Row = tuple[int, str, str, str, str | None]


class LexicalUnusable(Exception):
    """The index on disk is missing, torn or stale; it must be built again."""


class LexicalIndex:
    """Passages, and articles as wholes, by their words and those of their titles. Safe to use from several threads.

    What `change` does is searched at once, and stands on the disk for `load` after `seal`.
    """

    def __init__(self, folder: Path | None) -> None:
        """Open the index in `folder`, or start an empty one; without a folder, in memory.

        Raises: LexicalUnusable.
        """
        self._folder = folder
        self._lock = threading.Lock()
        self._passages = _Counted(folder and folder / "passages")
        self._articles = _Counted(folder and folder / "articles")
        self._checksums: dict[str, str] = {}

    @classmethod
    def load(cls, folder: Path, made_from: str) -> LexicalIndex:
        """Open what `seal` left. Raises: LexicalUnusable, unless it is whole and of `made_from`."""
        try:
            manifest = json.loads((folder / _MANIFEST).read_bytes())
        except (OSError, ValueError) as error:
            raise LexicalUnusable(str(error)) from error
        if not isinstance(manifest, dict) or manifest.get("made_from") != made_from:
            told = manifest.get("made_from") if isinstance(manifest, dict) else manifest
            raise LexicalUnusable(f"it is of {told}, not of {made_from}")
        if manifest.get("scheme") != _SCHEME:
            raise LexicalUnusable("its texts were analysed in another way")
        if manifest.get("files") != (found := checksums(folder, {})):
            raise LexicalUnusable("it is torn: its checksum is another")
        index = cls(folder)
        index._checksums = found
        index._passages.removed = int(manifest.get("removed") or 0)
        return index

    @classmethod
    def build(cls, folder: Path | None, passages: Iterable[Row], made_from: str) -> LexicalIndex:
        """Make the index anew from rows in which each article's stand together."""
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
        index = cls(folder)
        index.change(passages, ())
        index.seal(made_from)
        return index

    @property
    def worn(self) -> bool:
        """Whether what was removed weighs so much in the statistics that the index should be built again."""
        with self._lock:
            self._passages.commit()
            return self._passages.removed > _WORN * (self._passages.removed + self._passages.count())

    def change(self, add: Iterable[Row], remove_articles: Sequence[str]) -> None:
        """Remove some articles with their passages, then add passages; each article's rows stand together."""
        with self._lock:
            if self._folder:
                (self._folder / _MANIFEST).unlink(missing_ok=True)
            with ExitStack() as unless_done:
                unless_done.callback(self._articles.roll_back)
                unless_done.callback(self._passages.roll_back)
                for article_id in remove_articles:
                    self._passages.remove(article_id)
                    self._articles.remove(article_id)
                for _, rows in groupby(add, key=lambda row: row[1]):
                    self._add(list(rows))
                unless_done.pop_all()

    def seal(self, made_from: str) -> None:
        """Write what changed to the disk, and say which state of which archive it was made from."""
        with self._lock:
            self._passages.close()
            self._articles.close()
            if self._folder:
                self._checksums = checksums(self._folder, self._checksums)
                removed = self._passages.removed
                manifest = {"made_from": made_from, "scheme": _SCHEME, "removed": removed, "files": self._checksums}
                (self._folder / _MANIFEST).write_text(json.dumps(manifest))

    def search(self, question: str, count: int, allowed: Ids | None = None) -> list[tuple[int, float]]:
        """The `count` best as `(passage id, BM25 score)`, best first, ties by id; only those in `allowed`, if given.

        The query is made of the question's words: none of its characters is an operator.
        """
        return self._search(self._passages, question, count, allowed)

    def search_articles(self, question: str, count: int, allowed: Ids | None = None) -> list[tuple[int, float]]:
        """The same over whole articles: `(id of the article's first passage, BM25 score)`."""
        return self._search(self._articles, question, count, allowed)

    def _search(self, counted: _Counted, question: str, count: int, allowed: Ids | None) -> list[tuple[int, float]]:
        with self._lock:
            counted.commit()
        return counted.search(question, count, allowed)

    def _add(self, rows: Sequence[Row]) -> None:
        first, article_id, title, _, language = rows[0]
        stems = stemmer(language)
        title_tokens = tokens(chunking.heading(title, " ".join(row[3] for row in rows)), stems)
        texts = [tokens(row[3], stems) for row in rows]
        for row, text in zip(rows, texts, strict=True):
            self._passages.add(row[0], article_id, stems, title_tokens, text)
        self._articles.add(first, article_id, stems, title_tokens, [token for text in texts for token in text])


class _Counted:
    """One tantivy index of analysed texts, each under a number: a passage's id, or that of an article's first."""

    def __init__(self, folder: Path | None) -> None:
        """Raises: LexicalUnusable."""
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
        self._schema = _schema()
        self._writer: tantivy.IndexWriter | None = None
        self._added = 0
        self._dirty = False
        self.removed = 0
        try:
            self._index = tantivy.Index(self._schema, path=str(folder) if folder else None, reuse=True)
        except ValueError as error:
            raise LexicalUnusable(str(error)) from error
        self._stems = self._held()

    def count(self) -> int:
        return int(self._index.searcher().num_docs)

    def add(self, number: int, article_id: str, stems: str, title: Sequence[str], text: Sequence[str]) -> None:
        document = tantivy.Document(
            article=article_id,
            stems=stems,
            title=" ".join(title),
            text=" ".join(text),
            pairs=" ".join(terms.pairs(text)),
        )
        document.add_unsigned("number", number)
        self._open().add_document(document)
        self._added += 1

    def remove(self, article_id: str) -> None:
        self._open().delete_documents_by_term("article", article_id)

    def commit(self) -> None:
        """Let searches see what was changed."""
        if self._writer is None or not self._dirty:
            return
        before = self.count()
        self._writer.commit()
        self._index.reload()
        self.removed += before + self._added - self.count()
        self._added, self._dirty = 0, False
        self._stems = self._held()

    def close(self) -> None:
        """Commit, and let the merging of small segments end."""
        self.commit()
        if self._writer:
            self._writer.wait_merging_threads()
            self._writer = None
            self._index.reload()

    def roll_back(self) -> None:
        if self._writer:
            self._writer.rollback()
            self._writer = None
            self._added, self._dirty = 0, False

    def search(self, question: str, count: int, allowed: Ids | None) -> list[tuple[int, float]]:
        """The `count` best as `(number, score)`, best first, ties by number."""
        searcher = self._index.searcher()
        query = self._query(question, searcher)
        if query is None or (allowed is not None and not len(allowed)):
            return []
        few = allowed is not None and len(allowed) <= _FEW
        if allowed is not None and few:
            only = tantivy.Query.term_set_query(self._schema, "number", allowed.tolist())
            must = tantivy.Occur.Must
            query = tantivy.Query.boolean_query([(must, query), (must, tantivy.Query.const_score_query(only, 0.0))])
        wide = count
        while True:
            hits = _best(searcher, query, wide)
            numbers = np.array(searcher.fast_field_values("number", [at for _, at in hits]), dtype=np.int64)
            fits = np.ones(len(hits), bool) if allowed is None or few else np.isin(numbers, allowed)
            if fits.sum() >= count or len(hits) < wide:
                found = [(int(numbers[at]), float(hits[at][0])) for at in np.flatnonzero(fits)]
                return sorted(found, key=lambda hit: (-hit[1], hit[0]))[:count]
            wide *= 4

    def _query(self, question: str, searcher: tantivy.Searcher) -> tantivy.Query | None:
        """The question's words and its neighbouring words, analysed as each language of the archive is."""

        def known(token: str) -> bool:
            return any(searcher.doc_freq(field, token) for field in ("text", "title"))

        words, beside = terms.of_question(question, self._stems, tokens, known)
        counts = [(field, word, weight) for field in ("text", "title") for word, weight in sorted(words.items())]
        counts += [("pairs", pair, _PAIR_WEIGHT) for pair in sorted(beside)]
        should = [tantivy.Query.boost_query(self._term(field, term), weight) for field, term, weight in counts]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in should]) if words else None

    def _term(self, field: str, value: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field, value, index_option="freq")

    def _open(self) -> tantivy.IndexWriter:
        if self._writer is None:
            self._writer = self._index.writer(_WRITER_BYTES, 1)
        self._dirty = True
        return self._writer

    def _held(self) -> tuple[str, ...]:
        """How the texts in the index are stemmed."""
        return tuple(sorted(term for term, _ in self._index.searcher().terms_with_prefix("stems", "")))


def tokens(text: str, stems: str) -> list[str]:
    """The words of `text` as they are counted: in lower case, stemmed, without accents.

    Where a script puts no space between words, every two neighbouring characters are one. `U.S.` and `US` are the same.
    """
    found: list[str] = _analyzer(stems).analyze(split_unspaced(join_initials(text)))
    return found


@lru_cache
def _analyzer(stems: str) -> tantivy.TextAnalyzer:
    # \w, not tantivy's `simple` tokenizer, which cuts a word at its vowel signs in Thai, Hindi or Tamil.
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.regex(r"[^\W_]+")).filter(tantivy.Filter.remove_long(240))
    builder = builder.filter(tantivy.Filter.lowercase())
    if stems != NO_STEMS:
        builder = builder.filter(tantivy.Filter.stemmer(stems))
    # After the stemmer, which knows its language's accents: `Müller` is found by `Muller`.
    return builder.filter(tantivy.Filter.ascii_fold()).build()


def _best(searcher: tantivy.Searcher, query: tantivy.Query, count: int) -> list[tuple[Any, Any]]:
    """The `count` best and all that tie with the last: tantivy drops any of a tie."""
    wide = count + 1
    while True:
        hits: list[tuple[Any, Any]] = searcher.search(query, wide, count=False).hits
        if len(hits) < wide or hits[-1][0] < hits[count - 1][0]:
            return hits
        wide *= 2


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("number", fast=True, indexed=True)
    for field in ("article", "stems"):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic")
    for field in ("title", "text", "pairs"):
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="freq")
    return builder.build()
