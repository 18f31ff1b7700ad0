"""`python -m eval COMMAND`: measure what nutgraf does on public or private data. One module for each command."""

from __future__ import annotations

import typer

from eval import asking, claims, compare, extraction, gate, reading, retrieval
from eval.bench import command

app = typer.Typer(
    help="Measure what nutgraf does. Figures are printed as they are.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def _commands() -> None:
    """Measure what nutgraf does. Figures are printed as they are."""


app.command()(asking.run)
app.command()(reading.read)
app.command()(claims.claims)
app.command()(extraction.extraction)
app.command()(retrieval.retrieval)
app.command()(compare.compare)
app.command()(gate.gate)
app.command()(command.bench)


if __name__ == "__main__":
    app()
