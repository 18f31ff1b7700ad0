"""The cases of a test set: questions with their passages and what is right, and claims with their evidence.

`reading.jsonl` gives the right answers, none where a refusal is right; `modes.jsonl` gives only what kind of reply is
right; SQuAD 2.0 JSON is read as `reading.jsonl` (Rajpurkar, Jia and Liang, "Know what you don't know", 2018).
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from eval import files
from eval.files import Row
from rag import InputError

ABSTAIN, DISPUTED, TRUSTWORTHY = MODES = ("abstain", "disputed", "trustworthy")
_READING, _MODES, _CLAIMS = "reading.jsonl", "modes.jsonl", "claims.jsonl"
_Drawn = TypeVar("_Drawn")


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
        return _whole(file, _squad(file))
    return _whole(file, ((_case(row), row.place) for row in files.rows(file)))


def read_claims(path: Path) -> tuple[Claim, ...]:
    """Read a file, or a folder that holds one. Raises: InputError, naming the file and the line."""
    file = files.find(path, (_CLAIMS,))
    return _whole(file, ((_claim(row), row.place) for row in files.rows(file)))


def sample(cases: Sequence[_Drawn], limit: int | None, seed: int) -> tuple[_Drawn, ...]:
    """`limit` of the cases, drawn at random, in their order; all of them where there are no more."""
    if limit is None or limit >= len(cases):
        return tuple(cases)
    return tuple(cases[at] for at in sorted(random.Random(seed).sample(range(len(cases)), limit)))  # noqa: S311


_Told = TypeVar("_Told", Case, Claim)


def _whole(file: Path, found: Iterable[tuple[_Told, str]]) -> tuple[_Told, ...]:
    """Raises: InputError, where there is no case, two have one id, or some have answers and others modes."""
    cases: dict[str, _Told] = {}
    for case, place in found:
        if case.id in cases:
            raise InputError(f"{place}: the id {case.id!r} stands twice", "give each case its own")
        if isinstance(case, Case) and cases and bool(case.mode) != bool(next(iter(cases.values())).written["mode"]):
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
        mode = _text(row, "expected")
        if mode not in MODES:
            raise InputError(f"{row.place}: `expected` is {mode!r}", f"it is one of {', '.join(MODES)}")
    return Case(
        id=_text(row, "id"),
        question=_text(row, "question"),
        passages=tuple(_passages(row)),
        answers=() if mode else _texts(row, "answers"),
        gold=_texts(row, "gold") if "gold" in row.values else (),
        mode=mode,
        type=_text(row, "type", ""),
    )


def _claim(row: Row) -> Claim:
    supported = row.values.get("supported")
    if not isinstance(supported, bool):
        raise InputError(f"{row.place}: `supported` is {supported!r}", "it is true or false")
    return Claim(_text(row, "id"), _text(row, "claim"), _text(row, "evidence"), supported)


def _passages(row: Row) -> Iterator[Source]:
    """What stands twice is left out; two texts under one id could not be told apart in a citation."""
    seen: dict[str, Source] = {}
    for one in _list(row, "passages"):
        if not isinstance(one, dict):
            raise InputError(f"{row.place}: a passage is {one!r:.40}", 'it is {"id": ..., "text": ...}')
        inner = Row(one, f"{row.place}, a passage")
        optional = {name: _text(inner, name, "") for name in ("title", "source", "published")}
        passage = Source(_text(inner, "id"), _text(inner, "text"), **optional)
        if passage.id not in seen:
            seen[passage.id] = passage
            yield passage
        elif seen[passage.id].text != passage.text:
            raise InputError(f"{row.place}: two passages have the id {passage.id!r}", "give each its own")


def _squad(file: Path) -> Iterator[tuple[Case, str]]:
    told = Row(files.parsed(files.text(file), str(file)), str(file))
    for title in _inner(told, "data", "article"):
        name = _text(title, "title", "")
        for paragraph in _inner(title, "paragraphs", f"{name!r}, paragraph"):
            passage = Source(f"{name}-{paragraph.place.rpartition(' ')[2]}", _text(paragraph, "context"), name)
            for row in _inner(paragraph, "qas", "question"):
                said = [_text(answer, "text") for answer in _inner(row, "answers", "answer")]
                answers = () if row.values.get("is_impossible") else tuple(dict.fromkeys(said))
                yield Case(_text(row, "id"), _text(row, "question"), (passage,), answers, (passage.id,)), row.place


def _inner(row: Row, name: str, called: str) -> Iterator[Row]:
    for number, one in enumerate(_list(row, name), start=1):
        place = f"{row.place}, {called} {number}"
        if not isinstance(one, dict):
            raise InputError(f"{place} is {one!r:.40}", "an object is expected there")
        yield Row(one, place)


def _list(row: Row, name: str) -> list[Any]:
    found = row.values.get(name)
    if not isinstance(found, list):
        raise InputError(f"{row.place}: `{name}` is {found!r:.40}", "it is a list")
    return found


def _text(row: Row, name: str, missing: str | None = None) -> str:
    """A text or a number, as text, null counting as missing; half a surrogate pair becomes a question mark.

    Raises: InputError, where it must not be missing.
    """
    found = row.values.get(name)
    if found is None:
        found = missing
    if isinstance(found, bool) or not isinstance(found, (str, int, float)):
        raise InputError(f"{row.place}: `{name}` is {found!r:.40}", "it is a text")
    return str(found).encode("utf-8", "replace").decode("utf-8")


def _texts(row: Row, name: str) -> tuple[str, ...]:
    return tuple(_text(Row({name: one}, row.place), name) for one in _list(row, name))
