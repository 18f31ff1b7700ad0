"""How a question is built: its question word, its auxiliary, its subject; and the clause that it is turned round."""

from __future__ import annotations

import re
from typing import NamedTuple

from rag.english import verbs
from rag.search.words import stem

WH = frozenset("what who whom which when where why how whose".split())
PREPOSITIONS = frozenset(
    """about across after against along among around as at before behind between beyond by despite during for from in
    inside into like near of off on onto out outside over per since than through to toward towards under until up upon
    via with within without""".split()
)
DETERMINERS = frozenset(
    """a an the this that these those his her its their our my your some any no all both each every either neither
    another many several most few""".split()
)
PRONOUNS = frozenset(
    """he she it they we you i there this that these those him them anyone anybody anything someone somebody something
    everyone everybody everything nobody nothing""".split()
)
_ADVERBS = frozenset("ever also still already now really actually never not not even yet just only currently".split())
_ADJECTIVES = frozenset(
    """able afraid alive alone angry available aware awake bad bankrupt big cheap clear close closed common complete
    correct dead different difficult due easy empty essential evident expensive fair false famous far first free fresh
    full good guilty happy hard healthy high hot ill illegal important innocent large last late legal likely long low
    missing near necessary new next normal old open over perfect poor possible pregnant present ready real realistic
    reliable responsible rich right sad safe secret secure serious short sick similar small strict strong sure sunk
    true united unlikely unusual up useful weak well willing worried worse worth wrong young""".split()
)
_ADJECTIVE_ENDS = ("ful", "able", "ible", "ous", "less", "ic", "ive")
_DEGREES = frozenset("more less most least very too so as quite rather".split())
_AFTER_ADJECTIVE = PREPOSITIONS | {"to", "that", "enough", "than", "because", "and", "if", "when", "now", "today"}
# Verbs that another verb follows at once: helped build.
_BEFORE_VERBS = frozenset("help let make dare need go come be have".split())
_PERSONAL = frozenset("he she it they him them we you i".split())
_ADVERBIAL = frozenset("when where why how".split())
_MEASURES = frozenset("long often far soon fast many times days weeks months years hours minutes".split())
_CONTRACTED = re.compile(r"^(what|who|where|when|how)['’]?s\b", re.IGNORECASE)
_PLURALS = frozenset("people troops police children men women taliban forces media".split())
_SINGULAR_ENDS = ("ss", "us", "is", "ics", "news", "series", "'s", "’s")
MAX_WORDS = 40


class Shape(NamedTuple):
    """A question in parts: `lead` is its question phrase, () in a yes/no question; `auxiliary` "" where it has none.

    `inverted`: the auxiliary stands before the subject, and `rest` is all that follows it. `adverbial`: the question
    phrase is no subject or object, so that another may take its place.
    """

    lead: tuple[str, ...]
    auxiliary: str
    rest: tuple[str, ...]
    inverted: bool
    adverbial: bool

    @property
    def body(self) -> str:
        """All but the question phrase."""
        return " ".join([self.auxiliary, *self.rest] if self.auxiliary else self.rest)


def shape(question: str) -> Shape | None:
    """The parts of a question; None for what is not built as one."""
    asked = tuple(expanded(bare(question)).split())
    if not 1 < len(asked) <= MAX_WORDS:
        return None
    first = asked[0].lower()
    if first in verbs.AUXILIARIES:
        return Shape((), first, asked[1:], inverted=True, adverbial=False)
    preposition = first in PREPOSITIONS and len(asked) > 2
    at = 1 if preposition else 0
    wh = asked[at].lower()
    if wh not in WH:
        return None
    verb = next((n for n in range(at + 1, len(asked)) if asked[n].lower() in verbs.AUXILIARIES), None)
    between = asked[at + 1 : verb] if verb else ()
    # "Who said he was": the question word is the subject.
    told = wh == "who" and bool(between) and between[0].lower() not in ("else", "exactly")
    if verb is None or verb - at > 8 or told or any(word.lower() in _PERSONAL for word in between):
        return Shape(asked[: at + 1], "", asked[at + 1 :], inverted=False, adverbial=False)
    lead, auxiliary, rest = asked[:verb], asked[verb].lower(), asked[verb + 1 :]
    adverbial = preposition or (wh in _ADVERBIAL and _measures(lead[1:]))
    subject = not adverbial and auxiliary not in verbs.DO and bool(rest) and _verbal(auxiliary, rest, 0)
    return Shape(lead, auxiliary, rest, not subject, adverbial)


def bare(question: str) -> str:
    """The question without its mark, with single spaces."""
    return " ".join(question.split()).rstrip("?!. ").strip()


def expanded(question: str) -> str:
    """With the verb that is drawn into the question word: what's, whats."""
    return _CONTRACTED.sub(r"\1 is", question)


def several(noun: str) -> bool:
    """Whether a noun is a plural."""
    lowered = noun.lower()
    return lowered in _PLURALS or (lowered.endswith("s") and not lowered.endswith(_SINGULAR_ENDS))


def subject_end(auxiliary: str, rest: tuple[str, ...]) -> int | None:
    """How many words of `rest`, which follows an auxiliary, are the subject; None where the rules cannot tell."""
    if not rest:
        return None
    first = rest[0].lower()
    alone = first in PRONOUNS and (first not in DETERMINERS or (len(rest) > 1 and _verbal(auxiliary, rest, 1)))
    if alone or len(rest) == 1:
        return 1
    start = 2 if first in DETERMINERS else 1
    for at in range(start, len(rest)):
        if _verbal(auxiliary, rest, at):
            return _beyond_phrase(auxiliary, rest, at)
    return _by_capitals(auxiliary, rest, start)


def statement_of(auxiliary: str, rest: tuple[str, ...]) -> str | None:
    """The clause that `auxiliary` and `rest` ask for, without capital and full stop."""
    end = subject_end(auxiliary, rest)
    if end is None or (end == len(rest) and auxiliary not in verbs.BE):
        return None
    after = [word for word in rest[end:] if word.lower() not in ("ever", "yet")]
    said = verbs.predicate(auxiliary, after)
    return " ".join([*rest[:end], said]) if said and (after or auxiliary in verbs.BE) else None


def indirect(question: str) -> str | None:
    """The question as it stands after "who said": which vaccine Pakistan will purchase."""
    found = shape(question)
    if found is None or not found.lead:
        return None
    lead = " ".join([found.lead[0][:1].lower() + found.lead[0][1:], *found.lead[1:]])
    if not found.inverted:
        return f"{lead} {found.body}"
    clause = statement_of(found.auxiliary, found.rest)
    names = not found.adverbial and not has_verb(found)
    if found.auxiliary in verbs.BE and found.rest and (names or clause is None):
        clause = f"{' '.join(found.rest)} {found.auxiliary}"
    return clause and f"{lead} {clause}"


def has_verb(found: Shape) -> bool:
    """Whether a question with a form of "be" has another verb: not "What is the name"."""
    end = subject_end(found.auxiliary, found.rest)
    if end is None or end == len(found.rest):
        return False
    return found.rest[end][0].islower() and found.rest[end] not in DETERMINERS


def _measures(words: tuple[str, ...]) -> bool:
    """Whether they ask for a measure of the whole: "long" or "many times" after "how"."""
    return not words or (words[0].lower() in _MEASURES and words[-1].lower() in _MEASURES - {"many"})


def _verbal(auxiliary: str, rest: tuple[str, ...], at: int) -> bool:
    """Whether the predicate may begin at `at`."""
    word, lowered = rest[at], rest[at].lower().rstrip(",")
    before = rest[at - 1].lower() if at else ""
    after = rest[at + 1].lower() if at + 1 < len(rest) else ""
    if before in DETERMINERS - PRONOUNS or before in PREPOSITIONS | {"and"} or before.endswith(("'s", "’s")):
        return False
    if lowered in _ADVERBS:
        return True
    if word[0].isupper():
        return False
    if lowered.endswith("ly") and (verbs.base(after) or verbs.participle(after) or _describes(after)):
        return True
    if auxiliary in verbs.HAVE:
        return verbs.participle(lowered)
    if auxiliary not in verbs.BE:
        return verbs.base(lowered) and (not verbs.base(after) or lowered in _BEFORE_VERBS)
    if lowered in _DEGREES:
        return _describes(after)
    if verbs.gerund_like(lowered) or verbs.participle(lowered):
        return not (_describes(after) or after in _DEGREES) and not (
            verbs.participle(after) and after not in DETERMINERS
        )
    if _describes(lowered):
        return not after or after in _AFTER_ADJECTIVE
    return at > 0 and (lowered in ("a", "an", "the") or lowered in PREPOSITIONS - {"of"})


def _describes(word: str) -> bool:
    return word in _ADJECTIVES or word.endswith(_ADJECTIVE_ENDS)


def _beyond_phrase(auxiliary: str, rest: tuple[str, ...], at: int) -> int:
    """Past a phrase that belongs to the subject: "was the deal in Qatar signed" has its verb behind it."""
    if rest[at].lower() not in PREPOSITIONS:
        return at
    for later in range(at + 2, min(at + 7, len(rest))):
        after = rest[later + 1].lower() if later + 1 < len(rest) else ""
        verb = rest[later].lower()
        if (verbs.participle(verb) or verbs.gerund_like(verb)) and _verbal(auxiliary, rest, later):
            return later if not after or after in PREPOSITIONS else at
    return at


def _by_capitals(auxiliary: str, rest: tuple[str, ...], start: int) -> int | None:
    """Where the name that is the subject ends, or where one begins behind it: "Is the deadline May 1"."""
    if rest[0][0].isupper():
        end = next((at for at, word in enumerate(rest) if not word[0].isupper() and word not in ("of", "and")), None)
        return end if end is not None and re.fullmatch(r"[a-z]+,?", rest[end]) else None
    if auxiliary in verbs.BE and rest[0].lower() in DETERMINERS:
        begins = next((at for at in range(1, len(rest)) if not rest[at][0].islower() or _number(rest[at])), None)
        stands = begins is not None and begins >= start and rest[begins - 1].lower() not in PREPOSITIONS
        return begins if stands else None
    return None


def _number(word: str) -> bool:
    return stem(word)[0].isdigit()
