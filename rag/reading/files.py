"""Files: find them in folders, know their formats, and unpack zip, tar and gzip without trusting them."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

from rag.errors import ArticleUnreadable
from rag.reading import epub, html, mail, markdown, office, pdf, plain, sandbox, tables, temporary
from rag.reading.draft import READ_ERRORS, Draft, Unreadable, describe, failure_reason, rejection
from rag.reading.encodings import decode_text
from rag.types import Rejection

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


# Finding files


@dataclass(frozen=True, slots=True)
class Upload:
    """A file given as bytes. If it `replaces`, its articles update those of the first upload of that name."""

    name: str
    content: bytes
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Address:
    """A web address of a page, a feed or a sitemap."""

    url: str


Item = Path | Upload | Address


def find(items: Iterable[Item]) -> Iterator[Item | Rejection]:
    """Yield every address, upload and file, and the files of folders, sorted; hidden files are skipped.

    In a folder a README, which describes it, and links that lead out of it are rejected, unless they are named.
    """
    for item in items:
        try:
            if isinstance(item, Upload | Address) or item.is_file():
                yield item
            elif item.is_dir():
                yield from _walk(item)
            elif item.exists():
                yield rejection(str(item), "neither a file nor a folder")
            elif item.is_symlink():
                yield rejection(str(item), "a link that leads to no file or folder")
            else:
                yield rejection(str(item), "no such file or folder")
        except OSError as error:
            yield rejection(str(item), f"cannot be opened: {error.strerror}")


def _walk(folder: Path) -> Iterator[Item | Rejection]:
    """Yield what is in a folder; an entry that cannot be opened, however deep, is rejected alone."""
    inside = folder.resolve()
    pending, empty = [folder], True
    while pending:
        current = pending.pop()
        try:
            with os.scandir(current) as found:
                entries = sorted((entry for entry in found if not entry.name.startswith(".")), key=lambda it: it.name)
            folders = [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
        except OSError as error:
            empty = False
            yield rejection(str(current), f"cannot be opened: {error.strerror}")
            continue
        pending += map(Path, reversed(folders))
        for entry in (one for one in entries if not one.is_dir(follow_symlinks=False)):
            empty = False
            yield from _found(entry, inside)
    if empty:
        yield rejection(str(folder), "an empty folder")


def _found(entry: os.DirEntry[str], inside: Path) -> Iterator[Item | Rejection]:
    path = Path(entry.path)
    # Unlike Path.resolve, realpath raises nothing where links lead in a circle.
    if entry.is_symlink() and (path.is_dir() or not Path(os.path.realpath(path)).is_relative_to(inside)):
        yield rejection(str(path), "a link, which is not followed; name its target to read it")
    elif path.stem.lower() == "readme":
        yield rejection(str(path), "a README, not an article; name the file itself to read it")
    else:
        yield from find([path])


@contextmanager
def open_item(item: Path | Upload) -> Iterator[tuple[BinaryIO, int]]:
    """Open a file; yields it and its size in bytes. Raises: ArticleUnreadable."""
    if isinstance(item, Upload):
        yield io.BytesIO(item.content), len(item.content)
        return
    try:
        file = item.resolve().open("rb")
    except OSError as error:
        raise ArticleUnreadable(f"it cannot be opened: {error.strerror}") from error
    try:
        with file:
            yield file, os.fstat(file.fileno()).st_size
    except OSError as error:
        raise ArticleUnreadable(f"it cannot be read: {error.strerror or error}") from error


# Formats


@dataclass(frozen=True, slots=True)
class Format:
    """How the files of one suffix are read.

    `parse` takes a seekable binary file and yields drafts and unreadable parts; it raises ArticleUnreadable where
    nothing in the file can be read. With `takes_address` it also takes the address that the file was fetched from
    and the charset that HTTP named. `sandboxed`: hostile bytes could make the parser hang or exhaust memory.
    """

    parse: Callable[..., Iterator[Draft | Unreadable]]
    max_bytes: int
    sandboxed: bool = False
    takes_address: bool = False
    gzipped: bool = False


def parse(
    name: str, file: BinaryIO, size: int, address: str | None = None, charset: str | None = None
) -> Iterator[Draft | Unreadable]:
    """Yield the articles in a file, by the suffix of its name; `address` and `charset` are those of a fetched file.

    Raises: ArticleUnreadable.
    """
    form = format_of(name)
    check_size(size, form.max_bytes)
    extra = (address, charset) if form.takes_address else ()
    with _gunzip(file, form.max_bytes) if form.gzipped else nullcontext(file) as content:
        found = sandbox.run(form.parse, content, *extra) if form.sandboxed else form.parse(content, *extra)
        first = next(found, None)
        if first is None:
            raise ArticleUnreadable("there is no article in it")
        yield from map(_sanitize, chain([first], found))


def format_of(name: str) -> Format:
    """Look up the format of a file. Raises: ArticleUnreadable."""
    known = suffix(name)
    if known not in FORMATS:
        names = sorted(name for name in FORMATS if name == ".tar.gz" or not name.endswith(".gz"))
        raise ArticleUnreadable(
            f"{f'{known} files are' if known else 'files without a suffix are'} not supported",
            f"supported: {' '.join(names)}, and .gz of some",
        )
    return FORMATS[known]


def suffix(name: str) -> str:
    """Return the suffix in lower case, two of them where both tell the format: `.tar.gz`."""
    # A name need not be valid text: Linux allows any bytes.
    suffixes = Path(name.encode("utf-8", "replace").decode().lower()).suffixes
    both = "".join(suffixes[-2:])
    return both if both in FORMATS else "".join(suffixes[-1:])


def check_size(size: int, max_bytes: int) -> None:
    """Raises: ArticleUnreadable, for a file larger than its format may be."""
    if size > max_bytes:
        raise ArticleUnreadable(f"it has {size / 1e6:.1f} MB", f"the limit is {max_bytes / 1e6:.0f} MB; split it")


# Control characters and lone surrogates, which neither the archive nor a screen can take.
_UNSAFE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")


def _sanitize(draft: Draft | Unreadable) -> Draft | Unreadable:
    texts = {name: value for name in draft.__slots__ if isinstance(value := getattr(draft, name), str)}
    if not any(map(_UNSAFE.search, texts.values())):
        return draft
    clean: dict[str, Any] = {name: _UNSAFE.sub("", text) for name, text in texts.items()}
    return replace(draft, **clean)


# Archives: every member is read as a file of its own. Names are never used as paths, and what is unpacked is counted.

_MAX_MEMBERS = 200_000
# News compresses to a third or a tenth, a zip bomb to a thousandth.
_MAX_RATIO, _MIN_ALLOWANCE_BYTES = 100, 100_000_000
# A table of contents or a header that claims to be larger is not read into memory.
_MAX_READ_BYTES = 40_000_000
_CHUNK_BYTES = 1 << 18
_ENCRYPTED = 1
_PACKED = (".zip", ".tar", ".tgz", ".gz")
_ARCHIVE_ERRORS = (
    *(ArithmeticError, EOFError, LookupError, OSError, RuntimeError, ValueError),
    *(zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError),
)


class _Bomb(ArticleUnreadable):
    """The archive expands far more than news does."""


class _Allowance:
    """The number of bytes that may still come out of an archive."""

    def __init__(self, file: BinaryIO, max_bytes: int | None = None) -> None:
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        allowed = max(_MIN_ALLOWANCE_BYTES, _MAX_RATIO * size)
        self._left = allowed if max_bytes is None else min(max_bytes, allowed)

    def spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise _Bomb("it unpacks to over a hundred times its size", "unpack it yourself if you trust it")


class _GuardedFile(io.RawIOBase):
    """A file whose damage and excess are reported as ArticleUnreadable; `last` is the result of the last `read`."""

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
        """Move; where that means unpacking, the bytes passed over are counted."""
        if self._allowance is None or whence != io.SEEK_SET or offset < self.tell():
            return self._inner.seek(offset, whence)
        while (missing := offset - self.tell()) and super().read(min(missing, 1 << 16)):
            pass
        return self.tell()

    def read(self, size: int = -1, /) -> bytes:
        chunks = [b""]
        left = size if size >= 0 else _MAX_READ_BYTES + 1
        while size <= _MAX_READ_BYTES and left and (chunk := super().read(min(left, _CHUNK_BYTES)) or b""):
            chunks.append(chunk)
            left -= len(chunk)
        if size > _MAX_READ_BYTES or not (left or size >= 0):
            raise ArticleUnreadable("its list of files is too long", "pack fewer files together")
        self.last = b"".join(chunks)
        return self.last

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        try:
            chunk = self._inner.read(len(view))
        except _ARCHIVE_ERRORS as error:
            raise _damaged(error) from error
        if self._allowance is not None:
            self._allowance.spend(len(chunk))
        view[: len(chunk)] = chunk
        return len(chunk)


@contextmanager
def _gunzip(file: BinaryIO, max_bytes: int) -> Iterator[BinaryIO]:
    """Unpack while reading, so that what comes before any damage is read."""
    allowance = _Allowance(file, max_bytes)
    # With an explicit mode: otherwise gzip copies the file's own, and a temporary file is open for writing.
    with gzip.GzipFile(fileobj=file, mode="rb") as inner:
        yield cast(BinaryIO, io.BufferedReader(_GuardedFile(inner, allowance), _CHUNK_BYTES))


def _parse_zip(file: BinaryIO) -> Iterator[Draft | Unreadable]:
    """Yield the articles of the members, in the archive's order. Raises: ArticleUnreadable."""
    allowance = _Allowance(file)
    try:
        archive = zipfile.ZipFile(_GuardedFile(file))
    except _ARCHIVE_ERRORS as error:
        raise _damaged(error) from error
    with archive:
        members = [info for info in archive.infolist() if not (info.filename.endswith("/") or _hidden(info.filename))]
        _check_count(len(members))
        for info in members:
            if info.flag_bits & _ENCRYPTED:
                yield Unreadable("", "it is encrypted (remove its password)", _shown(info.filename))
            else:
                yield from _parse_member(info.filename, info.file_size, partial(archive.open, info), allowance)
    if not members:
        raise ArticleUnreadable("there is no file in it")


def _parse_tar(file: BinaryIO) -> Iterator[Draft | Unreadable]:
    """Yield the articles of the members of a tar or tar.gz, in its order. Raises: ArticleUnreadable."""
    allowance = _Allowance(file)
    gzipped = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    guarded = _GuardedFile(gzip.GzipFile(fileobj=file, mode="rb"), _Allowance(file)) if gzipped else _GuardedFile(file)
    count = 0
    for archive, info in _tar_members(guarded):
        if info.isdir() or _hidden(info.name):
            continue
        count += 1
        _check_count(count)
        if info.isreg() and not info.issparse():
            yield from _parse_member(info.name, info.size, partial(_extract, archive, info), allowance)
        else:
            yield Unreadable("", "neither a file nor a folder", _shown(info.name))
    if not count:
        raise ArticleUnreadable("there is no file in it")


def _tar_members(guarded: _GuardedFile) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    position = -1
    try:
        archive = tarfile.open(fileobj=guarded, mode="r:")  # noqa: SIM115
        while (info := archive.next()) is not None:
            # A negative size would lead back to what was already read, in an endless loop.
            if info.offset_data <= position or info.size < 0:
                raise tarfile.ReadError("a file of negative size")
            position = info.offset_data
            # tarfile would keep every header in memory.
            archive.members.clear()  # type: ignore[attr-defined]
            yield archive, info
    except _ARCHIVE_ERRORS as error:
        raise _damaged(error) from error
    # tarfile takes an unreadable or a missing header for the end, which consists of zeros.
    if any(guarded.last) or not guarded.last:
        raise _damaged(tarfile.ReadError("unreadable header" if guarded.last else "its end is missing"))


def _extract(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    return archive.extractfile(info) or io.BytesIO()


def _parse_member(
    name: str, size: int, open_member: Callable[[], IO[bytes]], allowance: _Allowance
) -> Iterator[Draft | Unreadable]:
    """Yield the articles of one member, or why it is not read. Raises: _Bomb."""
    base, shown = name.rpartition("/")[2], _shown(name)
    try:
        if base.lower().endswith(_PACKED):
            raise ArticleUnreadable("an archive inside an archive", "unpack it first")
        if base.lower().startswith("readme."):
            raise ArticleUnreadable("a README, not an article")
        max_bytes = format_of(base).max_bytes
        check_size(size, max_bytes)
        with temporary.spool() as file:
            unpacked = _unpack(open_member, file, max_bytes, allowance)
            for draft in parse(base, cast(BinaryIO, file), unpacked):
                yield replace(draft, member=shown)
    except _Bomb:
        raise
    except READ_ERRORS as error:
        yield Unreadable("", failure_reason(error), shown)


def _unpack(open_member: Callable[[], IO[bytes]], file: IO[bytes], max_bytes: int, allowance: _Allowance) -> int:
    """Copy a member into an unnamed file; its bytes are counted, whatever its header says."""
    unpacked = 0
    try:
        with open_member() as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                unpacked += len(chunk)
                check_size(unpacked, max_bytes)
                allowance.spend(len(chunk))
                with temporary.writing():
                    file.write(chunk)
    except _ARCHIVE_ERRORS as error:
        raise _damaged(error) from error
    with temporary.writing():
        file.seek(0)
    return unpacked


def _check_count(count: int) -> None:
    if count > _MAX_MEMBERS:
        raise ArticleUnreadable(f"it holds more than {_MAX_MEMBERS:,} files", "pack fewer files together")


def _damaged(error: Exception) -> ArticleUnreadable:
    return ArticleUnreadable(f"it is damaged: {describe(error)}", "get it again")


def _hidden(name: str) -> bool:
    *folders, base = name.split("/")
    return base.startswith(".") or "__MACOSX" in folders


def _shown(name: str) -> str:
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in name) or "(no name)"


_TEXT_BYTES = 5_000_000
_RTF_BYTES = 50_000_000
_DOCUMENT_BYTES = 200_000_000
_TABLE_BYTES = 2_000_000_000
_ARCHIVE_BYTES = 10_000_000_000
_PAGE = Format(html.parse_file, html.MAX_BYTES, sandboxed=True, takes_address=True)
FORMATS: dict[str, Format] = {
    ".txt": Format(lambda file: iter([plain.parse(decode_text(file.read()))]), _TEXT_BYTES),
    ".md": Format(lambda file: iter([markdown.parse(decode_text(file.read()))]), _TEXT_BYTES),
    **dict.fromkeys((".html", ".htm", ".xhtml"), _PAGE),
    **dict.fromkeys((".mhtml", ".mht"), Format(html.parse_mhtml, html.MAX_BYTES, sandboxed=True)),
    ".eml": Format(mail.parse_eml, mail.MAX_EML_BYTES, sandboxed=True),
    ".mbox": Format(mail.parse_mbox, mail.MAX_MBOX_BYTES),
    **dict.fromkeys((".csv", ".tsv"), Format(tables.parse_csv, _TABLE_BYTES)),
    **dict.fromkeys((".jsonl", ".ndjson"), Format(tables.parse_jsonl, _TABLE_BYTES)),
    ".pdf": Format(pdf.parse, _DOCUMENT_BYTES, sandboxed=True),
    ".docx": Format(office.parse_docx, _DOCUMENT_BYTES, sandboxed=True),
    ".odt": Format(office.parse_odt, _DOCUMENT_BYTES, sandboxed=True),
    ".rtf": Format(office.parse_rtf, _RTF_BYTES, sandboxed=True),
    ".epub": Format(epub.parse, _DOCUMENT_BYTES, sandboxed=True),
    ".zip": Format(_parse_zip, _ARCHIVE_BYTES),
    **dict.fromkeys((".tar", ".tar.gz", ".tgz"), Format(_parse_tar, _ARCHIVE_BYTES)),
}
FORMATS |= {
    f"{known}.gz": replace(FORMATS[known], gzipped=True)
    for known in (".txt", ".md", ".html", ".htm", ".mbox", ".csv", ".tsv", ".jsonl", ".ndjson")
}
