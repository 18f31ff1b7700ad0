"""The sentences of an article that a question may be made from, and how each begins: who does what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from rag.answering import beginnings, orders
from rag.english import mentions, verbs
from rag.search import retrieve
from rag.suggesting.people import Named, Names
from rag.types import Article

_LEAST_CHARS, _MOST_CHARS = 35, 320
_DATELINE = re.compile(
    r"^\W*[A-Z][\w .,’'/-]{2,50}?(?:\s*\([A-Z][\w ]+\)\s*[-—–]+ |, [A-Z][a-z]{2} \d+: |\s+--\s+)"
    r"|^\([A-Z][\w ]+\)\s*[-—–]+ "
)
# What may be left out before the subject.
_LEAD = re.compile(
    r"^(?:(?:On|In|Last|This|Earlier|Later|During|At|By|Since|Before|After) [^,;:“\"]{2,40}, "
    r"|(?:But|And|Meanwhile,|However,|Also,|Still,|Then,|Now,|Yesterday,|Today,) )(?=[A-Z])"
)
# Markup and addresses are no words of news.
_MARKED = re.compile(r"[<>\[\]{}|`*_#\\~^]|://|\bwww\.", re.IGNORECASE)
_ENDS = re.compile(r"[.!”\"]$")
# A line that ends sooner is a heading or a byline.
_LEAST_LINE = 60
_PASSAGE_WORDS = 120
_ADVERBS = frozenset(
    """also already later earlier recently then now still once just first again reportedly allegedly currently
    both""".split()
)
_APPOSITION = re.compile(
    r", (?:\d{1,2}|(?:(?:an?|the|then|former|his|her|head|chief|director|chairman|president) )[^,;:“\"]{2,90}),(?= )"
)


class Told(NamedTuple):
    """A sentence on one line without the place and agency before it, and where it stands in the article."""

    article: Article
    start: int
    end: int
    text: str


class Predicate(NamedTuple):
    """A clause that begins with its subject, a name. `verb` as it stands, `base` "" where it is a participle."""

    subject: str
    kind: str
    auxiliary: str
    verb: str
    base: str
    rest: str

    @property
    def asks(self) -> str:
        """The auxiliary of a question about it."""
        if self.auxiliary:
            return self.auxiliary
        return "did" if verbs.past(self.base) == self.verb else "does"

    @property
    def asked(self) -> str:
        """The verb of a question about it."""
        return self.verb if self.auxiliary else self.base


def sentences(article: Article) -> Iterator[Told]:
    """Yield the whole sentences of an article, in order, that give no order and hold nothing but words."""
    for hit in retrieve.whole([article], _PASSAGE_WORDS):
        for item in orders.sentences(hit):
            last = _last_block(item.text)
            start = item.end - len(last)
            text = _LEAD.sub("", _DATELINE.sub("", " ".join(last.split())))
            if beginnings.before(article.text, item.start) or not _ENDS.search(text) or _MARKED.search(text):
                continue
            if _LEAST_CHARS <= len(text) <= _MOST_CHARS and text[0].isupper() and not _broken(last):
                yield Told(article, start, item.end, text)


def predicate(text: str, names: Names) -> Predicate | None:
    """How a clause goes on that begins with a name; None for another, and for one that is denied."""
    found = subject(text, names)
    if found is None:
        return None
    named, end = found
    said = text[end:].split()
    while said and said[0].lower() in _ADVERBS:
        said = said[1:]
    if len(said) < 2 or not said[0].islower():
        return None
    first, second = said[0], said[1]
    if first in verbs.AUXILIARIES - verbs.DO:
        after = 2 if second in _ADVERBS and len(said) > 2 else 1
        verb = said[after]
        if first in verbs.HAVE and verb[0].isdigit():
            return Predicate(named.text, named.kind, "", first, "have", " ".join(said[1:]))
        return Predicate(named.text, named.kind, first, verb, "", " ".join(said[after + 1 :]))
    base = verbs.base_of(first)
    # "U.S. forces" are no deed of the U.S.
    noun = named.text.endswith(".") and verbs.third(base or "") == first
    if base is None or base in ("do", "have", "be") or noun:
        return None
    return Predicate(named.text, named.kind, "", first, base, " ".join(said[1:]))


def subject(text: str, names: Names) -> tuple[Named, int] | None:
    """The name that a clause begins with, and where what it does begins."""
    first = next(iter(mentions.names(f"x {text}")), None)
    if first is None:
        return None
    start, end = first.start - 2, first.end - 2
    lead = text[:start].strip()
    article = lead.lower() == "the"
    if lead and not article and not first.title:
        return None
    if first.title and len(lead.split()) > len(first.title.split()) + 1:
        return None
    named = names.whole(first)
    if named is None or (first.title and named.kind != "person"):
        return None
    if article:
        named = Named(f"the {named.text}", "thing")
    aside = _APPOSITION.match(text, end)
    end = aside.end() if aside else end
    return (named, end) if text[end : end + 1] == " " else None


def cut(rest: str) -> str:
    """What stands before the clause goes on with another, or breaks off."""
    found = _STOP.search(rest)
    if found and found.group().strip() in ("who", "which", "whose", "whom"):
        # Without a comma it says which of them is meant.
        return ""
    return (rest[: found.start()] if found else rest).strip(" .,!")


_STOP = re.compile(
    r",(?!\d{3})|[;:()“”\"?!]| --| [–—]|\.(?= |$)|\s(?:but|while|although|though|whereas|because|after|before"
    r"|when|where|which|who|whom|whose|if|unless|since|until|despite|amid|following|as|according|including)\b"
)


def _last_block(text: str) -> str:
    return re.split(r"\n\s*\n", text)[-1]


def _broken(text: str) -> bool:
    """Whether a line ends so soon that it is no line of the sentence."""
    return any(len(line.strip()) < _LEAST_LINE for line in text.split("\n")[:-1])
