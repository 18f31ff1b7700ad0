"""Find out whether articles disagree about what is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from embeddings import Judgement
from rag.answering.firsts import first_of_each
from rag.english import durations, naming
from rag.english.words import stems
from rag.types import Evidence
from rag.understanding import kinds

# The judge's log-odds from which texts count as disagreeing: of fitz-gov's held-back fifth three quarters of those that
# do, 1 in 8 of the others, and of MultiHop-RAG's, which do not, 1 in 100.
_DISAGREE = -0.5
_SIDES = 3
# The share of their other words that two sentences have in common, where they speak of the same thing.
_ALIKE = 0.4


def sides(
    question: str, ranked: Sequence[Evidence], together: Callable[[Sequence[Evidence]], Judgement]
) -> tuple[Evidence, ...]:
    """The best sentence of each of two or three articles that disagree, best first; () where they do not.

    `ranked`: sentences that may answer, best first; `together` has the judge read the passages of some as one text, and
    is called only where that decides.
    """
    told = first_of_each(ranked, lambda item: item.article.id)[:_SIDES]
    others = [item for item in told[1:] if not same(told[0], item)]
    if plain := [item for item in others if _otherwise(question, told[0], item)]:
        return told[0], plain[0]
    # Articles on one event differ in what else they tell: two that say the same outweigh a third.
    if not others or len(others) < len(told) - 1 or not _states(question, told[0]):
        return ()
    sides = [item for item in others if _states(question, item) and not _tells(item, told[0])]
    # Beside articles that take no side, two that do are lost on the judge.
    found = (told[0], *sides)
    return found if sides and together(found).disputes >= _DISAGREE else ()


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
    here, there = stems(one.short), stems(other.short)
    numbers = [{word for word in some if word[0].isdigit()} for some in (here, there)]
    alike = here <= there or there <= here or bool(numbers[0] & numbers[1]) or durations.agree(one.short, other.short)
    return bool(here and there) and alike
