"""Questions about who did something, and about what somebody did."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.english import clauses, mentions, verbs
from rag.search.words import stems
from rag.suggesting import telling, wording
from rag.suggesting.people import Names
from rag.suggesting.telling import Predicate, Told
from rag.suggesting.wording import Candidate

_TO_DO = frozenset("plan agree promise vow pledge threaten refuse offer decide hope intend want".split())
_OBJECT = frozenset(
    """announce launch deny discover win propose reject approve publish predict admit acknowledge recommend demand
    criticize condemn unveil oppose""".split()
)
_ABOUT = {
    ("call", "for"),
    ("apologize", "for"),
    ("apologise", "for"),
    ("warn", "of"),
    ("warn", "against"),
    ("die", "of"),
    ("suffer", "from"),
    ("complain", "about"),
    ("ask", "for"),
    ("specialize", "in"),
    ("vote", "for"),
    ("vote", "against"),
    ("focus", "on"),
    ("beg", "for"),
}
_BLAMED = {
    ("charged", "with"),
    ("accused", "of"),
    ("convicted", "of"),
    ("sentenced", "to"),
    ("suspected", "of"),
    ("acquitted", "of"),
    ("known", "for"),
    ("nominated", "for"),
    ("diagnosed", "with"),
    ("praised", "for"),
    ("criticized", "for"),
    ("fined", "for"),
    ("arrested", "for"),
    ("jailed", "for"),
    ("made", "of"),
}
# What somebody is doing, or has given to somebody: the thing may be asked for.
_DOING = frozenset(
    """building developing investigating selling considering seeking facing launching producing testing demanding buying
    constructing designing opening""".split()
)
_GIVE = frozenset("give send supply provide award donate offer sell lend deliver present".split())
_GIVEN = re.compile(
    r"(?P<what>(?!to\b)[^,;:“\"]{3,60}?) to (?P<whom>(?:the )?[A-Z][\w.-]+(?: [A-Z][\w.-]+)*)(?=[ ,.]|$)"
)
_EXPECTED = frozenset("expected scheduled due set planning trying preparing hoping".split())
_BEFORE_OBJECT = clauses.DETERMINERS - {"no", "all", "both", "each", "every", "either", "neither", "another"}
# They tell little of who it was.
_COLOURLESS = frozenset(
    "say tell add take have get make go come be see know think feel look want seem call give".split()
)
_LEAST_STEMS = 3


def questions(told: Told, names: Names) -> Iterator[Candidate]:
    """The questions that a sentence which begins with a name answers."""
    found = telling.predicate(told.text, names)
    if found is None or not found.rest:
        return
    open_ended = _open(found)
    if open_ended:
        yield Candidate(f"{open_ended}?", "what", told)
    who = _who(found, names)
    if who:
        yield Candidate(f"{who}?", "who", told, found.subject)


def _open(found: Predicate) -> str | None:
    """What somebody is charged with, plans to do, announced."""
    said = found.rest.split()
    first, second = said[0].lower(), (*said[1:2], "")[0]
    if found.auxiliary in verbs.BE:
        if (found.verb, first) in _BLAMED and second:
            return f"What {found.auxiliary} {found.subject} {found.verb} {first}"
        if found.verb in _EXPECTED and first == "to" and second not in ("be", "have", ""):
            return f"What {found.auxiliary} {found.subject} {found.verb} to do"
        doing = " ".join([found.verb, *said[: 2 if first == "to" else 0]])
        after = said[2 if first == "to" else 0 :][:1]
        if (found.verb in _DOING or (found.verb == "helping" and first == "to")) and set(after) & _BEFORE_OBJECT:
            return f"What {found.auxiliary} {found.subject} {doing}"
        return None
    given = _GIVEN.match(found.rest)
    short = (
        given is not None and len(given["what"].split()) <= 4 and not set(given["what"].split()) & clauses.PREPOSITIONS
    )
    if given and short and (found.base or found.verb) in _GIVE and found.auxiliary in ("", "will"):
        return f"What {found.asks} {found.subject} {found.asked} to {given['whom'].rstrip('.')}"
    if found.auxiliary or (found.kind == "place" and found.base in ("win", "die")):
        return None
    asked = f"What {found.asks} {found.subject} {found.base}"
    if (found.base, found.asks) == ("want", "does"):
        return None
    if found.base in _TO_DO and first == "to" and second not in ("be", "have", ""):
        return f"{asked} to do"
    if (found.base, first) in _ABOUT and second:
        return f"{asked} {first}"
    takes = first in _BEFORE_OBJECT or said[0] == "that" or said[0][0].isupper()
    return asked if found.base in _OBJECT and takes else None


def _who(found: Predicate, names: Names) -> str | None:
    """Who it was that did it."""
    if found.kind != "person" or not names.person(found.subject):
        return None
    if found.auxiliary and not (found.auxiliary in verbs.BE | verbs.HAVE and verbs.participle(found.verb)):
        return None
    if found.base in _COLOURLESS or (not found.auxiliary and found.base in mentions.SAYING):
        return None
    # "Ann Berg is led from the court": a caption.
    if found.asks in ("does", "is", "are"):
        return None
    rest = wording.tail(telling.cut(found.rest))
    if rest is None or len(stems(f"{found.verb} {rest}")) < _LEAST_STEMS or not _names(rest) or wording.owned(rest):
        return None
    if re.search(r"\b(?:and|to be|than)\b", rest) or found.subject.split()[-1] in rest:
        return None
    verb = f"{found.auxiliary} {found.verb}".strip()
    return f"Who {verb} {rest}"


def _names(text: str) -> bool:
    return any(name.kind in ("person", "place", "thing") for name in mentions.names(f"x {text}"))
