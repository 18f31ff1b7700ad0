"""Train the small models that ship with nutgraf."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

# Before torch: it says how torch's threads wait for each other.
import embeddings  # noqa: F401  # isort: skip
import torch

from training import checking, judge
from training.fitting import Plan

_TOKENS: int = Plan._field_defaults["tokens"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    told = judge.__doc__
    _options(commands.add_parser("judge", help=told.partition(":")[0] if told else None))
    told = checking.__doc__
    check = commands.add_parser("checking", help=told.partition(":")[0] if told else None)
    check.add_argument("data", type=Path, help="the folder of the public sets")
    options = parser.parse_args()
    if options.command == "checking":
        print(json.dumps(checking.fit(options.data)._asdict()))
        return
    _check(parser, options)
    if options.measure:
        print(json.dumps(_measured(options), indent=1))
    else:
        beside = _beside(options)
        plan = Plan(options.data, options.out, options.epochs, options.part, options.seed, options.device, *beside)
        if options.heads:
            judge.refit(plan, options.heads, _say)
        else:
            judge.train(plan, _say)


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if options.tokens < 1:
        parser.error(f"--tokens {options.tokens}: a step takes at least one")
    if bool(options.teacher) != bool(options.teacher_base):
        parser.error(
            "--teacher and --teacher-base go together: weights, and the folder of the encoder that they are for"
        )
    for folder in (options.base, options.teacher_base):
        if folder and not (folder / "config.json").is_file():
            parser.error(f"{folder} is no folder of an encoder: it has no config.json")


def _beside(options: argparse.Namespace) -> tuple[Any, ...]:
    told = ("start", "base", "rank", "tokens", "teacher", "teacher_base")
    return tuple(getattr(options, name) for name in told)


def _measured(options: argparse.Namespace) -> dict[str, Any]:
    return judge.measure(options.data, options.measure, options.limit, options.out, options.base)


def _options(fit: argparse.ArgumentParser) -> None:
    fit.add_argument("data", type=Path, help="the folder of the public sets")
    fit.add_argument("--out", type=Path, default=Path("models") / "judge", help="where checkpoint and weights go")
    fit.add_argument("--epochs", type=int, default=3)
    fit.add_argument("--part", type=float, default=1.0, help="share of the questions that is taken (default: 1)")
    fit.add_argument("--seed", type=int, default=0)
    fit.add_argument("--start", type=Path, metavar="WEIGHTS", help="go on from these weights, not the encoder's")
    fit.add_argument("--base", type=Path, metavar="DIR", help="another encoder (BERT, MPNet) than the embedded one")
    fit.add_argument("--rank", type=int, default=0, help="learn matrices of this rank beside its layers, not those")
    fit.add_argument("--tokens", type=int, default=_TOKENS, help=f"of a step (default: {_TOKENS}; a GPU takes 16384)")
    told = "fit only the heads for disagreement and silence of these weights again"
    fit.add_argument("--heads", type=Path, metavar="WEIGHTS", help=told)
    told = "learn from these trained judges, too: from the mean of what they say"
    fit.add_argument("--teacher", type=Path, metavar="WEIGHTS", nargs="+", default=(), help=told)
    fit.add_argument("--teacher-base", type=Path, metavar="DIR", help="the encoder that the teachers are for")
    fit.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    fit.add_argument("--measure", type=Path, metavar="WEIGHTS", help="train nothing, measure these weights")
    fit.add_argument("--limit", type=int, default=400, help="cases of each set that are measured (default: 400)")


def _say(text: str) -> None:
    print(time.strftime("%H:%M:%S"), text, flush=True)


if __name__ == "__main__":
    main()
