"""Tell copies and near-copies of a text: what several outlets ran, with another headline or a paragraph less.

Shingles of four words, hashed by MinHash (Broder 1997) into bands: two texts that share a band are candidates, and
their exact Jaccard similarity decides. 20 bands of 4 find 94% of the pairs at similarity 0.6, and 99.6% at 0.7.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from datetime import timedelta

import numpy as np

from rag.types import Article

SIMILAR = 0.6
_SHINGLE_WORDS = 4
_BANDS, _BAND_ROWS = 20, 4
_WORD = re.compile(r"\w+")
# A notice that comes every month is worded alike and tells something else.
_DAYS_APART = timedelta(days=7)
_NUMBER = re.compile(r"(?<!\w)\d+(?:[.,]\d+)*(?!\w)")
_INSIDE = re.compile(r"(?<![.?!:\n\"“”»] )(?<!^)\b[^\W\d_]\w+", re.MULTILINE)
# So few words are often of a form, in which the names tell two stories apart: "A bridge opens in Bonn".
_FORM_WORDS = 100


def bands(article: Article) -> tuple[int, ...]:
    """The article's bands, as signed 64-bit integers: articles that share one may be copies."""
    # Imported here: it imports scipy, which takes a third of a second, and a question never needs it.
    from datasketch import MinHash

    hashes = MinHash(num_perm=_BANDS * _BAND_ROWS, hashfunc=zlib.crc32)
    hashes.update_batch([shingle.encode("utf-8", "surrogatepass") for shingle in sorted(_shingles(article))])
    rows = np.asarray(hashes.digest()).reshape(_BANDS, _BAND_ROWS)
    return tuple(_hash64(f"{number}:{row.tolist()}".encode()) for number, row in enumerate(rows))


def similarity(one: Article, other: Article) -> float:
    """The Jaccard similarity of both articles' shingles, 0 to 1; 0 where they tell two stories all the same.

    That is where they were published a week apart or more, or where each has a number that the other lacks, or a name
    in a short text: a copy leaves out or adds, and what puts another fact in the place of one is no copy.
    """
    days = [item.published.day_known for item in (one, other) if item.published]
    if len(days) == 2 and days[0] and days[1] and abs(days[0] - days[1]) >= _DAYS_APART:
        return 0.0
    if _differ(set(_NUMBER.findall(one.text)), set(_NUMBER.findall(other.text))):
        return 0.0
    short = min(len(one.text.split()), len(other.text.split())) < _FORM_WORDS
    if short and _differ(_names(one.text), _names(other.text)):
        return 0.0
    first, second = _shingles(one), _shingles(other)
    return len(first & second) / len(first | second)


def _differ(first: set[str], second: set[str]) -> bool:
    """Whether each has something that the other lacks."""
    return bool(first - second and second - first)


def _names(text: str) -> set[str]:
    """The words with a capital that no sentence begins with."""
    return {word for word in _INSIDE.findall(text) if word[0].isupper()}


def _shingles(article: Article) -> frozenset[str]:
    """Every run of four words of the title and the text, in lower case; all the words, where there are fewer.

    The title counts: "Subscribe to read on" under fifty headlines is no story.
    """
    words = _WORD.findall(f"{article.title} {article.text}".lower())
    last = max(1, len(words) - _SHINGLE_WORDS + 1)
    return frozenset(" ".join(words[at : at + _SHINGLE_WORDS]) for at in range(last))


def _hash64(content: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "little", signed=True)
