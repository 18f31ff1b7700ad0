"""Find the files to read, and turn their bytes into text or into a reason why not."""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from rag.errors import ArticleUnreadable
from rag.types import Rejection

MAX_BYTES = 5_000_000
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def find(paths: Iterable[Path]) -> Iterator[Path | Rejection]:
    """Yield every file at or under `paths`, sorted; what is hidden is passed over.

    A folder's README describes the folder: it is rejected unless it is named itself.
    """
    for path in paths:
        if path.is_dir():
            yield from _walk(path)
        elif path.exists():
            yield path
        else:
            yield Rejection(str(path), "no such file or folder")


def _walk(folder: Path) -> Iterator[Path | Rejection]:
    failures: list[OSError] = []
    found = 0
    for root, folders, names in os.walk(folder, onerror=failures.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(name for name in names if not name.startswith(".")):
            found += 1
            path = Path(root, name)
            if path.stem.lower() == "readme":
                yield Rejection(str(path), "a README, not an article; name the file itself to read it")
            else:
                yield path
    for failure in failures:
        yield Rejection(str(failure.filename), f"cannot be opened: {failure.strerror}")
    if not found and not failures:
        yield Rejection(str(folder), "an empty folder")


def read_text(path: Path, size: int, read_bytes: Callable[[], bytes]) -> str:
    """Decode a text file: by its byte order mark, else UTF-8. Line ends become `\\n`.

    Raises: ArticleUnreadable.
    """
    if size > MAX_BYTES:
        raise ArticleUnreadable(
            f"{path} has {size / 1e6:.1f} MB", f"an article has at most {MAX_BYTES / 1e6:.0f} MB; split it"
        )
    try:
        content = read_bytes()
    except OSError as error:
        raise ArticleUnreadable(f"{path} cannot be opened: {error.strerror}", "") from error
    encoding = next((name for mark, name in _BOMS if content.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in content:
        raise ArticleUnreadable(f"{path} is binary, not text", "")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise ArticleUnreadable(
            f"{path} is not {encoding.upper()}: byte 0x{content[error.start]:02x} at offset {error.start}",
            "convert it, for example: iconv -f WINDOWS-1252 -t UTF-8",
        ) from error
    if not text.strip():
        raise ArticleUnreadable(f"{path} is empty", "")
    return text.replace("\r\n", "\n").replace("\r", "\n")
