"""Who and what an article names, so that a question says the whole name: Sergei Lavrov for Lavrov."""

from __future__ import annotations

import re
from typing import NamedTuple

from rag.english import mentions
from rag.english.mentions import Name
from rag.search.words import words

# They lead a name and are no part of it.
_OCCUPATIONS = frozenset(
    """activist actor actress agent analyst architect artist astronaut author banker biologist bishop broker
    captain cardinal ceo champion chemist co-founder coach columnist comedian composer consultant
    correspondent cpl critic curator dancer defender designer detective director doctor driver economist
    editor engineer ex-president executive farmer father fighter filmmaker fireman fisherman former founder
    goalkeeper golfer guitarist heiress historian host inspector jockey journalist late lawyer legend lt
    manager mayor midfielder model musician neighbor novelist nurse owner painter pastor photographer
    physicist pilot playwright poet policeman politician producer publisher pvt rabbi racer rapper reporter
    researcher resident retired rev reverend scientist sculptor sgt shopkeeper singer skipper soldier spc
    star striker student supermodel superstar surgeon suspect swimmer teacher teammate trader veteran victim
    winger writer""".split()
)
_NOBODYS = frozenset("police officials officers authorities doctors critics experts prosecutors".split())
_LEAST_MENTIONS = 2
_MOST_WORDS = 4
_NO_SURNAME = re.compile(r"(jr|sr|ii|iii)\.?$", re.IGNORECASE)


class Named(NamedTuple):
    """A name as a question says it. `kind`: person, place or thing."""

    text: str
    kind: str


class Names:
    """The names of one article."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._full: dict[str, set[str]] = {}
        for name in mentions.names(text):
            own = _own(name.text)
            if name.kind == "person" and _full(own):
                self._full.setdefault(own.split()[-1], set()).add(own)

    def whole(self, name: Name) -> Named | None:
        """The name as it stands alone; None where it is not certain to be one."""
        own = _own(name.text)
        if name.kind not in ("person", "place", "thing") or not own or not own[0].isalpha() or own.lower() in _NOBODYS:
            return None
        if name.kind == "place":
            return Named(own, "place") if mentions.place(own) or " " in own or self._often(own) else None
        if name.kind == "thing" and not _full(own):
            return Named(own, "thing") if self._often(own) or " " in own else None
        full = self._full.get(own.split()[-1], set())
        if len(full) == 1 and (" " not in own or own in full):
            return Named(next(iter(full)), "person")
        if full:
            return None
        return Named(own, "thing") if " " not in own and self._often(own) else None

    def person(self, full: str) -> bool:
        """Whether the article treats a name as somebody's: with a title or an age, as one who speaks, has or is who."""
        last = re.escape(full.split()[-1])
        acts = r"(?:, (?:\d\d,|who\b|whose\b|an? )| (?:said|says|told|added|who)\b)"
        own = rf"(?<!\w){last}{acts}|(?:said|says|added) {last}"
        titled = any(name.title and name.text.endswith(full.split()[-1]) for name in mentions.names(self._text))
        return titled or re.search(own, self._text) is not None

    def _often(self, name: str) -> bool:
        """Whether the word is a name wherever it stands: inside sentences too, and never without its capital."""
        inside = re.findall(rf"(?<=[a-z,] ){re.escape(name)}(?!\w)", self._text)
        small = re.search(rf"(?<!\w){re.escape(name.lower())}(?!\w)", self._text)
        return len(inside) >= _LEAST_MENTIONS and (small is None or name.islower())


def _own(name: str) -> str:
    parts = name.split()
    while len(parts) > 1 and parts[0].lower().strip(".,") in _OCCUPATIONS:
        parts = parts[1:]
    # "The ambassador to Ukraine Steven Pifer".
    while len(parts) > 2 and (mentions.place(parts[0]) or mentions.people(parts[0])):
        parts = parts[1:]
    return " ".join(parts)


def _full(name: str) -> bool:
    """Whether it is a given name with a family name."""
    parts = name.split()
    capital = [part for part in parts if part[0].isupper()]
    return (
        2 <= len(parts) <= _MOST_WORDS
        and len(capital) >= 2
        and not any(part.isupper() and len(part) > 2 for part in parts)
        and not any(word.text.lower() in (*mentions.DAYS, *mentions.MONTHS) for word in words(name))
        and not _NO_SURNAME.search(name)
    )
