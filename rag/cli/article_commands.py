"""`nutgraf articles`: list, show and remove articles."""

from __future__ import annotations

from typing import Annotated

import typer

from rag import contract
from rag.archive import require_intact
from rag.cli import output
from rag.cli.common import ArchiveOption, JsonOption, open_archive
from rag.errors import ArchiveCorrupt, ArticleUnknown
from rag.reading.draft import is_intact

app = typer.Typer(help="List, show and remove articles.", invoke_without_command=True)


@app.callback()
def articles(context: typer.Context, archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """List the articles."""
    if context.invoked_subcommand is None:
        list_articles(archive, as_json)
    # Options before the subcommand count as if they came after it.
    given = {"archive": archive, "as_json": as_json}
    context.default_map = dict.fromkeys(("list", "show", "remove"), given)


@app.command("list")
def list_articles(archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """List the articles: id, date, outlet, title."""
    with open_archive(archive) as assistant:
        found = assistant.articles()
    if as_json:
        output.print_json({"articles": [contract.article_json(article, with_text=False) for article in found]})
    else:
        output.print_articles(found)


@app.command("show")
def show_article(
    article_id: Annotated[str, typer.Argument(metavar="ID")],
    versions: Annotated[bool, typer.Option("--versions", help="Show what changed between versions.")] = False,
    version: Annotated[int | None, typer.Option(metavar="N", help="Show version N; 1 is the oldest.")] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one article, an older version of it, or what changed between versions."""
    with open_archive(archive) as assistant:
        found = assistant.article(article_id)
        older = assistant.versions(article_id)
        same_story = assistant.same_story(article_id)
    if version is not None:
        if not 1 <= version <= len(older) + 1:
            raise ArticleUnknown(f"{article_id} has no version {version}", f"its versions are 1 to {len(older) + 1}")
        found = (*older, found)[version - 1]
    try:
        require_intact([found, *older] if versions else [found])
    except ArchiveCorrupt as error:
        output.print_error(error)
    if as_json:
        content = contract.article_json(found, with_text=True) | {"intact": is_intact(found)}
        if versions:
            content["versions"] = [contract.article_json(article, with_text=True) for article in older]
        output.print_json(content)
    elif versions:
        output.print_versions(found, older)
    else:
        output.print_article(found, same_story)


@app.command("remove")
def remove_article(
    article_id: Annotated[str, typer.Argument(metavar="ID")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove one article from the archive; its file is kept."""
    with open_archive(archive) as assistant:
        assistant.remove(article_id)
    if as_json:
        output.print_json({"removed": [article_id]})
    else:
        output.print_line(f"removed {article_id}")
