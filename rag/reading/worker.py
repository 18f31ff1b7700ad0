"""The process that reads files apart: `python -m rag.reading.worker`, spoken to through its pipes by `apart`."""

from __future__ import annotations

import contextlib
import json
import logging
import sys
import tempfile
import warnings
from types import TracebackType
from typing import IO, BinaryIO, cast

import psutil

from rag.errors import ArticleUnreadable
from rag.reading import FORMATS
from rag.reading.apart import MOST_BYTES, MOST_SECONDS, PIECE, as_json
from rag.reading.draft import Draft

if sys.platform != "win32":
    import resource

_IN_MEMORY_BYTES = 16_000_000
_MOST_CHARS = 50_000_000
_GRACE_SECONDS = 5
_out = sys.stdout.buffer


def main() -> None:
    """Read file after file, until there is nobody left to send one."""
    # What a parser prints is no answer.
    sys.stdout = sys.stderr
    sys.excepthook = _break_off
    logging.disable()
    warnings.simplefilter("ignore")
    _limit_memory()
    asked = sys.stdin.buffer
    while heading := asked.readline():
        with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as file:
            if not _receive(asked, file):
                return
            _limit_seconds()
            _answer(json.loads(heading), cast(BinaryIO, file))


def _receive(asked: IO[bytes], file: IO[bytes]) -> bool:
    """Take the file in; whether all of it came."""
    while len(head := asked.read(PIECE.size)) == PIECE.size:
        (size,) = PIECE.unpack(head)
        if not size:
            file.seek(0)
            return True
        file.write(asked.read(size))
    return False


def _answer(told: dict[str, str], file: BinaryIO) -> None:
    chars = 0
    form = FORMATS[told["ending"]]
    try:
        fetched = form.parse_at if told["address"] else None
        for found in fetched(file, told["address"], told["charset"]) if fetched else form.parse(file):
            chars += len(found.text) if isinstance(found, Draft) else 0
            if chars > _MOST_CHARS:
                raise ArticleUnreadable(f"it holds more than {_MOST_CHARS:,} characters of text", "split it")
            _say(as_json(found))
    except ArticleUnreadable as error:
        _say({"refused": [error.message, error.hint]})
    else:
        _say({"end": True})


def _say(told: dict[str, object]) -> None:
    _out.write(json.dumps(told).encode() + b"\n")
    _out.flush()


def _break_off(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
    """Say why a parser broke; the process ends, since what the parser left behind is not known."""
    with contextlib.suppress(OSError):
        _say({"broke": f"{kind.__name__}: {' '.join(str(error).split())[:200]}"})


def _limit_memory() -> None:
    if sys.platform != "win32":
        most = psutil.Process().memory_info().vms + MOST_BYTES
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_seconds() -> None:
    """End a hang whose parent is no longer there to end it."""
    if sys.platform != "win32":
        used = resource.getrusage(resource.RUSAGE_SELF)
        most = int(used.ru_utime + used.ru_stime) + MOST_SECONDS + _GRACE_SECONDS
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


if __name__ == "__main__":
    main()
