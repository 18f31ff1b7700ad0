"""Run a command of `python -m eval` as a process of its own: what it crashes of, the chat does not."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from typing import IO

from rag import InputError, NutgrafError, Settings
from ui.background import Background

_LOOK_SECONDS = 0.3
# An interruption is seen when the native code that runs comes to its end; every case that is done is kept anyway.
_INTERRUPTED_SECONDS, _ENDED_SECONDS = 20.0, 5.0
_TAIL_BYTES, _TAIL_LINES = 64_000, 12
_ERROR = "error: "


class Command(Background):
    """A command under way. Once it has ended, `printed` is its standard output, and `said` the end of its errors."""

    def __init__(self, arguments: Sequence[str], settings: Settings) -> None:
        super().__init__("eval")
        self.printed = ""
        self.said = ""
        self._status: int | None = None
        self._arguments = [sys.executable, "-m", "eval", *arguments]
        self._environment = environment(settings)

    @property
    def stopped(self) -> bool:
        """Whether it has ended because it was asked to, before it was done."""
        return self.stopping and not self.running and self._status != 0

    @property
    def last_lines(self) -> str:
        """What to show where it broke off."""
        return "\n".join([line for line in self.said.splitlines() if line.strip()][-_TAIL_LINES:])

    def _look(self) -> None:
        """See how far it is."""

    def _work(self) -> None:
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
            try:
                process = subprocess.Popen(  # noqa: S603
                    self._arguments, env=self._environment, stdin=subprocess.DEVNULL, stdout=out, stderr=errors
                )
            except OSError as error:
                raise InputError(f"the evaluation cannot be started: {error}", "try again") from error
            self._attend(process)
            self.printed = _read(out, 0).decode("utf-8", "replace")
            self.said = _tail(errors)
        if self._status and not self.stopping:
            raise self._failure(self._status)

    def _attend(self, process: subprocess.Popen[bytes]) -> None:
        # It must not outlive the chat.
        interrupt = atexit.register(partial(_interrupt, process))
        try:
            while process.poll() is None:
                self._look()
                if self.stopping:
                    _end(process)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_LOOK_SECONDS)
            self._look()
        finally:
            atexit.unregister(interrupt)
        self._status = process.returncode

    def _failure(self, status: int) -> NutgrafError:
        last = self.last_lines.rpartition("\n")[2]
        if last.startswith(_ERROR):
            return NutgrafError(last.removeprefix(_ERROR), "mend that, then run it again")
        killed = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        return NutgrafError(f"The evaluation {killed}.", "What it wrote last stands below; what it asked is kept.")


def environment(settings: Settings) -> dict[str, str]:
    """That of this process, in which the settings are those of the chat."""
    return {**os.environ, **{f"NUTGRAF_{name.upper()}": str(value) for name, value in asdict(settings).items()}}


def _end(process: subprocess.Popen[bytes]) -> None:
    """Interrupt it, so that it puts things away; end it where it does not: some shells make their children deaf."""
    interrupt = partial(_interrupt, process)
    ways = ((interrupt, _INTERRUPTED_SECONDS), (process.terminate, _ENDED_SECONDS), (process.kill, _ENDED_SECONDS))
    for way, seconds in ways:
        way()
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
            return


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)


def _read(file: IO[bytes], start: int) -> bytes:
    file.seek(start)
    return file.read()


def _tail(file: IO[bytes]) -> str:
    size = file.seek(0, os.SEEK_END)
    return _read(file, max(0, size - _TAIL_BYTES)).decode("utf-8", "replace")
