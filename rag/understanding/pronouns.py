"""Put what it stands for in the place of a pronoun that a question leaves open."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.english import clauses, mentions, verbs
from rag.types import Exchange
from rag.understanding import referring

_EXPLETIVE = re.compile(
    r"\b(is|was|isn['’]?t|wasn['’]?t|be|it['’]s|it) (it |really )?(\w+ly )?(true|possible|likely|unlikely|legal|illegal"
    r"|safe|clear|known|necessary|important|certain|difficult|hard|easy|correct|right|a fact|the case|time|dangerous)"
    r" (that|to|for|if)\b"
    r"|\bit (?:\w+ )?(rain|snow|hail|seem|appear|turn out|matter)\w*\b|\bit (raining|snowing|cold|hot|dark|late)\b"
    r"|\bit +(take|cost)s? .*\b(to|for)\b"
    r"|\bwhat (time|day|date) (is|was) it\b|\b(is|was|isn['’]t) it \S+( \S+)? (who|that)\b"
    r"|\bis it that\b|\b(is|was) it true\b",
    re.IGNORECASE,
)
_PERSONS, _THINGS = ("he", "she", "him", "her", "his", "hers"), ("it", "its")
_GROUPS = ("they", "them", "their", "theirs")
_POSSESSIVE = frozenset("his its their hers theirs".split())
_OBJECTIVE = frozenset("him them".split())
_CLAUSE = re.compile(r",|\b(that|and|but|when|because|if|after|before|while|who|which|where|as|since)\b", re.IGNORECASE)
_NO_OWNER = (
    clauses.PREPOSITIONS | verbs.AUXILIARIES | {"to", "and", "or", "then", "there", "now", "again", "that", "today"}
)
_GOING = re.compile(
    r"\b(go|goes|get|gets|got|going|went|gone|come|came|travel\w*|fl[ye]\w*|return\w*|sent|send|move\w*)$",
    re.I,
)
_SINGULAR = {"do": "does", "are": "is", "were": "was", "have": "has"}

Finder = Callable[[Exchange], str | None]


def resolved(question: str, history: Sequence[Exchange]) -> str | None:
    """The question with its open pronouns replaced, each by what the last exchange that names such a thing says.

    None where it has none, or nothing for them to stand for.
    """
    whole = text = clauses.expanded(question)
    for pronouns, finder in ((_PERSONS, referring.person), (_THINGS, referring.thing), (_GROUPS, referring.group)):
        text = _replaced(text, pronouns, _latest(finder, history))
    text = _about_that(text, _latest(referring.thing, history))
    text = _placed(text, _latest(referring.place, history))
    text = _timed(text, _latest(referring.time, history))
    return text if text != whole else None


def _latest(finder: Finder, history: Sequence[Exchange]) -> str | None:
    return next((found for exchange in reversed(history) if (found := finder(exchange))), None)


def _replaced(text: str, pronouns: tuple[str, ...], name: str | None) -> str:
    found = re.search(rf"\b({'|'.join(pronouns)})\b(?!['’.])", text, re.IGNORECASE)
    # `US` and `IT` are names.
    if not found or not name or (found.group().isupper() and len(found.group()) > 1):
        return text
    pronoun, before, after = found.group().lower(), text[: found.start()], text[found.end() :]
    if pronoun == "it" and _EXPLETIVE.search(text):
        return text
    owns = pronoun in _POSSESSIVE or (pronoun == "her" and _owns(after))
    if _bound(text, before, pronoun, owns=owns):
        return text
    if pronoun == "they" and not referring.plural(name):
        before = re.sub(r"\b(do|are|were|have)(?= $)", lambda match: _SINGULAR[match.group()], before)
    return f"{before}{_genitive(name) if owns else name}{after}"


def _owns(after: str) -> bool:
    following = after.split()[:1]
    return bool(following) and re.sub(r"\W", "", following[0]).lower() not in _NO_OWNER


def _genitive(name: str) -> str:
    return f"{name}'" if referring.plural(name) and not name[0].isupper() else f"{name}'s"


def _bound(text: str, before: str, pronoun: str, *, owns: bool) -> bool:
    """Whether the question itself names what the pronoun stands for, earlier on."""
    shape = clauses.shape(text)
    main = shape is not None and shape.inverted and before.split() == [*shape.lead, *shape.body.split()[:1]]
    if main or not before.strip():
        return False
    objective = pronoun in _OBJECTIVE or (pronoun in ("her", "it") and not owns and not _subject(text, before))
    inner = before.partition(" ")[2]
    if objective and not _CLAUSE.search(inner) and not any(map(verbs.base, re.findall(r"\bto ([a-z]+)\b", inner))):
        return False
    if shape is None or not shape.inverted:
        # "Who apologised to his team": the question word itself.
        return owns or not objective
    lead = len(" ".join(shape.lead))
    earlier = before[lead:]
    if pronoun in _PERSONS:
        return _names_person(earlier, shape)
    nouns = [phrase for phrase in referring.phrases(before) if referring.thing(Exchange(phrase, ""))]
    kinds = ("place", "thing", "person") if pronoun in _GROUPS else ("place", "thing")
    return bool(nouns) or any(name.kind in kinds for name in mentions.names(f"x {earlier}"))


def _subject(text: str, before: str) -> bool:
    """Whether a verb follows the pronoun that stands behind `before`."""
    after = text[len(before) :].split()[1:2]
    return bool(after) and (after[0].lower().strip("?") in verbs.AUXILIARIES or _finite(after[0].lower().strip("?")))


def _finite(word: str) -> bool:
    return verbs.base(word) or verbs.participle(word) or verbs.base(word.removesuffix("s"))


def _names_person(earlier: str, shape: clauses.Shape | None) -> bool:
    if any(name.kind == "person" for name in mentions.names(f"x {earlier}")):
        return True
    if any(re.search(rf"\b{role}\b", earlier, re.IGNORECASE) for role in mentions.ROLES):
        return True
    # "did biden say he will": a subject without an article is a name, however it is typed.
    lower = shape is not None and shape.inverted and bool(shape.rest) and not mentions.place(shape.rest[0])
    return bool(
        lower and shape and shape.rest[0].lower() not in clauses.DETERMINERS | clauses.PRONOUNS and earlier.islower()
    )


def _about_that(text: str, thing: str | None) -> str:
    """ "About that" speaks of a thing where nothing follows it."""
    found = re.search(r"\b(about|of|for|with|against|behind) (that|this)(?=\W*$)", text, re.IGNORECASE)
    return f"{text[: found.start(2)]}{thing}{text[found.end(2) :]}" if found and thing else text


def _placed(text: str, place: str | None) -> str:
    found = re.search(r"\bthere\b(?!['’])", text, re.IGNORECASE)
    if not found or not place:
        return text
    before, after = text[: found.start()], text[found.end() :]
    last = before.split()[-1:]
    # "Is there", "there are": no place.
    expletive = (
        not last
        or last[0].lower() in verbs.AUXILIARIES - verbs.DO
        or re.match(r"\s+(is|are|was|were|will be)\b", after)
    )
    if expletive or (mentions.names(f"x {before}") and any(n.kind == "place" for n in mentions.names(f"x {before}"))):
        return text
    if last[0].lower() in clauses.PREPOSITIONS:
        return f"{before}{place}{after}"
    return f"{before}{'to' if _GOING.search(before.strip()) else 'in'} {place}{after}"


def _timed(text: str, time: str | None) -> str:
    found = re.search(r"\bthen(?=\W*$)", text, re.IGNORECASE)
    before = text[: found.start()] if found else ""
    if not found or not time or re.match(r"what happened $", before, re.IGNORECASE):
        return text
    since = before.split()[-1:] and before.split()[-1].lower() in clauses.PREPOSITIONS
    return f"{before}{time if since else mentions.on(time)}{text[found.end() :]}"
