"""Train the small models that ship with nutgraf."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import torch

from training import judge


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    fit = commands.add_parser("judge", help="train the judge, going on from its checkpoint")
    fit.add_argument("data", type=Path, help="the folder of the public sets")
    fit.add_argument("--out", type=Path, default=Path("models/judge"), help="where the checkpoint and the weights go")
    fit.add_argument("--epochs", type=int, default=4)
    fit.add_argument("--part", type=float, default=1.0, help="share of the questions that an epoch takes (default: 1)")
    fit.add_argument("--seed", type=int, default=0)
    fit.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    fit.add_argument("--measure", type=Path, metavar="WEIGHTS", help="train nothing, measure these weights")
    fit.add_argument("--limit", type=int, default=400, help="cases of each set that are measured (default: 400)")
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(judge.measure(options.data, options.measure, options.limit), indent=1))
        return
    judge.train(options.data, options.out, options.epochs, options.part, options.seed, options.device, _say)


def _say(text: str) -> None:
    print(time.strftime("%H:%M:%S"), text, flush=True)


if __name__ == "__main__":
    main()
