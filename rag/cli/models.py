"""`nutgraf models`: list the models and download better ones."""

from __future__ import annotations

from typing import Annotated

import typer

from rag import contract
from rag.cli import showing
from rag.cli.common import ArchiveOption, JsonOption, print_json, settings_for
from rag.models import weights as models

app = typer.Typer(help="List the models and download better ones.", invoke_without_command=True)


@app.callback()
def models_default(context: typer.Context, archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """List role, id, place, size, licence and memory of every model."""
    if context.invoked_subcommand is None:
        models_list(archive, as_json)


@app.command("list")
def models_list(archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """List role, id, place, size, licence and memory of every model."""
    settings_for(archive)
    rows = models.listing()
    if as_json:
        print_json({"models": [contract.model_json(*row) for row in rows]})
    else:
        showing.models(rows)


@app.command("pull")
def models_pull(
    model_id: Annotated[str, typer.Argument(metavar="ID", help="An id that `nutgraf models` lists, or a hub id.")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Download a model from Hugging Face and verify it."""
    with showing.progress("downloading", "MB", later=True) as progress:
        located = models.pull(model_id, offline=settings_for(archive).offline, progress=progress)
    if as_json:
        print_json(contract.model_json(located.model, located))
    else:
        showing.line(f"the {located.model.role} {located.model.id} is at {located.path}")
