"""Write runs and qrels as TREC has them, for `trec_eval`, `ir_measures` and the like.

A line of a run is `query Q0 article rank score tag`, and of qrels `query 0 article relevance`. Source: Voorhees and
Harman (editors), "TREC: experiment and evaluation in information retrieval" (2005), and the manual of `trec_eval`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from eval.beir import Qrels
from rag import InputError

# The scores of articles, by query; higher is better.
Run = dict[str, dict[str, float]]
_QRELS = "qrels.txt"


def check(ids: Iterable[str]) -> None:
    """Raises: InputError, for an id that a line could not hold: its columns are parted by white space."""
    for one in ids:
        if len(one.split()) != 1 or one.split()[0] != one:
            raise InputError(f"the id {one!r} has white space", "a TREC file cannot hold it: leave --trec out")


def write(folder: Path, judged: Qrels, runs: Mapping[str, Run]) -> None:
    """Write qrels.txt, and NAME.run for each run; a query with no result has no line in a run. Raises: InputError."""
    lines = (f"{query} 0 {article} {grade}" for query, grades in judged.items() for article, grade in grades.items())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _QRELS).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        for name, run in runs.items():
            (folder / f"{name}.run").write_text(_lines(name, run), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror or error}", "name another --trec") from error


def _lines(name: str, run: Run) -> str:
    return "".join(
        f"{query} Q0 {article} {rank} {score:g} {name}\n"
        for query, scores in run.items()
        for rank, (article, score) in enumerate(sorted(scores.items(), key=lambda pair: -pair[1]), start=1)
    )
