"""What the command line prints."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from rag.archive.edits import Outlet
from rag.doctor import Finding
from rag.errors import NutgrafError
from rag.marks import byline_part, quoted
from rag.models.catalogue import Model
from rag.models.weights import Located, to_download
from rag.progress import Done, Progress
from rag.search.chunking import sentence_changes
from rag.share import told
from rag.surveys import PIECE_HEADINGS, Comparison, Event, Piece, Sweep, Timeline, correction, coverage
from rag.turns import Chat
from rag.types import Answer, Article, Citation, Evidence, Facets, Hit, IngestReport, Status

# `_text` and `markup=False` everywhere: square brackets and control characters of an article have no effect.
_out = Console(markup=False, highlight=False, soft_wrap=not sys.stdout.isatty())
_err = Console(stderr=True, markup=False, highlight=False)
# Rows printed of a long report; `--json` has all of them.
_MAX_ROWS = 50
# Pieces printed of each kind of a comparison, and the columns that a quote needs to stand beside another.
_MAX_PIECES, _MIN_COLUMN = 10, 50
# Control characters, and those that change the direction of the text after them.
_BIDI_CONTROLS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
_CONTROLS = {
    code: "\N{REPLACEMENT CHARACTER}"
    for code in (*range(32), *range(127, 160), *_BIDI_CONTROLS)
    if chr(code) not in "\t\n"
}


def print_error(error: NutgrafError) -> None:
    """Print one line on standard error."""
    _err.print(_text("error: ", style="bold red") + _text(_one_line(str(error))), soft_wrap=True)


def print_note(text: str) -> None:
    """Print one line on standard error, also above a bar."""
    _err.print(_text(_one_line(text)), soft_wrap=True)


def print_line(text: str) -> None:
    _out.print(_text(text), soft_wrap=True)


def print_json(content: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")


@contextmanager
def progress_bar(label: str, unit: str, *, later: bool = False) -> Iterator[Progress]:
    """Show a bar on standard error, with a rate in `unit` and the time left; the given function moves it.

    With `later` it appears only once that function is called.
    """
    counted = TextColumn(f"{{task.fields[count]}} {unit}, {{task.fields[rate]:.1f}}/s")
    columns = (TextColumn("{task.description}"), BarColumn(), counted, TimeRemainingColumn())
    bar = Bar(*columns, console=_err, transient=True, disable=not _err.is_terminal)
    task = bar.add_task(label, total=1.0, count=0, rate=0.0)

    def move(done: Done) -> None:
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
def spinner(label: str) -> Iterator[None]:
    """Show on standard error, if it is a terminal, that work is in progress."""
    with _err.status(label) if _err.is_terminal else nullcontext():
        yield


def print_answer(answer: Answer) -> None:
    if answer.refusal:
        _out.print(_text("Not answered. ", style="bold yellow") + _text(answer.refusal.message))
    for note in answer.notes:
        _out.print(_text(note, style="italic"))
    if answer.refusal:
        if answer.nearest:
            _out.print(_text("\nClosest in the archive:", style="bold"))
        for item in answer.nearest:
            _print_source(item.article, item.text)
        return
    rows = told(answer)
    for at, row in enumerate(rows):
        _out.print(_text(f"{row.line} [{row.marker}]", style="" if at else "bold"))
    if rows:
        _out.print()
    for verdict in answer.verdicts:
        _out.print(_text(verdict.cited))
    if answer.unquoted:
        _out.print(_text(f"Not quoted: {len(answer.unquoted)} more that may answer (`nearest` in --json)", style="dim"))
    _out.print()
    for citation in answer.citations:
        _print_citation(citation)


def print_hits(hits: Sequence[Hit]) -> None:
    """Print each whole passage under its article."""
    for hit in hits:
        _print_source(hit.article, hit.passage.text)


def print_sweep(found: Sweep) -> None:
    """Print every article that answers, with its quote, and how many were read."""
    answering = len(found.testimonies)
    print_line(
        f"{answering:,} of {found.judged:,} articles read {'answers' if answering == 1 else 'answer'} the question; "
        f"{coverage(found)}"
    )
    for one in found.testimonies:
        _print_source(one.evidence.article, one.evidence.text, _corrected(one.evidence, found.notice(one)))


def print_timeline(found: Timeline) -> None:
    """Print for each event its day and who tells it, then the quote that tells it."""
    print_line(
        f"{len(found.events):,} {'event' if len(found.events) == 1 else 'events'} in {found.judged:,} articles read; "
        f"{coverage(found)}"
    )
    if not found.events:
        print_line(
            "None of them tells what happened and when. Name the topic as the articles name it, or change the filters."
        )
    for one in found.events:
        day = one.day.written + ("" if one.stated else " (day of publication)")
        _out.print(_text(f"{day} · {_tellers(one)}", style="bold"), _quote(one.quote.text), sep="\n")


def print_comparison(found: Comparison) -> None:
    """Print the most central pieces of each kind; quotes side by side where there is room, else under each other."""
    read = (f"{name}: {count:,}" for name, count in zip(found.outlets, found.articles, strict=True))
    print_line(f"articles read on this topic: {', '.join(read)}")
    if not any(found.articles):
        print_line(
            "No article of these outlets is about it. Name the topic as the articles name it, or change the filters."
        )
    for kind, heading in PIECE_HEADINGS.items():
        pieces = found.of(kind)
        if pieces:
            _out.print(_text(f"\n{heading} ({len(pieces):,})", style="bold"))
        for at, piece in enumerate(pieces[:_MAX_PIECES]):
            if at and len(piece.quotes) > 1:
                _out.print()
            _print_piece(piece)
        if len(pieces) > _MAX_PIECES:
            print_line(f"  … and {len(pieces) - _MAX_PIECES:,} more; --json and --table give all")
    if found.uncertain:
        print_line(f"\n{found.uncertain:,} sentences are left out: another outlet may tell the same or not")


def _print_piece(piece: Piece) -> None:
    told = zip(piece.quotes, piece.notices, strict=True)
    leads = [_text(f"  {_told_by(quote, notice)}", style="bold") for quote, notice in told]
    texts = [_quote(quote.text) for quote in piece.quotes]
    if len(texts) > 1 and not piece.same_words and _out.is_terminal and _out.width >= _MIN_COLUMN * len(texts):
        table = Table.grid(padding=(0, 2), expand=True)
        for _ in texts:
            table.add_column(ratio=1)
        table.add_row(*leads)
        table.add_row(*texts)
        _out.print(table)
        return
    for at, lead in enumerate(leads):
        _out.print(lead)
        # The same words are told once, after all who say them.
        if not piece.same_words or at == len(leads) - 1:
            _out.print(texts[at])


def _told_by(quote: Evidence, notice: Article | None) -> str:
    amount = f": {quoted(quote.short)}" if quote.answer else ""
    told = (f"{quote.article.outlet_and_day}{amount}", _corrected(quote, notice), quote.article.id)
    return " · ".join(filter(None, told))


def print_facets(facets: Facets) -> None:
    print_line(f"{facets.articles:,} {'article' if facets.articles == 1 else 'articles'} inside the filters")
    if facets.outside:
        print_line(facets.outside)
    stories = f"stories {len(facets.stories):,} of {facets.stories_total:,}"
    named = (("outlets", facets.sources), ("months", facets.months), ("languages", facets.languages))
    for name, counts in (*named, (stories, facets.stories)):
        if counts:
            _out.print(_text(f"\n{name}", style="bold"))
        for count in counts:
            print_line(f"{count.articles:>9,}  {' '.join((count.value or 'not known', count.title)).rstrip()}")


def print_report(report: IngestReport) -> None:
    counts = (
        ("added", report.added),
        ("updated", report.updated),
        ("unchanged", report.unchanged),
        ("rejected", report.rejected),
    )
    print_line(", ".join(f"{len(rows)} {name}" for name, rows in counts))
    _print_rows([f"  {_alike(copy.similarity)}: {copy.article_id} and {copy.of}" for copy in report.duplicates])
    _print_rows([f"  rejected: {rejection.path}: {rejection.reason}" for rejection in report.rejected])
    if report.incomplete:
        print_line(f"  {len(report.incomplete):,} without an outlet or a full day: nutgraf articles --incomplete")


def _print_rows(rows: Sequence[str]) -> None:
    for row in rows[:_MAX_ROWS]:
        print_line(row)
    if len(rows) > _MAX_ROWS:
        print_line(f"  … and {len(rows) - _MAX_ROWS:,} more; --json prints all")


def print_articles(articles: Sequence[Article], none: str) -> None:
    """Print one line for each, or `none` if there are none."""
    if not articles:
        print_line(none)
        return
    rows = [("id", "published", "outlet", "title")]
    rows += [(item.id, _day(item), _outlet(item), _one_line(item.title)) for item in articles]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        # One line each, however narrow the terminal: an id must be whole to be copied.
        cells = (cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True))
        print_line("  ".join(cells).rstrip())


def _outlet(article: Article) -> str:
    """The outlet, or with a question mark the name that may be its."""
    return article.source or (f"{article.candidate}?" if article.candidate else "-")


def print_outlets(outlets: Sequence[Outlet]) -> None:
    """Print one line for each: number of articles, name, and the names joined to it."""
    if not outlets:
        print_line("No article has an outlet.")
    for outlet in outlets:
        joined = f"  (joined: {', '.join(map(_one_line, outlet.names))})" if outlet.names else ""
        print_line(f"{outlet.articles:>9,}  {_one_line(outlet.name)}{joined}")


def print_chats(chats: Sequence[Chat]) -> None:
    """Print one line for each: id, last change (UTC), number of questions, title."""
    if not chats:
        print_line("No chats found.")
    for chat in chats:
        print_line(f"{chat.id}  {chat.changed_at:%Y-%m-%d %H:%M}  {chat.turns:>3}  {chat.title}")


def print_article(article: Article, same_story: Sequence[Article]) -> None:
    """Print an article, and which other articles tell the same story in nearly the same words."""
    _out.print(_text(article.title, style="bold"))
    for name, value in (
        ("id", article.id),
        ("outlet", article.source),
        ("candidate", article.candidate and f"{article.candidate}, the name beside the date"),
        ("published", _day(article)),
        ("author", article.author),
        ("url", article.url),
        ("language", article.language),
        ("read from", article.origin),
    ):
        if value:
            print_line(f"{name:>10}: {_one_line(value)}")
    if article.told_by:
        print_line(f"{'found in':>10}: {', '.join(f'{name}: {place}' for name, place in article.told_by)}")
    for name, read in article.edited:
        print_line(f"{'edited':>10}: {name}, read as {_one_line(read) or 'nothing'}")
    print_line(f"\n{article.text}")
    for other in same_story:
        if other.id != article.id:
            print_line(f"\nalso told by: {other.id} ({other.source or 'outlet not stated'})")


def print_status(status: Status) -> None:
    print_line(f"archive   {status.archive} ({status.disk_bytes / 1e6:.1f} MB)")
    print_line(f"articles  {status.articles} in {status.passages} passages")
    print_line(f"outlets   {', '.join(status.sources) or '-'}")
    stored = f" (archive: {status.stored_encoder})" if status.stored_encoder else ""
    print_line(f"encoder   {status.encoder}{stored}")
    print_line(f"judge     {status.judge}{f' ({status.judge_note})' if status.judge_note else ''}")
    print_line(f"reader    {status.reader}")


def print_finding(finding: Finding) -> None:
    """Print one line: the state, what was checked, what to do."""
    style = {"good": "green", "self-repairing": "yellow", "needs attention": "bold red"}[finding.state]
    line = _text(f"{finding.state:<16}", style=style) + _text(f"{finding.name:<18} {finding.detail}")
    _out.print(line, soft_wrap=True)


def print_versions(current: Article, older: Sequence[Article]) -> None:
    """Print every version of the article, newest first, with the sentences changed since the version before."""
    versions = [*older, current]
    for number in range(len(versions), 0, -1):
        version = versions[number - 1]
        mark = " (used for answers)" if number == len(versions) else ""
        _out.print(_text(f"version {number}{mark}: {version.title}", style="bold"))
        print_line(f"  read from {version.origin or '-'}, published {_day(version)}")
        for sign, sentence in sentence_changes(versions[number - 2], version) if number > 1 else ():
            _out.print(_text(f"  {sign} {sentence}", style="green" if sign == "+" else "red"), soft_wrap=True)


def print_models(rows: Sequence[tuple[Model, Located | None]]) -> None:
    width = max(len(model.id) for model, _ in rows)
    print_line(f"{'role':<8} {'id':<{width}} {'size':>7} {'RAM':>7}  licence")
    for model, located in rows:
        size = _megabytes((model if located else to_download(model)).size_bytes)
        row = f"{model.role:<8} {model.id:<{width}} {size:>7} {_megabytes(model.ram_bytes):>7}  {model.licence}"
        _out.print(_text(row, style="bold" if located else ""))
        missing = f"not on this machine; get it: nutgraf models pull {model.id}"
        print_line(f"         {f'{located.origin}: {located.path}' if located else missing}")


def _text(content: str, style: str = "") -> Text:
    return Text(content.translate(_CONTROLS), style=style)


def _quote(text: str, style: str = "") -> Text | Padding:
    """Return what an article says, exactly but on one line. It alone stands so far in, so it needs no marks."""
    words, indent = _text(_one_line(text), style), 4
    return Padding(words, (0, 0, 0, indent), expand=False) if _out.is_terminal else _text(" " * indent) + words


def _print_source(article: Article, text: str, note: str = "") -> None:
    lead = " · ".join(filter(None, (article.title_and_byline, note, article.id)))
    _out.print(_text(f"  {lead}", style="bold"), _quote(text), sep="\n")


def _print_citation(citation: Citation) -> None:
    marker = _text(f"[{citation.marker}] ", style="bold cyan")
    _out.print(marker + _text(_source(citation.evidence.article), style="bold"))
    _out.print(_quote(citation.evidence.text, "italic"))
    if citation.outlets:
        print_line(f"    the same story in {len(citation.outlets)} outlets: {', '.join(citation.outlets)}")
    if citation.evidence.article.url:
        print_line(f"    {citation.evidence.article.url}")


def _tellers(event: Event) -> str:
    """The quote's outlet and article, how many others tell the same, and what corrects it."""
    article = event.quote.article
    outlets, articles = (len(names) for names in (event.outlets, event.articles))
    several = f"{outlets} outlets" if outlets > 1 else f"{articles} articles" if articles > 1 else ""
    outlet = byline_part(article.source or "outlet not stated")
    parts = (outlet, several, _corrected(event.quote, event.notice), article.id)
    return " · ".join(filter(None, parts))


def _corrected(quote: Evidence, notice: Article | None) -> str:
    """What corrects a quote, with the id of another article."""
    said = correction(quote, notice)
    return f"{said} ({notice.id})" if notice and notice.id != quote.article.id else said


def _day(article: Article) -> str:
    return article.published.written if article.published else "-"


def _source(article: Article) -> str:
    return f"{article.title_and_byline} · {article.id}"


def _alike(similarity: float) -> str:
    return "same text" if similarity == 1 else f"{similarity:.0%} the same"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _megabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
