"""The words of English and how often each is said; loaded when first asked for."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spellchecker import SpellChecker

# The dictionary spells as Americans do.
_AMERICAN = (
    (re.compile(r"is(?=e|ing|ation)"), "iz"),
    (re.compile(r"ys(?=e|ing)"), "yz"),
    (re.compile(r"our"), "or"),
    (re.compile(r"(?<=[aeioun][bt])re(?=s?$)"), "er"),
    (re.compile(r"ence"), "ense"),
    (re.compile(r"mme"), "m"),
    (re.compile(r"ll(?=ed|ing|ers?$|ors?$)"), "l"),
)


def known(word: str) -> bool:
    """Whether `word`, in lower case, is English, be it spelt as the British or as the Americans do."""
    return any(count(form) for form in (word, *(pattern.sub(to, word) for pattern, to in _AMERICAN)))


def count(word: str) -> int:
    """How often `word`, in lower case, stands in the text that the dictionary was counted from; 0: it is no word.

    Source: pyspellchecker, films' subtitles.
    """
    return _dictionary().word_frequency.dictionary.get(word, 0)


@lru_cache(maxsize=1_000)
def edits(word: str) -> frozenset[str]:
    """What `word` becomes when a letter is left out, put in, taken for another or changes places with the next."""
    return frozenset(_dictionary().edit_distance_1(word)) - {word}


@cache
def _dictionary() -> SpellChecker:
    # A tenth of a second and some 20 MB, which most questions do not need.
    from spellchecker import SpellChecker

    return SpellChecker(language="en", distance=1)
