"""Maintenance commands: `nutgraf doctor`, `export`, `import`, `convert`, `rebuild`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rag import contract
from rag.cli import showing
from rag.cli.common import ArchiveOption, JsonOption, existing, new_file, opened, print_json
from rag.doctor import diagnose
from rag.errors import InputError


def add_to(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command()(doctor)
    app.command("export")(export_archive)
    app.command("import")(import_archive)
    app.command()(convert)
    app.command()(rebuild)


def doctor(archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """Check the archive and the models, and say what needs attention.

    Exits with 1 if anything does.
    """
    findings = []
    for finding in diagnose(existing(archive)):
        findings.append(finding)
        if not as_json:
            showing.finding(finding)
    if as_json:
        print_json({"findings": [asdict(finding) for finding in findings]})
    if any(finding.state == "needs attention" for finding in findings):
        sys.exit(1)


def export_archive(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write JSON Lines; - for standard output.")],
    archive: ArchiveOption = None,
    replace: Annotated[bool, typer.Option(help="Replace FILE where it exists.")] = False,
) -> None:
    """Export the whole archive to one file.

    One article per line, with its versions and vectors; `nutgraf import` reads it.
    """
    with (
        new_file(file, replace=replace) as into,
        opened(archive) as one,
        showing.progress("exporting", "articles") as progress,
    ):
        count = one.export(into, progress)
    if str(file) != "-":
        showing.line(f"{count} articles are in {file}")


def import_archive(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An export; - for standard input.")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import an export into the archive.

    Articles that the archive already has are left alone.
    """
    try:
        opened_file = sys.stdin.buffer if str(file) == "-" else file.open("rb")
    except OSError as error:
        raise InputError(f"{file} cannot be opened: {error.strerror}", "name what `nutgraf export` wrote") from error
    with opened_file, opened(archive, begin=True) as one, showing.progress("importing", "articles") as progress:
        report = one.import_(opened_file, progress)
    if as_json:
        print_json(contract.report_json(report))
    else:
        showing.report(report)


def convert(
    archive: ArchiveOption = None,
    again: Annotated[bool, typer.Option(help="Convert even if the archive is up to date.")] = False,
) -> None:
    """Re-chunk and re-embed the archive for the current settings.

    Needed after changing the encoder or passage_words. Can be interrupted and resumed.
    """
    with opened(archive) as one, showing.progress("converting", "articles") as progress:
        count = one.convert(progress, again=again)
    showing.line(f"{count} articles were converted" if count else "The archive is up to date.")


def rebuild(archive: ArchiveOption = None) -> None:
    """Rebuild both search indexes from the database.

    No article is read or embedded again.
    """
    with opened(archive) as one:
        one.rebuild()
    showing.line("Both indexes were rebuilt.")
