"""Gather what several articles tell for a question that no single sentence answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.answering import orders
from rag.english import verbs
from rag.search.words import Word, content, stem, stems, words
from rag.types import Evidence, Hit, Span
from rag.understanding import kinds

# A question with fewer words asks for one thing, which one sentence tells.
_LEAST_ASKED = 10
_MOST_SENTENCES = 4
# Each sentence must bring so many of the question's words that those before it have not.
_LEAST_NEW = 1
# Words in which a question speaks of articles and not of what they tell.
_OF_ARTICLES = frozenset(
    stem(word)
    for word in """article articles report reports reported reporting according mentioned mention discussed discussing
    information individual person company considering based claim suggest published publication source sources both
    compare between identified associated""".split()
)


def gather(question: str, hits: Sequence[Hit], least: float) -> tuple[Evidence, ...]:
    """Sentences of at least two articles that have the share `least` of a long question's words between them.

    The sentence with most words first, then what adds most to it, four at most; ties by the order of `hits`. () where
    the question is short, or the passages do not tell so much of it.
    """
    asked = _asked(question, hits)
    if len(asked) < _LEAST_ASKED:
        return ()
    said = [
        (item, asked & stems(f"{item.article.title}\n{_day(item)}\n{item.text}"))
        for hit in hits
        for item in orders.sentences(hit)
    ]
    chosen, told = list[Evidence](), set[str]()
    while said and len(chosen) < _MOST_SENTENCES:
        item, words_of_it = max(said, key=lambda pair: len(pair[1] - told))
        if len(words_of_it - told) < _LEAST_NEW:
            break
        chosen.append(item)
        told |= words_of_it
    if len({item.article.id for item in chosen}) < 2 or len(told) < least * len(asked):
        return ()
    if kinds.lacking(question, " ".join(item.text for item in chosen)):
        return ()
    name = shared_name(question, chosen)
    return tuple(replace(item, answer=_place(item, name)) for item in chosen)


def shared_name(question: str, evidence: Sequence[Evidence]) -> str:
    """The name that most of the evidence has in common and the question does not: whom it is about; "" for none."""
    if _for_yes_or_no(question) or (not {"name"} & {*kinds.wanted(question)} and not kinds.targets(question)):
        return ""
    asked = stems(question)
    names = {name for item in evidence for name in _names(f"{item.article.title}. {item.text}", asked)}

    def told(name: str) -> int:
        """How many of the evidence have its last word: who is Sam Bankman-Fried once is Bankman-Fried then."""
        return sum(content(name)[-1].stem in stems(f"{item.article.title}\n{item.text}") for item in evidence)

    return max(sorted(names), key=lambda name: (told(name), -abs(len(name.split()) - 2), len(name)), default="")


def _for_yes_or_no(question: str) -> bool:
    """Whether it begins with an auxiliary, as after "According to DAWN, "."""
    begins = (part.split()[0].lower() for part in question.split(", ")[:2] if part.split())
    return any(word in verbs.AUXILIARIES for word in begins)


def _asked(question: str, hits: Sequence[Hit]) -> set[str]:
    """The question's words but for the outlets, which every article of theirs would have."""
    outlets = set().union(*(stems(hit.article.source or "") for hit in hits))
    return stems(question) - _OF_ARTICLES - outlets


def _names(text: str, asked: set[str]) -> Iterator[str]:
    """Runs of capitalised words that are not asked about: `Sam Bankman-Fried`."""
    run = list[Word]()
    for word in (*words(text), None):
        apart = (
            word is None
            or not word.capitalised
            or word.function
            or (run and text[run[-1].end : word.start].strip(" -"))
        )
        if apart and run:
            if not {one.stem for one in run} & asked:
                yield text[run[0].start : run[-1].end]
            run = []
        if word and word.capitalised and not word.function:
            run.append(word)


def _day(item: Evidence) -> str:
    day = item.article.published.day_known if item.article.published else None
    return f"{day:%B} {day.day} {day.year}" if day else ""


def _place(item: Evidence, name: str) -> Span | None:
    at = item.article.text.find(name, item.start, item.end) if name else -1
    return Span(at, at + len(name)) if at >= 0 else None
