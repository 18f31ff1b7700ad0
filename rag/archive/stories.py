"""Near-duplicates: articles of several outlets that run the same text belong to one story.

MinHash over shingles of four words (Broder 1997), in bands: two texts that share a band are candidates, and their exact
Jaccard similarity decides. 20 bands of 4 find 94 % of the pairs at similarity 0.6 and 99.6 % at 0.7.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from rag.archive import schema
from rag.archive.database import Database
from rag.types import Article, Copy

MIN_SIMILARITY = 0.6
_SHINGLE_WORDS = 4
_BANDS, _BAND_ROWS = 20, 4
# A recurring notice has the same wording every time but reports something else.
_MAX_DAYS_APART = timedelta(days=7)
# Short texts are often forms in which only the names differ: "A bridge opens in Bonn".
_FORM_WORDS = 100
# A standard first paragraph puts thousands of articles into one band; the newest represent them.
_MAX_SHARED = 1_000
_MAX_CANDIDATES = 20
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"(?<!\w)\d+(?:[.,]\d+)*(?!\w)")
_WORD_INSIDE_SENTENCE = re.compile(r"(?<![.?!:\n\"“”»] )(?<!^)\b[^\W\d_]\w+", re.MULTILINE)


def bands(article: Article) -> tuple[int, ...]:
    """Return the bands of an article as signed 64-bit integers: articles that share one may be near-duplicates."""
    # Imported here: it imports scipy, which takes a third of a second, and questions do without.
    from datasketch import MinHash

    hashes = MinHash(num_perm=_BANDS * _BAND_ROWS, hashfunc=zlib.crc32)
    hashes.update_batch([shingle.encode("utf-8", "surrogatepass") for shingle in sorted(_shingles(article))])
    rows = np.asarray(hashes.digest()).reshape(_BANDS, _BAND_ROWS)
    return tuple(_hash64(f"{number}:{row.tolist()}".encode()) for number, row in enumerate(rows))


def similarity(one: Article, other: Article) -> float:
    """Return the Jaccard similarity of the shingles of two articles, 0 to 1; 0 if they are different stories.

    They are if they were published a week or more apart, or if each has a number that the other lacks, or, in short
    texts, a name: an outlet shortens or extends a wire text, but does not replace its facts.
    """
    days = [item.published.day_known for item in (one, other) if item.published]
    if len(days) == 2 and days[0] and days[1] and abs(days[0] - days[1]) >= _MAX_DAYS_APART:
        return 0.0
    if _differ(set(_NUMBER.findall(one.text)), set(_NUMBER.findall(other.text))):
        return 0.0
    short = min(len(one.text.split()), len(other.text.split())) < _FORM_WORDS
    if short and _differ(_names(one.text), _names(other.text)):
        return 0.0
    first, second = _shingles(one), _shingles(other)
    return len(first & second) / len(first | second)


def sign(database: Database, article_id: str, bands: Sequence[int], number: int | None = None) -> None:
    """Store the bands of an article, under `number` if that is free, and take it out of its story."""
    leave(database, article_id)
    blob = np.array(bands, dtype="<i8").tobytes()
    free = "(SELECT ? WHERE NOT EXISTS (SELECT 1 FROM signatures WHERE number = ?))"
    query = f"INSERT INTO signatures (number, article_id, bands) VALUES ({free}, ?, ?)"
    number = database.write(query, number, number, article_id, blob)
    database.write_all("INSERT OR IGNORE INTO bands VALUES (?, ?)", [(band, number) for band in bands])


def parse_bands(blob: bytes) -> list[int]:
    """Read the bands that `sign` stored."""
    bands: list[int] = np.frombuffer(blob, dtype="<i8").tolist()
    return bands


def join(database: Database, article: Article, bands: Sequence[int]) -> Copy | None:
    """Add a stored article to the story of the most similar one; return that one, if any."""
    copy = _most_similar(database, article, bands)
    if copy:
        database.write("UPDATE articles SET story = coalesce(story, id) WHERE id = ?", copy.of)
        query = "UPDATE articles SET story = (SELECT story FROM articles WHERE id = ?) WHERE id = ?"
        database.write(query, copy.of, article.id)
    return copy


def leave(database: Database, article_id: str) -> None:
    """Delete the bands and the story of an article."""
    for number, blob in database.rows("SELECT number, bands FROM signatures WHERE article_id = ?", article_id):
        pairs = [(band, number) for band in parse_bands(blob)]
        database.write_all("DELETE FROM bands WHERE band = ? AND number = ?", pairs)
    database.write("DELETE FROM signatures WHERE article_id = ?", article_id)
    database.write("UPDATE articles SET story = NULL WHERE id = ?", article_id)


def _most_similar(database: Database, article: Article, bands: Sequence[int]) -> Copy | None:
    candidates = [other for other in _candidates(database, bands) if other.id != article.id]
    copies = [Copy(article.id, other.id, similarity(article, other)) for other in candidates]
    best = max(copies, key=lambda copy: copy.similarity, default=None)
    return best if best and best.similarity >= MIN_SIMILARITY else None


def _candidates(database: Database, bands: Sequence[int]) -> list[Article]:
    """The articles that share most bands, oldest first among equals."""
    marks = ", ".join("?" * len(bands))
    query = f"SELECT number FROM bands WHERE band IN ({marks}) ORDER BY number DESC LIMIT ?"
    shared = Counter(row[0] for row in database.rows(query, *bands, _MAX_SHARED))
    numbers = sorted(shared, key=lambda number: (-shared[number], number))[:_MAX_CANDIDATES]
    query = f"SELECT {schema.ARTICLE} FROM articles a JOIN signatures s ON s.article_id = a.id WHERE s.number = ?"
    return [schema.parse_article(row) for number in numbers for row in database.rows(query, number)]


def _differ(first: set[str], second: set[str]) -> bool:
    """Whether each has something that the other lacks."""
    return bool(first - second and second - first)


def _names(text: str) -> set[str]:
    """The capitalised words that do not begin a sentence."""
    return {word for word in _WORD_INSIDE_SENTENCE.findall(text) if word[0].isupper()}


def _shingles(article: Article) -> frozenset[str]:
    """Every four consecutive words of title and text, in lower case; all the words if there are fewer.

    The title counts: "Subscribe to read on" under fifty headlines is not one story.
    """
    words = _WORD.findall(f"{article.title} {article.text}".lower())
    last = max(1, len(words) - _SHINGLE_WORDS + 1)
    return frozenset(" ".join(words[at : at + _SHINGLE_WORDS]) for at in range(last))


def _hash64(content: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "little", signed=True)
