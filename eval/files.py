"""Read test sets: JSON Lines and JSON files, gzipped or not, with errors that name the file and the line."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rag import InputError, atomic_write, make_folder


class Row(NamedTuple):
    """A JSON object and where it stands. Every method raises InputError, naming the place."""

    values: dict[str, Any]
    place: str

    def text(self, name: str, default: str | None = None) -> str:
        """Return a string, or a number as a string; null counts as missing. A lone surrogate becomes `?`."""
        found = self.values.get(name)
        if found is None:
            found = default
        if isinstance(found, bool) or not isinstance(found, (str, int, float)):
            raise InputError(f"{self.place}: `{name}` is {found!r:.40}", "it must be a string")
        return str(found).encode("utf-8", "replace").decode("utf-8")

    def texts(self, name: str, *, optional: bool = False) -> tuple[str, ...]:
        if optional and name not in self.values:
            return ()
        return tuple(Row({name: item}, self.place).text(name) for item in self.items(name))

    def items(self, name: str) -> list[Any]:
        found = self.values.get(name)
        if not isinstance(found, list):
            raise InputError(f"{self.place}: `{name}` is {found!r:.40}", "it must be a list")
        return found

    def rows(self, name: str, label: str, *, optional: bool = False) -> Iterator[Row]:
        """Yield the objects of a list; `label` says what one of them is."""
        items = [] if optional and name not in self.values else self.items(name)
        for number, item in enumerate(items, start=1):
            place = f"{self.place}, {label} {number}"
            if not isinstance(item, dict):
                raise InputError(f"{place} is {item!r:.40}", "it must be an object")
            yield Row(item, place)

    def allow(self, names: Sequence[str]) -> None:
        """Reject keys that are not in `names`: a misspelt key would otherwise be ignored silently."""
        for name in self.values:
            if name not in names:
                raise InputError(f"{self.place}: unknown key `{name}`", f"the keys are {', '.join(names)}")


def find(path: Path, names: Sequence[str]) -> Path:
    """Return `path` if it is a file, else the first of `names` (or `names` with .gz) in it. Raises: InputError."""
    if path.is_file():
        return path
    for name in names:
        for file in (path / name, path / f"{name}.gz"):
            if file.is_file():
                return file
    expected = " or ".join(names)
    if path.is_dir():
        raise InputError(f"{path} contains no {expected}", "it may be gzipped (.gz); or name the file itself")
    raise InputError(f"{path} does not exist", f"name a file, or a folder with {expected}")


def lines(file: Path) -> Iterator[str]:
    """Yield the lines of a text file, unpacked if its name ends in .gz. Raises: InputError."""
    try:
        with (
            gzip.open(file, "rt", encoding="utf-8-sig")
            if file.suffix == ".gz"
            else file.open(encoding="utf-8-sig") as content
        ):
            yield from content
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise InputError(f"{file} cannot be read: {error}", "download it again") from error


def rows(file: Path) -> Iterator[Row]:
    """Yield the object on each line that is not empty. Raises: InputError."""
    for number, line in enumerate(lines(file), start=1):
        if line.strip():
            place = f"{file}, line {number}"
            yield Row(parse(line, place), place)


def load(file: Path) -> Row:
    """Read a file that is one JSON object. Raises: InputError."""
    return Row(parse("".join(lines(file)), str(file)), str(file))


def parse(content: str, place: str) -> dict[str, Any]:
    """Parse one JSON object; NaN and Infinity are rejected. Raises: InputError."""
    try:
        found = json.loads(content, parse_constant=_reject_constant)
    except ValueError as error:
        raise InputError(f"{place} is not valid JSON: {error}", "it must be one JSON object") from error
    if not isinstance(found, dict):
        raise InputError(f"{place} is not a JSON object but {content.strip()[:40]!r}", "it must be one JSON object")
    return found


def write(file: Path, content: str, option: str) -> None:
    """Replace a file in one step; `option` is the command-line option that named it. Raises: InputError."""
    try:
        make_folder(file.parent)
        with atomic_write(file) as into:
            into.write(content.encode())
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror or error}", f"choose another {option}") from error


def _reject_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")
