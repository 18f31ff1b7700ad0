"""Tie each written sentence to its evidence, and keep only what the evidence says.

The reader is small and joins words that stand near each other into claims that nobody made: "the firm stole data"
out of "a court rejected the claim that the firm stole data". So the check is strict: a sentence stands only where
it is the evidence sentence word for word, or its beginning up to a comma or the like.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from rag.english.words import Word, stem, words
from rag.types import Evidence

_MARKER = re.compile(r"\s*\[(\d{1,4})\]")
# Words that a sentence may have more or fewer of and still say the same.
_FREE = frozenset(("the", "also"))
# Where a sentence may be cut: before a clause that only adds. Any other ending may be "the advert promised".
_CUT = re.compile(
    r"[,;]\s+(?:which|who|whose|whom|where|while|because|since|after|before|and|part of|with wh(?:om|ich)"
    r"|[a-z]{2,}ing)\s"
)
# One of these in what was cut off may take back or put in a mouth what was kept.
_TAKES_BACK = frozenset(
    stem(word)
    for word in """no not never none nobody nothing neither nor cannot if unless until except only provided assuming
    likely unlikely possibly probably perhaps apparently supposedly allegedly reportedly purportedly potentially
    hopefully falsely wrongly mistakenly false untrue wrong lie myth hoax rumour rumor joke almost least
    denied disputed contested expected says said told warns claims suggests alleged announced reported according
    believes thinks assumes vowed pledged urged argues insists asserts contends maintains adds explains writes wrote
    estimates predicts forecasts fears hopes suspects testified acknowledged admitted speculated implied hinted
    accused citing quoted planned proposed should would could might""".split()
)
# They have the stem of "provided" and set no condition.
_PROVIDE = frozenset("provide provides providing".split())
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
    """Whether `sentence` is `evidence`, or begins as it does and ends where it may be cut, word for word.

    What is cut off must not take back what is kept: no negation, condition, doubt or attribution that the rest lacks.
    """
    said, there = _forms(sentence), _forms(evidence)
    if not said or [form for form, _ in said] != [form for form, _ in there[: len(said)]]:
        return False
    if len(said) == len(there):
        return True
    end = there[len(said) - 1][1].end
    return bool(_CUT.match(evidence, end)) and hedges(evidence[end:]) <= hedges(evidence[:end])


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


def hedges(text: str) -> set[str]:
    """The negations, conditions, doubts and attributions of a text, as stems."""
    said = words(text)
    found = {word.stem for word in said if word.text.lower() not in _PROVIDE} & _TAKES_BACK
    if any(word.text.lower().replace("’", "'").endswith("n't") for word in said):
        found.add("not")
    return found
