"""The benchmark runs and prints every row; what it prints is for people to judge, not for a test."""

from __future__ import annotations

import re
import subprocess
import sys


def test_every_row_is_printed_with_a_figure() -> None:
    command = [sys.executable, "-m", "eval.bench", "--rounds", "1"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout

    for row in ("Python starts", "the whole command", "first token", "whole answer", "whole refusal", "kept, share"):
        assert re.search(rf"{row}\s+\d+\.\d\d", printed), printed
