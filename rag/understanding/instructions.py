"""Leave out of a question what it orders the reader to do: the answer is what the archive says, whoever asks."""

from __future__ import annotations

import re

from rag.search import chunking

_HOW = re.compile(
    r"^\W*(?:please |and |but |now |just |then )*"
    r"(?:(?:reply|respond|answer|say|write|output|print|repeat|cite|quote|pretend|act|behave|imagine|forget|ignore"
    r"|disregard|override|follow|use|keep|be|make sure|remember|start|begin|end|finish|translate|leave out|skip"
    r"|do not|don['’]t|never|always|from now on)\b(?! of\b)"
    r"|(?:you|your (?:answer|reply|response)|the (?:answer|reply)) (?:must|should|shall|will|are|has to|may)\b)",
    re.IGNORECASE,
)
_ASKS = re.compile(r"\b(?:who|whom|whose|what|when|where|why|which|how)\b|\?", re.IGNORECASE)
# "Forget the articles: who wrote it?"
_COLON = re.compile(r"^(?P<order>[^:?]+):\s+(?P<asked>.+\?.*)$", re.DOTALL)


def without(question: str) -> str:
    """The question without its sentences that say how to answer; itself where nothing else would be left."""
    spans = chunking.sentences(question)
    said = [question[span.start : span.end] for span in spans]
    kept = [asked for one in said if (asked := _asked(one))]
    return " ".join(kept) if kept != said and any(_ASKS.search(one) for one in kept) else question


def _asked(sentence: str) -> str:
    found = _COLON.match(sentence)
    if found and _HOW.match(found["order"]):
        asked = found["asked"]
        return f"{asked[:1].upper()}{asked[1:]}"
    return "" if _HOW.match(sentence) and not sentence.rstrip().endswith("?") else sentence
