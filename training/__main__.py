"""Train the small models that ship with nutgraf."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from pathlib import Path

# Before torch: it sets how torch's threads wait for each other.
import embeddings  # noqa: F401  # isort: skip
import torch

from rag.models.modes import WEIGHTS
from training import check, judge, modes
from training.judge import DEFAULT_BATCH_TOKENS, Plan
from training.measure import measure


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    _add_judge_options(commands.add_parser("judge", help="train a judge, or measure one"))
    checking = commands.add_parser("checking", help="fit how near a claim must be to its evidence, and print it")
    checking.add_argument("data", type=Path, help="the folder of the public sets")
    kinds = commands.add_parser("modes", help="fit which form of reply a question asks for, and measure it")
    kinds.add_argument("data", type=Path, help="the folder of the public sets")
    kinds.add_argument("--out", type=Path, default=WEIGHTS, help=f"the weights to write (default: {WEIGHTS.name})")
    options = parser.parse_args()
    if not options.data.is_dir():
        parser.error(f"{options.data} is not a folder (name the folder of the public sets)")
    if options.command == "checking":
        print(json.dumps(check.fit(options.data)._asdict()))
        return
    if options.command == "modes":
        print(json.dumps(modes.fit(options.data, options.out), indent=1))
        return
    _validate(parser, options)
    if options.measure:
        base = options.base or judge.embedded_encoder()
        print(json.dumps(measure(options.data, options.measure, options.limit, options.out, base), indent=1))
        return
    logging.basicConfig(stream=sys.stdout, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    logging.getLogger("training").setLevel(logging.INFO)
    try:
        if options.heads:
            judge.refit_heads(_plan(options), options.heads)
        elif options.mean:
            judge.average(_plan(options), options.mean)
        else:
            judge.train(_plan(options))
    except (OSError, ValueError) as error:
        parser.exit(1, f"{error}\n")


def _add_judge_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("data", type=Path, help="the folder of the public sets")
    add("--out", type=Path, default=Path("models") / "judge", help="folder for the checkpoint and the weights")
    add("--epochs", type=int, default=3)
    add("--part", type=float, default=1.0, help="share of the questions to train on in each epoch (default: 1)")
    add("--seed", type=int, default=0)
    add("--start", type=Path, metavar="WEIGHTS", help="start from these weights, not from the encoder's")
    add("--base", type=Path, metavar="DIR", help="train over another encoder (BERT or MPNet)")
    add("--rank", type=int, default=0, help="learn matrices of this rank beside the encoder's layers, not the layers")
    help_tokens = f"tokens of a step (default: {DEFAULT_BATCH_TOKENS}; a GPU takes 16384)"
    add("--tokens", type=int, default=DEFAULT_BATCH_TOKENS, help=help_tokens)
    help_contrast = "share of contrast pairs in each epoch, below 1 (default: 0)"
    add("--contrast", type=float, default=0.0, metavar="SHARE", help=help_contrast)
    help_stories = "share of the invented stories in each epoch (default: 1)"
    add("--stories", type=float, default=1.0, metavar="SHARE", help=help_stories)
    help_rate = "factor of the learning rate, below 1 to change trained weights little (default: 1)"
    add("--rate", type=float, default=1.0, metavar="FACTOR", help=help_rate)
    help_heads = "only fit the heads of these weights for disagreement and silence again"
    add("--heads", type=Path, metavar="WEIGHTS", help=help_heads)
    help_mean = "only write the mean of these weights, such as those of epochs that follow each other"
    add("--mean", type=Path, metavar="WEIGHTS", nargs="+", help=help_mean)
    help_teacher = "learn from these trained judges, too; of several, from their mean"
    add("--teacher", type=Path, metavar="WEIGHTS", nargs="+", default=(), help=help_teacher)
    add("--teacher-base", type=Path, metavar="DIR", help="the encoder of the teachers")
    add("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    add("--measure", type=Path, metavar="WEIGHTS", help="do not train; measure these weights")
    add("--limit", type=int, default=400, help="cases of each set to measure on (default: 400)")


def _validate(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if options.tokens < 1:
        parser.error(f"--tokens {options.tokens}: must be at least 1")
    if not 0 <= options.contrast < 1:
        parser.error(f"--contrast {options.contrast}: must be at least 0 and below 1")
    if not 0 <= options.stories <= 1:
        parser.error(f"--stories {options.stories}: must be from 0 to 1")
    if bool(options.teacher) != bool(options.teacher_base):
        parser.error("--teacher and --teacher-base go together: the weights, and the folder of their encoder")
    for folder in (options.base, options.teacher_base):
        if folder and not (folder / "config.json").is_file():
            parser.error(f"{folder} is not the folder of an encoder: it has no config.json")


def _plan(options: argparse.Namespace) -> Plan:
    return Plan(
        data=options.data,
        out=options.out,
        epochs=options.epochs,
        part=options.part,
        seed=options.seed,
        device=options.device,
        start=options.start,
        base=options.base,
        rank=options.rank,
        batch_tokens=options.tokens,
        contrast=options.contrast,
        stories=options.stories,
        rate=options.rate,
        teachers=options.teacher,
        teacher_base=options.teacher_base,
    )


if __name__ == "__main__":
    main()
