"""`nutgraf articles`: list, show and remove articles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from rag import contract
from rag.cli import showing
from rag.cli.common import ArchiveOption, JsonOption, opened, print_json
from rag.errors import ArticleUnknown
from rag.types import Article

app = typer.Typer(help="List, show and remove articles.", invoke_without_command=True)


@app.callback()
def articles(context: typer.Context, archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """List the articles."""
    if context.invoked_subcommand is None:
        articles_list(archive, as_json)
    # What stands before the subcommand counts as if it stood after it.
    given = {"archive": archive, "as_json": as_json}
    context.default_map = dict.fromkeys(("list", "show", "remove"), given)


@app.command("list")
def articles_list(archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """List the articles: id, date, outlet, title."""
    with opened(archive) as archive_:
        found = archive_.articles()
    if as_json:
        print_json({"articles": [contract.article_json(article, with_text=False) for article in found]})
    else:
        showing.articles(found)


@app.command("show")
def articles_show(
    article_id: Annotated[str, typer.Argument(metavar="ID")],
    versions: Annotated[bool, typer.Option("--versions", help="What changed from version to version.")] = False,
    version: Annotated[int | None, typer.Option(metavar="N", help="The N-th version's text; 1 is the oldest.")] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one article, an older version of it, or what changed from version to version."""
    with opened(archive) as archive_:
        found = archive_.article(article_id)
        before = archive_.versions(article_id)
        same_story = archive_.same_story(article_id)
    if version is not None:
        found = _version((*before, found), version)
    if as_json:
        older = [contract.article_json(one, with_text=True) for one in before] if versions else None
        print_json(contract.article_json(found, with_text=True) | ({"versions": older} if versions else {}))
    elif versions:
        showing.versions(found, before)
    else:
        showing.article(found)
        showing.same_story(found, same_story)


def _version(texts: Sequence[Article], number: int) -> Article:
    if not 1 <= number <= len(texts):
        raise ArticleUnknown(f"there is no version {number} of {texts[-1].id}", f"its versions are 1 to {len(texts)}")
    return texts[number - 1]


@app.command("remove")
def articles_remove(
    article_id: Annotated[str, typer.Argument(metavar="ID")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove one article from the archive; its file stays."""
    with opened(archive) as archive_:
        archive_.remove(article_id)
    if as_json:
        print_json({"removed": [article_id]})
    else:
        showing.line(f"removed {article_id}")
