"""Find sentences of an article that give orders to a machine: they are no evidence of anything."""

from __future__ import annotations

import re

from rag import chunking

# What parts the turns of a chat in a prompt.
_TURN = re.compile(
    r"<\|\w+\|>(?:system|user|assistant)?|\[/?INST\]|<</?SYS>>|###\s*(?:system|instruction|response|user|assistant):?",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"^\W*(?:system|assistant|user|human|instructions?|prompt|answer|note to (?:the )?(?:ai|assistant|model))\s*:"
    r"|\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instructions?|prompts?|rules|(?:the|all) above)\b"
    r"|\b(?:you|the (?:ai|assistant|model|chatbot)) (?:must|should|shall|will|are (?:now )?to) (?:now |only |always )*"
    r"(?:say|answer|reply|respond|output|print|state|claim)\b"
    r"|\b(?:do not|don['’]t) (?:cite|answer|quote|mention (?:this|these))\b"
    r"|\b(?:say|answer|reply|respond|output) only\b|\banswer only with\b",
    re.IGNORECASE,
)


def blanked(text: str, language: str | None) -> str:
    """The text with spaces for every sentence that gives an order, so that each other character keeps its place."""
    text = _TURN.sub(lambda found: " " * len(found.group()), text)
    if not _ORDER.search(text) and ":" not in text:
        return text
    for start, end in chunking.sentences(text, language):
        if _ORDER.search(text[start:end]):
            text = text[:start] + " " * (end - start) + text[end:]
    return text
