"""Questions about who somebody is, what something is, and how old somebody is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.english import mentions, verbs
from rag.suggesting.people import Names
from rag.suggesting.telling import Told
from rag.suggesting.wording import Candidate

_AGED = re.compile(r", (?P<age>[1-9]\d),")
_ASIDE = re.compile(r",(?: \d\d,)? (?P<what>(?:an?|the) [a-z][^,;:“\"]{4,90}?)(?=,|\.$)")
_IS = re.compile(r" (?P<is>is|was) (?P<what>an? [a-z][^,;:“\"]{4,90}?)(?=,|\.$| who| that)")
_DIED = re.compile(r"[^;]{0,110}\b(?:died|was (?:shot|killed|found|stabbed|murdered|buried)|were killed)\b")
_DEATH = re.compile(r"\b(?:death|killing|murder|slaying|body|funeral|late)\b[^,;]{0,40}$")
# Who only speaks for others is asked for by nobody.
_SPEAKERS = frozenset(
    """spokesman spokeswoman spokesperson sister brother mother father daughter son wife husband friend
    neighbor""".split()
)
_THINGS = frozenset(
    """group company organization organisation agency charity nonprofit movement party drug disease virus island city
    town village province region program programme project website service firm bank network newspaper magazine festival
    museum ship vessel airline retailer maker band satellite spacecraft""".split()
)


def questions(told: Told, names: Names) -> Iterator[Candidate]:
    """The questions for who or what the sentence says that a name is."""
    text = told.text
    for name in mentions.names(f"x {text}"):
        named = names.whole(name)
        if named is None or not (named.text == name.text or named.kind == "person"):
            continue
        end = name.end - 2
        if text[: name.start - 2].endswith(("the ", "The ", "of ", "-")):
            continue
        was = "was" if _dead(text, name.start - 2, end) else "is"
        age = _AGED.match(text, end)
        if age and named.kind == "person":
            yield Candidate(f"How old {was} {named.text}?", "how old", told, age["age"])
        what = _ASIDE.match(text, end) or _IS.match(text, end)
        if what:
            yield from _identity(told, named.text, named.kind, what, was)


def _identity(told: Told, name: str, kind: str, what: re.Match[str], was: str) -> Iterator[Candidate]:
    said = what["what"]
    if any(verbs.base_of(word) or word in verbs.AUXILIARIES for word in said.split()[1:]):
        return
    head = re.split(r" (?:of|in|for|at|on|from|with|based|that|which|who|and) ", said)[0].split()[-1].lower()
    if kind == "person" and 1 <= name.count(" ") <= 2 and _person(head) and head not in _SPEAKERS:
        yield Candidate(f"Who {was} {name}?", "who is", told, said)
    elif kind == "thing" and head in _THINGS:
        yield Candidate(f"What is {name}?", "what is", told, said)


_NOBODY = frozenset(
    """shelter center centre newspaper paper river tower carrier maker provider retailer manufacturer publisher
    broadcaster developer operator supplier insurer lender monument restaurant department parliament settlement
    tournament continent event moment element plant chapter number matter disorder cancer computer""".split()
)


def _dead(text: str, start: int, end: int) -> bool:
    """Whether the sentence tells the death of the name that stands there."""
    return bool(_DIED.match(text, end) or _DEATH.search(text[:start]))


def _person(head: str) -> bool:
    """Whether a noun is one for people."""
    if head in _NOBODY:
        return False
    return head in mentions.ROLES or bool(
        re.search(r"(?:er|or|ist|ian|man|woman|ant|ent|eer|ess|ive|cian|son|chief|head|mate)$", head)
    )
