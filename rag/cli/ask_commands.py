"""`nutgraf ask`, `search`, `find`, `timeline`, `compare` and others: question the archive, or a part of it."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from rag import contract
from rag.answer.question import MAX_PASSAGES, parse_day
from rag.archive.filters import STORIES
from rag.cli import output
from rag.cli.common import ArchiveOption, JsonOption, open_archive, open_table, pick
from rag.models.modes import MODES
from rag.spreadsheet import comparison_table, sweep_table, timeline_table
from rag.surveys import Survey, SurveyKind
from rag.types import Question

_MAX_SUGGESTIONS = 100
_SURVEYS: dict[SurveyKind, str] = {
    "timeline": "What happened, day by day",
    "compare": "What each outlet tells",
    "find": "Every article that answers",
}
QuestionArgument = Annotated[str, typer.Argument(help="What you want to know.")]
FromOption = Annotated[str | None, typer.Option("--from", metavar="DATE", help="Published on or after this day.")]
ToOption = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Published on or before this day.")]
AsOfOption = Annotated[
    str | None, typer.Option(metavar="DATE", help="Answer as of this day, ignoring what was published later.")
]
SourceOption = Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only this outlet (repeatable).")]
LanguageOption = Annotated[list[str] | None, typer.Option(metavar="CODE", help="Only this language (repeatable).")]
StoryOption = Annotated[list[str] | None, typer.Option(metavar="ID", help="Only this story (repeatable).")]
TableOption = Annotated[
    Path | None,
    typer.Option("--table", metavar="FILE", help="Write a table, FILE.csv or FILE.xlsx; - is CSV on standard output."),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")]
ModeOption = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="MODE", help=f"The form of the reply: {', '.join(MODES)}.", show_default="by question"
    ),
]


def ask(
    question: QuestionArgument,
    first: FromOption = None,
    last: ToOption = None,
    as_of: AsOfOption = None,
    source: SourceOption = None,
    language: LanguageOption = None,
    story: StoryOption = None,
    mode: ModeOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a question from the archive, or say why there is no answer."""
    form = pick(mode, MODES, "form of reply") if mode is not None else None
    asked = replace(_question(question, first, last, as_of, source, language, story), mode=form)
    with open_archive(archive) as assistant, output.spinner("loading the models, searching and reading …"):
        answer = assistant.ask(asked)
        survey = None if as_json else assistant.survey_for(asked)
    if as_json:
        output.print_json(contract.answer_json(answer))
        return
    output.print_answer(answer)
    if survey:
        output.print_line(f"\n{_SURVEYS[survey.kind]}: {_command(survey, archive)}")


def search(
    question: QuestionArgument,
    count: Annotated[int, typer.Option(help="How many passages.", min=1, max=MAX_PASSAGES)] = 10,
    first: FromOption = None,
    last: ToOption = None,
    as_of: AsOfOption = None,
    source: SourceOption = None,
    language: LanguageOption = None,
    story: StoryOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the passages nearest to a question, best first, without an answer."""
    asked = _question(question, first, last, as_of, source, language, story)
    with open_archive(archive) as assistant, output.spinner("loading the encoder and searching …"):
        hits = assistant.search(asked, count)
        outside = "" if hits else assistant.facets(asked).outside
    if as_json:
        output.print_json(contract.search_json(asked, hits))
    elif outside:
        output.print_line(outside)
    else:
        output.print_hits(hits)


def find(
    question: QuestionArgument,
    first: FromOption = None,
    last: ToOption = None,
    as_of: AsOfOption = None,
    source: SourceOption = None,
    language: LanguageOption = None,
    story: StoryOption = None,
    table: TableOption = None,
    force: ForceOption = False,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """List every article that answers a question, each with its quote."""
    asked = _question(question, first, last, as_of, source, language, story)
    with open_table(table, replace=force, as_json=as_json) as write, open_archive(archive) as assistant:
        with output.progress_bar("reading", "passages") as progress:
            found = assistant.find_all(asked, progress)
        write(sweep_table(found))
    if as_json:
        output.print_json(contract.sweep_json(found))
    elif str(table) != "-":
        output.print_sweep(found)


def timeline(
    topic: Annotated[str, typer.Argument(help="What it is about, as the articles name it.")],
    first: FromOption = None,
    last: ToOption = None,
    as_of: AsOfOption = None,
    source: SourceOption = None,
    language: LanguageOption = None,
    story: StoryOption = None,
    table: TableOption = None,
    force: ForceOption = False,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what happened in a topic, day by day, each event with its quote.

    The day is read from the sentence. Where it gives none, it is the day of publication, and the line says so.
    """
    asked = _question(topic, first, last, as_of, source, language, story)
    with open_table(table, replace=force, as_json=as_json) as write, open_archive(archive) as assistant:
        with output.progress_bar("reading", "passages") as progress:
            found = assistant.timeline(asked, progress)
        write(timeline_table(found))
    if as_json:
        output.print_json(contract.timeline_json(found))
    elif str(table) != "-":
        output.print_timeline(found)


def compare(
    topic: Annotated[str, typer.Argument(help="What to compare the outlets on.")],
    source: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="An outlet to compare; name two or more.")
    ] = None,
    first: FromOption = None,
    last: ToOption = None,
    as_of: AsOfOption = None,
    language: LanguageOption = None,
    story: StoryOption = None,
    table: TableOption = None,
    force: ForceOption = False,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare what outlets tell of a topic: told by several, with other amounts, or by one alone."""
    asked = _question(topic, first, last, as_of, source, language, story)
    with open_table(table, replace=force, as_json=as_json) as write, open_archive(archive) as assistant:
        with output.progress_bar("comparing", "pairs of sentences") as progress:
            found = assistant.compare(asked, progress)
        outside = "" if found.pieces else assistant.facets(asked).outside
        write(comparison_table(found))
    if as_json:
        output.print_json(contract.comparison_json(found))
    elif outside:
        output.print_line(outside)
    elif str(table) != "-":
        output.print_comparison(found)


def facets(
    first: FromOption = None,
    last: ToOption = None,
    as_of: AsOfOption = None,
    source: SourceOption = None,
    language: LanguageOption = None,
    story: StoryOption = None,
    skip: Annotated[int, typer.Option(help="Skip this many of the largest stories.", min=0)] = 0,
    limit: Annotated[int, typer.Option(help="Show at most this many stories.", min=1)] = STORIES,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count the articles by outlet, month, language and story.

    Each is counted within the other filters. --from and --to do not restrict the months.
    """
    asked = _question("", first, last, as_of, source, language, story)
    with open_archive(archive) as assistant:
        found = assistant.facets(asked, skip, limit)
    if as_json:
        output.print_json(contract.facets_json(asked, found))
    else:
        output.print_facets(found)


def suggest(
    count: Annotated[int, typer.Option(help="At most this many.", min=1, max=_MAX_SUGGESTIONS)] = 4,
    first: FromOption = None,
    last: ToOption = None,
    as_of: AsOfOption = None,
    source: SourceOption = None,
    language: LanguageOption = None,
    story: StoryOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Suggest questions that the archive can answer, made from its own articles."""
    asked = _question("", first, last, as_of, source, language, story)
    with open_archive(archive) as assistant, output.spinner("loading the models and trying questions …"):
        found = tuple(assistant.suggestions(count, inside=asked))
    if as_json:
        output.print_json(contract.suggestions_json(asked, found))
        return
    for suggestion in found:
        output.print_line(suggestion.text)
    if not found:
        output.print_line("No suggestions: the archive may have too few articles yet.")


def _command(survey: Survey, archive: Path | None) -> str:
    """Return the command that runs a survey, as a shell takes it."""
    question = survey.question
    options = [
        ("--from", question.published_from),
        ("--to", question.published_to),
        ("--as-of", question.as_of),
        *(("--source", name) for name in question.sources),
        *(("--language", name) for name in question.languages),
        *(("--story", name) for name in question.stories),
        ("--archive", archive),
    ]
    given = [part for name, value in options if value for part in (name, str(value))]
    return shlex.join(["nutgraf", survey.kind, *given, "--", question.text])


def _question(
    text: str,
    first: str | None,
    last: str | None,
    as_of: str | None,
    source: list[str] | None,
    language: list[str] | None,
    story: list[str] | None,
) -> Question:
    """Raises: QuestionInvalid, for an invalid date."""
    return Question(
        text,
        published_from=None if first is None else parse_day(first),
        published_to=None if last is None else parse_day(last),
        sources=tuple(source or ()),
        languages=tuple(language or ()),
        stories=tuple(story or ()),
        as_of=None if as_of is None else parse_day(as_of),
    )
