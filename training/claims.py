"""Make claims that a text supports, and claims that it does not."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from embeddings.judge import Pair
from rag.search import chunking
from rag.types import Span
from training import statements
from training.examples import (
    NAME,
    NUMBER,
    Example,
    alternative,
    contains_answer,
    locate_answer,
    question_on_other_topic,
    window_around,
)
from training.sets import Case

_AUXILIARY = re.compile(r"\b(is|was|are|were|can|could|will|would|has|have|had|should|may|might) (?!not\b)")
_SENTENCE, _STATEMENT = 0.3, 0.6


def labelled_claims(rows: Sequence[dict[str, Any]]) -> list[Example]:
    return [Example(Pair(row["claim"], row["evidence"]), supports=bool(row["supported"])) for row in rows]


def made_claims(case: Case, seed: int, epoch: int) -> Iterator[Example]:
    """Make claims of the paragraph's sentences, and of the question with its answer or a wrong one."""
    yield from sentence_claims(case, seed, epoch)
    if not case.answers:
        return
    rng = random.Random(f"{seed}/{epoch}/claim/{case.id}")
    if rng.random() > _STATEMENT:
        return
    answer = locate_answer(case)
    spans = chunking.split(case.text, rng.choice((40, 60, 90)))
    window = window_around(answer, spans)
    claim = statement(case.question, case.cut(answer), case.text)
    if window is None or not claim:
        return
    yield Example(Pair(claim, case.cut(window)), supports=True)
    others = [text for span in spans if not contains_answer(text := case.cut(span), case.answers)]
    false_claim = falsified(case, answer, claim, rng)
    if false_claim and rng.random() < 0.75:
        yield Example(Pair(false_claim, case.cut(window)), supports=False)
    elif others:
        yield Example(Pair(claim, rng.choice(others)), supports=False)


def sentence_claims(case: Case, seed: int, epoch: int) -> Iterator[Example]:
    """Make claims of a sentence: over its own text, and either altered or over the text without the sentence."""
    rng = random.Random(f"{seed}/{epoch}/stated/{case.id}")
    spans = [span for span in chunking.sentences(case.text) if span.end - span.start > 40]
    if len(spans) < 2 or rng.random() > _SENTENCE:
        return
    span = rng.choice(spans)
    claim = " ".join(case.cut(span).split())
    window = next((text for text in case.windows(60) if case.cut(span) in text), None)
    if window is None:
        return
    yield Example(Pair(shortened(claim, rng), window), supports=True)
    changed = altered(claim, case.text, rng)
    if changed and rng.random() < 0.6:
        yield Example(Pair(changed, window), supports=False)
    else:
        rest = f"{case.text[: span.start]} {case.text[span.end :]}"
        yield Example(Pair(claim, " ".join(rest.split()[:90])), supports=False)


def statement(question: str, answer: str, text: str) -> str:
    """Return the question and its answer as the statement that reads most like the text; '' if no rule applies."""
    in_text = _word_pairs(text)
    candidates = statements.candidates(question, answer)
    return max(candidates, key=lambda candidate: len(_word_pairs(candidate) & in_text), default="")


def falsified(case: Case, answer: Span, claim: str, rng: random.Random) -> str:
    """Change the claim's answer or topic, or swap two of its names; '' if nothing can be changed."""
    roll = rng.random()
    if roll < 0.25 and (question := question_on_other_topic(case, answer, rng)):
        return statement(question, case.cut(answer), case.text)
    if roll < 0.4 and (swapped := with_names_swapped(claim, rng)):
        return swapped
    wrong = alternative(case.cut(answer), case.text, rng)
    changed = claim.replace(case.cut(answer), wrong) if wrong else claim
    return changed if changed != claim else ""


def altered(claim: str, text: str, rng: random.Random) -> str:
    """Replace a number or a name of the claim by another one of the text, or negate the claim; '' if impossible."""
    if rng.random() < 0.2 and (swapped := with_names_swapped(claim, rng)):
        return swapped
    matches = [*NUMBER.finditer(claim), *(match for match in NAME.finditer(claim) if match.start())]
    if matches and rng.random() < 0.75:
        match = rng.choice(matches)
        other = alternative(match.group(), text, rng)
        return claim[: match.start()] + other + claim[match.end() :] if other else ""
    negated = _AUXILIARY.sub(r"\1 not ", claim, count=1)
    return negated if negated != claim else ""


def shortened(claim: str, rng: random.Random) -> str:
    """Drop what is in brackets and, sometimes, a part between two commas."""
    bare = re.sub(r" ?\([^()]*\)", "", claim)
    parts = bare.split(", ")
    return f"{parts[0]} {parts[2]}" if len(parts) == 3 and rng.random() < 0.5 else bare


def with_names_swapped(claim: str, rng: random.Random) -> str:
    """Swap two neighbouring names of the claim; '' if it has no two."""
    pairs = [(one, other) for one, other in pairwise(NAME.finditer(claim)) if one.group() != other.group()]
    if not pairs:
        return ""
    one, other = rng.choice(pairs)
    between = claim[one.end() : other.start()]
    return claim[: one.start()] + other.group() + between + one.group() + claim[other.end() :]


def _word_pairs(text: str) -> set[tuple[str, str]]:
    return set(pairwise(re.findall(r"\w+", text.lower())))
