"""Turn a question and its answer into the statements that they might make; a language model then says which is English.

Rules know where an auxiliary may go and not where the subject ends, so every place is a candidate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from training.judge import verbs

_QUESTION_WORDS = frozenset("what who whom which when where why how whose".split())
_PREPOSITIONS = frozenset("in on at by from with for to of during after before under into over about".split())
_MAX_SUBJECT = 9


def declared(question: str, answer: str) -> list[str]:
    """Every statement that the rules can make of the two, the plainest first; none where they know no rule."""
    asked = " ".join(question.split()).rstrip("?").strip()
    found = [f"{text[:1].upper()}{text[1:]}." for text in _candidates(asked.split(), answer.strip().rstrip("."))]
    return list(dict.fromkeys(found))


def _candidates(asked: list[str], answer: str) -> Iterator[str]:
    at = next((i for i, word in enumerate(asked) if word.lower() in _QUESTION_WORDS), None)
    if at is None or at > 12 or not answer:
        return
    lead, rest = asked[:at], asked[at + 1 :]
    wh = asked[at].lower()
    before = lead[-1].lower() if lead and lead[-1].lower() in _PREPOSITIONS else ""
    if len(lead) > (1 if before else 0):
        yield from _in_its_place(asked, at, answer)
        return
    verb = next((i for i, word in enumerate(rest) if word.lower() in verbs.AUXILIARIES), None)
    noun = rest[:verb] if verb is not None else []
    filled = _filled(wh, noun, answer)
    if verb is None or len(noun) > 5:
        yield from _subject(rest, answer, wh)
        return
    auxiliary, tail = rest[verb].lower(), rest[verb + 1 :]
    if wh in ("who", "what", "which", "whose") and not before:
        # "Who was elected in 1868" asks for the subject.
        yield f"{filled} {auxiliary} {' '.join(tail)}" if auxiliary not in verbs.DO else ""
    places = _places(wh, filled, before, answer)
    for end in range(1, min(len(tail), _MAX_SUBJECT) + 1):
        subject, after = " ".join(tail[:end]), tail[end:]
        said = verbs.predicate(auxiliary, after)
        if said is not None:
            yield from (f"{subject} {said} {place}".replace("  ", " ").strip() for place in places)


def _filled(wh: str, noun: list[str], answer: str) -> str:
    """The answer with the noun that it was asked by, where it needs it: "how many doses" makes "5 million doses"."""
    name = " ".join(noun[1:] if wh == "how" and noun and noun[0].lower() in ("many", "much") else noun)
    counted = wh == "how" and noun and noun[0].lower() in ("many", "much") and name
    return f"{answer} {name}" if counted and name.lower() not in answer.lower() else answer


def _places(wh: str, filled: str, before: str, answer: str) -> list[str]:
    """How the answer may stand at the end."""
    if before:
        return [filled if answer.split()[0].lower() in _PREPOSITIONS else f"{before} {filled}"]
    if answer.split()[0].lower() in _PREPOSITIONS:
        return [filled]
    if wh == "when":
        return (
            [f"in {filled}"] if re.fullmatch(r"(the )?\d{3,4}s?", answer) else [f"on {filled}", f"in {filled}", filled]
        )
    if wh == "where":
        return [f"in {filled}", f"at {filled}", filled]
    if wh == "why":
        return [f"because {filled}", f"because of {filled}", filled]
    return [filled] if wh != "how" or filled != answer else [filled, f"by {filled}"]


def _subject(rest: list[str], answer: str, wh: str) -> Iterator[str]:
    """ "Which country invaded Poland": the answer takes the place of all before some word."""
    if wh in ("who", "what"):
        yield f"{answer} {' '.join(rest)}"
    if wh in ("which", "what", "how", "whose"):
        for end in range(1, min(len(rest), 5)):
            yield f"{answer} {' '.join(rest[end:])}"


def _in_its_place(asked: list[str], at: int, answer: str) -> Iterator[str]:
    """ "The Normans were in what country": the answer takes the question word's place."""
    for end in range(at + 1, min(len(asked), at + 4) + 1):
        yield " ".join([*asked[:at], answer, *asked[end:]])
