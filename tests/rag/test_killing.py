"""SIGKILL at any moment loses nothing that was committed."""

from __future__ import annotations

import subprocess
import sys

_ROUNDS = 200


def test_two_hundred_kills_lose_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.rag.killing", str(_ROUNDS)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{_ROUNDS} kills, nothing lost")
    assert all(f" in {task}" in done.stdout for task in ("ingest", "many", "edit", "remove", "convert", "rebuild"))
