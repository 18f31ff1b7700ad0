"""What a sentence says before its quote begins: a passage of a very long sentence begins in the middle of it."""

from __future__ import annotations

import re

_SENTENCE_END = re.compile(r"[.!?…][\"”’')\]]*\s|\n")
_LOOKED_BACK_CHARS = 2_000


def before(text: str, start: int) -> str:
    """The part of the sentence at the character `start` of an article's `text` that stands before it, "" for none."""
    window = text[max(0, start - _LOOKED_BACK_CHARS) : start]
    ends = [found.end() for found in _SENTENCE_END.finditer(window)]
    return window[ends[-1] if ends else 0 :].strip()
