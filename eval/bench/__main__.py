"""Measure and print every table, or those named: `python -m eval.bench --only ingest,search`.

Everything that is compared is measured in turn within one run: ratios are what counts, the seconds are those of this
machine at this moment.
"""

from __future__ import annotations

import argparse
import importlib.util
import shlex
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from eval.bench import ablating, articles, asking, comparing, ingesting, rivals, searching, tables
from rag import Upload

_PARTS = ("ask", "ingest", "grow", "search", "index", "memory", "peer")
# They need cases to be named.
_OF_CASES = ("ablate",)
_NO_PEER = (
    "the part peer needs llama-index-core, which is not installed; "
    "`.venv/bin/python -m pip install -c constraints.txt -e '.[bench]'` brings it"
)


def main(arguments: Sequence[str] | None = None) -> None:
    options = _options().parse_args(arguments)
    unknown = sorted(set(options.only) - {*_PARTS, *_OF_CASES})
    if unknown:
        raise SystemExit(f"no part is named {', '.join(unknown)}; the parts are: {', '.join((*_PARTS, *_OF_CASES))}")
    if set(options.only) & set(_OF_CASES) and not options.cases:
        raise SystemExit("the part ablate needs --cases FILE: a reading.jsonl, or SQuAD 2.0 JSON")
    if "peer" in options.only and importlib.util.find_spec("llama_index") is None:
        if options.only is not _PARTS:
            raise SystemExit(_NO_PEER)
        sys.stderr.write(f"{_NO_PEER}\n")
        options.only = _PARTS[:-1]
    command = shlex.join(["python", "-m", "eval.bench", *(sys.argv[1:] if arguments is None else arguments)])
    text = f"`{command}`, on {tables.machine()}.\n"
    sys.stdout.write(text)
    with tempfile.TemporaryDirectory() as folder:
        for table in _measured(options, Path(folder)):
            sys.stdout.write(f"\n{table.markdown()}")
            sys.stdout.flush()
            text += f"\n{table.markdown()}"
    if options.write:
        tables.write(options.write, text)


def _measured(options: argparse.Namespace, home: Path) -> Iterator[tables.Table]:
    if "ask" in options.only:
        yield from asking.asked(home / "ask", options.rounds)
    if "peer" in options.only:
        yield comparing.against_peer(home / "peer", options.rounds, options.replies)
    if "ablate" in options.only:
        yield ablating.ablated(options.cases, options.limit)
    uploads = articles.load(options.corpus, options.articles) if {"ingest", "memory"} & set(options.only) else []
    if "memory" in options.only:
        yield ingesting.memory(uploads, home)
    if {"ingest", "grow", "search"} & set(options.only):
        yield from _with_encoder(options, home, uploads)
    if "index" in options.only:
        yield searching.index_alone(options.vectors, options.searches, home)


def _with_encoder(options: argparse.Namespace, home: Path, uploads: Sequence[Upload]) -> Iterator[tables.Table]:
    watched = rivals.encoder()
    if "ingest" in options.only:
        yield ingesting.against_plain(uploads, min(options.rounds, len(uploads)), home, watched)
    if {"grow", "search"} & set(options.only):
        full = ingesting.fill(options.large, home)
        if "search" in options.only:
            small = min(1000, options.large)
            archives = {small: ingesting.fill(small, home / "small"), options.large: full}
            yield searching.all_in(archives, options.searches, watched)
        if "grow" in options.only:
            yield ingesting.into_full(options.large, options.rounds, home, watched, full)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m eval.bench", description="How fast nutgraf is on this machine.")
    parser.add_argument(
        "--only", type=lambda text: text.split(","), default=_PARTS, help=f"of {','.join((*_PARTS, *_OF_CASES))}"
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often each thing is done (default: 3)")
    parser.add_argument("--corpus", type=Path, help="folder with a corpus.jsonl[.gz] (default: synthetic articles)")
    parser.add_argument("--cases", type=Path, help="for the part ablate: questions with their passages")
    parser.add_argument("--limit", type=int, default=150, help="how many of them (default: 150)")
    parser.add_argument("--articles", type=int, default=600, help="how many of them are ingested (default: 600)")
    parser.add_argument("--large", type=int, default=20_000, help="articles of the full archive (default: 20000)")
    parser.add_argument("--searches", type=int, default=200, help="searches that are timed (default: 200)")
    parser.add_argument("--vectors", type=int, default=1_000_000, help="vectors of the index alone (default: 1000000)")
    parser.add_argument("--replies", type=Path, metavar="FILE", help="write what both sides of the part peer said")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the tables between the markers of FILE")
    return parser


if __name__ == "__main__":
    main()
