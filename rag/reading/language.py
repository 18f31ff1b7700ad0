"""Languages: detect one, and what full-text search must know of it (stemmer, words without spaces)."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from rag.reading import temporary

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

# Letters are counted in UTF-8 bytes: a Chinese word says as much in two letters as an English one in six.
_MIN_LETTER_BYTES = 50
_MAX_CHARS = 800
_MIN_PROBABILITY = 0.85
_MIN_FOREIGN_PROBABILITY = 0.5
# Scripts without spaces between words: Thai, Lao, Burmese, Khmer, kana, Han.
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


def detect(text: str) -> str | None:
    """Detect a text's language (ISO 639-1); None where it is too short or too mixed to be sure."""
    sample = text[:_MAX_CHARS]
    if len(re.sub(r"[\W\d_]", "", sample).encode("utf-8", "replace")) < _MIN_LETTER_BYTES:
        return None
    language, probability = _identifier().classify(sample)
    return language if probability >= _MIN_PROBABILITY and len(language) == 2 else None


def foreign(question: str) -> bool:
    """Return whether a text as short as a question is more likely in another language than English."""
    letters = re.sub(r"[\W\d_]", "", question)
    if sum(letter.isascii() for letter in letters) < len(letters) / 2:
        return True
    language, probability = _identifier().classify(question)
    return bool(language != "en" and probability >= _MIN_FOREIGN_PROBABILITY)


def code(tag: object) -> str | None:
    """Return the ISO 639-1 code of a language tag: `pt` for `pt-BR` and `PT_br`."""
    found = re.match(r"\s*([a-z]{2})(?![a-z])", str(tag or "").lower())
    return found[1] if found else None


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    # It unpacks its model, 40 MB, into a temporary file.
    with temporary.writing():
        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def stemmer(language: str | None) -> str:
    """Return the stemmer for an ISO 639-1 language, or `NO_STEMS`; an unknown language is treated as English."""
    return _STEMMERS.get(language.lower()[:2], NO_STEMS) if language else ENGLISH


def split_unspaced(text: str) -> str:
    """Split text of scripts without spaces into overlapping pairs of characters, each a word."""
    return _UNSPACED.sub(_bigrams, text)


def join_initials(text: str) -> str:
    """Remove the points between initials: `U.S. forces` becomes `US. forces`."""
    return _INITIALS.sub(lambda found: found.group().replace(".", ""), text)


def _bigrams(run: re.Match[str]) -> str:
    chars = run.group()
    return f" {' '.join(map(''.join, pairwise(chars))) or chars} "
