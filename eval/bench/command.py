"""Measure and print every table, or those named: `python -m eval bench --only ingest,search`.

Everything that is compared is measured in turn within one part: ratios are what counts, the seconds are those of this
machine at this moment. With `--report`, the tables of a part that was measured by the same code and with the same
options are not measured again.
"""

from __future__ import annotations

import json
import shlex
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from rich.progress import track

from eval import running, showing
from eval.bench import tables
from eval.bench.parts import OF_CASES, PARTS, Measured, Options, Parts, chosen
from eval.bench.tables import Table
from eval.running import JsonOption, ReportOption, SeedOption, Stopped, errors
from rag import InputError, load_settings

_KEPT = "bench.jsonl"
_CASES = 150
_EVERY = ",".join((*PARTS, *OF_CASES))
_ROLES = ("encoder", "judge", "reader")


def bench(
    only: Annotated[str, typer.Option(metavar="PARTS", help=f"Of {_EVERY}.")] = ",".join(PARTS),
    rounds: Annotated[int, typer.Option(min=1, help="How often each thing is done.")] = 3,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many cases (without it 150), articles and searches.")
    ] = None,
    seed: SeedOption = 0,
    corpus: Annotated[
        Path | None, typer.Option(help="Folder with a corpus.jsonl[.gz].", show_default="synthetic articles")
    ] = None,
    cases: Annotated[Path | None, typer.Option(help="For the part ablate: questions with their passages.")] = None,
    articles: Annotated[int, typer.Option(min=1, help="How many of them are ingested.")] = 600,
    large: Annotated[int, typer.Option(min=1, help="Articles of the full archive.")] = 20_000,
    searches: Annotated[int, typer.Option(min=1, help="Searches that are timed.")] = 200,
    vectors: Annotated[int, typer.Option(min=1, help="Vectors of the index alone.")] = 1_000_000,
    replies: Annotated[Path | None, typer.Option(metavar="FILE", help="Write what was said in the part peer.")] = None,
    write: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Put the tables between the markers of FILE.")
    ] = None,
    json_file: JsonOption = None,
    report: ReportOption = None,
) -> None:
    """Measure how fast nutgraf is on this machine."""
    with running.reporting():
        running.writable(json_file)
        if limit:
            articles, searches = min(articles, limit), min(searches, limit)
        options = Options(rounds, limit or _CASES, seed, corpus, cases, articles, large, searches, vectors, replies)
        parts = chosen(only, options)
        if write:
            tables.check(write)
        out, heading = sys.stderr if json_file == "-" else sys.stdout, _heading()
        out.write(heading)
        kept = _measured(parts, options, report, out)
        if write:
            tables.write(write, "\n".join([heading, *(table.markdown() for one in kept for table in one.tables)]))
        if json_file:
            showing.write(json_file, _written(kept))


def _measured(parts: Sequence[str], options: Options, folder: Path | None, out: TextIO) -> list[Measured]:
    """Every part, printed to `out` as soon as it is there. Raises: Stopped, InputError."""
    keys = {part: _key(part, options) for part in parts} if folder else {}
    found = _earlier(folder, keys) if folder else {}
    kept = list[Measured]()
    try:
        with tempfile.TemporaryDirectory() as home:
            measure = Parts(options, Path(home))
            for part in track(parts, "measuring", console=errors, transient=True):
                if part not in found:
                    found[part] = measure.part(part)
                    if folder:
                        _keep(folder, keys[part], found[part])
                kept.append(found[part])
                out.writelines(f"\n{table.markdown()}" for table in found[part].tables)
                out.flush()
    except KeyboardInterrupt:
        again = "the same command goes on from there" if folder else "nothing is kept without --report"
        raise Stopped(f"stopped after {len(kept)} of {len(parts)} parts: {again}") from None
    return kept


def _heading() -> str:
    return f"`{shlex.join(['python', '-m', 'eval', *sys.argv[1:]])}`, on {tables.machine()}.\n"


def _key(part: str, options: Options) -> str:
    told = {name: str(value) for name, value in asdict(options).items() if name != "replies"}
    return json.dumps([part, told, running.fingerprint(load_settings())], sort_keys=True)


def _earlier(folder: Path, keys: Mapping[str, str]) -> dict[str, Measured]:
    """The parts that were measured before, by their names; a line that is none was cut short."""
    found = {}
    file = folder / _KEPT
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else ():
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if isinstance(told, dict) and told.get("key") == keys.get(str(told.get("part")), ""):
            found[told["part"]] = Measured(told["part"], tuple(map(Table.read, told["tables"])), told["seconds"])
    return found


def _keep(folder: Path, key: str, one: Measured) -> None:
    """Raises: InputError."""
    told = {"key": key, "part": one.part, "tables": list(map(asdict, one.tables)), "seconds": one.seconds}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / _KEPT).open("a", encoding="utf-8") as lines:
            # A line that was cut short gets its end.
            lines.write(f"\n{json.dumps(told)}\n")
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror or error}", "name another --report") from error


def _written(kept: Sequence[Measured]) -> dict[str, Any]:
    """As every command writes it: here `cases` are the parts, none of which is a measure of answers."""
    return {
        "command": "bench",
        "cases": len(kept),
        "measures": {},
        "seconds": {one.part: one.seconds for one in kept},
        "models": showing.models(load_settings(), *_ROLES),
        "tables": [asdict(table) | {"part": one.part} for one in kept for table in one.tables],
    }
