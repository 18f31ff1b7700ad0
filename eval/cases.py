"""The cases of a test set: questions with their passages and what is right, and claims with their evidence.

`reading.jsonl` gives the right answers, none where a refusal is right; `modes.jsonl` gives only what kind of reply is
right; SQuAD 2.0 JSON is read as `reading.jsonl` (Rajpurkar, Jia and Liang, "Know what you don't know", 2018).
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from eval import files
from eval.files import Row
from rag import InputError

ABSTAIN, DISPUTED, TRUSTWORTHY = MODES = ("abstain", "disputed", "trustworthy")
_READING, _MODES, _CLAIMS = "reading.jsonl", "modes.jsonl", "claims.jsonl"
_Drawn = TypeVar("_Drawn")


class Extent(NamedTuple):
    """Characters `start` to `end` of an article's text."""

    article_id: str
    start: int
    end: int


class Identified(Protocol):
    """What stands on a line of a test set."""

    @property
    def id(self) -> str: ...


class Judged(Identified, Protocol):
    """A question and what is right, wherever its passages come from; the attributes are those of `Case`."""

    @property
    def answers(self) -> tuple[str, ...]: ...

    @property
    def mode(self) -> str: ...

    @property
    def type(self) -> str: ...

    @property
    def answerable(self) -> bool: ...

    @property
    def gold(self) -> Sequence[object]: ...

    def is_gold(self, quote: Extent) -> bool:
        """Whether it is from what answers."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """One passage of a case; what is not given is ""."""

    id: str
    text: str
    title: str = ""
    source: str = ""
    published: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A question with its passages. `mode` is "" where `answers` say what is right: none, that it is a refusal."""

    id: str
    question: str
    passages: tuple[Source, ...]
    answers: tuple[str, ...] = ()
    gold: tuple[str, ...] = ()
    mode: str = ""
    type: str = ""

    @property
    def answerable(self) -> bool:
        """Whether a refusal is wrong."""
        return self.mode != ABSTAIN if self.mode else bool(self.answers)

    def is_gold(self, quote: Extent) -> bool:
        """Whether it is from one of the passages that answer, wherever it stands there."""
        return quote.article_id in self.gold

    @property
    def written(self) -> dict[str, Any]:
        """The case as JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim, and whether the evidence supports it."""

    id: str
    claim: str
    evidence: str
    supported: bool

    @property
    def written(self) -> dict[str, Any]:
        """The case as JSON."""
        return asdict(self)


def read_cases(path: Path) -> tuple[Case, ...]:
    """Read a file, or a folder that holds one; a file that ends in .json is SQuAD's.

    Raises: InputError, naming the file and the line.
    """
    file = files.find(path, (_READING, _MODES))
    if file.name.removesuffix(".gz").endswith(".json"):
        return whole(file, _squad(file))
    return whole(file, ((_case(row), row.place) for row in files.rows(file)))


def read_claims(path: Path) -> tuple[Claim, ...]:
    """Read a file, or a folder that holds one. Raises: InputError, naming the file and the line."""
    file = files.find(path, (_CLAIMS,))
    return whole(file, ((_claim(row), row.place) for row in files.rows(file)))


def sample(cases: Sequence[_Drawn], limit: int | None, seed: int) -> tuple[_Drawn, ...]:
    """`limit` of the cases, drawn at random, in their order; all of them where there are no more."""
    if limit is None or limit >= len(cases):
        return tuple(cases)
    return tuple(cases[at] for at in sorted(random.Random(seed).sample(range(len(cases)), limit)))  # noqa: S311


_Told = TypeVar("_Told", bound=Identified)


def whole(file: Path, found: Iterable[tuple[_Told, str]]) -> tuple[_Told, ...]:
    """Every case that was found, each with where it stands.

    Raises: InputError, where there is no case, two have one id, or some have answers and others modes.
    """
    cases: dict[str, _Told] = {}
    modes = set()
    for case, place in found:
        if case.id in cases:
            raise InputError(f"{place}: the id {case.id!r} stands twice", "give each case its own")
        if isinstance(case, Case):
            modes.add(bool(case.mode))
        if len(modes) > 1:
            raise InputError(f"{place}: some cases have `expected` and others `answers`", "put them into two files")
        cases[case.id] = case
    if not cases:
        raise InputError(f"{file} holds no case", "a case stands on each line")
    return tuple(cases.values())


def _case(row: Row) -> Case:
    mode = ""
    if not row.values.keys() & {"answers", "expected"}:
        raise InputError(f"{row.place} has neither `answers` nor `expected`", "one of them says what is right")
    if "answers" not in row.values:
        mode = row.text("expected")
        if mode not in MODES:
            raise InputError(f"{row.place}: `expected` is {mode!r}", f"it is one of {', '.join(MODES)}")
    return Case(
        id=row.text("id"),
        question=row.text("question"),
        passages=tuple(_passages(row)),
        answers=() if mode else row.texts("answers"),
        gold=row.texts("gold") if "gold" in row.values else (),
        mode=mode,
        type=row.text("type", ""),
    )


def _claim(row: Row) -> Claim:
    supported = row.values.get("supported")
    if not isinstance(supported, bool):
        raise InputError(f"{row.place}: `supported` is {supported!r}", "it is true or false")
    return Claim(row.text("id"), row.text("claim"), row.text("evidence"), supported)


def _passages(row: Row) -> Iterator[Source]:
    """What stands twice is left out; two texts under one id could not be told apart in a citation."""
    seen: dict[str, Source] = {}
    for one in row.items("passages"):
        if not isinstance(one, dict):
            raise InputError(f"{row.place}: a passage is {one!r:.40}", 'it is {"id": ..., "text": ...}')
        inner = Row(one, f"{row.place}, a passage")
        optional = {name: inner.text(name, "") for name in ("title", "source", "published")}
        passage = Source(inner.text("id"), inner.text("text"), **optional)
        if passage.id not in seen:
            seen[passage.id] = passage
            yield passage
        elif seen[passage.id].text != passage.text:
            raise InputError(f"{row.place}: two passages have the id {passage.id!r}", "give each its own")


def _squad(file: Path) -> Iterator[tuple[Case, str]]:
    told = Row(files.parsed(files.text(file), str(file)), str(file))
    for title in told.inner("data", "article"):
        name = title.text("title", "")
        for paragraph in title.inner("paragraphs", f"{name!r}, paragraph"):
            passage = Source(f"{name}-{paragraph.place.rpartition(' ')[2]}", paragraph.text("context"), name)
            for row in paragraph.inner("qas", "question"):
                said = [answer.text("text") for answer in row.inner("answers", "answer")]
                answers = () if row.values.get("is_impossible") else tuple(dict.fromkeys(said))
                yield Case(row.text("id"), row.text("question"), (passage,), answers, (passage.id,)), row.place
