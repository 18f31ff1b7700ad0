"""Find sentences of an article that give orders to a machine: they are no evidence of anything."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from rag.search import chunking
from rag.types import Evidence, Hit

# What parts the turns of a chat in a prompt.
_TURN = re.compile(
    r"<\|\w+\|>(?:system|user|assistant)?|\[/?INST\]|<</?SYS>>|</?(?:system|user|assistant|instructions?)>"
    r"|###\s*(?:system|instruction|response|user|assistant):?",
    re.IGNORECASE,
)
_MACHINE = r"(?:ais?|assistants?|(?:language )?models?|chatbots?)"
_SAY = r"(?:say|answer|reply|respond|output|print|state|claim|write)"
_ORDER = re.compile(
    rf"^\W*(?:system|assistant|instructions?|prompt|(?:note|correction|message)\b[^.:]{{0,40}}\b{_MACHINE})\s*:"
    r"|\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instructions?|prompts?|(?:the|all) above)\b"
    rf"|^\W*(?:you|{_MACHINE},? you|the {_MACHINE}) (?:must|should|shall|are (?:now |required )*to) (?:\w+ )?{_SAY}"
    r" (?:that|only|with)\b"
    rf"|\b(?:please|assistant,?) {_SAY} (?:that|only|with)\b|\b{_SAY} only with\b"
    r"|\b(?:do not|don['’]t) (?:cite|answer (?:the|any) question|quote anything|mention (?:this|these) (?:order|text))"
    r"|\b(?:do not|don['’]t) cite\b",
    re.IGNORECASE,
)


def sentences(hit: Hit) -> Iterator[Evidence]:
    """Yield every sentence of a passage that gives no order, with its place in the article and score 0."""
    passage, article = hit.passage, hit.article
    for start, end in chunking.sentences(blanked(hit), article.language):
        text = passage.text[start:end]
        yield Evidence(article, passage.id, passage.start + start, passage.start + end, text, 0.0)


def blanked(hit: Hit) -> str:
    """The passage with spaces for every sentence that gives an order: each other character keeps its place."""
    text = _TURN.sub(lambda found: " " * len(found.group()), hit.passage.text)
    for start, end in chunking.sentences(text, hit.article.language):
        if _orders(text[start:end]):
            text = text[:start] + " " * (end - start) + text[end:]
    return text


def _orders(sentence: str) -> bool:
    """Whether it gives an order, also in letters that look like others or with marks between them that do not show."""
    plain = "".join(c for c in unicodedata.normalize("NFKC", sentence) if unicodedata.category(c) != "Cf")
    return bool(_ORDER.search(_TURN.sub(" ", plain)))
