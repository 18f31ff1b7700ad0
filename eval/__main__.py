"""`python -m eval COMMAND`: measure nutgraf on public or private data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eval import (
    answers,
    bench,
    claims,
    comparison,
    extraction,
    find,
    metadata,
    outlets,
    report,
    retrieval,
    runs,
    timeline,
)
from eval.runs import HeldOption

app = typer.Typer(
    help="Measure what nutgraf does.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    *(answers.run, answers.read, claims.claims, retrieval.retrieval, extraction.extraction, metadata.metadata),
    *(timeline.timeline, outlets.outlets, find.find),
    *(comparison.compare, comparison.gate, bench.bench),
):
    app.command()(command)


@app.command("page")
def page(
    folder: Annotated[Path, typer.Argument(metavar="REPORT", help="The folder of a report.")],
    show_held: HeldOption = False,  # noqa: FBT002
) -> None:
    """Write the page of a report again."""
    from eval import page as pages

    with runs.reporting():
        pages.write(folder / runs.PAGE, *report.read(folder), show_held=show_held)


if __name__ == "__main__":
    app()
