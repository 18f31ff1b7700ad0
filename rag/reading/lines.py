"""What the report prints is text on one line, also of a name that is none and of a parser that broke."""

from __future__ import annotations

import logging
import re
import struct
import zlib

from rag.errors import ArticleUnreadable
from rag.types import Rejection

# What parsers, the standard library's among them, raise over bytes that they did not expect. None of them promises
# which, and one hostile file must not keep the others from being read.
BROKEN = (
    *(ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, RecursionError, SyntaxError, TypeError),
    *(ValueError, struct.error, zlib.error),
)
_HALF = re.compile("[\ud800-\udfff]")
_UNPRINTED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_REASON_CHARS = 200
_log = logging.getLogger(__name__)


def rejection(path: str, reason: str) -> Rejection:
    """The line that says why something was not read."""
    return Rejection(printed(path), printed(" ".join(reason.split("\n"))))


def broken(error: Exception) -> ArticleUnreadable:
    """What to tell of a parser's error, of `BROKEN`; where it arose is logged."""
    _log.debug("a parser broke", exc_info=error)
    told = " ".join(str(error).split())[:_REASON_CHARS]
    return ArticleUnreadable(f"it cannot be read: {type(error).__name__}{told and f': {told}'}")


def printed(text: str) -> str:
    r"""The text without what moves a cursor: a line break is shown as `\n`."""
    return _UNPRINTED.sub(lambda found: ascii(found[0])[1:-1], as_text(text))


def one_line(text: str, between: str = " ") -> str:
    """The text with `between` for each of its line breaks, if it has any."""
    lines = text.splitlines()
    return text if lines == [text] else between.join(filter(None, map(str.strip, lines)))


def as_text(name: str) -> str:
    r"""A file's name as text: a byte of it that is no UTF-8 is shown as `\xff`."""
    return _HALF.sub(_escaped, name)


def _escaped(half: re.Match[str]) -> str:
    # Python keeps such a byte as the half of a surrogate pair from 0xDC80 to 0xDCFF (PEP 383).
    code = ord(half[0])
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"
