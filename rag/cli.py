"""The command line: `nutgraf ingest`, `ask`, `articles`, `status`, `models`, `chat`."""

from __future__ import annotations

import io
import json
import logging
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from rag import assistant, chatting, contract, models, settings, showing
from rag.errors import ArchiveEmpty, NutgrafError
from rag.questions import parse_day
from rag.types import IngestReport, Question

app = typer.Typer(
    help="Answers from your own news archive: every sentence quoted, cited and checked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
articles_app = typer.Typer(help="List, show and remove articles.", invoke_without_command=True)
models_app = typer.Typer(help="List the models and download better ones.", invoke_without_command=True)
app.add_typer(articles_app, name="articles")
app.add_typer(models_app, name="models")

ArchiveOption = Annotated[
    Path | None, typer.Option("--archive", metavar="DIR", help="The archive's folder (default: under NUTGRAF_HOME).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


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
        sys.exit(130)
    except Exception as error:
        # The last resort: whoever is at the keyboard gets one line, and the log the rest.
        logging.getLogger(__name__).debug("unexpected", exc_info=True)
        showing.error(NutgrafError(f"{type(error).__name__}: {error}", "this is a fault of nutgraf; please report it"))
        sys.exit(1)


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files or folders (.txt, .md).")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    if_empty: Annotated[bool, typer.Option(help="Only where the archive has no article yet.")] = False,
) -> None:
    """Read articles into the archive; what cannot be read is a line in the report."""
    with _open(archive, begin=True) as opened:
        full = if_empty and opened.count() > 0
        report = IngestReport()
        if not full:
            with showing.progress("reading", "articles") as progress:
                report = opened.ingest(paths, progress)
    if as_json:
        _print(contract.report_json(report))
    elif full:
        showing.line("The archive has articles already; nothing was read.")
    else:
        showing.report(report)
    if report.rejected and not (report.added or report.updated or report.unchanged):
        sys.exit(1)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    first: Annotated[str | None, typer.Option("--from", metavar="DATE", help="Published on or after.")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Published on or before.")] = None,
    source: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only this outlet (repeatable).")] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a question from the archive, or say why it is not answered."""
    asked = Question(
        question,
        published_from=None if first is None else parse_day(first),
        published_to=None if last is None else parse_day(last),
        sources=tuple(source or ()),
    )
    with _open(archive) as opened, showing.working("loading the models, searching and reading …"):
        answer = opened.ask(asked)
    if as_json:
        _print(contract.answer_json(answer))
    else:
        showing.answer(answer)


@articles_app.callback()
def articles(context: typer.Context, archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """List the articles."""
    if context.invoked_subcommand is None:
        articles_list(archive, as_json)
    # What stands before the subcommand counts as if it stood after it.
    given = {"archive": archive, "as_json": as_json}
    context.default_map = dict.fromkeys(("list", "show", "remove"), given)


@articles_app.command("list")
def articles_list(archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """List the articles: id, date, outlet, title."""
    with _open(archive) as opened:
        found = opened.articles()
    if as_json:
        _print({"articles": [contract.article_json(article, with_text=False) for article in found]})
    else:
        showing.articles(found)


@articles_app.command("show")
def articles_show(
    article_id: Annotated[str, typer.Argument(metavar="ID")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one article."""
    with _open(archive) as opened:
        found = opened.article(article_id)
    if as_json:
        _print(contract.article_json(found, with_text=True))
    else:
        showing.article(found)


@articles_app.command("remove")
def articles_remove(
    article_id: Annotated[str, typer.Argument(metavar="ID")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove one article from the archive; its file stays."""
    with _open(archive) as opened:
        opened.remove(article_id)
    if as_json:
        _print({"removed": [article_id]})
    else:
        showing.line(f"removed {article_id}")


@app.command()
def status(archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """Say what the archive holds and which models it is used with."""
    with _open(archive) as opened:
        found = opened.status()
    if as_json:
        _print(asdict(found))
    else:
        showing.status(found)


@models_app.callback()
def models_default(context: typer.Context, archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """List role, id, place, size, licence and memory of every model."""
    if context.invoked_subcommand is None:
        models_list(archive, as_json)


@models_app.command("list")
def models_list(archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """List role, id, place, size, licence and memory of every model."""
    _settings(archive)
    rows = models.listing()
    if as_json:
        _print({"models": [contract.model_json(*row) for row in rows]})
    else:
        showing.models(rows)


@models_app.command("pull")
def models_pull(
    model_id: Annotated[str, typer.Argument(metavar="ID", help="An id that `nutgraf models` lists, or a hub id.")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Download a model from Hugging Face and verify it."""
    located = models.pull(model_id, offline=_settings(archive).offline)
    if as_json:
        _print(contract.model_json(located.model, located))
    else:
        showing.line(f"{located.model.id} is at {located.path}")


@app.command()
def chat(
    archive: ArchiveOption = None,
    port: Annotated[int, typer.Option(help="The port on this machine.", min=1, max=65535)] = 8501,
) -> None:
    """Open the chat in the browser, on this machine only."""
    chatting.serve(_settings(archive), port)


def _settings(archive: Path | None) -> settings.Settings:
    return settings.load({"archive": archive})


def _open(archive: Path | None, *, begin: bool = False) -> assistant.Assistant:
    """The assistant over the archive; only where `begin` is set, a missing archive is begun."""
    chosen = _settings(archive)
    if not begin and not assistant.exists(chosen):
        raise ArchiveEmpty(f"there is no archive in {chosen.archive}", "begin one: nutgraf ingest PATH")
    return assistant.Assistant(chosen)


def _print(content: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
