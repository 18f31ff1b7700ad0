"""Bytes to text, and text to something that is safe to print on one line."""

from __future__ import annotations

import codecs
import re

from rag.errors import ArticleUnreadable

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(
    rb"""<\?xml[^>]{1,100}encoding\s*=\s*["']([\w.:-]{2,40})|<meta[^>]{1,300}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""",
    re.IGNORECASE,
)
_HEAD_BYTES = 4_096
_SAMPLE_BYTES = 64_000
# What browsers use for these labels, because it is what pages mean by them (WHATWG Encoding Standard, section 4.2).
_BROWSER_CODECS = {
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
# A page in one of these may consist of ASCII bytes, or of bytes that are also valid UTF-8.
_TRUSTED = re.compile(r"utf-16|utf-32|iso2022|hz")
# Never what a page means, and a way past filters: "+ADw-" is "<" in UTF-7.
_REFUSED = re.compile(r"utf-?7|idna|punycode|.*escape|undefined|mbcs|oem")

_SURROGATE = re.compile("[\ud800-\udfff]")
# Characters that show nothing, and those that hide words or reorder a text. Joiners stay: emoji and Persian need them.
INVISIBLE = dict.fromkeys(
    [
        *(0xAD, 0x180E, 0x200B, 0xFEFF),
        *(*range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080)),
    ]
)
_UNSEEN = INVISIBLE | dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)]) | {ord("\t"): " "}
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def decode_text(content: bytes) -> str:
    r"""Decode a text file by its byte order mark, else as UTF-8. Line ends become `\n`.

    Raises: ArticleUnreadable.
    """
    encoding = next((name for mark, name in BOMS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise ArticleUnreadable(
            f"it is not {encoding.upper()}: byte 0x{content[error.start]:02x} at offset {error.start}",
            "convert it, for example: iconv -f WINDOWS-1252 -t UTF-8",
        ) from error
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        raise ArticleUnreadable("it is binary, not text")
    if not text.strip():
        raise ArticleUnreadable("it is empty")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def decode_page(content: bytes, charset: str | None = None) -> str:
    """Decode a web page: by its byte order mark, the HTTP `charset`, its own declaration, then detection.

    A charset that contradicts the bytes is ignored. Raises: ArticleUnreadable, for an empty or binary page.
    """
    text = _decode_page(content, charset).removeprefix("\ufeff")
    if not text.strip():
        raise ArticleUnreadable("it is empty")
    if text.count("\0") > len(text) // 100:
        raise ArticleUnreadable("it is binary, not text")
    return text


def _decode_page(content: bytes, charset: str | None) -> str:
    marked = next((name for mark, name in BOMS if content.startswith(mark)), None)
    if marked:
        return content.decode(marked, "replace")
    declared = [name for name in (_codec(charset), _codec(_declared_charset(content))) if name]
    # Non-ASCII bytes that are valid UTF-8 are UTF-8, whatever an outdated header says.
    utf8_first = not content.isascii() and not (declared and _TRUSTED.match(declared[0]))
    for name in ["utf-8", *declared] if utf8_first else declared:
        if text := _decode_strict(content, name):
            return text
    return content.decode("utf-8") if content.isascii() else _detect(content, declared)


def _detect(content: bytes, declared: list[str]) -> str:
    """Decode what no declared charset fits: with a few replaced bytes, else by charset detection."""
    for name in [*declared, "utf-8"]:
        text = content.decode(name, "replace")
        if text.count("\ufffd") * 20 < sum(not char.isascii() for char in text):
            return text
    from charset_normalizer import from_bytes

    best = from_bytes(re.sub(rb"<[^>]*>", b" ", content[:_SAMPLE_BYTES])).best()
    return (best and _decode_strict(content, best.encoding)) or content.decode("windows-1252", "replace")


def _decode_strict(content: bytes, name: str) -> str | None:
    try:
        return content.decode(name)
    except UnicodeError:
        return None


def _declared_charset(content: bytes) -> str | None:
    found = _DECLARED.search(content[:_HEAD_BYTES])
    if not found:
        return None
    name = (found[1] or found[2]).decode("ascii")
    # The declaration was readable as ASCII, so the page is not UTF-16, whatever it says.
    return "utf-8" if name.lower().startswith(("utf-16", "utf-32")) else name


def _codec(label: str | None) -> str | None:
    """Return Python's codec for a charset label; None for an unknown label or one that does not decode to text."""
    if not label or _REFUSED.match(label.strip().lower()):
        return None
    try:
        codec = codecs.lookup(label.strip()).name
        # Fails for codecs such as "rot13" that do not turn bytes into text.
        b" ".decode(codec, "replace")
    except (LookupError, ValueError):
        return None
    return _BROWSER_CODECS.get(codec, codec)


def printable(text: str) -> str:
    r"""Escape control characters and invalid bytes: a line break becomes `\n`, a cursor movement `\x1b[2J`."""
    return _UNPRINTABLE.sub(lambda found: ascii(found[0])[1:-1], escape_surrogates(text))


def one_line(text: str, separator: str = " ") -> str:
    """Replace the line breaks of a text, if it has any, by `separator`."""
    lines = text.splitlines()
    return text if lines == [text] else separator.join(filter(None, map(str.strip, lines)))


def visible_line(text: str, separator: str = " ") -> str:
    """Return a name as one line of what a reader sees, without control and invisible characters."""
    return one_line(text, separator).translate(_UNSEEN).strip()


def escape_surrogates(text: str) -> str:
    r"""Escape what is not valid Unicode; a file name's byte that is not UTF-8 becomes `\xff`."""
    return _SURROGATE.sub(_escape, text)


def _escape(surrogate: re.Match[str]) -> str:
    # Python represents an undecodable byte as a surrogate from 0xDC80 to 0xDCFF (PEP 383).
    code = ord(surrogate[0])
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"
