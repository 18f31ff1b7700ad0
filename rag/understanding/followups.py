"""Make a follow-up a question that stands alone, by rules: "Why?", "what about Biden?", "when did he arrive?"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.english import clauses, mentions, verbs
from rag.search.words import stem
from rag.types import Exchange
from rag.understanding import pronouns, referring, replacing
from rag.understanding.asking import statement

MAX_CHARS = 300
_LEADS = re.compile(r"^(?:(?:and|but|so|or|ok|okay|well|also)\b[\s,]*)+", re.IGNORECASE)
_WHO_SAID = re.compile(
    r"(?:who|which \w+) (?:said|says|told|claimed|claims)(?: (?:so|that|this|it))?|says who|according to (?:whom|who)"
    r"|who (?:is|was) saying (?:so|that|this|it)",
    re.IGNORECASE,
)
_HAPPENED = re.compile(
    r"(?P<when>when|where|why|how) (?:(?:did|does|will|has) (?:that|this|it|he|she|they)"
    r" (?:happen(?:ed)?|take place|come about|(?:do|done) (?:that|this|it|so))|(?:is|was) (?:that|this|it))",
    re.IGNORECASE,
)
_SAID_SO = re.compile(
    r"(?P<when>when|where|why) (?:did|has|does) (?:he|she|they) (?:say|said) (?:so|that|this|it)", re.I
)
_TRUE = re.compile(r"(?:is|was|isn['’]?t) (?:that|this|it)(?: really)? (?:true|correct|right|so)|really", re.IGNORECASE)
_OTHER_ARTICLE = re.compile(
    r"(?:(?:what|how) about )?the other (?P<what>article|one|report|story|paper|outlet|source)", re.I
)
_ABOUT = re.compile(r"(?:what|how) about (?P<what>.+)", re.IGNORECASE)
_ELSE = re.compile(r"(?P<wh>who|what|where|when|why|how) else", re.IGNORECASE)
_THOSE = re.compile(r"(?:which|what)(?: (?P<noun>\w+))? (?:are|were) (?:those|these|they)", re.IGNORECASE)
_HOW_MANY = re.compile(rf"(?P<led>(?:{'|'.join(clauses.PREPOSITIONS)}) )?how many (?P<rest>.+)", re.IGNORECASE)
# "About how many" is roughly how many.
_ROUGHLY = frozenset("about around over under".split())
_PERSONAL = frozenset("he she it they him her them this that".split())
# A question without a verb.
_FRAGMENT = re.compile(
    rf"(?:when|where|why|how)(?: exactly)?|where (?:from|to)"
    rf"|how (?:so|come|long|often|far|soon|much|old|many(?: \w+){{0,2}})"
    rf"|why so|how many \w+ of (?:\w+ ?){{1,3}}|(?:which|what) \w+|which|\w+ else"
    rf"|(?:{'|'.join(clauses.PREPOSITIONS)})"
    r" (?:when|where|what|whom?|how long|(?:which|what|how many|whose)(?: \w+){1,2})",
    re.IGNORECASE,
)
_MEASURED = frozenset("dose barrel ton tonne litre liter copy unit bottle crate piece packet".split())


def standalone(text: str, history: Sequence[Exchange]) -> str:
    """The question that `text` asks after `history`, oldest first; `text` itself where it stands alone or no rule fits.

    At most `MAX_CHARS` characters, unless `text` itself is longer.
    """
    typed = clauses.bare(text)
    core = _LEADS.sub("", typed)
    if not history or not core:
        return text
    question = clauses.bare(_capital(referring.recased(history[-1])))
    last = Exchange(question, history[-1].answer)
    found = _elliptical(core, last, led=core != typed) or pronouns.resolved(core, history)
    if not found:
        return text
    asked = f"{_capital(found)}?"
    return asked if len(asked) <= MAX_CHARS else text


def _elliptical(core: str, last: Exchange, *, led: bool) -> str | None:
    """What a question without a verb of its own asks, or one whose verb only points back."""
    if clauses.shape(last.question) is None:
        return None
    if _WHO_SAID.fullmatch(core):
        return f"who said {_claim(last)}" if _claim(last) else f"{last.question}, and who said so"
    said_so = _SAID_SO.fullmatch(core)
    if said_so:
        return _said_so(said_so["when"], last)
    pointed = _HAPPENED.fullmatch(core)
    if pointed:
        return _with_word(pointed["when"], last)
    those = _THOSE.fullmatch(core)
    if those:
        return _which_of_many(those["noun"], last)
    if _TRUE.fullmatch(core):
        told = statement(last.question)
        return f"is it true that {_inside(told)}" if told else None
    other = _OTHER_ARTICLE.fullmatch(core)
    if other:
        return f"according to the other article, {_lower(last.question)}"
    about = _ABOUT.fullmatch(core)
    if about:
        return replacing.replaced(about["what"], last)
    return _with_word(core, last) or (replacing.replaced(core, last) if led or replacing.phrase(core) else None)


def _with_word(core: str, last: Exchange) -> str | None:
    """The last question with another question phrase: "Where?", "in which country", "how many doses"."""
    asked, shape = core.split(), clauses.shape(last.question)
    wh = asked[1] if asked[0].lower() in clauses.PREPOSITIONS and len(asked) > 1 else asked[0]
    if len(asked) == 2 and asked[1].lower() == "there":
        inner, where = _with_word(" ".join(asked[:-1]), last), referring.place(last)
        return f"{inner} in {where}" if inner and where and f" {where}" not in inner else inner
    if shape is None or not _FRAGMENT.fullmatch(core) or _has_verb(asked):
        return None
    lead = core.lower() if core.isupper() else core
    more = _ELSE.fullmatch(core)
    if more:
        same = shape.lead[:1] and shape.lead[0].lower() == more["wh"].lower() and len(shape.lead) == 1
        named = shape.auxiliary in verbs.BE and shape.rest[0].lower() in clauses.DETERMINERS
        return f"{lead} {shape.body}" if same and not named else None
    lead = {"how so": "how", "why so": "why"}.get(lead.lower(), lead)
    if lead.lower() == "how come":
        told = statement(last.question)
        return f"how come {_inside(told)}" if told else _with_word("why", last)
    counted = _counted(lead, shape)
    if counted or (shape.lead and lead.lower() in ("how many", "how much")):
        return counted
    if wh.lower() in ("who", "what", "which", "whose", "whom") and wh is asked[0]:
        return _joined(lead, shape, last) if len(asked) > 1 else None
    if lead.lower() == " ".join(shape.lead).lower():
        return None
    stranded = re.fullmatch(r"(where) (from|to)", lead, re.IGNORECASE)
    if shape.adverbial or not shape.lead:
        return f"{stranded[1]} {shape.body} {stranded[2]}" if stranded else f"{lead} {shape.body}"
    return _joined(lead, shape, last)


def _which_of_many(noun: str | None, last: Exchange) -> str | None:
    """ "Which countries are those?" after how many they are."""
    found = _HOW_MANY.fullmatch(last.question)
    if not found or (noun and noun != "ones" and stem(noun) != stem(found["rest"].split()[0])):
        return None
    return f"{found['led'] or ''}which {found['rest']}"


def _joined(lead: str, shape: clauses.Shape, last: Exchange) -> str | None:
    """Both questions as one; None where the last asks what something is, which has no when or why."""
    names = shape.auxiliary in verbs.BE and shape.inverted and bool(shape.lead) and not shape.adverbial
    return None if names and not clauses.has_verb(shape) else f"{last.question}, and {_lower(lead)}"


def _counted(lead: str, shape: clauses.Shape) -> str | None:
    """ "How many", "which ones" and "how many doses" after a question about the same noun, or about a whole."""
    asked = lead.lower().split()
    first = shape.lead[0].lower() if shape.lead else ""
    words = shape.lead[1:] if first in clauses.PREPOSITIONS else shape.lead
    led = f"{first} " if first in clauses.PREPOSITIONS and first not in _ROUGHLY else ""
    old = [word.lower() for word in words]
    noun = " ".join(words[2:] if old[:2] == ["how", "many"] else words[1:])
    # A question about its subject has no auxiliary that ends the noun.
    if asked in (["how", "many"], ["which"], ["which", "ones"], ["which", "one"], ["what", "ones"]):
        if not shape.auxiliary and old[:1] in (["how"], ["which"], ["what"]):
            rest = shape.body.removeprefix("many ")
            several = rest != shape.body or referring.plural(rest.split()[0])
            return f"{'which' if asked[0] != 'how' else 'how many'} {rest}" if several else None
        if noun and referring.plural(noun):
            return f"{led}{'how many' if asked[0] == 'how' else 'which'} {noun} {shape.body}"
        return None
    if words != shape.lead or asked[:2] != ["how", "many"] or stem(asked[-1]) not in _MEASURED:
        return None
    if old[:1] in (["which"], ["what"]) and noun and shape.inverted:
        return f"{lead} of the {noun} {shape.body}"
    end = clauses.subject_end(shape.auxiliary, shape.rest) if not shape.lead else None
    if end is None or len(shape.rest) < end + 2:
        return None
    return f"{lead} of {' '.join(shape.rest[end + 1 :])} {shape.auxiliary} {' '.join(shape.rest[: end + 1])}"


def _has_verb(asked: list[str]) -> bool:
    """Whether a fragment is none: "who takes part", "how many died"."""
    lowered = [word.lower() for word in asked[1:]]
    if any(word in verbs.AUXILIARIES | _PERSONAL or verbs.participle(word) for word in lowered if word != "come"):
        return True
    noun = asked[0].lower() in clauses.PREPOSITIONS | {"which"} or lowered[:1] in (["many"], ["much"])
    return not noun and any(
        verbs.base(word.removesuffix("s")) or verbs.base(word) for word in lowered if word != "come"
    )


def _said_so(when: str, last: Exchange) -> str | None:
    shape = clauses.shape(last.question)
    what = bool(shape and shape.lead and shape.lead[0].lower() == "what")
    if what and shape and any(word.lower() in mentions.SAYING for word in shape.rest):
        return _joined(when, shape, last)
    claim, who = _claim(last), referring.person(last)
    return f"{when} did {who} say {claim}" if claim and who else _with_word(when, last)


def _claim(last: Exchange) -> str | None:
    """What the last question and its answer say, as it stands after "said": with the number where one is told."""
    told = statement(last.question)
    if told:
        return f"that {_inside(told)}"
    shape = clauses.shape(last.question)
    if (
        shape
        and [word.lower() for word in shape.lead[:2]] == ["how", "many"]
        and len(shape.lead) > 2
        and shape.inverted
    ):
        number = rf"\b(\d[\d.,]*(?: (?:thousand|million|billion))?) (?:\w+ )?{re.escape(shape.lead[2])}\b"
        told_number = re.search(number, referring.said(last), re.IGNORECASE)
        end = clauses.subject_end(shape.auxiliary, shape.rest)
        if told_number and end is not None:
            filled = (*shape.rest[: end + 1], told_number[1], *shape.lead[2:], *shape.rest[end + 1 :])
            clause = clauses.statement_of(shape.auxiliary, filled)
            return clause and f"that {clause}"
    return clauses.indirect(last.question)


def _inside(sentence: str) -> str:
    """A sentence as part of another."""
    return _lower(sentence.rstrip("."))


def _lower(text: str) -> str:
    """Without the capital of the first word, where that is no name."""
    first = text.split()[0].lower()
    plain = first in clauses.WH | clauses.DETERMINERS | clauses.PRONOUNS | clauses.PREPOSITIONS | verbs.AUXILIARIES
    return f"{text[:1].lower()}{text[1:]}" if plain else text


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
