"""What the command line shows to people."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext

from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from rag import progress as progress_
from rag.answer.compose import plain_text
from rag.doctor import Finding
from rag.errors import NutgrafError
from rag.models.catalogue import Model
from rag.models.weights import Located, brought
from rag.search.chunking import sentence_changes
from rag.types import Answer, Article, Chat, Citation, Facets, Hit, IngestReport, Status

# `_text` and `markup=False` everywhere: neither square brackets nor control characters of an article do anything.
_out = Console(markup=False, highlight=False, soft_wrap=not sys.stdout.isatty())
_err = Console(stderr=True, markup=False, highlight=False)
# Of a long report; `--json` has all of it.
_SHOWN_ROWS = 50
# Passages with a refusal.
_NEAREST = 3
# Among them those that turn the direction of what follows.
_TURNING = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
_CONTROLS = {
    code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), *range(127, 160), *_TURNING) if chr(code) not in "\t\n"
}


def error(problem: NutgrafError) -> None:
    """One line on standard error."""
    _err.print(_text("error: ", style="bold red") + _text(" ".join(str(problem).split())), soft_wrap=True)


def line(text: str) -> None:
    _out.print(_text(text), soft_wrap=True)


@contextmanager
def progress(label: str, things: str, *, later: bool = False) -> Iterator[progress_.Progress]:
    """A bar on standard error that the given function moves, with the rate of `things` and the time left.

    With `later` there is none before the function is first called.
    """
    counted = TextColumn(f"{{task.fields[count]}} {things}, {{task.fields[rate]:.1f}}/s")
    columns = (TextColumn("{task.description}"), BarColumn(), counted, TimeRemainingColumn())
    bar = Progress(*columns, console=_err, transient=True, disable=not _err.is_terminal)
    task = bar.add_task(label, total=1.0, count=0, rate=0.0)

    def move(done: progress_.Done) -> None:
        bar.start()
        rate = done.things / max(bar.tasks[task].elapsed or 0.0, 0.1)
        bar.update(task, completed=done.share, count=done.things, rate=rate)
        if later and done.share >= 1:
            bar.stop()

    if not later:
        bar.start()
    try:
        yield move
    finally:
        bar.stop()


@contextmanager
def working(label: str) -> Iterator[None]:
    """Show on a terminal's standard error that something goes on."""
    with _err.status(label) if _err.is_terminal else nullcontext():
        yield


def answer(found: Answer) -> None:
    if found.refusal:
        _out.print(_text("Not answered. ", style="bold yellow") + _text(found.refusal.message))
    for note in found.notes:
        _out.print(_text(note, style="italic"))
    if found.refusal:
        if found.hits:
            _out.print(_text("\nNearest in the archive:", style="bold"))
        for hit in found.hits[:_NEAREST]:
            _show_hit(hit, _short(hit.passage.text))
        return
    for verdict in found.verdicts:
        _out.print(_text(plain_text(verdict)))
    _out.print()
    for citation in found.citations:
        _show_citation(citation)


def hits(found: Sequence[Hit]) -> None:
    """Each passage, whole, under its article."""
    for hit in found:
        _show_hit(hit, " ".join(hit.passage.text.split()))


def facets(found: Facets) -> None:
    """How many articles each value of each filter has."""
    line(f"{found.articles:,} {'article' if found.articles == 1 else 'articles'} inside the filters")
    if found.outside:
        line(found.outside)
    stories = f"stories {len(found.stories):,} of {found.stories_total:,}"
    named = (("outlets", found.sources), ("months", found.months), ("languages", found.languages))
    for name, counts in (*named, (stories, found.stories)):
        if counts:
            _out.print(_text(f"\n{name}", style="bold"))
        for one in counts:
            line(f"{one.articles:>9,}  {' '.join((one.value or 'not known', one.title)).rstrip()}")


def report(found: IngestReport) -> None:
    counts = (
        ("added", found.added),
        ("updated", found.updated),
        ("unchanged", found.unchanged),
        ("rejected", found.rejected),
    )
    line(", ".join(f"{len(rows)} {name}" for name, rows in counts))
    _first([f"  {_alike(copy.similarity)}: {copy.article_id} and {copy.of}" for copy in found.duplicates])
    _first([f"  rejected: {rejection.path}: {rejection.reason}" for rejection in found.rejected])


def _first(rows: Sequence[str]) -> None:
    """The first rows, and how many more there are."""
    for row in rows[:_SHOWN_ROWS]:
        line(row)
    if len(rows) > _SHOWN_ROWS:
        line(f"  … and {len(rows) - _SHOWN_ROWS:,} more like these; --json tells them all")


def articles(found: Sequence[Article]) -> None:
    if not found:
        line("The archive has no article yet; add some: nutgraf ingest PATH")
        return
    rows = [("id", "published", "outlet", "title")]
    rows += [(item.id, _day(item), item.source or "-", " ".join(item.title.split())) for item in found]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        # One line each, however narrow the terminal: an id must be whole to be copied.
        line("  ".join(cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)).rstrip())


def chats(found: Sequence[Chat]) -> None:
    """One line each: id, when it was changed last (UTC), how many questions, title."""
    if not found:
        line("No chat was found.")
    for chat in found:
        line(f"{chat.id}  {chat.changed_at:%Y-%m-%d %H:%M}  {chat.turns:>3}  {chat.title}")


def article(found: Article) -> None:
    _out.print(_text(found.title, style="bold"))
    for name, value in (
        ("id", found.id),
        ("outlet", found.source),
        ("published", _day(found)),
        ("author", found.author),
        ("url", found.url),
        ("language", found.language),
        ("read from", found.origin),
    ):
        if value:
            line(f"{name:>10}: {' '.join(value.split())}")
    if found.told_by:
        line(f"{'told by':>10}: {', '.join(f'{name}: {place}' for name, place in found.told_by)}")
    line(f"\n{found.text}")


def status(found: Status) -> None:
    line(f"archive   {found.archive} ({found.disk_bytes / 1e6:.1f} MB)")
    line(f"articles  {found.articles} in {found.passages} passages")
    line(f"outlets   {', '.join(found.sources) or '-'}")
    line(f"encoder   {found.encoder}" + (f" (archive: {found.stored_encoder})" if found.stored_encoder else ""))
    line(f"judge     {found.judge}")
    line(f"reader    {found.reader}")


def same_story(found: Article, others: Sequence[Article]) -> None:
    """The other articles that tell the same story in much the same words."""
    for other in others:
        if other.id != found.id:
            line(f"\nalso told by: {other.id} ({other.source or 'outlet not stated'})")


def finding(found: Finding) -> None:
    """One line: what was examined, its state, what to do."""
    style = {"good": "green", "self-repairing": "yellow", "needs attention": "bold red"}[found.state]
    _out.print(_text(f"{found.state:<16}", style=style) + _text(f"{found.name:<18} {found.detail}"), soft_wrap=True)


def versions(now: Article, before: Sequence[Article]) -> None:
    """Every text the article had, the newest first, each with what changed since the one before it."""
    texts = [*before, now]
    for number in range(len(texts), 0, -1):
        one = texts[number - 1]
        newest = " (answers)" if number == len(texts) else ""
        _out.print(_text(f"version {number}{newest}: {one.title}", style="bold"))
        line(f"  read from {one.origin or '-'}, published {_day(one)}")
        for sign, sentence in sentence_changes(texts[number - 2], one) if number > 1 else ():
            _out.print(_text(f"  {sign} {sentence}", style="green" if sign == "+" else "red"), soft_wrap=True)


def models(found: Sequence[tuple[Model, Located | None]]) -> None:
    width = max(len(model.id) for model, _ in found)
    line(f"{'role':<8} {'id':<{width}} {'size':>7} {'RAM':>7}  licence")
    for model, located in found:
        size_bytes = (model if located else brought(model)).size_bytes
        sizes = f"{_bytes(size_bytes):>7} {_bytes(model.ram_bytes):>7}"
        _out.print(
            _text(f"{model.role:<8} {model.id:<{width}} {sizes}  {model.licence}", style="bold" if located else "")
        )
        where = f"{located.origin}: {located.path}" if located else f"not here; get it: nutgraf models pull {model.id}"
        line(f"         {where}")


def _text(content: str, style: str = "") -> Text:
    return Text(content.translate(_CONTROLS), style=style)


def _show_hit(hit: Hit, said: str) -> None:
    _out.print(_text(f"  {_about(hit.article)}", style="bold") + _text(f"\n    {said}"))


def _show_citation(citation: Citation) -> None:
    quote = " ".join(citation.evidence.text.split())
    _out.print(
        _text(f"[{citation.marker}] ", style="bold cyan") + _text(_about(citation.evidence.article), style="bold")
    )
    _out.print(_text(f"    {quote}", style="italic"))
    if citation.outlets:
        line(f"    the same story in {len(citation.outlets)} outlets: {', '.join(citation.outlets)}")
    if citation.evidence.article.url:
        line(f"    {citation.evidence.article.url}")


def _day(found: Article) -> str:
    return found.published.written if found.published else "-"


def _about(found: Article) -> str:
    return f"{found.title} · {found.byline} · {found.id}"


def _alike(similarity: float) -> str:
    return "same text" if similarity == 1 else f"{similarity:.0%} the same"


def _short(text: str, chars: int = 160) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= chars else f"{flat[:chars].rsplit(' ', 1)[0]} …"


def _bytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
