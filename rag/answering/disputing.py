"""Find out whether articles disagree about what is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from embeddings import Judgement
from rag.answering import timing
from rag.answering.firsts import first_of_each
from rag.english import durations, naming, polarity
from rag.search.words import stems
from rag.types import Evidence
from rag.understanding import kinds

# The judge's log-odds from which two texts count as disagreeing. With the rules below they do so for 46 of the 140
# questions of fitz-gov's held-back fifth whose passages disagree, for 23 of the 452 others, and for 9 of 902 that were
# put to real stories of several outlets (decision 17).
_DISAGREE = 0.0
_SIDES = 3
# The share of their other words that two sentences have in common, where they speak of the same thing.
_ALIKE = 0.4
# The share of all their words in common from which two sentences tell one thing, where no single fact is asked for.
_TELL_ONE_THING = 0.3
_TITLES = frozenset("mr mrs ms dr sir".split())
# An article that has less than this share of those words of the question that the best one has is on another matter.
_ON_THE_MATTER = 0.5


class Sides(NamedTuple):
    """The best sentence of each of two or three articles that disagree, best first.

    `sure`: they say much the same but for what is asked; else only the judge finds that they disagree.
    """

    evidence: tuple[Evidence, ...]
    sure: bool


def sides(
    question: str, ranked: Sequence[Evidence], together: Callable[[Sequence[Evidence]], Judgement]
) -> Sides | None:
    """The sides of articles that disagree; None where they do not.

    `ranked`: sentences that may answer, best first; `together` has the judge read the passages of two as one text, and
    is called only where that decides.
    """
    best = first_of_each(ranked, lambda item: item.article.id)
    told = [item for item in best if _on_the_matter(question, item, best[0])][:_SIDES]
    others = [item for item in told[1:] if not _cannot_disagree(question, told[0], item)]
    if plain := [item for item in others if _otherwise(question, told[0], item)]:
        return Sides((told[0], plain[0]), sure=True)
    # Articles on one event differ in what else they tell: two that say the same outweigh a third.
    if not others or len(others) < len(told) - 1 or not _states(question, told[0]):
        return None
    found = [item for item in others if _states(question, item) and not _tells(item, told[0])]
    # By twos: of three articles at once the judge finds disagreements that are none, and overlooks others.
    disagree = all(together((told[0], item)).disputes >= _DISAGREE for item in found)
    return Sides((told[0], *found), sure=False) if found and disagree else None


def _on_the_matter(question: str, item: Evidence, best: Evidence) -> bool:
    """Whether an article has enough of the question's words that the best one has."""
    wanted = stems(question) & stems(_whole(best))
    return len(wanted & stems(_whole(item))) >= _ON_THE_MATTER * len(wanted)


def _whole(item: Evidence) -> str:
    return f"{item.article.title}\n{item.article.text}"


def _cannot_disagree(question: str, one: Evidence, other: Evidence) -> bool:
    """Whether two sentences give the same answer, or the other's is to another question."""
    if same(one, other) or timing.same(question, one, other):
        return True
    # It tells when the opposite was so.
    if polarity.opposed(question, other.text) and not polarity.opposed(question, one.text):
        return True
    # One tells a sum, the other a count.
    if kinds.priced(one.short) != kinds.priced(other.short) and not (
        kinds.priced(one.text) and kinds.priced(other.text)
    ):
        return True
    return not kinds.wanted(question) and _say_alike(one, other)


def _say_alike(one: Evidence, other: Evidence) -> bool:
    """Whether two sentences tell one thing: they share words enough, and neither denies the other."""
    here, there = stems(one.text), stems(other.text)
    return len(here & there) >= _TELL_ONE_THING * len(here | there) and not polarity.opposed(one.text, other.text)


def _otherwise(question: str, one: Evidence, other: Evidence) -> bool:
    """Whether two sentences say much the same but for the number, the day or the name that is asked for."""
    if not kinds.wanted(question) or not (_states(question, one) and _states(question, other)):
        return False
    here, there = ({*stems(item.text)} - stems(one.short) - stems(other.short) for item in (one, other))
    names = [{word.stem for word in naming.named(f"x {item.text}")} & stems(question) for item in (one, other)]
    return names[0] == names[1] and len(here & there) >= _ALIKE * len(here | there)


def _states(question: str, item: Evidence) -> bool:
    """Whether the short answer is of the kind that is asked for."""
    return all(kinds.states(kind, item.short, set()) for kind in kinds.wanted(question))


def _tells(one: Evidence, other: Evidence) -> bool:
    """Whether one sentence has the other's short answer in it."""
    return any(
        there and there <= stems(text)
        for there, text in ((stems(one.short), other.text), (stems(other.short), one.text))
    )


def same(one: Evidence, other: Evidence) -> bool:
    """Whether one short answer has all the words of the other that carry meaning, the same number, or the same time."""
    here, there = stems(one.short) - _TITLES, stems(other.short) - _TITLES
    numbers = [{word for word in some if word[0].isdigit()} for some in (here, there)]
    alike = here <= there or there <= here or bool(numbers[0] & numbers[1]) or durations.agree(one.short, other.short)
    return bool(here and there) and alike
