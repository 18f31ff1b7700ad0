"""Run the parsers that hostile bytes could hang or swell in a process of their own, within limits."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import asdict
from typing import IO, Any, BinaryIO, cast

from rag.errors import ArticleUnreadable
from rag.reading.draft import Draft, Unread
from rag.types import PublishedDate

MOST_SECONDS = 60
MOST_BYTES = 1_000_000_000
# Sent before each piece of a file; 0 is its end.
PIECE = struct.Struct(">I")
_PIECE_BYTES = 1 << 18
_AHEAD_LINES = 16
_COMMAND = (sys.executable, "-P", "-m", "rag.reading.worker")

_idle: list[_Process] = []


def parse(
    ending: str, file: BinaryIO, address: str | None = None, charset: str | None = None
) -> Iterator[Draft | Unread]:
    """Yield what the parser of `FORMATS[ending]` yields. Its process waits for the next file, until `close`.

    `address` and `charset` are where the file was fetched, and what HTTP said.

    Raises: ArticleUnreadable.
    """
    process = _waiting() or _Process()
    answered = False
    try:
        process.send({"ending": ending, "address": address, "charset": charset}, file)
        refused = yield from process.answers()
        answered = True
    finally:
        if answered:
            _idle.append(process)
        else:
            process.end()
    if refused:
        raise refused


def close() -> None:
    """End the processes that wait for files; the next file starts one anew."""
    while process := _waiting():
        process.end()


atexit.register(close)


def _waiting() -> _Process | None:
    try:
        return _idle.pop()
    except IndexError:
        return None


def as_json(found: Draft | Unread) -> dict[str, object]:
    """What a process says of what it found: in JSON, because unpickling would run it."""
    told = asdict(found)
    if isinstance(found, Draft):
        return {"draft": told | {"published": str(found.published) if found.published else None}}
    return {"unread": told}


def _found(told: dict[str, Any]) -> Draft | Unread:
    if "unread" in told:
        return Unread(**told["unread"])
    published = told["draft"]["published"]
    return Draft(**told["draft"] | {"published": PublishedDate.parse(published) if published else None})


class _Process:
    """One process; it reads a file at a time. Nothing of it outlives `end` or this process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603
            _COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Ctrl-C is for this process, which then ends that one.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            # The same packages as here, and never those of the folder that it happens to run in.
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        self._lines: queue.Queue[bytes] = queue.Queue(_AHEAD_LINES)
        self._listener = threading.Thread(target=self._listen, name="reading apart", daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def _listen(self) -> None:
        for line in cast(IO[bytes], self._process.stdout):
            self._lines.put(line)
        self._lines.put(b"")

    def send(self, told: dict[str, str | None], file: BinaryIO) -> None:
        """Hand the file over. A process that is dead by now says so in `answers`."""
        pipe = cast(IO[bytes], self._process.stdin)
        pieces = iter(lambda: file.read(_PIECE_BYTES), b"")
        heading = json.dumps(told).encode() + b"\n"
        try:
            pipe.write(heading)
            for piece in pieces:
                pipe.write(PIECE.pack(len(piece)) + piece)
            pipe.write(PIECE.pack(0))
            pipe.flush()
        except BrokenPipeError:
            pass

    def answers(self) -> Generator[Draft | Unread, None, ArticleUnreadable | None]:
        """Yield what is found; return why all of it was refused. Raises: ArticleUnreadable, where the process ends."""
        left = float(MOST_SECONDS)
        while True:
            begun = time.monotonic()
            try:
                line = self._lines.get(timeout=max(left, 0.01))
            except queue.Empty:
                raise ArticleUnreadable(f"it took more than {MOST_SECONDS} s to read", "split it") from None
            # Only the waiting counts, not what is done with an article meanwhile.
            left -= time.monotonic() - begun
            told = json.loads(line) if line else {"broke": f"exit status {self._process.wait()}"}
            if "broke" in told:
                raise _broken(told["broke"])
            if "end" in told:
                return None
            if "refused" in told:
                return ArticleUnreadable(*told["refused"])
            yield _found(told)

    def end(self) -> None:
        """Kill it, and let go of all that it held."""
        self._process.kill()
        with contextlib.suppress(queue.Empty):
            while self._listener.is_alive():
                self._lines.get(timeout=0.05)
        self._listener.join()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(BrokenPipeError):
                cast(IO[bytes], pipe).close()


def _broken(why: str) -> ArticleUnreadable:
    if why.startswith("MemoryError"):
        return ArticleUnreadable(f"its reading took more than {MOST_BYTES / 1e9:.0f} GB", "split it")
    return ArticleUnreadable(f"its reading broke off: {why}", "the file may be damaged")
