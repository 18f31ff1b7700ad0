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
from datasketch import MinHash

from rag.types import Article

SIMILAR = 0.6
_SHINGLE_WORDS = 4
_BANDS, _BAND_ROWS = 20, 4
_WORD = re.compile(r"\w+")
# A notice that comes every month is worded alike and tells something else.
_DAYS_APART = timedelta(days=7)


def shingles(article: Article) -> frozenset[str]:
    """Every run of four words of the title and the text, in lower case; all the words, where there are fewer."""
    words = _WORD.findall(f"{article.title} {article.text}".lower())
    last = max(1, len(words) - _SHINGLE_WORDS + 1)
    return frozenset(" ".join(words[at : at + _SHINGLE_WORDS]) for at in range(last))


def bands(article: Article) -> tuple[int, ...]:
    """The article's bands, as signed 64-bit integers: articles that share one may be copies."""
    hashes = MinHash(num_perm=_BANDS * _BAND_ROWS, hashfunc=zlib.crc32)
    hashes.update_batch([shingle.encode("utf-8", "surrogatepass") for shingle in sorted(shingles(article))])
    rows = np.asarray(hashes.digest()).reshape(_BANDS, _BAND_ROWS)
    return tuple(_hash64(f"{number}:{row.tolist()}".encode()) for number, row in enumerate(rows))


def similarity(one: Article, other: Article) -> float:
    """The Jaccard similarity of both articles' shingles, 0 to 1; 0 where they were published a week apart or more."""
    days = [item.published.day_known for item in (one, other) if item.published]
    if len(days) == 2 and days[0] and days[1] and abs(days[0] - days[1]) >= _DAYS_APART:
        return 0.0
    first, second = shingles(one), shingles(other)
    return len(first & second) / len(first | second)


def _hash64(content: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "little", signed=True)
