"""`nutgraf ask`, `search`, `facets`, `suggest`: question the archive, or a part of it."""

from __future__ import annotations

from typing import Annotated

import typer

from rag import contract
from rag.answer.question import MAX_PASSAGES, parse_day
from rag.archive.filters import STORIES
from rag.cli import showing
from rag.cli.common import ArchiveOption, JsonOption, opened, print_json
from rag.types import Question

_MOST_SUGGESTIONS = 100
QuestionArgument = Annotated[str, typer.Argument(help="What you want to know.")]
FromOption = Annotated[str | None, typer.Option("--from", metavar="DATE", help="Published on or after.")]
ToOption = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Published on or before.")]
AsOfOption = Annotated[
    str | None, typer.Option(metavar="DATE", help="Asked from that day: what was published later does not count.")
]
SourceOption = Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only this outlet (repeatable).")]
LanguageOption = Annotated[list[str] | None, typer.Option(metavar="CODE", help="Only this language (repeatable).")]
StoryOption = Annotated[list[str] | None, typer.Option(metavar="ID", help="Only this story (repeatable).")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command()(ask)
    app.command()(search)
    app.command()(facets)
    app.command()(suggest)


def ask(
    question: QuestionArgument,
    first: FromOption = None,
    last: ToOption = None,
    as_of: AsOfOption = None,
    source: SourceOption = None,
    language: LanguageOption = None,
    story: StoryOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a question, or say why it is not answered."""
    asked = _narrowed(question, first, last, as_of, source, language, story)
    with opened(archive) as one, showing.working("loading the models, searching and reading …"):
        answer = one.ask(asked)
    if as_json:
        print_json(contract.answer_json(answer))
    else:
        showing.answer(answer)


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
    asked = _narrowed(question, first, last, as_of, source, language, story)
    with opened(archive) as one, showing.working("loading the encoder and searching …"):
        hits = one.search(asked, count)
        outside = "" if hits else one.facets(asked).outside
    if as_json:
        print_json(contract.search_json(asked, hits))
    elif outside:
        showing.line(outside)
    else:
        showing.hits(hits)


def facets(
    first: FromOption = None,
    last: ToOption = None,
    as_of: AsOfOption = None,
    source: SourceOption = None,
    language: LanguageOption = None,
    story: StoryOption = None,
    skip: Annotated[int, typer.Option(help="Leave out so many of the largest stories.", min=0)] = 0,
    limit: Annotated[int, typer.Option(help="Show at most so many stories.", min=1)] = STORIES,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count the articles by outlet, month, language and story.

    Each is counted inside the other filters; --from and --to leave the months alone.
    """
    asked = _narrowed("", first, last, as_of, source, language, story)
    with opened(archive) as one:
        found = one.facets(asked, skip, limit)
    if as_json:
        print_json(contract.facets_json(asked, found))
    else:
        showing.facets(found)


def suggest(
    count: Annotated[int, typer.Option(help="At most so many.", min=1, max=_MOST_SUGGESTIONS)] = 4,
    first: FromOption = None,
    last: ToOption = None,
    as_of: AsOfOption = None,
    source: SourceOption = None,
    language: LanguageOption = None,
    story: StoryOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Suggest questions that the archive answers, made from its own articles and checked."""
    asked = _narrowed("", first, last, as_of, source, language, story)
    with opened(archive) as one, showing.working("loading the models, making questions and asking them …"):
        found = tuple(one.suggestions(count, inside=asked))
    if as_json:
        print_json(contract.suggestions_json(asked, found))
    for suggestion in () if as_json else found:
        showing.line(suggestion.text)
    if not found and not as_json:
        showing.line("No question could be made that the archive surely answers: it may have too few articles yet.")


def _narrowed(
    text: str,
    first: str | None,
    last: str | None,
    as_of: str | None,
    source: list[str] | None,
    language: list[str] | None,
    story: list[str] | None,
) -> Question:
    """Raises: QuestionInvalid, for a day that is none."""
    return Question(
        text,
        published_from=None if first is None else parse_day(first),
        published_to=None if last is None else parse_day(last),
        sources=tuple(source or ()),
        languages=tuple(language or ()),
        stories=tuple(story or ()),
        as_of=None if as_of is None else parse_day(as_of),
    )
