"""The parts of the benchmark, by their names, and what several of them share: measured once, where a part needs it."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from eval.bench import ablating, articles, asking, comparing, ingesting, rivals, searching
from eval.bench.tables import Table
from eval.running import errors
from rag import InputError, Settings, Upload

PARTS = ("ask", "ingest", "grow", "search", "index", "memory", "peer")
# They need cases to be named.
OF_CASES = ("ablate",)
_NO_PEER = "the part peer needs llama-index-core, which is not installed"
_BRING_PEER = "`.venv/bin/python -m pip install -c constraints.txt -e '.[bench]'` brings it"


@dataclass(frozen=True, slots=True)
class Options:
    """As `python -m eval bench --help` tells them."""

    rounds: int
    limit: int
    seed: int
    corpus: Path | None
    cases: Path | None
    articles: int
    large: int
    searches: int
    vectors: int
    replies: Path | None


def chosen(only: str, options: Options) -> tuple[str, ...]:
    """The parts of `only`, each once; of all parts, peer is left out where it cannot run. Raises: InputError."""
    named = tuple(dict.fromkeys(name.strip() for name in only.split(",")))
    unknown = [name for name in named if name not in (*PARTS, *OF_CASES)]
    if unknown:
        raise InputError(f"no part is named {', '.join(unknown)}", f"the parts are: {', '.join((*PARTS, *OF_CASES))}")
    if set(named) & set(OF_CASES) and not options.cases:
        raise InputError("the part ablate needs cases", "give --cases FILE: a reading.jsonl, or SQuAD 2.0 JSON")
    if "peer" in named and importlib.util.find_spec("llama_index") is None:
        if named != PARTS:
            raise InputError(_NO_PEER, _BRING_PEER)
        errors.print(f"{_NO_PEER} ({_BRING_PEER})", markup=False, highlight=False, soft_wrap=True)
        return PARTS[:-1]
    return named


class Measured(NamedTuple):
    """A part that was measured."""

    part: str
    tables: tuple[Table, ...]
    seconds: float


class Parts:
    """Measures part by part, in archives below `home`."""

    def __init__(self, options: Options, home: Path) -> None:
        self._options = options
        self._home = home

    def part(self, name: str) -> Measured:
        """Raises: InputError."""
        measure: dict[str, Callable[[], Sequence[Table]]] = {
            "ask": self._ask,
            "ingest": self._ingest,
            "grow": self._grow,
            "search": self._search,
            "index": self._index,
            "memory": self._memory,
            "peer": self._peer,
            "ablate": self._ablate,
        }
        began = time.perf_counter()
        try:
            made = tuple(measure[name]())
        except (OSError, ValueError) as error:
            raise InputError(f"the part {name} cannot be measured: {error}", "mend what its options name") from error
        return Measured(name, made, time.perf_counter() - began)

    @cached_property
    def _uploads(self) -> list[Upload]:
        return articles.load(self._options.corpus, self._options.articles)

    @cached_property
    def _watched(self) -> rivals.Watched:
        return rivals.encoder()

    @cached_property
    def _full(self) -> Settings:
        return ingesting.fill(self._options.large, self._home)

    def _ask(self) -> Sequence[Table]:
        return asking.asked(self._home / "ask", self._options.rounds)

    def _ingest(self) -> Sequence[Table]:
        rounds = min(self._options.rounds, len(self._uploads))
        return [ingesting.against_plain(self._uploads, rounds, self._home, self._watched)]

    def _grow(self) -> Sequence[Table]:
        return [
            ingesting.into_full(self._options.large, self._options.rounds, self._home, self._watched, self._full),
        ]

    def _search(self) -> Sequence[Table]:
        small = min(1000, self._options.large)
        archives = {small: ingesting.fill(small, self._home / "small"), self._options.large: self._full}
        return [searching.all_in(archives, self._options.searches, self._watched)]

    def _index(self) -> Sequence[Table]:
        return [searching.index_alone(self._options.vectors, self._options.searches, self._home)]

    def _memory(self) -> Sequence[Table]:
        return [ingesting.memory(self._uploads, self._home)]

    def _peer(self) -> Sequence[Table]:
        return [comparing.against_peer(self._home / "peer", self._options.rounds, self._options.replies)]

    def _ablate(self) -> Sequence[Table]:
        cases = self._options.cases
        return [ablating.ablated(cases, self._options.limit, self._options.seed)] if cases else []
