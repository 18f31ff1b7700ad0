"""Bytes of a page into text: by byte order mark, then what HTTP says, then what the page says, then by trying."""

from __future__ import annotations

import codecs
import re

from rag.errors import ArticleUnreadable
from rag.reading.files import BOMS

_DECLARED = re.compile(
    rb"""<\?xml[^>]{1,100}encoding\s*=\s*["']([\w.:-]{2,40})|<meta[^>]{1,300}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""",
    re.IGNORECASE,
)
_HEAD_BYTES = 4_096
_SAMPLE_BYTES = 64_000
# What browsers read under these names, because that is what pages mean by them (WHATWG Encoding Standard, section 4.2).
_MEANT = {
    "ascii": "windows-1252",
    "iso8859-1": "windows-1252",
    "iso8859-9": "windows-1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
# Of these a page of ASCII bytes may be made, or of bytes that UTF-8 also allows.
_NOT_OVERRULED = re.compile(r"utf-16|utf-32|iso2022|hz")
# Never what a page means, and a way past filters: "+ADw-" is "<" in UTF-7.
_REFUSED = re.compile(r"utf-?7|idna|punycode|.*escape|undefined|mbcs|oem")


def decode_page(content: bytes, charset: str | None = None) -> str:
    """Turn a page's bytes into text; `charset` is what HTTP says. A charset that the bytes belie is passed over.

    Raises: ArticleUnreadable, for a page of NUL bytes or of nothing.
    """
    text = _decoded(content, charset).removeprefix("\ufeff")
    if not text.strip():
        raise ArticleUnreadable("it is empty")
    if text.count("\0") > len(text) // 100:
        raise ArticleUnreadable("it is binary, not text")
    return text


def _decoded(content: bytes, charset: str | None) -> str:
    marked = next((name for mark, name in BOMS if content.startswith(mark)), None)
    if marked:
        return content.decode(marked, "replace")
    told = [name for name in (_meant(charset), _meant(_declared(content))) if name]
    # Bytes above ASCII that are all valid UTF-8 are UTF-8, whatever an old header says.
    overruled = not told or not _NOT_OVERRULED.match(told[0])
    for name in ["utf-8", *told] if overruled and not content.isascii() else told:
        if text := _strictly(content, name):
            return text
    return content.decode("utf-8") if content.isascii() else _guessed(content, told)


def _guessed(content: bytes, told: list[str]) -> str:
    """Read what no charset reads whole: a few broken bytes in the told charset, else what a detector says."""
    for name in [*told, "utf-8"]:
        text = content.decode(name, "replace")
        broken = text.count("\ufffd")
        if broken * 20 < sum(not char.isascii() for char in text):
            return text
    from charset_normalizer import from_bytes

    best = from_bytes(re.sub(rb"<[^>]*>", b" ", content[:_SAMPLE_BYTES])).best()
    return (best and _strictly(content, best.encoding)) or content.decode("windows-1252", "replace")


def _strictly(content: bytes, name: str) -> str | None:
    try:
        return content.decode(name)
    except UnicodeError:
        return None


def _declared(content: bytes) -> str | None:
    found = _DECLARED.search(content[:_HEAD_BYTES])
    if not found:
        return None
    name = (found[1] or found[2]).decode("ascii")
    # A page that could be read so far is not UTF-16, whatever it says.
    return "utf-8" if name.lower().startswith(("utf-16", "utf-32")) else name


def _meant(name: str | None) -> str | None:
    """The codec that a charset's name means, or None where it names none that text may be in."""
    if not name or _REFUSED.match(name.strip().lower()):
        return None
    try:
        codec = codecs.lookup(name.strip()).name
        # Of no bytes it would not be told that "rot13" makes no text.
        b" ".decode(codec, "replace")
    except (LookupError, ValueError):
        return None
    return _MEANT.get(codec, codec)
