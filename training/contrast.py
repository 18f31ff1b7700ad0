"""Make contrast pairs: a question and a text that answers it, then one thing changed so that it no longer does.

Where a rule can, it changes the question, the text, and both alike (they fit again): neither of them alone shows what
is right. Gardner et al., "Evaluating models' local decision boundaries via contrast sets" (2020). Claims are treated
as questions are: what answers a question supports a claim.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from embeddings.judge import Pair
from rag.search import chunking
from rag.search.words import stems, words
from rag.types import Span
from training.claims import shortened, statement
from training.examples import (
    NAME_INSIDE,
    NUMBER,
    WINDOW_WORDS,
    Example,
    contains_answer,
    locate_answer,
    window_around,
)
from training.sets import Case

_AUXILIARY = re.compile(r"\b(is|was|are|were|can|could|will|would|has|have|had|should|may|might)\b(?! not\b|n't)")
_YES_OR_NO = re.compile(r"(did|does|do|has|have|had|will|would|can|could|is|are|was|were)\b", re.IGNORECASE)
_SUBJECT = re.compile(r"\b(did|does|do|has|have|had|will|would|can|could)( the)? $")
_TITLED, _LOWER_CASE = 0.6, 0.1
_MIN_SENTENCE = 40
_RIVAL = 0.5
_DENIALS = (
    "{who} denied that {it}.",
    "{who} rejected the claim that {it}.",
    "{who} dismissed as false a report that {it}.",
    "{who} said there was no evidence that {it}.",
    "It is a myth that {it}.",
    "It is not true that {it}.",
)
_CONFIRMATIONS = (
    "{who} confirmed that {it}.",
    "{who} accepted the finding that {it}.",
    "{who} published a report showing that {it}.",
    "{who} said there was no doubt that {it}.",
    "It is well known that {it}.",
    "It is not disputed that {it}.",
)
_WHO = ("The ministry", "A spokeswoman", "Historians", "Officials", "The company", "Two experts", "The court", "She")
# Not of converses: what one sells another buys.
_OPPOSITES = [
    tuple(pair.split("/"))
    for pair in """first/last largest/smallest highest/lowest oldest/newest longest/shortest
    north/south east/west northern/southern eastern/western before/after increase/decrease increased/decreased
    rise/fall rose/fell opened/closed began/ended male/female men/women minimum/maximum upper/lower early/late
    accepted/rejected supported/opposed""".split()
]
_OPPOSITE = {one: other for pair in _OPPOSITES for one, other in (pair, pair[::-1])}
_GENERAL = {
    **dict.fromkeys(("some", "many", "most", "several"), "all"),
    **dict.fromkeys(("usually", "often", "sometimes", "generally", "mostly"), "always"),
}


class Variant(NamedTuple):
    """A question or claim over a text; `at` is the place of the answer if it is known."""

    asked: str
    text: str
    at: Span | None
    fits: bool


class Fact(NamedTuple):
    """A question that the text answers at `at`; or a claim that it supports there, or at an unknown place."""

    asked: str
    text: str
    at: Span | None
    claim: bool = False
    title: str = ""

    @property
    def sentence(self) -> Span | None:
        """The sentence of the answer, or of what supports the claim."""
        at = self.at
        return next((s for s in chunking.sentences(self.text) if at and s.start <= at.start < s.end), None)

    @property
    def unchanged(self) -> Variant:
        return Variant(self.asked, self.text, self.at, fits=True)


Rule = Callable[[Fact, "Names", random.Random], Iterator[Variant]]


class Names:
    """The names of a corpus, by the word before them and their length: what follows "in" is seldom a person."""

    def __init__(self, texts: Iterable[str]) -> None:
        found = defaultdict[tuple[str, int], set[str]](set)
        for text in texts:
            for match in _names(text):
                found[_place(text, match)].add(match.group())
        self._names = {place: sorted(names) for place, names in found.items()}
        self._any = sorted(set().union(*(names for (_, length), names in found.items() if length == 1)))

    def other(self, text: str, match: re.Match[str], rng: random.Random) -> str:
        """Return another name that could stand in the place of `match`."""
        return rng.choice(self._names.get(_place(text, match)) or self._any)


def facts(case: Case, rng: random.Random) -> Iterator[Fact]:
    """Yield the question over a window, the statement of its answer, and a sentence of the window as a claim."""
    # "Yes" and "no" answer the changed question, too.
    if not case.answers or _YES_OR_NO.match(case.question):
        return
    answer = locate_answer(case)
    window = window_around(answer, chunking.split(case.text, rng.choice(WINDOW_WORDS)))
    if window is None:
        return
    text, at = case.cut(window), Span(answer.start - window.start, answer.end - window.start)
    yield Fact(case.question, text, at, title=case.title)
    # Of other questions a statement is seldom good English.
    whole = case.question.lower().startswith(("who ", "when ", "where "))
    if whole and (claim := statement(case.question, case.cut(answer), case.text)):
        yield Fact(claim, text, at, claim=True)
    sentences = [span for span in chunking.sentences(text) if span.end - span.start >= _MIN_SENTENCE]
    if sentences:
        span = rng.choice(sentences)
        yield Fact(shortened(" ".join(text[span.start : span.end].split()), rng), text, span, claim=True)


def labelled_facts(entailment: Iterable[dict[str, Any]], modes: Iterable[dict[str, Any]]) -> Iterator[Fact]:
    """Yield the supported claims of RTE, and the questions of fitz-gov that a single text answers."""
    yield from (Fact(row["claim"], row["evidence"], None, claim=True) for row in entailment if row["supported"])
    for row in modes:
        if row["category"] == "trustworthy_direct" and len(row["passages"]) == 1:
            yield Fact(row["question"], row["passages"][0]["text"], None)


def some(source: Case | Fact, names: Names, rng: random.Random) -> Iterator[Example]:
    """Yield one group that asks and one that claims, if a rule applies."""
    found = list(facts(source, rng)) if isinstance(source, Case) else [source]
    for claim in (False, True):
        if alike := [fact for fact in found if fact.claim == claim]:
            yield from next(groups(rng.choice(alike), names, rng), [])


def groups(fact: Fact, names: Names, rng: random.Random) -> Iterator[list[Example]]:
    """Yield what each rule makes of the fact, in random order: pairs that fit, and pairs that do not."""
    titled, lower = not fact.claim and rng.random() < _TITLED, rng.random() < _LOWER_CASE
    for kind in rng.sample(list(RULES), len(RULES)):
        variants = list(RULES[kind](fact, names, rng))
        if not variants:
            continue
        # A title that has what was exchanged would contradict it.
        asked = [stems(variant.asked) for variant in variants]
        exchanged = set().union(*asked) - set(asked[0]).intersection(*asked)
        heading = f"{fact.title}\n" if fact.title and titled and not stems(fact.title) & exchanged else ""
        yield [labelled(variant, kind, heading, claim=fact.claim, lower=lower) for variant in variants]


def labelled(variant: Variant, kind: str, heading: str = "", *, claim: bool = False, lower: bool = False) -> Example:
    """Return the variant as an example of the head for answers or, of a claim, for support."""
    asked = variant.asked.lower() if lower else variant.asked
    pair = Pair(asked, heading + variant.text, len(heading))
    if claim:
        return Example(pair, supports=variant.fits, kind=f"claim, {kind}")
    at = variant.at if variant.fits else None
    span = Span(at.start + pair.start, at.end + pair.start) if at else None
    return Example(pair, answers=variant.fits, span=span, kind=kind)


def _name(fact: Fact, names: Names, rng: random.Random) -> Iterator[Variant]:
    """Exchange a name of the question."""
    found = [m for m in _names(fact.asked) if _occurs(m.group(), fact.text)]
    if not found:
        return
    match = rng.choice(found)
    old, new = match.group(), names.other(fact.asked, match, rng)
    rest = stems(_replaced(_replaced(fact.text, old, ""), old.removesuffix("'s"), ""))
    if not stems(old) & rest and not stems(new) & stems(f"{fact.text} {fact.asked}"):
        yield from _exchanged_in_both(fact, {old: new})


def _number(fact: Fact, _: Names, rng: random.Random) -> Iterator[Variant]:
    """Exchange a number of the question for a similar one."""
    found = [m.group() for m in NUMBER.finditer(fact.asked) if _occurs(m.group(), fact.text)]
    if not found:
        return
    old = rng.choice(found)
    new = similar_number(old, rng)
    if not _occurs(new, f"{fact.text} {fact.asked}"):
        yield from _exchanged_in_both(fact, {old: new})


def _opposite(fact: Fact, _: Names, rng: random.Random) -> Iterator[Variant]:
    """Exchange a word for its opposite."""
    sentence = fact.sentence
    if sentence is None:
        return
    there = fact.text[sentence.start : sentence.end]
    found = [old for old in _OPPOSITE if _occurs(old, fact.asked) and _occurs(old, there)]
    old = rng.choice(found) if found else ""
    if old and not _occurs(_OPPOSITE[old], f"{fact.text} {fact.asked}"):
        yield from _exchanged_in_both(fact, {old: _OPPOSITE[old]})


def _role(fact: Fact, _: Names, rng: random.Random) -> Iterator[Variant]:
    """Let two names change places: who did what to whom. In a question the first must be a subject."""
    found = [m for m in _names(fact.asked) if _occurs(m.group(), fact.text) and not m.group().endswith("'s")]
    pairs = [
        (one.group(), other.group())
        for one, other in pairwise(found)
        if not stems(one.group()) & stems(other.group())
        and (fact.claim or _SUBJECT.search(fact.asked[: one.start()]))
        and any(not (word.function or word.capitalised) for word in words(fact.asked[one.end() : other.start()]))
    ]
    if pairs:
        one, other = rng.choice(pairs)
        yield from _exchanged_in_both(fact, {one: other, other: one})


def _removed(fact: Fact, _: Names, rng: random.Random) -> Iterator[Variant]:
    """Remove the sentence that answers; or one that it does not need, as it neither precedes it nor has asked words."""
    own, sentences = fact.sentence, chunking.sentences(fact.text)
    if own is None or fact.at is None or len(sentences) < 3:
        return
    rest = _without(fact.text, own)
    asked = stems(fact.asked) & stems(fact.text)
    shared = {s: len(asked & stems(fact.text[s.start : s.end])) for s in sentences}
    # Another sentence about the same may answer, too.
    rival = max(shared[s] for s in sentences if s != own) > _RIVAL * shared[own]
    if rival or contains_answer(rest, [fact.text[fact.at.start : fact.at.end]]):
        return
    yield Variant(fact.asked, rest, None, fits=False)
    before = max((span for span in sentences if span.end <= own.start), default=None)
    others = [s for s in sentences if s not in (own, before) and asked <= stems(_without(fact.text, s))]
    if others:
        other = rng.choice(others)
        yield Variant(fact.asked, *edited(fact.text, [(other.start, other.end, "")], fact.at), fits=True)
    else:
        yield fact.unchanged


def _denied(fact: Fact, _: Names, rng: random.Random) -> Iterator[Variant]:
    """Let somebody deny what the sentence says, or confirm it."""
    sentence = fact.sentence
    if sentence is None or fact.at is None:
        return
    said = fact.text[sentence.start : sentence.end]
    rest = fact.text[: sentence.start] + fact.text[sentence.end :]
    whole = re.fullmatch(r"\w+ [^\"“”;:?!\n]+\.", said) and ". " not in said and not re.match("But |And ", said)
    it = _clause(said, fact.asked) if whole else ""
    if not it or contains_answer(rest, [fact.text[fact.at.start : fact.at.end]]):
        return
    for frames, fits in ((_CONFIRMATIONS, True), (_DENIALS, False)):
        before, after = rng.choice(frames).format(who=rng.choice(_WHO), it="\n").split("\n")
        start = sentence.start + len(before) + fact.at.start - sentence.start
        at = Span(start, start + fact.at.end - fact.at.start)
        text = f"{fact.text[: sentence.start]}{before}{it}{after}{fact.text[sentence.end :]}"
        yield Variant(fact.asked, text, at if fact.at.end < sentence.end else None, fits)


def _negated(fact: Fact, _: Names, rng: random.Random) -> Iterator[Variant]:
    """Negate the verb that is asked about, or another sentence. With two verbs it is not sure which to negate."""
    at, own = fact.at, fact.sentence
    if own is None or at is None:
        return
    found = {s: list(_AUXILIARY.finditer(fact.text, s.start, s.end)) for s in chunking.sentences(fact.text)}
    places = {span: matches[0].end() for span, matches in found.items() if len(matches) == 1}
    others = [span for span in places if span != own]
    if own not in places or not others or (not fact.claim and at.start < places[own]):
        return
    verb = next((word.stem for word in words(fact.text[places[own] : own.end])), "")
    rest = _without(fact.text, own)
    if verb not in stems(fact.asked) or contains_answer(rest, [fact.text[at.start : at.end]]):
        return
    for span, fits in ((own, False), (rng.choice(others), True)):
        text, moved = edited(fact.text, [(places[span], places[span], " not")], at)
        yield Variant(fact.asked, text, moved, fits)


def _new_answer(fact: Fact, names: Names, rng: random.Random) -> Iterator[Variant]:
    """Exchange the answer in the text: it still answers, now with what it says."""
    if fact.claim or fact.at is None or fact.text.count(fact.text[fact.at.start : fact.at.end]) > 1:
        return
    old = fact.text[fact.at.start : fact.at.end]
    number, name = NUMBER.search(old), NAME_INSIDE.search(fact.text, fact.at.start, fact.at.end)
    if number:
        new = old.replace(number.group(), similar_number(number.group(), rng))
    elif name and name.span() == tuple(fact.at):
        new = names.other(fact.text, name, rng)
    else:
        return
    if not stems(new) & stems(fact.asked) and not (name and contains_answer(fact.text, [new])):
        text, at = edited(fact.text, [(*fact.at, new)], fact.at)
        yield Variant(fact.asked, text, at, fits=True)


def _general(fact: Fact, _: Names, __: random.Random) -> Iterator[Variant]:
    """Claim of all what the text says of some."""
    found = next((word for word in words(fact.asked) if word.text.lower() in _GENERAL), None)
    if not fact.claim or found is None or re.search(r"\b(the|a|an|as|so|too|how|not) $", fact.asked[: found.start]):
        return
    new = _GENERAL[found.text.lower()]
    new = new.capitalize() if found.capitalised else new
    yield fact.unchanged
    yield Variant(fact.asked[: found.start] + new + fact.asked[found.end :], fact.text, None, fits=False)


def _merged(fact: Fact, _: Names, rng: random.Random) -> Iterator[Variant]:
    """Join the claim with another sentence of the text, left in it or taken out."""
    others = [s for s in chunking.sentences(fact.text) if s != fact.sentence and s.end - s.start >= _MIN_SENTENCE]
    if not fact.claim or fact.at is None or not others:
        return
    other = rng.choice(others)
    clause = _clause(" ".join(fact.text[other.start : other.end].split()), fact.asked)
    if clause:
        both = f"{fact.asked.rstrip('.')}, and {clause}."
        yield Variant(both, fact.text, None, fits=True)
        yield Variant(both, _without(fact.text, other), None, fits=False)


RULES: dict[str, Rule] = {
    "name": _name,
    "number": _number,
    "opposite": _opposite,
    "role": _role,
    "removed": _removed,
    "denied": _denied,
    "negated": _negated,
    "new answer": _new_answer,
    "general": _general,
    "merged": _merged,
}


def similar_number(old: str, rng: random.Random) -> str:
    """Change a digit, exchange two neighbours, or move a year by up to twelve."""
    if re.fullmatch(r"1\d{3}|20\d{2}", old):
        return str(int(old) + rng.choice((-1, 1)) * rng.randint(1, 12))
    digits = [at for at, char in enumerate(old) if char.isdigit()]
    swaps = [(a, b) for a, b in pairwise(digits) if old[a] != old[b] and (a or old[b] != "0")]
    if swaps and rng.random() < 0.4:
        a, b = rng.choice(swaps)
        return old[:a] + old[b] + old[a + 1 : b] + old[a] + old[b + 1 :]
    at = rng.choice(digits)
    return old[:at] + rng.choice([d for d in "123456789" if d != old[at]]) + old[at + 1 :]


def edited(text: str, edits: Sequence[tuple[int, int, str]], at: Span | None) -> tuple[str, Span | None]:
    """Return the text with `(start, end, new)` put in, and where `at` is then; None if an edit crosses its bounds."""
    moved = at
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
        if moved is None or start >= moved.end:
            continue
        longer = len(new) - (end - start)
        if end <= moved.start:
            moved = Span(moved.start + longer, moved.end + longer)
        else:
            moved = Span(moved.start, moved.end + longer) if moved.start <= start and end <= moved.end else None
    return text, moved


def _exchanged_in_both(fact: Fact, new: dict[str, str]) -> Iterator[Variant]:
    asked, (text, at) = _exchanged(fact.asked, new, None)[0], _exchanged(fact.text, new, fact.at)
    yield fact.unchanged
    yield Variant(asked, fact.text, None, fits=False)
    yield Variant(fact.asked, text, None, fits=False)
    yield Variant(asked, text, at, fits=True)


def _exchanged(text: str, new: dict[str, str], at: Span | None) -> tuple[str, Span | None]:
    pattern = re.compile("|".join(_whole(old) for old in new))
    return edited(text, [(*match.span(), new[match.group()]) for match in pattern.finditer(text)], at)


def _without(text: str, span: Span) -> str:
    return f"{text[: span.start]} {text[span.end :]}".strip()


def _replaced(text: str, old: str, new: str) -> str:
    return re.sub(_whole(old), new, text)


def _occurs(phrase: str, text: str) -> bool:
    return re.search(_whole(phrase), text) is not None


def _whole(phrase: str) -> str:
    """The pattern of the phrase as whole words; of a number, not within a longer one."""
    if phrase[:1].isdigit():
        return rf"(?<![\w.,-])(?<!\w[-–]){re.escape(phrase)}(?!\w)(?![.,]\d)"
    return rf"\b{re.escape(phrase)}\b"


def _names(text: str) -> list[re.Match[str]]:
    """Find the names; not the rest of one that begins a sentence."""
    return [m for m in NAME_INSIDE.finditer(text) if not re.search(r"[A-Z][\w'-]*\s$", text[: m.start()])]


def _clause(sentence: str, names: str) -> str:
    """Return the sentence as a clause; '' if it is unsure whether its first word is a name."""
    first = words(sentence)[0]
    if first.function:
        return sentence[0].lower() + sentence[1:].rstrip(".")
    return sentence.rstrip(".") if _occurs(first.text, names[1:]) else ""


def _place(text: str, match: re.Match[str]) -> tuple[str, int]:
    before = text[: match.start()].split()
    return (before[-1].lower() if before else "", len(match.group().split()))
