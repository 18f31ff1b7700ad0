"""What all commands share: their options, opening the archive, and writing a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO, TypeVar

import typer

from rag.archive import archive_exists
from rag.assistant import Assistant
from rag.cli import output
from rag.errors import ArchiveEmpty, ArchiveError, InputError
from rag.private_files import atomic_write
from rag.settings import Settings, load_settings
from rag.spreadsheet import Table, check_format, table_bytes

ArchiveOption = Annotated[
    Path | None, typer.Option("--archive", metavar="DIR", help="The archive's folder (default: under NUTGRAF_HOME).")
]
_Option = TypeVar("_Option", bound=str)
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def settings_for(archive: Path | None, *, allow_private: bool | None = None) -> Settings:
    return load_settings({"archive": archive, "allow_private": allow_private})


def settings_for_existing(archive: Path | None) -> Settings:
    """Raises: ArchiveEmpty, if there is no archive in that folder."""
    settings = settings_for(archive)
    if not archive_exists(settings):
        raise ArchiveEmpty(f"there is no archive in {settings.archive}", "create one: nutgraf ingest PATH")
    return settings


def pick(name: str, options: Sequence[_Option], what: str) -> _Option:
    """Return the option of that name. Raises: InputError, naming all of them."""
    for option in options:
        if option == name:
            return option
    raise InputError(f"there is no {what} {name!r}", f"the forms are {', '.join(options)}")


@contextmanager
def open_archive(
    archive: Path | None, *, create: bool = False, allow_private: bool | None = None
) -> Iterator[Assistant]:
    """Open the assistant over an archive, which is created only if `create` is set."""
    settings = settings_for(archive, allow_private=allow_private) if create else settings_for_existing(archive)
    with (
        output.progress_bar("rebuilding an index", "passages", later=True) as rebuilding,
        Assistant(settings, rebuilding=rebuilding) as assistant,
    ):
        yield assistant


@contextmanager
def open_output(file: Path, *, replace: bool, option: str = "--replace") -> Iterator[BinaryIO]:
    """Write `file` atomically, for its owner alone; `-` is standard output.

    Raises: InputError, if it exists and `replace` is not set, naming the `option` that sets it; ArchiveError.
    """
    if str(file) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if file.exists() and not replace:
        raise InputError(f"{file} exists", f"choose another file, or give {option}")
    try:
        with atomic_write(file) as into:
            yield into
    except OSError as error:
        raise ArchiveError(f"{file} cannot be written: {error.strerror}", "choose another file") from error


@contextmanager
def open_table(file: Path | None, *, replace: bool, as_json: bool) -> Iterator[Callable[[Table], object]]:
    """Yield what writes a table to `file`, if one is named. Whether it may be written is checked before the work.

    Raises: as `open_output`; InputError, if its ending is none of a table; BadParameter, if it is standard output and
    that gets JSON.
    """
    if as_json and str(file) == "-":
        raise typer.BadParameter("standard output takes the table or --json, not both: name a file or leave one out")
    if file is None:
        yield lambda _table: None
        return
    check_format(file)
    with open_output(file, replace=replace, option="--force") as into:
        yield lambda table: into.write(table_bytes(table, file))
