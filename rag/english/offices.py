"""Which offices a text names, so that a prime minister is not taken for a foreign minister."""

from __future__ import annotations

import re

from rag.english import mentions
from rag.search.words import Word, words

# They say nothing of which office it is.
_ANY = frozenset("former late visiting new current acting then deputy senior top s".split())


def another(asked: str, text: str) -> bool:
    """Whether `text` names an office of the kind that `asked` does, and only with another word before it.

    "foreign minister" is another than "prime minister"; "the minister" may be either.
    """
    there = _offices(text)
    return any(
        not own & there[role] and "" not in there[role]
        for role, own in _offices(asked).items()
        if role in there and "" not in own
    )


def _offices(text: str) -> dict[str, set[str]]:
    """By the word for the office, the stems of the words right before it; "" where none says which."""
    found: dict[str, set[str]] = {}
    said = words(text)
    for at, word in enumerate(said):
        role = word.text.lower().removesuffix("s")
        if role in mentions.ROLES:
            own = found.setdefault(role, set())
            own.add(_which(text, said[at - 1] if at else None, word))
            # "The finance and foreign ministers": the office of both.
            if at > 2 and said[at - 2].text in ("and", "or"):
                own.add(_which(text, said[at - 3], said[at - 2]))
    return found


def _which(text: str, before: Word | None, word: Word) -> str:
    if before is None or not re.fullmatch(r"[\s-]+", text[before.end : word.start]):
        return ""
    lowered = before.text.lower()
    owner = lowered.endswith(("'s", "’s")) or mentions.people(lowered) or mentions.place(lowered)
    return "" if owner or before.function or lowered in _ANY or lowered in mentions.ROLES else before.stem
