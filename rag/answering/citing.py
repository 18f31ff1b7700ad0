"""Tie each written sentence to its evidence, and keep only what the evidence says.

The reader is small and joins words that stand near each other into claims that nobody made: "the firm stole data"
out of "a court rejected the claim that the firm stole data". So the check is strict: a sentence stands only where
it is the evidence sentence word for word, or what is left of it when parts that only add are cut out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rag.answering import cutting
from rag.search.words import Word, words
from rag.types import Evidence, Span

_MARKER = re.compile(r"\s*\[(\d{1,4})\]")
# Words that a sentence may have more or fewer of and still say the same.
_FREE = frozenset(("the", "also"))
_SYMBOLS_BEFORE, _SYMBOLS_AFTER = "-−+±$€£¥₹<>~≈", "%‰°"


class Resolved(NamedTuple):
    """A written sentence without its markers; `known` and `unknown` are the markers it carried."""

    text: str
    known: tuple[int, ...]
    unknown: tuple[int, ...]


def resolve(sentence: str, evidence_count: int) -> Resolved:
    """Take the markers `[n]` out of a sentence; those from 1 to `evidence_count` are known."""
    found = [int(number) for number in _MARKER.findall(sentence)]
    known = tuple(dict.fromkeys(n for n in found if 1 <= n <= evidence_count))
    unknown = tuple(dict.fromkeys(n for n in found if not 1 <= n <= evidence_count))
    return Resolved(_MARKER.sub("", sentence).strip(), known, unknown)


def check(sentence: str, evidence: Sequence[Evidence]) -> tuple[int, ...]:
    """The numbers, from 1, of the evidence that each by itself supports `sentence`; empty: it must not stand.

    Which marker the reader wrote does not matter: a small reader numbers at random.
    """
    return tuple(number for number, item in enumerate(evidence, start=1) if supports(item.text, sentence))


def same_words(text: str, evidence: Sequence[Evidence]) -> tuple[int, ...]:
    """The numbers, from 1, of the evidence that says `text` word for word, whatever its quotes and spaces."""
    wanted = [word.stem for word in words(text)]
    return tuple(n for n, item in enumerate(evidence, start=1) if [w.stem for w in words(item.text)] == wanted)


def supports(evidence: str, sentence: str) -> bool:
    """Whether `sentence` is `evidence`, word for word, or that without what may be cut out of it (`cutting`).

    What is cut out must not take back what is kept: no negation, condition, doubt or attribution that the rest lacks.
    """
    said, there = _forms(sentence), _forms(evidence)
    if not said:
        return False
    doubts = cutting.doubts(sentence)
    jumps: dict[int, list[int]] = {}
    for span in cutting.removable(evidence):
        at = _inside(span, there)
        if at and cutting.doubts(evidence[span.start : span.end]) <= doubts:
            jumps.setdefault(at.start, []).append(at.stop)
    return _fits([form for form, _ in said], [form for form, _ in there], jumps)


def _inside(span: Span, there: Sequence[tuple[str, Word]]) -> range:
    """Which of the words stand in the span."""
    inside = [at for at, (_, word) in enumerate(there) if span.start <= word.start < span.end]
    return range(inside[0], inside[-1] + 1) if inside else range(0)


def _fits(said: Sequence[str], there: Sequence[str], jumps: Mapping[int, Sequence[int]]) -> bool:
    """Whether `said` is `there` without some runs: from each key of `jumps` one may go on at any of its places."""
    reached = {(0, 0)}
    waiting = [(0, 0)]
    while waiting:
        at, place = waiting.pop()
        if at == len(said) and place == len(there):
            return True
        following = [(at, end) for end in jumps.get(place, ())]
        if at < len(said) and place < len(there) and said[at] == there[place]:
            following.append((at + 1, place + 1))
        waiting += [one for one in following if one not in reached]
        reached.update(following)
    return False


def _forms(text: str) -> list[tuple[str, Word]]:
    """The words and what each is compared by: not the stem, for `accused of killing` is not `killed`."""
    return [(_form(text, word), word) for word in words(text) if word.text.lower() not in _FREE]


def _form(text: str, word: Word) -> str:
    if word.numeric:
        before, after = text[: word.start][-1:], text[word.end :][:1]
        return f"{before if before in _SYMBOLS_BEFORE else ''}{word.stem}{after if after in _SYMBOLS_AFTER else ''}"
    form = word.text.lower().replace("’", "'").replace(".", "")
    # `US` is no `us`.
    return form if word.function else f"{form} (with a meaning)"
