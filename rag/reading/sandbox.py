"""The sandbox: parsers that hostile bytes could hang or swell run in a subprocess with limits on time and memory.

The parent calls `run`; the subprocess runs `serve`. They talk in JSON over pipes: unpickling could run code.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import os
import queue
import struct
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Generator, Iterator
from dataclasses import asdict
from pkgutil import resolve_name
from types import TracebackType
from typing import IO, Any, BinaryIO, cast

import psutil

from rag.errors import ArticleUnreadable
from rag.reading import temporary
from rag.reading.draft import Draft, Unreadable, describe
from rag.types import PublishedDate

if sys.platform != "win32":
    import resource

MAX_SECONDS = 60
MAX_BYTES = 1_000_000_000
MAX_CHARS = 50_000_000
# Sent before each chunk of a file; 0 marks its end.
_CHUNK_SIZE = struct.Struct(">I")
_CHUNK_BYTES = 1 << 18
_QUEUED_LINES = 16
_GRACE_SECONDS = 5
_COMMAND = (sys.executable, "-P", "-c", "from rag.reading.sandbox import serve; serve()")

Parser = Callable[..., Iterator[Draft | Unreadable]]

_idle: list[_Process] = []


def run(parser: Parser, file: BinaryIO, *args: str | None) -> Iterator[Draft | Unreadable]:
    """Yield what `parser(file, *args)` yields in the sandbox; it must be a function at the top of a module.

    The process is kept for the next file, until `close`. Raises: ArticleUnreadable.
    """
    process = _take_idle() or _Process()
    finished = False
    try:
        process.send({"parser": f"{parser.__module__}:{parser.__qualname__}", "args": args}, file)
        error = yield from process.results()
        finished = True
    finally:
        if finished:
            _idle.append(process)
        else:
            process.kill()
    if error:
        raise error


def close() -> None:
    """End the idle processes; the next file starts a new one."""
    while process := _take_idle():
        process.kill()


atexit.register(close)


def _take_idle() -> _Process | None:
    # Another thread may take the last one between a check and the pop.
    try:
        return _idle.pop()
    except IndexError:
        return None


class _Process:
    """A sandbox process, which reads one file at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603
            _COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Ctrl-C goes to the parent alone, which then ends the sandbox.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            # The parent's packages, never those of the current folder.
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        self._lines: queue.Queue[bytes] = queue.Queue(_QUEUED_LINES)
        self._reader = threading.Thread(target=self._read_lines, name="sandbox reader", daemon=True)
        self._reader.start()

    def _read_lines(self) -> None:
        for line in cast(IO[bytes], self._process.stdout):
            self._lines.put(line)
        self._lines.put(b"")

    def send(self, request: dict[str, Any], file: BinaryIO) -> None:
        """Send a file. If the process has died, `results` reports it."""
        pipe = cast(IO[bytes], self._process.stdin)
        chunks = iter(lambda: file.read(_CHUNK_BYTES), b"")
        with contextlib.suppress(BrokenPipeError):
            pipe.write(json.dumps(request).encode() + b"\n")
            for chunk in chunks:
                pipe.write(_CHUNK_SIZE.pack(len(chunk)) + chunk)
            pipe.write(_CHUNK_SIZE.pack(0))
            pipe.flush()

    def results(self) -> Generator[Draft | Unreadable, None, ArticleUnreadable | None]:
        """Yield the drafts; return the parser's own error. Raises: ArticleUnreadable, for a crash or a timeout."""
        seconds_left = float(MAX_SECONDS)
        while True:
            started = time.monotonic()
            try:
                line = self._lines.get(timeout=max(seconds_left, 0.01))
            except queue.Empty:
                raise ArticleUnreadable(f"reading it took more than {MAX_SECONDS} s", "split it") from None
            # Only waiting counts, not what the caller does with a draft in between.
            seconds_left -= time.monotonic() - started
            reply = json.loads(line) if line else {"crash": f"exit status {self._process.wait()}"}
            if "crash" in reply:
                raise _crash(reply["crash"])
            if "failed" in reply:
                raise ArticleUnreadable(*reply["failed"])
            if "end" in reply:
                return None
            if "error" in reply:
                return ArticleUnreadable(*reply["error"])
            yield _from_json(reply)

    def kill(self) -> None:
        """Kill the process, end its reader thread and close its pipes."""
        self._process.kill()
        with contextlib.suppress(queue.Empty):
            while self._reader.is_alive():
                self._lines.get(timeout=0.05)
        self._reader.join()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(BrokenPipeError):
                cast(IO[bytes], pipe).close()


def _crash(reason: str) -> ArticleUnreadable:
    if reason.startswith("MemoryError"):
        return ArticleUnreadable(f"reading it took more than {MAX_BYTES / 1e9:.0f} GB of memory", "split it")
    return ArticleUnreadable(f"its parser crashed: {reason}", "the file may be damaged")


def _to_json(found: Draft | Unreadable) -> dict[str, object]:
    fields = asdict(found)
    if isinstance(found, Unreadable):
        return {"unreadable": fields}
    return {"draft": fields | {"published": str(found.published) if found.published else None}}


def _from_json(reply: dict[str, Any]) -> Draft | Unreadable:
    if "unreadable" in reply:
        return Unreadable(**reply["unreadable"])
    published = reply["draft"]["published"]
    return Draft(**reply["draft"] | {"published": PublishedDate.parse(published) if published else None})


# In the subprocess


def serve() -> None:
    """Parse one file after another, until the parent closes the pipe."""
    output = sys.stdout.buffer
    # A parser may print; that must not reach the pipe.
    sys.stdout = sys.stderr
    logging.disable()
    warnings.simplefilter("ignore")

    def reply(message: dict[str, object]) -> None:
        output.write(json.dumps(message).encode() + b"\n")
        output.flush()

    def report_crash(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
        # The process ends: the state that the parser left behind is unknown, or the rest of the file is in the pipe.
        with contextlib.suppress(OSError):
            if isinstance(error, ArticleUnreadable):
                reply({"failed": [error.message, error.hint]})
            else:
                reply({"crash": f"{kind.__name__}: {describe(error)}"})

    sys.excepthook = report_crash
    _limit_memory()
    while request := sys.stdin.buffer.readline():
        with temporary.spool() as file:
            if not _receive(sys.stdin.buffer, file):
                return
            _limit_cpu_time()
            _parse(json.loads(request), cast(BinaryIO, file), reply)


def _receive(stream: IO[bytes], file: IO[bytes]) -> bool:
    """Copy the file from the stream; return whether all of it came. Raises: ArticleUnreadable."""
    while len(head := stream.read(_CHUNK_SIZE.size)) == _CHUNK_SIZE.size:
        (size,) = _CHUNK_SIZE.unpack(head)
        if not size:
            with temporary.writing():
                file.seek(0)
            return True
        chunk = stream.read(size)
        with temporary.writing():
            file.write(chunk)
    return False


def _parse(request: dict[str, Any], file: BinaryIO, reply: Callable[[dict[str, object]], None]) -> None:
    chars = 0
    parser: Parser = resolve_name(request["parser"])
    try:
        for found in parser(file, *request["args"]):
            chars += len(found.text) if isinstance(found, Draft) else 0
            if chars > MAX_CHARS:
                raise ArticleUnreadable(f"it holds more than {MAX_CHARS:,} characters of text", "split it")
            reply(_to_json(found))
    except ArticleUnreadable as error:
        reply({"error": [error.message, error.hint]})
    else:
        reply({"end": True})


def _limit_memory() -> None:
    if sys.platform != "win32":
        limit = psutil.Process().memory_info().vms + MAX_BYTES
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_cpu_time() -> None:
    """Bound a hang that the parent is no longer there to end."""
    if sys.platform != "win32":
        used = resource.getrusage(resource.RUSAGE_SELF)
        limit = int(used.ru_utime + used.ru_stime) + MAX_SECONDS + _GRACE_SECONDS
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))
