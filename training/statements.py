"""Turn a question and its answer into statements: "When did Lenin die?", "1924" -> "Lenin died in 1924."

The rules know where an auxiliary may go but not where the subject ends. So they make a candidate for every place, and
the caller chooses the one that reads most like English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_QUESTION_WORDS = frozenset("what who whom which when where why how whose".split())
_PREPOSITIONS = frozenset("in on at by from with for to of during after before under into over about".split())
_DO = frozenset("do does did".split())
_AUXILIARIES = _DO | frozenset(
    "is are was were am has have had can could will would should may might must shall".split()
)
_MAX_SUBJECT_WORDS = 9
_PAST = dict(
    forms.split(":", 1)
    for forms in """arise:arose bear:bore beat:beat become:became begin:began bid:bid bind:bound bite:bit bleed:bled
    blow:blew break:broke bring:brought build:built burn:burned buy:bought cast:cast catch:caught choose:chose
    come:came cost:cost cut:cut deal:dealt dig:dug do:did draw:drew drink:drank drive:drove eat:ate fall:fell feed:fed
    feel:felt fight:fought find:found flee:fled fly:flew forbid:forbade forecast:forecast forget:forgot
    forgive:forgave freeze:froze get:got give:gave go:went grow:grew hang:hung have:had hear:heard hide:hid hit:hit
    hold:held hurt:hurt keep:kept know:knew lay:laid lead:led leave:left lend:lent let:let lie:lay lose:lost make:made
    mean:meant meet:met oversee:oversaw overthrow:overthrew pay:paid put:put quit:quit read:read ride:rode rise:rose
    run:ran say:said see:saw seek:sought sell:sold send:sent set:set shake:shook shed:shed shoot:shot show:showed
    shrink:shrank shut:shut sing:sang sink:sank sit:sat sleep:slept speak:spoke spend:spent split:split spread:spread
    stand:stood steal:stole stick:stuck strike:struck swear:swore sweep:swept swim:swam take:took teach:taught
    tear:tore tell:told think:thought throw:threw undergo:underwent understand:understood wake:woke wear:wore win:won
    withdraw:withdrew withhold:withheld write:wrote""".split()
)
# Verbs of several syllables that double their last letter in the past.
_STRESSED_AT_THE_END = frozenset(
    """admit begin cancel commit compel control expel forbid forget occur permit prefer rebel refer regret submit
    transfer travel""".split()
)


def candidates(question: str, answer: str) -> list[str]:
    """Return every statement that the rules can make, the simplest first; none if no rule applies."""
    words = " ".join(question.split()).rstrip("?").strip().split()
    texts = [f"{text[:1].upper()}{text[1:]}." for text in _statements(words, answer.strip().rstrip("."))]
    return list(dict.fromkeys(texts))


def _statements(words: list[str], answer: str) -> Iterator[str]:
    at = next((i for i, word in enumerate(words) if word.lower() in _QUESTION_WORDS), None)
    if at is None or at > 12 or not answer:
        return
    lead, rest = words[:at], words[at + 1 :]
    question_word = words[at].lower()
    preposition = lead[-1].lower() if lead and lead[-1].lower() in _PREPOSITIONS else ""
    if len(lead) > (1 if preposition else 0):
        yield from _answer_in_place(words, at, answer)
        return
    verb_at = next((i for i, word in enumerate(rest) if word.lower() in _AUXILIARIES), None)
    noun = rest[:verb_at] if verb_at is not None else []
    counted = _with_counted_noun(question_word, noun, answer)
    if verb_at is None or len(noun) > 5:
        yield from _answer_as_subject(rest, answer, question_word)
        return
    auxiliary, tail = rest[verb_at].lower(), rest[verb_at + 1 :]
    if question_word in ("who", "what", "which", "whose") and not preposition:
        # "Who was elected in 1868" asks for the subject.
        yield f"{counted} {auxiliary} {' '.join(tail)}" if auxiliary not in _DO else ""
    endings = _endings(question_word, counted, preposition, answer)
    for end in range(1, min(len(tail), _MAX_SUBJECT_WORDS) + 1):
        subject, predicate = " ".join(tail[:end]), _predicate(auxiliary, tail[end:])
        if predicate is not None:
            yield from (f"{subject} {predicate} {ending}".replace("  ", " ").strip() for ending in endings)


def _with_counted_noun(question_word: str, noun: list[str], answer: str) -> str:
    """Add the noun that was counted: "how many doses" and "5 million" give "5 million doses"."""
    if question_word != "how" or not noun or noun[0].lower() not in ("many", "much"):
        return answer
    name = " ".join(noun[1:])
    return f"{answer} {name}" if name and name.lower() not in answer.lower() else answer


def _endings(question_word: str, counted: str, preposition: str, answer: str) -> list[str]:
    """Return the forms that the answer may take at the end of the statement."""
    if answer.split()[0].lower() in _PREPOSITIONS:
        return [counted]
    if preposition:
        return [f"{preposition} {counted}"]
    if question_word == "when":
        year = re.fullmatch(r"(the )?\d{3,4}s?", answer)
        return [f"in {counted}"] if year else [f"on {counted}", f"in {counted}", counted]
    if question_word == "where":
        return [f"in {counted}", f"at {counted}", counted]
    if question_word == "why":
        return [f"because {counted}", f"because of {counted}", counted]
    return [counted, f"by {counted}"] if question_word == "how" and counted == answer else [counted]


def _answer_as_subject(rest: list[str], answer: str, question_word: str) -> Iterator[str]:
    """ "Which country invaded Poland": the answer replaces everything before some word."""
    if question_word in ("who", "what"):
        yield f"{answer} {' '.join(rest)}"
    if question_word in ("which", "what", "how", "whose"):
        for end in range(1, min(len(rest), 5)):
            yield f"{answer} {' '.join(rest[end:])}"


def _answer_in_place(words: list[str], at: int, answer: str) -> Iterator[str]:
    """ "The Normans were in what country": the answer replaces the question word."""
    for end in range(at + 1, min(len(words), at + 4) + 1):
        yield " ".join([*words[:at], answer, *words[end:]])


def _predicate(auxiliary: str, after: list[str]) -> str | None:
    """Return the verb and what follows it, as in a statement; None if there is no verb."""
    if auxiliary not in _DO:
        return f"{auxiliary} {' '.join(after)}".strip()
    if not after or not after[0].isalpha():
        return None
    verb = after[0].lower()
    if verb == "not":
        return f"{auxiliary} {' '.join(after)}"
    form = _past(verb) if auxiliary == "did" else _third_person(verb) if auxiliary == "does" else verb
    return " ".join([form, *after[1:]])


def _past(verb: str) -> str:
    if verb in _PAST:
        return _PAST[verb]
    if verb.endswith("e"):
        return f"{verb}d"
    if re.search(r"[^aeiou]y$", verb):
        return f"{verb[:-1]}ied"
    doubled = re.fullmatch(r"[^aeiou]*(qu)?[aeiou][^aeiouwxy]", verb) or verb in _STRESSED_AT_THE_END
    return f"{verb}{verb[-1]}ed" if doubled else f"{verb}ed"


def _third_person(verb: str) -> str:
    if verb in ("have", "be"):
        return "has" if verb == "have" else "is"
    if re.search(r"(s|x|z|ch|sh|o)$", verb):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if re.search(r"[^aeiou]y$", verb) else f"{verb}s"
