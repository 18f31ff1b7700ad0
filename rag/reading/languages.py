"""What full-text search must know of a language: how its words are stemmed, and whether spaces part them."""

from __future__ import annotations

import re
from itertools import pairwise

# Scripts that put no space between words: Thai, Lao, Burmese, Khmer, kana, Han.
_UNSPACED = re.compile(
    "[\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]+"
)
_INITIALS = re.compile(r"\b[^\W\d_](?:\.[^\W\d_])+\b")
_STEMMERS = dict(
    pair.split(":")
    for pair in """ar:arabic da:danish de:german el:greek en:english es:spanish fi:finnish fr:french hu:hungarian
    it:italian nb:norwegian nl:dutch nn:norwegian no:norwegian pt:portuguese ro:romanian ru:russian sv:swedish ta:tamil
    tr:turkish""".split()
)
ENGLISH = "english"
NO_STEMS = "none"


def stemmer(language: str | None) -> str:
    """The stemmer of an ISO 639-1 language, or `NO_STEMS`; text in no stated language is taken for English."""
    return _STEMMERS.get(language.lower()[:2], NO_STEMS) if language else ENGLISH


def in_twos(text: str) -> str:
    """`text` with every two neighbouring characters as one word, where its script puts no space between words."""
    return _UNSPACED.sub(_pairs, text)


def joined(text: str) -> str:
    """`text` with the points between initials left out: `U.S. forces` becomes `US. forces`."""
    return _INITIALS.sub(lambda found: found.group().replace(".", ""), text)


def _pairs(run: re.Match[str]) -> str:
    chars = run.group()
    return f" {' '.join(map(''.join, pairwise(chars))) or chars} "
