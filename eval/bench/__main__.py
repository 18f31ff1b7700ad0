"""`python -m eval.bench`: the same as `python -m eval bench`."""

from __future__ import annotations

import typer

from eval.bench.command import bench

if __name__ == "__main__":
    typer.run(bench)
