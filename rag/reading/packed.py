"""Packed files: every member is read as a file of its own. Names stay names, and what is unpacked is counted."""

from __future__ import annotations

import gzip
import io
import lzma
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from rag.errors import ArticleUnreadable
from rag.reading.draft import Draft, Format, Unread
from rag.reading.files import check_size
from rag.reading.lines import BROKEN, broken

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# `limit(name)` is how many bytes a file of that name may have; `read(name, file, size)` reads it.
Limit = Callable[[str], int]
Read = Callable[[str, BinaryIO, int], Iterator[Draft | Unread]]

_MOST_MEMBERS = 200_000
# News shrinks to a third or a tenth; a bomb to a thousandth.
_MOST_RATIO, _RATIO_FREE_BYTES = 100, 100_000_000
# A table of contents or a header that claims more is read by no one into memory.
_MOST_AT_ONCE_BYTES = 40_000_000
_IN_MEMORY_BYTES = 16_000_000
_ENCRYPTED = 1
_PACKED = (".zip", ".tar", ".tgz", ".gz")
_DAMAGE = (
    *(ArithmeticError, EOFError, LookupError, OSError, RuntimeError, ValueError),
    *(zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError),
)


class _Bomb(ArticleUnreadable):
    """A packed file unpacks to far more than any news does."""


@dataclass(slots=True)
class _Allowance:
    """How many bytes may still come out of a packed file."""

    left: int

    def spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise _Bomb("it unpacks to over a hundred times its size", "unpack it yourself if you trust it")


class _Counted(io.RawIOBase):
    """A file whose damage and excess are told as ArticleUnreadable; `last` is what was read last."""

    def __init__(self, inner: IO[bytes] | gzip.GzipFile, allowance: _Allowance | None = None) -> None:
        self._inner = inner
        self._allowance = allowance
        self.last = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._inner.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move; where that unpacks, what is passed over counts as read."""
        if self._allowance is None or whence != io.SEEK_SET or offset < self.tell():
            return self._inner.seek(offset, whence)
        while (missing := offset - self.tell()) and super().read(min(missing, 1 << 16)):
            pass
        return self.tell()

    def read(self, size: int = -1, /) -> bytes:
        parts = [b""]
        left = size if size >= 0 else _MOST_AT_ONCE_BYTES + 1
        while size <= _MOST_AT_ONCE_BYTES and left and (part := super().read(min(left, 1 << 18)) or b""):
            parts.append(part)
            left -= len(part)
        if size > _MOST_AT_ONCE_BYTES or not (left or size >= 0):
            raise ArticleUnreadable("its list of files is too long", "pack fewer files together")
        self.last = b"".join(parts)
        return self.last

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        try:
            got = self._inner.read(len(view))
        except _DAMAGE as error:
            raise _damaged(error) from error
        if self._allowance is not None:
            self._allowance.spend(len(got))
        view[: len(got)] = got
        return len(got)


def gunzipped(form: Format) -> Format:
    """The format of such a file in gzip: it is unpacked as it is read, and what comes before damage stands."""

    def parse(file: BinaryIO) -> Iterator[Draft | Unread]:
        allowance = _Allowance(min(form.max_bytes, _allowed(file)))
        # Else it would take the mode from the file, which one that is written first says is for writing.
        with gzip.GzipFile(fileobj=file, mode="rb") as inner:
            yield from form.parse(io.BufferedReader(_Counted(inner, allowance), 1 << 18))

    return replace(form, parse=parse)


def parse_zip(file: BinaryIO, limit: Limit, read: Read) -> Iterator[Draft | Unread]:
    """Yield what the members hold, in the archive's order. Raises: ArticleUnreadable."""
    allowance = _Allowance(_allowed(file))
    try:
        archive = zipfile.ZipFile(_Counted(file))
    except _DAMAGE as error:
        raise _damaged(error) from error
    with archive:
        members = [info for info in archive.infolist() if not (info.filename.endswith("/") or _hidden(info.filename))]
        _check_count(len(members))
        for info in members:
            if info.flag_bits & _ENCRYPTED:
                yield Unread("", "it is encrypted (give it without its password)", _shown(info.filename))
            else:
                open_it = partial(archive.open, info)
                yield from _member(info.filename, info.file_size, open_it, allowance, limit, read)
    if not members:
        raise ArticleUnreadable("there is no file in it")


def parse_tar(file: BinaryIO, limit: Limit, read: Read) -> Iterator[Draft | Unread]:
    """Yield what the members hold, in the archive's order, in gzip or not. Raises: ArticleUnreadable."""
    allowance = _Allowance(_allowed(file))
    zipped = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    unpacked = (
        _Counted(gzip.GzipFile(fileobj=file, mode="rb"), _Allowance(allowance.left)) if zipped else _Counted(file)
    )
    count = 0
    for archive, info in _infos(unpacked):
        if info.isdir() or _hidden(info.name):
            continue
        count += 1
        _check_count(count)
        if info.isreg() and not info.issparse():
            yield from _member(info.name, info.size, partial(_extracted, archive, info), allowance, limit, read)
        else:
            yield Unread("", "neither a file nor a folder", _shown(info.name))
    if not count:
        raise ArticleUnreadable("there is no file in it")


def _infos(unpacked: _Counted) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    at = -1
    try:
        archive = tarfile.open(fileobj=unpacked, mode="r:")  # noqa: SIM115
        while (info := archive.next()) is not None:
            # A negative size would lead back to what was read, for ever.
            if info.offset_data <= at or info.size < 0:
                raise tarfile.ReadError("a file of negative size")
            at = info.offset_data
            # It would keep every header that it has read.
            archive.members.clear()  # type: ignore[attr-defined]
            yield archive, info
    except _DAMAGE as error:
        raise _damaged(error) from error
    # tarfile takes a header that it cannot read, and no header, for the end, which is made of zeros.
    if any(unpacked.last) or not unpacked.last:
        raise _damaged(tarfile.ReadError("a header that cannot be read" if unpacked.last else "its end is missing"))


def _extracted(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    return archive.extractfile(info) or io.BytesIO()


def _member(
    name: str, size: int, open_it: Callable[[], IO[bytes]], allowance: _Allowance, limit: Limit, read: Read
) -> Iterator[Draft | Unread]:
    """Yield what one member holds, or why it is not read. Raises: _Bomb."""
    last, shown = name.rpartition("/")[2], _shown(name)
    try:
        if last.lower().endswith(_PACKED):
            raise ArticleUnreadable("a packed file in a packed file", "unpack it first")
        if last.lower().startswith("readme."):
            raise ArticleUnreadable("a README, not an article")
        most = limit(last)
        check_size(size, most)
        with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as file:
            unpacked = _unpack(open_it, file, most, allowance)
            for draft in read(last, cast(BinaryIO, file), unpacked):
                yield replace(draft, member=shown)
    except _Bomb:
        raise
    except ArticleUnreadable as error:
        yield Unread("", str(error), shown)
    except BROKEN as error:
        yield Unread("", str(broken(error)), shown)


def _unpack(open_it: Callable[[], IO[bytes]], file: IO[bytes], most: int, allowance: _Allowance) -> int:
    """Unpack a member, by no name, into `file`; its bytes are counted, whatever the header says of them."""
    unpacked = 0
    try:
        with open_it() as stream:
            while some := stream.read(1 << 18):
                unpacked += len(some)
                check_size(unpacked, most)
                allowance.spend(len(some))
                file.write(some)
    except _DAMAGE as error:
        raise _damaged(error) from error
    file.seek(0)
    return unpacked


def _allowed(file: BinaryIO) -> int:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return max(_RATIO_FREE_BYTES, _MOST_RATIO * size)


def _check_count(count: int) -> None:
    if count > _MOST_MEMBERS:
        raise ArticleUnreadable(f"it packs more than {_MOST_MEMBERS:,} files", "pack fewer files together")


def _damaged(error: Exception) -> ArticleUnreadable:
    told = " ".join(str(error).split())
    return ArticleUnreadable(f"it is damaged: {told or type(error).__name__}", "get or pack it anew")


def _hidden(name: str) -> bool:
    *folders, last = name.split("/")
    return last.startswith(".") or "__MACOSX" in folders


def _shown(name: str) -> str:
    """The name on one line of what can be printed; it is never a path."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in name) or "(no name)"
