"""The command line, `nutgraf`."""

from __future__ import annotations

import io
import logging
import re
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rag import contract
from rag.cli import article_commands, ask_commands, chat_commands, maintenance, output
from rag.cli.common import ArchiveOption, JsonOption, open_archive
from rag.errors import InputError, NutgrafError
from rag.reading import Address
from rag.types import IngestReport

# Any scheme counts as an address; the network guard says which ones are read.
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)

app = typer.Typer(
    help="Answers from your own news archive: every sentence quoted, cited and checked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line; exit 2 on bad usage, 1 on an error, 0 otherwise."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # File names may not be valid text, and a terminal may lack curly quotes: print them escaped.
            stream.reconfigure(errors="backslashreplace")
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    try:
        app()
    except NutgrafError as error:
        output.print_error(error)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted: finished work is kept, and the same command resumes from there\n")
        sys.exit(130)
    except Exception as error:
        # The last resort: one line for the user, the traceback for the log.
        logging.getLogger(__name__).debug("unexpected error", exc_info=True)
        output.print_error(
            NutgrafError(f"{type(error).__name__}: {error}", "this is a bug in nutgraf; please report it")
        )
        sys.exit(1)


@app.command()
def ingest(
    items: Annotated[list[str], typer.Argument(metavar="PATH|URL...", help="Files, folders, pages, feeds, sitemaps.")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    if_empty: Annotated[bool, typer.Option(help="Only if the archive has no articles yet.")] = False,
    allow_private: Annotated[bool, typer.Option(help="Also read addresses of your own network.")] = False,
) -> None:
    """Read articles into the archive.

    What cannot be read is reported and does not stop the others.
    """
    if not all(item.strip() for item in items):
        raise InputError("one of the paths is empty", "name a file or folder; . is this folder")
    found = [Address(item) if _ADDRESS.match(item) else Path(item) for item in items]
    with open_archive(archive, create=True, allow_private=allow_private or None) as assistant:
        skipped = if_empty and assistant.count() > 0
        report = IngestReport()
        if not skipped:
            with output.progress_bar("reading", "articles") as progress:
                report = assistant.ingest(found, progress)
    if as_json:
        output.print_json(contract.report_json(report))
    elif skipped:
        output.print_line("The archive already has articles; nothing was read.")
    else:
        output.print_report(report)
    if report.rejected and not (report.added or report.updated or report.unchanged):
        sys.exit(1)


@app.command()
def status(archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """Show what the archive contains and which models it uses."""
    with open_archive(archive) as assistant:
        found = assistant.status()
    if as_json:
        output.print_json(asdict(found))
    else:
        output.print_status(found)


app.command()(ask_commands.ask)
app.command()(ask_commands.search)
app.command()(ask_commands.find)
app.command()(ask_commands.timeline)
app.command()(ask_commands.compare)
app.command()(ask_commands.facets)
app.command()(ask_commands.suggest)
app.add_typer(article_commands.app, name="articles")
app.add_typer(article_commands.outlets_app, name="outlets")
app.command()(chat_commands.chat)
app.add_typer(chat_commands.chats_app, name="chats")
app.add_typer(chat_commands.feedback_app, name="feedback")
app.add_typer(maintenance.models_app, name="models")
app.command()(maintenance.doctor)
app.command("export")(maintenance.export_archive)
app.command("import")(maintenance.import_archive)
app.command()(maintenance.convert)
app.command()(maintenance.rebuild)
