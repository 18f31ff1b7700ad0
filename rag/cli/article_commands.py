"""`nutgraf articles`: list, show, edit and remove articles. `nutgraf outlets`: list and join outlets."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer

from rag import contract
from rag.archive import require_intact
from rag.cli import output
from rag.cli.common import ArchiveOption, JsonOption, open_archive
from rag.errors import ArchiveCorrupt, ArticleUnknown
from rag.reading.draft import is_intact

IncompleteOption = Annotated[bool, typer.Option("--incomplete", help="Only those without an outlet or a full day.")]
app = typer.Typer(help="List, show, edit and remove articles.", invoke_without_command=True)
outlets_app = typer.Typer(help="List outlets, and join those that are one.", invoke_without_command=True)


@app.callback()
def articles(
    context: typer.Context,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    incomplete: IncompleteOption = False,
) -> None:
    """List the articles."""
    if context.invoked_subcommand is None:
        list_articles(archive, as_json, incomplete)
    # Options before the subcommand count as if they came after it.
    given = {"archive": archive, "as_json": as_json}
    context.default_map = {
        **dict.fromkeys(("show", "edit", "remove"), given),
        "list": given | {"incomplete": incomplete},
    }


@app.command("list")
def list_articles(
    archive: ArchiveOption = None, as_json: JsonOption = False, incomplete: IncompleteOption = False
) -> None:
    """List the articles: id, date, outlet, title."""
    with open_archive(archive) as assistant:
        found = assistant.articles(incomplete=incomplete)
        empty = not found and not assistant.count()
    if as_json:
        output.print_json({"articles": [contract.article_json(article, with_text=False) for article in found]})
    else:
        none = "The archive has no articles yet; add some: nutgraf ingest PATH"
        output.print_articles(found, none if empty else "Every article has an outlet and a full day.")


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


@app.command("edit")
def edit_articles(
    article_ids: Annotated[list[str], typer.Argument(metavar="ID...")],
    title: Annotated[str | None, typer.Option(help="The title to show.")] = None,
    outlet: Annotated[str | None, typer.Option(help='The outlet to show; "" for none.')] = None,
    date: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help='The date to show; "" for none.')] = None,
    author: Annotated[str | None, typer.Option(help='The author to show; "" for none.')] = None,
    as_read: Annotated[bool, typer.Option("--as-read", help="Take back all edits first.")] = False,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change what articles show as their title, outlet, date or author. What was read is kept."""
    given = {"title": title, "source": outlet, "published": date, "author": author}
    changes = {name: value for name, value in given.items() if as_read or value is not None}
    with open_archive(archive) as assistant:
        assistant.edit(article_ids, changes)
        found = [assistant.article(article_id) for article_id in dict.fromkeys(article_ids)]
    if as_json:
        output.print_json({"articles": [contract.article_json(article, with_text=False) for article in found]})
    else:
        output.print_articles(found, "")


@outlets_app.callback()
def outlets(context: typer.Context, archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """List the outlets with the number of their articles."""
    given = {"archive": archive, "as_json": as_json}
    context.default_map = dict.fromkeys(("join", "split"), given)
    if context.invoked_subcommand is None:
        with open_archive(archive) as assistant:
            found = assistant.outlets()
        if as_json:
            output.print_json({"outlets": [one._asdict() for one in found]})
        else:
            output.print_outlets(found)


@outlets_app.command("join")
def join_outlet(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    shown: Annotated[str, typer.Argument(metavar="OUTLET")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the articles of one outlet under the name of another, also those that are read later."""
    with open_archive(archive) as assistant:
        changed = assistant.join_outlet(name, shown)
    _print_changed(changed, f"of {name} show {shown}; undo: nutgraf outlets split {shlex.quote(name)}", as_json=as_json)


@outlets_app.command("split")
def split_outlet(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Undo a join: show an outlet under its own name again."""
    with open_archive(archive) as assistant:
        changed = assistant.split_outlet(name)
    _print_changed(changed, f"show {name} again", as_json=as_json)


def _print_changed(changed: int, what: str, *, as_json: bool) -> None:
    if as_json:
        output.print_json({"changed": changed})
    else:
        output.print_line(f"{changed:,} {'article' if changed == 1 else 'articles'} {what}")


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
