"""Read the files of a test set: lines, packed or not, and the JSON objects on them."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rag import InputError

# With or without a byte order mark.
_ENCODING = "utf-8-sig"


class Row(NamedTuple):
    """An object of a file, and where it stands, for whoever finds fault with it. Every method raises InputError."""

    values: dict[str, Any]
    place: str

    def text(self, name: str, missing: str | None = None) -> str:
        """A text or a number, as text, null counting as missing; half a surrogate pair becomes a question mark.

        Raises: InputError, where it must not be missing.
        """
        found = self.values.get(name)
        if found is None:
            found = missing
        if isinstance(found, bool) or not isinstance(found, (str, int, float)):
            raise InputError(f"{self.place}: `{name}` is {found!r:.40}", "it is a text")
        return str(found).encode("utf-8", "replace").decode("utf-8")

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(Row({name: one}, self.place).text(name) for one in self.items(name))

    def items(self, name: str) -> list[Any]:
        found = self.values.get(name)
        if not isinstance(found, list):
            raise InputError(f"{self.place}: `{name}` is {found!r:.40}", "it is a list")
        return found

    def inner(self, name: str, called: str) -> Iterator[Row]:
        """The objects of a list; `called` is what one of them is."""
        for number, one in enumerate(self.items(name), start=1):
            place = f"{self.place}, {called} {number}"
            if not isinstance(one, dict):
                raise InputError(f"{place} is {one!r:.40}", "an object is expected there")
            yield Row(one, place)

    def only(self, names: Sequence[str]) -> None:
        """Raises: InputError, for a key that is none of `names`."""
        for name in self.values:
            if name not in names:
                raise InputError(f"{self.place}: there is no key `{name}`", f"the keys are {', '.join(names)}")


def find(path: Path, names: Sequence[str]) -> Path:
    """The file itself, or the first of `names`, or of `names` with .gz, in a folder. Raises: InputError."""
    if path.is_file():
        return path
    for name in names:
        for file in (path / name, path / f"{name}.gz"):
            if file.is_file():
                return file
    expected = " or ".join(names)
    if path.is_dir():
        raise InputError(f"{path} holds no {expected}", "it may be packed as .gz; or name the file itself")
    raise InputError(f"{path} is not there", f"name a file, or a folder with {expected}")


def text(file: Path) -> str:
    """The whole of a file, unpacked where its name ends in .gz. Raises: InputError."""
    return "".join(lines(file))


def lines(file: Path) -> Iterator[str]:
    """Raises: InputError."""
    packed = file.suffix == ".gz"
    try:
        with gzip.open(file, "rt", encoding=_ENCODING) if packed else file.open(encoding=_ENCODING) as content:
            yield from content
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise InputError(f"{file} cannot be read: {error}", "fetch it again") from error


def rows(file: Path) -> Iterator[Row]:
    """The object on each line; empty lines count, and are left out. Raises: InputError, naming the line."""
    for number, line in enumerate(lines(file), start=1):
        if line.strip():
            place = f"{file}, line {number}"
            yield Row(parsed(line, place), place)


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def parsed(content: str, place: str) -> dict[str, Any]:
    """Raises: InputError, where `content` is not one JSON object."""
    try:
        found = json.loads(content, parse_constant=_refuse)
    except ValueError as error:
        raise InputError(f"{place} is no JSON: {error}", "one object is expected there") from error
    if not isinstance(found, dict):
        raise InputError(f"{place} is no JSON object but {content.strip()[:40]!r}", "one object is expected there")
    return found
