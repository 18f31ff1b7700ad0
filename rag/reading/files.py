"""Find the files to read, and turn their bytes into text or into a reason why not."""

from __future__ import annotations

import codecs
import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rag.errors import ArticleUnreadable
from rag.reading.lines import rejection
from rag.types import Rejection

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came without a folder."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Address:
    """Where on the network to read: a page, a feed or a sitemap."""

    url: str


Item = Path | Upload | Address


def find(items: Iterable[Item]) -> Iterator[Item | Rejection]:
    """Yield every address, and every file at or under `items`, sorted; what is hidden is passed over.

    A folder's README describes the folder: it is rejected unless it is named itself.
    """
    for item in items:
        try:
            if isinstance(item, Upload | Address) or item.is_file():
                yield item
            elif item.is_dir():
                yield from _walk(item)
            elif item.exists():
                yield rejection(str(item), "neither a file nor a folder")
            else:
                yield rejection(str(item), "no such file or folder")
        except OSError as error:
            yield rejection(str(item), f"cannot be opened: {error.strerror}")


def _walk(folder: Path) -> Iterator[Item | Rejection]:
    failures: list[OSError] = []
    found = 0
    for root, folders, names in os.walk(folder, onerror=failures.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(name for name in names if not name.startswith(".")):
            found += 1
            path = Path(root, name)
            if path.stem.lower() == "readme":
                yield rejection(str(path), "a README, not an article; name the file itself to read it")
            else:
                yield from find([path])
    for failure in failures:
        yield rejection(str(failure.filename), f"cannot be opened: {failure.strerror}")
    if not found and not failures:
        yield rejection(str(folder), "an empty folder")


@contextmanager
def opened(item: Path | Upload) -> Iterator[tuple[BinaryIO, int]]:
    """The opened file and its size in bytes. Raises: ArticleUnreadable."""
    if isinstance(item, Upload):
        yield io.BytesIO(item.content), len(item.content)
        return
    try:
        with item.resolve().open("rb") as file:
            yield file, os.fstat(file.fileno()).st_size
    except OSError as error:
        raise ArticleUnreadable(f"it cannot be opened: {error.strerror}") from error


def check_size(size: int, most: int) -> None:
    """Raises: ArticleUnreadable, for more bytes than a file of that format may have."""
    if size > most:
        raise ArticleUnreadable(f"it has {size / 1e6:.1f} MB", f"such a file has at most {most / 1e6:.0f} MB; split it")


def decode(content: bytes) -> str:
    """Turn a text file's bytes into text: by its byte order mark, else UTF-8. Line ends become `\n`.

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
