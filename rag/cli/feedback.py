"""`nutgraf feedback`: what was said of answers in the chat."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rag import feedback
from rag.cli import showing
from rag.cli.common import ArchiveOption, JsonOption, new_file, opened, print_json

app = typer.Typer(help="Use what was said of answers in the chat.", no_args_is_help=True)


@app.callback()
def _commands() -> None:
    """Use what was said of answers in the chat."""


@app.command("export")
def feedback_export(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where to write JSON Lines; - for standard output.")
    ] = Path("feedback.jsonl"),
    archive: ArchiveOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE where it exists.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the questions marked bad as cases for `python -m eval run`.

    Fill in the `answers` of each: none says that a refusal is right. A line `answer: TEXT` of a note is one already.
    """
    with opened(archive) as one:
        bad = one.chats.marked(good=False)
    if bad:
        with new_file(file, replace=force, option="--force") as into:
            feedback.write_cases(bad, into)
    if str(file) == "-":
        return
    if as_json:
        print_json({"file": str(file) if bad else None, "cases": len(bad)})
    elif bad:
        showing.line(f"questions marked bad: {len(bad)}, now in {file}; fill in their `answers`")
    else:
        showing.line("No answer is marked bad; nothing was written.")
