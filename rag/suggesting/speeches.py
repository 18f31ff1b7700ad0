"""Questions about what somebody said of something."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.english import clauses, mentions, speaking, verbs
from rag.suggesting import telling
from rag.suggesting.people import Named, Names
from rag.suggesting.telling import Told
from rag.suggesting.wording import Candidate

_LONGEST_TOPIC = 7
_AUXILIARY = "|".join(sorted(verbs.AUXILIARIES - verbs.DO))
_TOPIC = re.compile(rf"^(?:that )?(?P<topic>[Tt]he (?:[\w'’-]+ ){{1,{_LONGEST_TOPIC}}}?)(?=(?:{_AUXILIARY})\b)")
_OWNED = re.compile(
    rf"^(?:that )?(?P<topic>[A-Z][\w.-]+(?: [A-Z][\w.-]+)?['’]s (?P<what>(?:[a-z-]+ ){{1,3}}?))"
    rf"(?=(?:{_AUXILIARY})\b)"
)
_SAYS = re.compile(rf"\b(?:{'|'.join(sorted(mentions.SAID - {'pointed', 'points', 'wrote', 'writes'}))})\b")
# "Replied" and "added" may be a goal.
_SURELY = re.compile(
    r"\b(?:said|says|told|warned|argued|argues|insisted|insists|claimed|explained|confirmed|denied|stressed"
    r"|noted|acknowledged|according to)\b"
)
# Who or what they are is told elsewhere.
_NO_TOPIC = clauses.PRONOUNS | frozenset(
    """who which whose his her their its our my your only first same said and man woman men women boy girl boys girls
    child children people couple group victim victims body bodies suspect suspects others other rest thing things
    number case flight plane crash attack accident incident day time way two three four five six seven eight nine
    ten""".split()
)


def questions(told: Told, names: Names) -> Iterator[Candidate]:
    """The question about what the sentence reports somebody to say."""
    if not _SURELY.search(told.text):
        return
    who = speaking.speaker(told.text)
    spoken = _speaker(who, names) if who else None
    if who is None or spoken is None:
        return
    topic = _topic(_content(told.text, who), spoken, names)
    if topic:
        yield Candidate(f"What did {spoken.text} say about {topic}?", "said", told)


def _speaker(who: str, names: Names) -> Named | None:
    found = mentions.names(f"x {who}")
    named = names.whole(found[0]) if len(found) == 1 else None
    if named is None or named.kind not in ("person", "thing"):
        return None
    if named.kind == "thing":
        return Named(who, "thing") if who == named.text and who.isupper() else None
    return named


def _content(text: str, who: str) -> str:
    """What is said: behind the word for that, or before the speaker where they stand behind it."""
    at = text.find(who)
    says = _SAYS.search(text, at + len(who)) if at >= 0 else None
    if says and at < len(text) / 3:
        return re.sub(r"^(?:(?:reporters|CNN)\s)?(?:that\s)?", "", text[says.end() :].lstrip(' ,“"'))
    return text[:at].rstrip(" ,") if at > 0 else ""


def _topic(content: str, spoken: Named, names: Names) -> str | None:
    """What the clause said is about: its subject."""
    own = spoken.text.split()[-1]
    subject = _TOPIC.match(content)
    if subject:
        phrase = subject["topic"].strip()
        said = phrase.split()
        small = {word.lower() for word in said}
        if len(said) > 2 and not small & _NO_TOPIC and own not in phrase and not _verbal(said[1:]):
            return f"the {' '.join(said[1:])}"
    owner = _OWNED.match(content)
    if owner and own not in owner[0] and not _verbal(owner["what"].split()):
        return owner["topic"].strip()
    clause = telling.predicate(content, names)
    if clause is None or own in clause.subject or clause.subject in spoken.text or clause.subject.endswith("."):
        return None
    return clause.subject


def _verbal(said: list[str]) -> bool:
    return any(
        verbs.participle(word) or verbs.base_of(word) or verbs.gerund_like(word) for word in said if word.islower()
    )


def said(text: str) -> str | None:
    """What somebody is reported to say, as a sentence of its own; None where nobody is."""
    who = speaking.speaker(text)
    content = _content(text, who) if who else ""
    return content if content[:1].isupper() and "“" not in content and '"' not in content else None
