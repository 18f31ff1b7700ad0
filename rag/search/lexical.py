"""Full-text search (BM25) over passages and whole articles, derived from the store.

Texts are analysed here, by language, and given to tantivy as tokens separated by spaces. So all languages share one
field with the statistics of the whole archive.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import lru_cache
from itertools import groupby, pairwise
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import numpy as np
import numpy.typing as npt
import tantivy

from rag.private_files import atomic_write, make_folder
from rag.reading.language import ENGLISH, NO_STEMS, join_initials, split_unspaced, stemmer
from rag.search import chunking
from rag.search.words import content

_MANIFEST = "nutgraf.json"
# How texts are analysed; a change makes stored indexes unusable.
_SCHEME = 3
_WRITER_BYTES = 50_000_000
# The weight of two neighbouring words of the question that are neighbours in a text; a word weighs 1.
_PAIR_WEIGHT = 0.25
# Deleted documents count in BM25's statistics until the index is rebuilt, at this share of all documents.
_MAX_REMOVED_SHARE = 0.2
# Up to this many allowed passages are part of the query; with more, a deeper search is filtered.
_MAX_FILTER_TERMS = 1_000
# Shorter words have too many neighbours to correct a misspelling.
_MIN_CORRECTED_LETTERS = 4

Ids = npt.NDArray[np.int64]
# Passage id, article id, title, text, and the article's language as ISO 639-1 (None: English).
Row = tuple[int, str, str, str, str | None]


class LexicalUnusable(Exception):
    """The index on disk is missing, damaged or stale; it must be rebuilt."""


class LexicalIndex:
    """Passages and whole articles by the words of their texts and titles. Thread-safe.

    A `change` is visible to searches at once, and to `load` after `seal`. Whoever changes, seals or builds an index in
    a folder holds the archive's lock; an index that is only searched keeps what it was loaded with.
    """

    def __init__(self, folder: Path | None) -> None:
        """Open the index in `folder` or create it; without a folder, in memory. Raises: LexicalUnusable."""
        self._folder = folder
        self._lock = threading.Lock()
        self._passages = _Documents(folder and folder / "passages")
        self._articles = _Documents(folder and folder / "articles")
        self._checksums: dict[str, str] = {}

    @classmethod
    def load(cls, folder: Path, made_from: str) -> LexicalIndex:
        """Open a sealed index. Raises: LexicalUnusable, unless its checksums and `made_from` match."""
        try:
            manifest = json.loads(stored := (folder / _MANIFEST).read_bytes())
            checksums = _checksums(folder, {})
        except (OSError, ValueError) as error:
            raise LexicalUnusable(str(error)) from error
        if not isinstance(manifest, dict) or manifest.get("made_from") != made_from:
            found = manifest.get("made_from") if isinstance(manifest, dict) else manifest
            raise LexicalUnusable(f"it was made from {found}, not from {made_from}")
        if manifest.get("scheme") != _SCHEME:
            raise LexicalUnusable("its texts were analysed by another version")
        if manifest.get("files") != checksums:
            raise LexicalUnusable("it is damaged: its checksums do not match")
        index = cls(folder)
        # A writer removes the manifest first; one that came after the checksums may have changed what was opened.
        if _read(folder / _MANIFEST) != stored:
            raise LexicalUnusable("another process is changing it")
        index._checksums = checksums
        index._passages.removed = int(manifest.get("removed") or 0)
        return index

    @classmethod
    def build(cls, folder: Path | None, passages: Iterable[Row], made_from: str) -> LexicalIndex:
        """Build a new index from rows grouped by article."""
        if folder:
            # Before its files: another process may be loading it.
            (folder / _MANIFEST).unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)
        index = cls(folder)
        index.change(passages, ())
        index.seal(made_from)
        return index

    @property
    def needs_rebuild(self) -> bool:
        """Whether too many deleted documents distort the statistics."""
        with self._lock:
            return self._passages.removed > _MAX_REMOVED_SHARE * (self._passages.removed + self._passages.count())

    def change(self, add: Iterable[Row], remove_articles: Sequence[str]) -> None:
        """Remove articles with their passages, then add rows, which are grouped by article.

        Raises: OSError, ValueError, on a full disk; LexicalUnusable, if another process has changed the folder. The
        index may then have a part of the change.
        """
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
                self._passages.commit()
                self._articles.commit()
                unless_done.pop_all()

    def seal(self, made_from: str) -> None:
        """Write down on disk that the index is whole, with the state of the archive that it was made from."""
        with self._lock:
            if self._folder:
                self._checksums = _checksums(self._folder, self._checksums)
                removed = self._passages.removed
                manifest = {"made_from": made_from, "scheme": _SCHEME, "removed": removed, "files": self._checksums}
                with atomic_write(self._folder / _MANIFEST) as file:
                    file.write(json.dumps(manifest).encode())

    def search(self, question: str, count: int, allowed: Ids | None = None) -> list[tuple[int, float]]:
        """Return the `count` best as `(passage id, BM25 score)`, best first, ties by id.

        With `allowed`, only those ids are searched. The question is not parsed: no character in it is an operator.
        """
        return self._passages.search(question, count, allowed)

    def search_articles(self, question: str, count: int, allowed: Ids | None = None) -> list[tuple[int, float]]:
        """Search whole articles: `(id of the article's first passage, BM25 score)`."""
        return self._articles.search(question, count, allowed)

    def _add(self, rows: Sequence[Row]) -> None:
        first, article_id, title, _, language = rows[0]
        stems = stemmer(language)
        title_tokens = tokens(chunking.heading(title, " ".join(row[3] for row in rows)), stems)
        texts = [tokens(row[3], stems) for row in rows]
        for row, text in zip(rows, texts, strict=True):
            self._passages.add(row[0], article_id, stems, title_tokens, text)
        self._articles.add(first, article_id, stems, title_tokens, [token for text in texts for token in text])


class _Documents:
    """One tantivy index of analysed texts under numbers: the id of a passage, or of an article's first one."""

    def __init__(self, folder: Path | None) -> None:
        """Raises: LexicalUnusable."""
        self._meta = folder and folder / "meta.json"
        self._schema = _schema()
        self._writer: tantivy.IndexWriter | None = None
        self._added = 0
        self.removed = 0
        try:
            if folder:
                make_folder(folder)
            self._index = tantivy.Index(self._schema, path=str(folder) if folder else None, reuse=True)
            # By default a thread looks for the commits of others, which are not what this index was made from.
            self._index.config_reader("manual")
        except (OSError, ValueError) as error:
            raise LexicalUnusable(str(error)) from error
        self._stems = self._stemmers()
        self._segments = self._stored_segments()

    def count(self) -> int:
        return int(self._index.searcher().num_docs)

    def add(self, number: int, article_id: str, stems: str, title: Sequence[str], text: Sequence[str]) -> None:
        document = tantivy.Document(
            article=article_id,
            stems=stems,
            title=" ".join(title),
            text=" ".join(text),
            pairs=" ".join(pairs(text)),
        )
        document.add_unsigned("number", number)
        self._open().add_document(document)
        self._added += 1

    def remove(self, article_id: str) -> None:
        self._open().delete_documents_by_term("article", article_id)

    def commit(self) -> None:
        """Write changes to disk and make them visible to searches.

        No writer stays open: it merges segments and deletes files in threads of its own. After the archive's lock is
        released, these may be the files of an index that another process has built in the same folder.
        """
        if self._writer is None:
            return
        before = self.count()
        self._writer.commit()
        self._writer.wait_merging_threads()
        self._writer = None
        self._index.reload()
        self.removed += before + self._added - self.count()
        self._added = 0
        self._stems = self._stemmers()
        self._segments = self._stored_segments()

    def roll_back(self) -> None:
        """Drop what is not committed."""
        self._writer, self._added = None, 0

    def search(self, question: str, count: int, allowed: Ids | None) -> list[tuple[int, float]]:
        """Return the `count` best as `(number, score)`, best first, ties by number."""
        searcher = self._index.searcher()
        query = self._query(question, searcher)
        if query is None or (allowed is not None and not len(allowed)):
            return []
        few = allowed is not None and len(allowed) <= _MAX_FILTER_TERMS
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
        """Build a query of the question's words and neighbouring pairs, analysed in each language of the archive."""

        def known(token: str) -> bool:
            return any(searcher.doc_freq(field, token) for field in ("text", "title"))

        words, neighbours = query_terms(question, self._stems, known)
        counts = [(field, word, weight) for field in ("text", "title") for word, weight in sorted(words.items())]
        counts += [("pairs", pair, _PAIR_WEIGHT) for pair in sorted(neighbours)]
        should = [tantivy.Query.boost_query(self._term(field, term), weight) for field, term, weight in counts]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in should]) if words else None

    def _term(self, field: str, value: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field, value, index_option="freq")

    def _open(self) -> tantivy.IndexWriter:
        if self._writer is None:
            # A writer starts from what is on disk, which another process may have rebuilt, or half of it.
            if self._stored_segments() != self._segments:
                raise LexicalUnusable("another process has changed it")
            self._writer = self._index.writer(_WRITER_BYTES, 1)
        return self._writer

    def _stored_segments(self) -> bytes:
        """Return tantivy's list of segments on disk: each has a name of its own, so equal lists are equal indexes."""
        return _read(self._meta) if self._meta else b""

    def _stemmers(self) -> tuple[str, ...]:
        """Return the stemmers of the texts in the index."""
        return tuple(sorted(term for term, _ in self._index.searcher().terms_with_prefix("stems", "")))


def tokens(text: str, stems: str) -> list[str]:
    """Return the tokens of a text: lower case, stemmed, without accents. `U.S.` and `US` are the same token.

    In scripts without spaces, every two neighbouring characters are a token.
    """
    found: list[str] = _analyzer(stems).analyze(split_unspaced(join_initials(text)))
    return found


def query_terms(
    question: str, stemmers: Sequence[str], known: Callable[[str], bool]
) -> tuple[dict[str, float], set[str]]:
    """Return the tokens to search for with their weights, and the pairs of neighbouring tokens.

    A word that no text contains, in any of the languages, is replaced by the words one typo away, which share its
    weight.
    """
    asked = {ENGLISH: " ".join(word.text for word in content(question)) or question}
    weights = {token: 1.0 for stems in stemmers for token in tokens(asked.get(stems, question), stems)}
    for word in content(question):
        own = {token for stems in stemmers for token in tokens(word.text, stems)}
        if not any(map(known, own)):
            near = {other for token in own for other in typos(token) if known(other)} - weights.keys()
            weights |= dict.fromkeys(near, 1 / max(1, len(near)))
    return weights, {pair for stems in stemmers for pair in pairs(tokens(question, stems))}


def pairs(words: Sequence[str]) -> list[str]:
    """Join every two neighbouring words to one token."""
    return [f"{word}_{after}" for word, after in pairwise(words)]


def typos(word: str) -> set[str]:
    """Return all words one edit away: a letter deleted, inserted, replaced or swapped with the next.

    Only for longer words in a-z. Source: Damerau, "A technique for computer detection and correction of spelling
    errors" (1964).
    """
    if len(word) < _MIN_CORRECTED_LETTERS or not (word.isascii() and word.isalpha()):
        return set()
    splits = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    deleted = {before + after[1:] for before, after in splits if after}
    swapped = {before + after[1] + after[0] + after[2:] for before, after in splits if len(after) > 1}
    replaced = {before + letter + after[1:] for before, after in splits if after for letter in ascii_lowercase}
    inserted = {before + letter + after for before, after in splits for letter in ascii_lowercase}
    return (deleted | swapped | replaced | inserted) - {word}


def _checksums(folder: Path, known: Mapping[str, str]) -> dict[str, str]:
    """Return the SHA-256 of every file of the index by name. Segment files never change: `known` ones are not read."""
    found = {}
    # Hidden files are locks and lists of deletable files.
    for file in sorted(folder.glob("*/[!.]*")):
        name = file.relative_to(folder).as_posix()
        unchanged = name in known and file.name != "meta.json"
        found[name] = known[name] if unchanged else hashlib.sha256(file.read_bytes()).hexdigest()
    return found


def _read(file: Path) -> bytes:
    """Return the content of a file; empty, if another process has removed it."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""


@lru_cache
def _analyzer(stems: str) -> tantivy.TextAnalyzer:
    # Not tantivy's `simple` tokenizer, which splits words at vowel signs in Thai, Hindi and Tamil.
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.regex(r"[^\W_]+")).filter(tantivy.Filter.remove_long(240))
    builder = builder.filter(tantivy.Filter.lowercase())
    if stems != NO_STEMS:
        builder = builder.filter(tantivy.Filter.stemmer(stems))
    # Fold accents after the stemmer, which needs them: `Muller` finds `Müller`.
    return builder.filter(tantivy.Filter.ascii_fold()).build()


def _best(searcher: tantivy.Searcher, query: tantivy.Query, count: int) -> list[tuple[Any, Any]]:
    """Return the `count` best and all that tie with the last: tantivy drops ties at random."""
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
