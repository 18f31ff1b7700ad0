"""Make claims that a text supports and claims that it does not: pairs of entailment, and answers put in words."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from embeddings.judge import Pair
from rag.search import chunking
from rag.types import Span
from training.judge import declaring
from training.judge.examples import NUMBER, Example, locate, something_else, tells
from training.sets import Case

_BE = r"is|was|are|were"
_OTHER = r"can|could|will|would|has|have|had|should|may|might"
_STATED, _DECLARED = 0.3, 0.6
_NAME = re.compile(r"\b[A-Z][\w'-]+(?:\s[A-Z][\w'-]+)*")


def entailed(rows: Sequence[dict[str, Any]]) -> list[Example]:
    """Claims with their evidence, as the set has them."""
    return [Example(Pair(row["claim"], row["evidence"]), supports=bool(row["supported"])) for row in rows]


def of(case: Case, seed: int, epoch: int) -> Iterator[Example]:
    """Claims that the paragraph supports and that it does not: its sentences, and the question put as a claim."""
    yield from stated(case, seed, epoch)
    if not case.answers:
        return
    chance = random.Random(f"{seed}/{epoch}/claim/{case.id}")
    if chance.random() > _DECLARED:
        return
    answer = locate(case)
    spans = chunking.split(case.text, chance.choice((40, 60, 90)))
    home = next((span for span in spans if span.start <= answer.start and answer.end <= span.end), None)
    if home is None:
        return
    text = case.text[home.start : home.end]
    told = case.text[answer.start : answer.end]
    claim = declared(case.question, told, case.text)
    if not claim:
        return
    yield Example(Pair(claim, text), supports=True)
    others = [text_ for span in spans if not tells(text_ := case.text[span.start : span.end], case.answers)]
    changed = falsified(case, answer, claim, chance)
    if changed and chance.random() < 0.75:
        yield Example(Pair(changed, text), supports=False)
    elif others:
        yield Example(Pair(claim, chance.choice(others)), supports=False)


def falsified(case: Case, answer: Span, claim: str, chance: random.Random) -> str:
    """The claim with another answer, about something else, or with its names exchanged; '' where none can be done."""
    told = case.text[answer.start : answer.end]
    roll = chance.random()
    if roll < 0.25 and (asked := something_else(case, answer, chance)):
        return declared(asked, told, case.text)
    if roll < 0.4 and (turned := turned_round(claim, chance)):
        return turned
    wrong = another(told, case.text, chance)
    changed = claim.replace(told, wrong) if wrong else claim
    return changed if changed != claim else ""


def turned_round(claim: str, chance: random.Random) -> str:
    """The claim with two of its names in each other's places; '' where it has no two."""
    names = list(_NAME.finditer(claim))
    pairs = [(one, other) for one, other in pairwise(names) if one.group() != other.group()]
    if not pairs:
        return ""
    one, other = chance.choice(pairs)
    between = claim[one.end() : other.start()]
    return claim[: one.start()] + other.group() + between + one.group() + claim[other.end() :]


def stated(case: Case, seed: int, epoch: int) -> Iterator[Example]:
    """A sentence of the paragraph as a claim: over the text that has it, over the text without it, or altered."""
    chance = random.Random(f"{seed}/{epoch}/stated/{case.id}")
    spans = [span for span in chunking.sentences(case.text) if span.end - span.start > 40]
    if len(spans) < 2 or chance.random() > _STATED:
        return
    span = chance.choice(spans)
    claim = " ".join(case.text[span.start : span.end].split())
    texts = [case.text[one.start : one.end] for one in chunking.split(case.text, 60)]
    home = next((text for text in texts if case.text[span.start : span.end] in text), None)
    if home is None:
        return
    without = f"{case.text[: span.start]} {case.text[span.end :]}".strip()
    yield Example(Pair(shortened(claim, chance), home), supports=True)
    changed = altered(claim, case.text, chance)
    if changed and chance.random() < 0.6:
        yield Example(Pair(changed, home), supports=False)
    else:
        yield Example(Pair(claim, " ".join(without.split()[:90])), supports=False)


def shortened(claim: str, chance: random.Random) -> str:
    """The claim without what stands in brackets and, sometimes, without a part between commas."""
    bare = re.sub(r" ?\([^()]*\)", "", claim)
    parts = bare.split(", ")
    if len(parts) == 3 and chance.random() < 0.5:
        return f"{parts[0]} {parts[2]}"
    return bare


def altered(claim: str, text: str, chance: random.Random) -> str:
    """The claim with another number or name of the text in it, or denied; '' where neither can be done."""
    if chance.random() < 0.2 and (turned := turned_round(claim, chance)):
        return turned
    places = [*NUMBER.finditer(claim), *(found for found in _NAME.finditer(claim) if found.start())]
    if places and chance.random() < 0.75:
        found = chance.choice(places)
        other = another(found.group(), text, chance)
        return claim[: found.start()] + other + claim[found.end() :] if other else ""
    denied = re.sub(rf"\b({_BE}|{_OTHER}) (?!not\b)", r"\1 not ", claim, count=1)
    return denied if denied != claim else ""


def declared(question: str, answer: str, text: str) -> str:
    """The question and its answer as the statement that reads most like `text`; '' where no rule fits."""
    there = _pairs(text)
    found = declaring.declared(question, answer)
    return max(found, key=lambda one: len(_pairs(one) & there), default="")


def _pairs(text: str) -> set[tuple[str, str]]:
    """Every two neighbouring words."""
    said = re.findall(r"\w+", text.lower())
    return set(pairwise(said))


def another(answer: str, text: str, chance: random.Random) -> str:
    """Something else of the text that might stand in the answer's place; '' where there is nothing of its kind."""
    pattern = NUMBER if re.search(r"\d", answer) else _NAME if answer[:1].isupper() else None
    if pattern is None:
        words = text.split()
        size = len(answer.split())
        at = chance.randrange(max(1, len(words) - size))
        found = [" ".join(words[at : at + size]).strip(".,;")]
    elif pattern is NUMBER:
        inside = pattern.search(answer)
        numbers = [*pattern.findall(text), str(chance.randint(2, 2000))]
        found = [answer.replace(inside.group(), other) for other in numbers if inside and other != inside.group()]
    else:
        found = pattern.findall(text)
    found = [other for other in found if other and other not in answer and answer not in other]
    return chance.choice(found) if found else ""
