"""Take a question apart that asks for several things."""

from __future__ import annotations

import re

from rag.search.words import content
from rag.types import Exchange
from rag.understanding import followups

_ASKING = r"who|whom|whose|what|when|where|why|which|how(?:\s+(?:many|much|long|old|often|far))?"
# "When and where did they sign?"
_TOGETHER = re.compile(rf"^\s*({_ASKING})\s+and\s+({_ASKING})\s+(.+)$", re.IGNORECASE | re.DOTALL)
# "When was it signed, and where?"
_THEN = re.compile(rf"^(.+?\S),?\s+and\s+((?:{_ASKING})\b.*)$", re.IGNORECASE | re.DOTALL)
# "What was said about rail and about the drill?"
_TWICE = re.compile(
    r"^(.+?)\s+(about|on|in|for|from|to|by|with|of)\s+(.+?),?\s+and\s+\2\s+(.+)$", re.IGNORECASE | re.DOTALL
)
_LEAST_WORDS = 2


def parts(question: str) -> tuple[str, ...]:
    """What the question asks, one thing each and each standing alone; the question itself where it asks for one."""
    if found := _TOGETHER.match(question):
        return _capital(f"{found[1]} {found[3]}"), _capital(f"{found[2]} {found[3]}")
    if (found := _THEN.match(question)) and len(content(found[1])) >= _LEAST_WORDS:
        first, then = _capital(f"{found[1]}?"), found[2]
        alone = followups.standalone(then, (Exchange(first, ""),))
        # What only the first part can tell it about and no rule completes is no question of its own.
        return (first, _capital(alone)) if alone != then or len(content(then)) >= _LEAST_WORDS else (question,)
    if found := _TWICE.match(question):
        ends = found[3], found[4].rstrip(" ?")
        return tuple(f"{found[1]} {found[2]} {end}?" for end in ends)
    return (question,)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
