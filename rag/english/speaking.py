"""Who says it: whether a question asks that, whose words it asks for, and whose words a sentence reports."""

from __future__ import annotations

import re
from itertools import takewhile

from rag.english import clauses, mentions, verbs

_SAYING = (
    rf"(?:{'|'.join(sorted({form for verb in mentions.SAYING for form in (verbs.past(verb), verbs.third(verb))}))})"
)
# Nouns as often as verbs.
_NOUNS = (
    "boasts|claims|comments|demands|estimates|forecasts?|hints|mentions|notes|pledges|points|promises|reports|states"
)
_ASKED = re.compile(
    rf"\bwho(?: else)? (?:\w+ly |first |also |has |had |have )*(?!wr[io]te)(?!thinks?\b|thought\b){_SAYING}\b"
    rf"|\bwhich (?!is\b|are\b|was\b|were\b)[a-z-]+(?: [a-z-]+)? (?:also |first |has |have )?"
    rf"(?!(?:{_NOUNS})\b){_SAYING}\b"
    r"|\bwho (?:is|was|are|were) (?:it that |the one )?(?:saying|claiming|quoted|cited)"
    r"|\baccording to (?:whom?|which)\b|\bwho says\b|\bsays who\b"
    r"|\bwhose (?:words|statement|claim|quote|remark|view|opinion)s?\b"
    rf"|\b(?:by|from) whom? (?:is|was|were|did) .*(?:{_SAYING}|quoted|come)\b",
    re.IGNORECASE,
)
_VIEW = re.compile(
    r"^what(?: is|['’]s| was| are| were|s) (?P<who>.+?)['’]s? (?:\w+ )?"
    r"(?:view|views|opinion|reaction|response|position|stance|statement|comment|comments|remarks|reply|message|warning)\b",
    re.IGNORECASE,
)
_BY = re.compile(
    rf"^what (?:is|was|were|has been) (?:{_SAYING}|\w+ed) by (?P<who>.+?)(?: (?:about|on|over|at|in) .*)?$", re.I
)
_ACCORDING = re.compile(
    r"\baccording to (?P<who>(?:[^\s,.;:”\"]|(?<=\b[A-Z])\.|\.(?=\w)"
    r"| (?!(?:said|says|in|on|at|who|which|that|after|as)\b))+)",
    re.IGNORECASE,
)
# With the adjectives; these must have their object behind them to be verbs.
_DOUBTFUL = (
    r"(?:suspected|alleged|estimated|accused|reported|stated|promised|threatened|noted|pledged|added|forecast"
    rf"|{_NOUNS})"
)
_PLAIN = rf"(?:(?!{_DOUBTFUL}\b)(?:{_SAYING}|say|warn|believe|argue|insist|deny|tell)"
_PLAIN += rf"|{_DOUBTFUL}(?=,? (?:that|the|a|it|he|him|her)\b))"
_VERB = re.compile(rf"\b{_PLAIN}\b|\b(?:has|have|had|is|was|are|were) (?:also |now )?saying\b")
# Behind a comma alone, "said the deadline stands" tells what was said.
_TURNED = rf"(?:[”\"]\s*{_SAYING} (?=\w)|[,?!]\s*{_SAYING} (?=[A-Z]))"
_INVERTED = re.compile(rf"{_TURNED}(?P<who>[^,;:”\"]+?)\.?(?=[,;:]|$)")
# Before the verb: when or how it was said, and what adds to the name.
_BETWEEN = re.compile(
    rf"(?:\b(?:also|later|earlier|then|has|have|had|repeatedly|recently|reportedly|\w+ly)"
    rf"|\bon (?:{'|'.join(mentions.DAYS)})"
    rf"|\b(?:{'|'.join(mentions.DAYS)}|today|yesterday|again)|\bthis week|\blast (?:week|month|year)"
    rf"|\bin (?:a|an) (?:statement|interview|speech|report|tweet)|\bat (?:a|the) (?:\w+ )?(?:conference|briefing))$",
    re.IGNORECASE,
)
_DATELINE = re.compile(r"^\W*(?:[A-Z][A-Z .’'-]{2,}[^:—–]{0,30}(?:: |\s*[—–]\s*|\s+--?\s+)|\([A-Z]{2,}\)\s*[-—–]+\s*)")
_BYLINE = re.compile(
    r"^\W*(?:by [A-Z]|(?:with )?(?:additional |further )?reporting by|(?:writing|editing) by|source:|photo)", re.I
)
_PRONOUNS = clauses.PRONOUNS | {"who", "which", "whoever", "one", "just", "only"}
_STOPS = clauses.PREPOSITIONS - {"of", "for", "at"} | verbs.AUXILIARIES | {"and", "but", "that", "as", "because", "to"}
_REPORTED = re.compile(r"\b(?:is|are|was|were|been|being|be|so|as)(?: also| widely| now)? $", re.IGNORECASE)


def speaker_asked(question: str) -> bool:
    """Whether the question asks who said something."""
    return bool(_ASKED.search(question))


def speech_of(question: str) -> str | None:
    """Whose words a question asks for: Qureshi in "What did Qureshi say about rail?"."""
    asked = clauses.bare(re.sub(r"^(?:and|but|so)\s+", "", clauses.bare(question), flags=re.IGNORECASE))
    owned = _VIEW.match(asked) or _BY.match(asked)
    if owned:
        return _open(owned["who"])
    shape = clauses.shape(asked)
    if (
        shape is None
        or not shape.inverted
        or not shape.lead
        or shape.lead[-1].lower() in ("when", "where", "whom", "who")
    ):
        return None
    end = clauses.subject_end(shape.auxiliary, shape.rest)
    if end is None or not any(_says(word) for word in shape.rest[end : end + 2]):
        return None
    return _open(" ".join(shape.rest[:end]))


def speaker(sentence: str) -> str | None:
    """Who says it in a sentence of news: the name where it has one, else the words for it.

    None where nobody is said to say it, or a pronoun stands for who does; the outlet of a byline or a dateline says
    nothing.
    """
    told = _DATELINE.sub("", " ".join(sentence.split()))
    if _BYLINE.match(told):
        return None
    outside = re.sub(r"[“][^”]*[”]?|\"[^\"]*\"?", lambda quote: f"“{' ' * (len(quote.group()) - 2)}”", told)
    according = _ACCORDING.search(outside)
    if according:
        return _named(according["who"])
    turned = _turned(outside)
    if turned:
        return _named(turned)
    for verb in _VERB.finditer(outside):
        found = _before(outside[: verb.start()])
        if found:
            return _named(found)
    return None


def _turned(text: str) -> str | None:
    """Who stands behind the verb: ", said Ann Berg, who left early"."""
    for match in _INVERTED.finditer(text):
        phrase = match["who"].split()
        if len(_phrase(phrase)) == len(phrase) and not any(map(verbs.participle, phrase)):
            return match["who"]
    return None


def _says(word: str) -> bool:
    lowered = word.lower().strip(",")
    stem = lowered.removesuffix("ing")
    return bool({lowered, stem, f"{stem}e"} & mentions.SAYING) or lowered in mentions.SAID


def _open(who: str) -> str | None:
    return who if who and who.lower() not in _PRONOUNS | {"i", "you", "we"} else None


def _before(text: str) -> str | None:
    """The noun phrase that ends where the verb begins."""
    if _REPORTED.search(text):
        return None
    text = text.rstrip()
    while found := _BETWEEN.search(text):
        text = text[: found.start()].rstrip()
    parts = re.split(r"[,;:()“”\"]|\s[—–-]+\s", text)
    if not parts[-1].strip() and len(parts) > 2 and text.endswith(","):
        # "Joe Biden, the president, said": what stands between commas adds to the name.
        parts = parts[:-2]
    said = _phrase(parts[-1].split()[::-1], backwards=True)[::-1]
    last = said[-1].lower() if said else ""
    if not last or last in _PRONOUNS | clauses.DETERMINERS or not last[0].isalpha() or _told(said):
        return None
    return " ".join(said)


def _told(said: list[str]) -> bool:
    """Whether the words hold a verb, so that they are no noun phrase: "opened the door for the man police"."""
    lowered = ["", *said]
    return any(verbs.participle(word) and lowered[at] not in clauses.DETERMINERS for at, word in enumerate(said))


def _phrase(said: list[str], *, backwards: bool = False) -> list[str]:
    """The words up to one that cannot belong to the noun phrase, or as far as its article where read backwards."""
    found = list(takewhile(lambda word: word.lower() not in _STOPS, said))
    if not backwards:
        return found
    article = next(
        (at for at, word in enumerate(found) if word.lower() in ("the", "a", "an", "his", "her", "their")), None
    )
    if article is None or said[article + 1 : article + 2] in (["of"], ["for"]):
        return found
    return found[: article + 1]


def _named(who: str) -> str | None:
    """The person's name that a noun phrase holds, else the phrase."""
    who = who.strip(" .,'’")
    people = [name.text for name in mentions.names(f"x {who}") if name.kind == "person"]
    named = next((name for name in people[::-1] if who.startswith(name) or who.endswith(name)), None)
    if named:
        return named
    return who if who and who.split()[0].lower() not in _PRONOUNS - clauses.DETERMINERS else None
