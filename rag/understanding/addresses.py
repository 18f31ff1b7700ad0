"""Web addresses and pictures in a question: a judge of words makes nothing of them, and doubts the rest for them."""

from __future__ import annotations

import re

from rag.search.words import words

_ADDRESS = re.compile(
    r"!?\[[^\[\]]{0,200}\]\([^()\s]{0,500}\)|(?:https?://|www\.)\S{0,500}[^\s?!.,;:)]", re.IGNORECASE | re.ASCII
)
_BEFORE_A_SIGN = re.compile(r"\s+(?=[?!.,;:])")
# With fewer words left, the address may be what is asked about.
_FEWEST_WORDS = 3


def without(question: str) -> str:
    """The question without its addresses and pictures; as it was where hardly a word would be left."""
    bare = _ADDRESS.sub(" ", question)
    if bare == question:
        return question
    rest = _BEFORE_A_SIGN.sub("", " ".join(bare.split()))
    return rest if len(words(rest)) >= _FEWEST_WORDS else question
