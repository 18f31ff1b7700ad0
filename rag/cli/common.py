"""What every command of the command line shares."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from embeddings.atomic import atomic_write
from rag import assistant, settings
from rag.archive import archive_exists
from rag.cli import showing
from rag.errors import ArchiveEmpty, ArchiveError, InputError

ArchiveOption = Annotated[
    Path | None, typer.Option("--archive", metavar="DIR", help="The archive's folder (default: under NUTGRAF_HOME).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def settings_for(archive: Path | None, *, allow_private: bool | None = None) -> settings.Settings:
    return settings.load({"archive": archive, "allow_private": allow_private})


def existing(archive: Path | None) -> settings.Settings:
    """The settings of an archive that is there. Raises: ArchiveEmpty."""
    chosen = settings_for(archive)
    if not archive_exists(chosen):
        raise ArchiveEmpty(f"there is no archive in {chosen.archive}", "begin one: nutgraf ingest PATH")
    return chosen


@contextmanager
def opened(
    archive: Path | None, *, begin: bool = False, allow_private: bool | None = None
) -> Iterator[assistant.Assistant]:
    """The assistant over the archive; only where `begin` is set, a missing archive is begun."""
    chosen = settings_for(archive, allow_private=allow_private) if begin else existing(archive)
    with (
        showing.progress("building an index again", "passages", later=True) as rebuilding,
        assistant.Assistant(chosen, rebuilding=rebuilding) as one,
    ):
        yield one


def print_json(content: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")


@contextmanager
def new_file(file: Path, *, replace: bool, option: str = "--replace") -> Iterator[BinaryIO]:
    """Write `file`, `-` being standard output; it is there whole, or what was there stays.

    Raises: InputError, where it is there and not to be replaced, which `option` allows; ArchiveError.
    """
    if str(file) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if file.exists() and not replace:
        raise InputError(f"{file} exists", f"name another file, or give {option}")
    try:
        with atomic_write(file) as into:
            yield into
    except OSError as error:
        raise ArchiveError(f"{file} cannot be written: {error.strerror}", "name another file") from error
