"""Run one command and say what it printed, its status, the seconds it took and the most memory it held, in MiB.

It runs in a process of its own, because Linux counts the memory of whoever starts a command as that command's: here
that is a few MiB.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from eval.bench.serving import serve


def run(command: list[str]) -> tuple[str, int, float, float]:
    clock = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
    with process:
        output = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    # macOS counts bytes, Linux KiB.
    peak_mib = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return output, process.returncode, time.perf_counter() - clock, peak_mib


if __name__ == "__main__":
    serve({"run": run})
