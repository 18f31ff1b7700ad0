"""Read bytes as they come, unpacked, and never more of them than allowed."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from rag.errors import ArticleUnreadable

_PIECE_BYTES = 65_536
# gzip or zlib, whichever the first bytes say.
_EITHER_HEADER = 47


def read(chunks: Iterable[bytes], encoding: str, most: int, *, cut: bool = False) -> bytes:
    """Join the chunks of a body whose Content-Encoding is `encoding`; at most `most` bytes, packed or unpacked.

    `cut`: keep the first `most` bytes of a longer one. Raises: ArticleUnreadable.
    """
    encoding = encoding.strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise ArticleUnreadable(f"it is packed as {encoding!r}, which was not asked for")
    packed = _limited(chunks, most, cut=cut)
    pieces = packed if encoding in ("", "identity") else unpacked(packed)
    return b"".join(_limited(pieces, most, cut=cut))


def unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what gzip or zlib has packed, in small pieces. Raises: ArticleUnreadable, for what is torn or damaged."""
    engine = zlib.decompressobj(_EITHER_HEADER)
    try:
        for chunk in chunks:
            rest = chunk
            while True:
                if engine.eof:
                    # Another member may follow the first; zeros may pad the last.
                    rest = rest.lstrip(b"\0")
                    if not rest:
                        break
                    engine = zlib.decompressobj(_EITHER_HEADER)
                piece = engine.decompress(rest, _PIECE_BYTES)
                yield piece
                rest = engine.unused_data if engine.eof else engine.unconsumed_tail
                if not rest and len(piece) < _PIECE_BYTES:
                    break
    except zlib.error as error:
        raise ArticleUnreadable(f"its packed content is damaged: {error}") from error
    if not engine.eof:
        raise ArticleUnreadable("its packed content is cut short")


def _limited(chunks: Iterable[bytes], most: int, *, cut: bool) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > most and not cut:
            raise ArticleUnreadable(f"it has more than {most / 1e6:g} MB", "such a page is no article")
        if size > most:
            yield chunk[: len(chunk) - (size - most)]
            return
        yield chunk
