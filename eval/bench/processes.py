"""Processes that the benchmark starts: one that is asked over pipes, and one whose time and memory are taken."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Any, NamedTuple


class Loop:
    """A module of the benchmark in a process of its own, which answers each line of JSON with one."""

    def __init__(self, module: str, *arguments: object) -> None:
        self._command = [sys.executable, "-m", module, *map(str, arguments)]

    def __enter__(self) -> Loop:
        self._process = subprocess.Popen(  # noqa: S603
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def ask(self, name: str, *arguments: object) -> Any:  # noqa: ANN401
        """Have one call of the module made. Raises: RuntimeError, when the process has ended."""
        sent, received = self._process.stdin, self._process.stdout
        if sent is None or received is None:
            raise RuntimeError(f"`{shlex.join(self._command)}` was started without pipes")
        line = json.dumps([name, arguments])
        try:
            sent.write(line + "\n")
            sent.flush()
        except BrokenPipeError:
            pass
        else:
            if answer := received.readline():
                return json.loads(answer)
        raise RuntimeError(f"`{shlex.join(self._command)}` ended; give it this line to see why: {line}")


class Ran(NamedTuple):
    """What a command printed, how long it took, and the most memory that it held."""

    output: str
    seconds: float
    peak_mib: float


def run(command: Sequence[str]) -> Ran:
    """Run `command` to its end. Raises: RuntimeError, when it fails."""
    with Loop("eval.bench.running") as loop:
        output, status, seconds, peak_mib = loop.ask("run", command)
    if status:
        raise RuntimeError(f"`{shlex.join(command)}` failed with status {status}")
    return Ran(output, seconds, peak_mib)
