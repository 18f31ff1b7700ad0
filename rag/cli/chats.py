"""`nutgraf chats`: list, show, export and delete conversations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rag import contract
from rag.cli import showing
from rag.cli.common import ArchiveOption, JsonOption, new_file, opened, print_json
from rag.errors import InputError
from rag.sharing import FORMS, Form, share_chat

app = typer.Typer(help="List, show, export and delete chats.", invoke_without_command=True)
ChatArgument = Annotated[str, typer.Argument(metavar="ID")]


@app.callback()
def chats(context: typer.Context, archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """List the chats."""
    if context.invoked_subcommand is None:
        chats_list(archive=archive, as_json=as_json)
    # What stands before the subcommand counts as if it stood after it.
    given = {"archive": archive, "as_json": as_json}
    context.default_map = dict.fromkeys(("list", "show", "delete"), given) | {"export": {"archive": archive}}


@app.command("list")
def chats_list(
    words: Annotated[str, typer.Option("--search", metavar="WORDS", help="Only those that hold all WORDS.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many, the last changed first.")] = 50,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the chats: id, when it was changed last (UTC), how many questions, title."""
    with opened(archive) as one:
        found = one.chats.find(words, limit)
    if as_json:
        print_json({"chats": [contract.chat_json(chat) for chat in found]})
    else:
        showing.chats(found)


@app.command("show")
def chats_show(chat_id: ChatArgument, archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """Show a chat with its answers and what they cite."""
    with opened(archive) as one:
        found = one.chats.read(chat_id)
    if as_json:
        print_json(contract.transcript_json(found))
    else:
        showing.line(share_chat(found, "plain").rstrip("\n"))


@app.command("delete")
def chats_delete(chat_id: ChatArgument, archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """Delete a chat with its questions and answers."""
    with opened(archive) as one:
        one.chats.delete(chat_id)
    if as_json:
        print_json({"deleted": [chat_id]})
    else:
        showing.line(f"deleted {chat_id}")


@app.command("export")
def chats_export(
    chat_id: ChatArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write; - for standard output.")] = Path("-"),
    form: Annotated[str, typer.Option(metavar="FORM", help=f"One of {', '.join(FORMS)}.")] = "markdown",
    archive: ArchiveOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE where it exists.")] = False,
) -> None:
    """Write a chat, with every quote and where it stands, to a file."""
    with opened(archive) as one:
        found = share_chat(one.chats.read(chat_id), _form(form))
    with new_file(file, replace=force, option="--force") as into:
        into.write(found.encode())


def _form(name: str) -> Form:
    for form in FORMS:
        if form == name:
            return form
    raise InputError(f"there is no form {name!r}", f"the forms are {', '.join(FORMS)}")
