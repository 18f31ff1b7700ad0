"""The command line: `nutgraf ingest`, `status`, `chat`, and what the other modules here add."""

from __future__ import annotations

import io
import logging
import re
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rag import contract
from rag.cli import articles, asking, chats, chatting, feedback, models, showing, upkeep
from rag.cli.common import ArchiveOption, JsonOption, opened, print_json, settings_for
from rag.errors import NutgrafError
from rag.reading import Address
from rag.types import IngestReport

# Any scheme: the guard of the network says which are read.
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)

app = typer.Typer(
    help="Answers from your own news archive: every sentence quoted, cited and checked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
asking.add_to(app)
app.add_typer(articles.app, name="articles")
app.add_typer(chats.app, name="chats")
app.add_typer(feedback.app, name="feedback")
app.add_typer(models.app, name="models")


def main() -> None:
    """Run the command line; exit 2 on bad usage, 1 on an error, 0 otherwise."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A file's name may be no text, and a terminal may know no curly quotes: neither is worth a crash.
            stream.reconfigure(errors="backslashreplace")
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    try:
        app()
    except NutgrafError as error:
        showing.error(error)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted: what was done so far is kept; the same command goes on from there\n")
        sys.exit(130)
    except Exception as error:
        # The last resort: whoever is at the keyboard gets one line, and the log the rest.
        logging.getLogger(__name__).debug("unexpected", exc_info=True)
        showing.error(NutgrafError(f"{type(error).__name__}: {error}", "this is a fault of nutgraf; please report it"))
        sys.exit(1)


@app.command()
def ingest(
    items: Annotated[list[str], typer.Argument(metavar="PATH|URL...", help="Files, folders, pages, feeds, sitemaps.")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    if_empty: Annotated[bool, typer.Option(help="Only where the archive has no article yet.")] = False,
    allow_private: Annotated[bool, typer.Option(help="Read addresses of your own network too.")] = False,
) -> None:
    """Read articles into the archive.

    What cannot be read is a line in the report, and stops nothing else.
    """
    found = [Address(item) if _ADDRESS.match(item) else Path(item) for item in items]
    with opened(archive, begin=True, allow_private=allow_private or None) as one:
        full = if_empty and one.count() > 0
        report = IngestReport()
        if not full:
            with showing.progress("reading", "articles") as progress:
                report = one.ingest(found, progress)
    if as_json:
        print_json(contract.report_json(report))
    elif full:
        showing.line("The archive has articles already; nothing was read.")
    else:
        showing.report(report)
    if report.rejected and not (report.added or report.updated or report.unchanged):
        sys.exit(1)


@app.command()
def status(archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """Say what the archive holds and which models it is used with."""
    with opened(archive) as one:
        found = one.status()
    if as_json:
        print_json(asdict(found))
    else:
        showing.status(found)


@app.command()
def chat(
    archive: ArchiveOption = None,
    port: Annotated[int, typer.Option(help="The port on this machine.", min=1, max=65535)] = 8501,
) -> None:
    """Open the chat in the browser, on this machine only."""
    chatting.serve(settings_for(archive), port)


upkeep.add_to(app)
