"""Tell a text's language where its file does not."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

TOLD_BY = "the text itself"
# Of letters in UTF-8: a word of Chinese says as much in two letters as one of English in six.
_LEAST_BYTES = 50
_READ_CHARS = 800
_SURE = 0.85
_LIKELY = 0.5


def tell(text: str) -> str | None:
    """The ISO 639-1 code of a text's language; None for a text too short or too mixed to be sure."""
    read = text[:_READ_CHARS]
    if len(re.sub(r"[\W\d_]", "", read).encode("utf-8", "replace")) < _LEAST_BYTES:
        return None
    language, share = _identifier().classify(read)
    return language if share >= _SURE and len(language) == 2 else None


def foreign(question: str) -> bool:
    """Whether so short a text is likelier in another language than English."""
    letters = re.sub(r"[\W\d_]", "", question)
    if sum(letter.isascii() for letter in letters) < len(letters) / 2:
        return True
    language, share = _identifier().classify(question)
    return bool(language != "en" and share >= _LIKELY)


def code(name: object) -> str | None:
    """The ISO 639-1 code in a language tag: `pt` of `pt-BR` and of `PT_br`."""
    found = re.match(r"\s*([a-z]{2})(?![a-z])", str(name or "").lower())
    return found[1] if found else None


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
