"""`nutgraf chat`: serve the chat page; `nutgraf chats` and `feedback`: the conversations held in it."""

from __future__ import annotations

import importlib.util
import os
import socket
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from rag import contract
from rag.cli import output
from rag.cli.common import ArchiveOption, JsonOption, open_archive, open_output, pick, settings_for
from rag.errors import NutgrafError
from rag.settings import Settings, load_settings
from rag.share import FORMS, export_feedback, share_chat

_HOST = "127.0.0.1"
# The page is for this machine alone and sends no usage statistics. Streamlit's garbage collection after every run of
# the page holds Python's lock for a third of a second once torch is loaded: a page that refreshes while the reader
# writes would slow the reader down thirtyfold.
_STREAMLIT_OPTIONS = {
    "global.developmentMode": "false",
    "runner.postScriptGC": "false",
    "server.address": _HOST,
    "server.baseUrlPath": "",
    "server.enableStaticServing": "false",
    "server.enableXsrfProtection": "true",
    "server.enableCORS": "true",
    "server.maxUploadSize": "200",
    "server.fileWatcherType": "none",
    "server.showEmailPrompt": "false",
    "browser.gatherUsageStats": "false",
    "browser.serverAddress": _HOST,
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "logger.level": "error",
    "logger.hideWelcomeMessage": "true",
}
# What serves the page. Ctrl+C ends it as the shell expects, without a word; uvicorn still closes the page first.
_STREAMLIT = (
    "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL); "
    "from streamlit.web.cli import main; main(prog_name='streamlit')"
)
ChatArgument = Annotated[str, typer.Argument(metavar="ID")]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")]

chats_app = typer.Typer(help="List, show, export and delete chats.", invoke_without_command=True)
feedback_app = typer.Typer(help="Use the feedback given in the chat.", no_args_is_help=True)


def chat(
    archive: ArchiveOption = None,
    port: Annotated[int, typer.Option(help="The port on this machine.", min=1, max=65535)] = 8501,
) -> None:
    """Open the chat in the browser, on this machine only."""
    _serve_page(settings_for(archive), port)


def _serve_page(settings: Settings, port: int) -> NoReturn:
    """Replace this process by the server of the chat page. Raises: NutgrafError, if the port is taken."""
    page = importlib.util.find_spec("ui.server")
    if page is None or page.origin is None:
        raise NutgrafError("the chat page is not installed", "install the project: pip install -e .")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if probe.connect_ex((_HOST, port)) == 0:
            raise NutgrafError(f"port {port} is in use", f"stop the program that uses it, or try --port {port + 1}")
    sys.stderr.write("Starting the chat ...\n")
    options = _STREAMLIT_OPTIONS | {
        "server.port": str(port),
        "theme.base": str(Path(page.origin).with_name("theme.toml")),
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    # -P: no module is imported from the current folder, which may hold a stranger's files.
    command = [sys.executable, "-P", "-c", _STREAMLIT, "run", page.origin, *flags]
    os.environ["NUTGRAF_HOME"] = str(settings.home.resolve())
    # Only if --archive differs from the settings: the settings page cannot change what the environment sets.
    if load_settings({"home": settings.home}).archive != settings.archive:
        os.environ["NUTGRAF_ARCHIVE"] = str(settings.archive.resolve())
    # Streamlit obeys .streamlit/config.toml in the current folder, which may be a stranger's.
    os.chdir(Path.home())
    # In place of this process, so that stopping it stops the server.
    os.execv(command[0], command)  # noqa: S606


@chats_app.callback()
def chats(context: typer.Context, archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """List the chats."""
    if context.invoked_subcommand is None:
        list_chats(archive=archive, as_json=as_json)
    # Options before the subcommand count as if they came after it.
    given = {"archive": archive, "as_json": as_json}
    context.default_map = dict.fromkeys(("list", "show", "delete"), given) | {"export": {"archive": archive}}


@chats_app.command("list")
def list_chats(
    words: Annotated[str, typer.Option("--search", metavar="WORDS", help="Only chats with all WORDS.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many, most recently changed first.")] = 50,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the chats: id, last change (UTC), number of questions, title."""
    with open_archive(archive) as assistant:
        found = assistant.chats.find(words, limit)
    if as_json:
        output.print_json({"chats": [contract.chat_json(chat) for chat in found]})
    else:
        output.print_chats(found)


@chats_app.command("show")
def show_chat(chat_id: ChatArgument, archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """Show a chat with its answers and citations."""
    with open_archive(archive) as assistant:
        found = assistant.chats.read(chat_id)
    if as_json:
        output.print_json(contract.transcript_json(found))
    else:
        output.print_line(share_chat(found, "plain").rstrip("\n"))


@chats_app.command("delete")
def delete_chat(chat_id: ChatArgument, archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """Delete a chat with its questions and answers."""
    with open_archive(archive) as assistant:
        assistant.chats.delete(chat_id)
    if as_json:
        output.print_json({"deleted": [chat_id]})
    else:
        output.print_line(f"deleted {chat_id}")


@chats_app.command("export")
def export_chat(
    chat_id: ChatArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Output file; - is standard output.")] = Path("-"),
    form: Annotated[str, typer.Option(metavar="FORM", help=f"One of {', '.join(FORMS)}.")] = "markdown",
    archive: ArchiveOption = None,
    force: ForceOption = False,
) -> None:
    """Write a chat to a file, with the source of every quote."""
    with open_archive(archive) as assistant:
        text = share_chat(assistant.chats.read(chat_id), pick(form, FORMS, "form"))
    with open_output(file, replace=force, option="--force") as into:
        into.write(text.encode())


@feedback_app.callback()
def feedback() -> None:
    """Use the feedback given in the chat."""


@feedback_app.command("export")
def export_bad_answers(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Output file (JSON Lines); - is standard output.")
    ] = Path("feedback.jsonl"),
    archive: ArchiveOption = None,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write the questions marked bad as cases for `python -m eval run`.

    Fill in the `answers` of each case; without any, a refusal is expected. A line `answer: TEXT` in the note of the
    user becomes one.
    """
    with open_archive(archive) as assistant:
        bad = assistant.chats.marked(good=False)
    if bad:
        with open_output(file, replace=force, option="--force") as into:
            export_feedback(bad, into)
    if str(file) == "-":
        return
    if as_json:
        output.print_json({"file": str(file) if bad else None, "cases": len(bad)})
    elif bad:
        output.print_line(f"wrote {len(bad)} questions marked bad to {file}; fill in their `answers`")
    else:
        output.print_line("No answer is marked bad; nothing was written.")
