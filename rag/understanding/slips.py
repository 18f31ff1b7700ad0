"""One slip of the pen: what it is, and whether it is likelier than that another word was meant."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import Literal, NamedTuple

from rag.english import mentions

Kind = Literal["swapped", "omitted", "extra", "taken"]
# Who types in haste leaves letters out and swaps them; another letter is oftener another word.
RANKS = {"swapped": 0, "omitted": 0, "extra": 1, "taken": 2}
_VOWELS = frozenset("aeiouy")
# Letters that are taken for each other because they sound alike.
_ALIKE = (_VOWELS, *(frozenset(letters) for letters in "ckq csz gj fvw td mn bp".split()))
_LEAST_LETTERS, _LEAST_OF_A_NAME, _LEAST_OF_A_PLACE = 4, 6, 5
# From here on a name has so few neighbours that a letter too many, or another vowel, is a slip.
_LONG_NAME, _LONG_PLACE = 7, 8
_CLUSTER = re.compile(r"(?:[cgkpst]h|[^aeiouyh]){3,}")
# What changes places with a vowel, and gives another name: Kirsten and Kristen, Merkel and Merkle.
_LIQUIDS = frozenset("lr")
_ENDINGS = tuple(
    """s es ed d ing ings er ers or ors ly y ies i is an ans ian ians ish ic ics al ally ism isms ist ists ity able
    ation ations ion ions ive ment ments ness ful less a e""".split()
)
_LEAST_ROOT = 4


class Slip(NamedTuple):
    """How a typed word differs from the one it may mean: `at` is the first letter that differs."""

    kind: Kind
    at: int

    @property
    def rank(self) -> int:
        """The lower, the likelier."""
        return RANKS[self.kind]


def between(typed: str, meant: str) -> Slip:
    """The slip that makes `typed` of `meant`, which are one apart."""
    at = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(typed, meant, strict=False)))
    if len(typed) != len(meant):
        return Slip("omitted" if len(typed) < len(meant) else "extra", at)
    return Slip("taken" if typed[at + 1 :] == meant[at + 1 :] else "swapped", at)


def of_a_word(typed: str, meant: str) -> bool:
    """Whether `typed`, one apart from an ordinary word, is likely that word; a swap may touch its first letter."""
    slip = between(typed, meant)
    if len(typed) < _LEAST_LETTERS or (len(typed) == _LEAST_LETTERS and slip.rank):
        return False
    if slip.kind == "taken" and not _alike(typed[slip.at], meant[slip.at]):
        return False
    return slip.at > 0 or slip.kind == "swapped"


def of_a_name(typed: str, meant: str) -> bool:
    """Whether `typed`, one apart from the name of a place or thing, is likely that name: "Giorgia" is not Georgia."""
    slip, place = between(typed, meant), mentions.place(meant)
    if not slip.at or len(meant) < (_LEAST_OF_A_PLACE if place else _LEAST_OF_A_NAME):
        return False
    if slip.kind == "taken":
        both = {typed[slip.at], meant[slip.at]}
        return _alike(*both) and (not both <= _VOWELS or (place and len(meant) >= _LONG_PLACE))
    if slip.kind == "extra" and len(meant) < _LONG_NAME:
        return False
    return slip.kind == "swapped" or slip.at < min(len(typed), len(meant))


def of_a_person(typed: str, meant: str, *, common: bool) -> bool:
    """Whether `typed`, one apart from a person's name, cannot well be another's: "Johnsen" is not Johnson.

    `common`: many are called so, and by names that are near it.
    """
    slip = between(typed, meant)
    if not slip.at or len(meant) < _LEAST_OF_A_NAME:
        return False
    if slip.kind == "taken":
        # Russian names end so in one transcription or another.
        return not common and slip.at == len(meant) - 1 and {typed[-1], meant[-1]} <= set("fvw")
    if slip.kind == "swapped":
        two = set(meant[slip.at : slip.at + 2])
        return not common and not (two & _LIQUIDS and two & _VOWELS)
    # Without its vowel nobody could say it.
    return slip.kind == "omitted" and meant[slip.at] in _VOWELS and _unspeakable(typed) > _unspeakable(meant)


def same_root(one: str, other: str) -> bool:
    """Whether both may be forms of one word, neither misspelt: Pakistan, Pakistani; geopolitics, geopolitical.

    A mere `e` too few is a slip: deadlin.
    """
    if f"{one}e" == other:
        return False
    return bool(_roots(one) & _roots(other))


def _roots(word: str) -> set[str]:
    cut = {word.removesuffix(end) for end in _ENDINGS if word.endswith(end)} | {word}
    return {root for root in cut if len(root) >= _LEAST_ROOT}


def _unspeakable(name: str) -> int:
    """How many runs of three consonants or more a name has, "sh" counting as one; Aleksandr can be said."""
    return len(_CLUSTER.findall(name.removesuffix("r")))


def _alike(one: str, other: str) -> bool:
    return any(one in letters and other in letters for letters in _ALIKE)
