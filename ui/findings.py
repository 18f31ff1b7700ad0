"""What a survey found, as it is shown: events by day, outlets side by side, articles in rows.

Every quote has a chip that opens its article in the source panel.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from itertools import islice

import streamlit as st

from rag import (
    PIECE_HEADINGS,
    Article,
    Citation,
    Comparison,
    Event,
    Evidence,
    Piece,
    PieceKind,
    Sweep,
    Table,
    Timeline,
    comparison_table,
    correction,
    coverage,
    quoted,
    sweep_table,
    timeline_table,
)
from ui import safe, source

Findings = Sweep | Timeline | Comparison
_Cited = Sequence[Citation]
# In the session: how many rows are shown, by their kind.
_ROWS_SHOWN = "findings-shown"
_A_PAGE, _PIECES_A_PAGE = 50, 10
_MAX_VALUE_CHARS, _MAX_OUTLETS = 80, 3
_MEANINGS: dict[PieceKind, str] = {
    "may differ": "Amounts that may count the same thing. Read both quotes: an amount may count something else, or "
    "have changed between the days.",
    "alike": "Sentences of several outlets that may tell the same thing.",
    "alone": "What none of the other outlets was found to tell.",
}


def show(found: Findings) -> None:
    """Show what was found, and the source that was clicked."""
    cited = _citations(found)
    if isinstance(found, Sweep):
        _sweep(found, cited)
    elif isinstance(found, Timeline):
        _timeline(found, cited)
    else:
        _comparison(found, cited)
    source.show_clicked({(source.SURVEY, one.marker): one for one in cited})


def table(found: Findings) -> Table:
    if isinstance(found, Sweep):
        return sweep_table(found)
    return timeline_table(found) if isinstance(found, Timeline) else comparison_table(found)


def forget() -> None:
    """Show only the first rows again."""
    st.session_state.pop(_ROWS_SHOWN, None)


def _citations(found: Findings) -> _Cited:
    """Number the quotes in the order in which they were found, whatever they are sorted by."""
    if isinstance(found, Sweep):
        return [Citation(at, one.evidence, one.outlets) for at, one in enumerate(found.testimonies)]
    if isinstance(found, Timeline):
        return [Citation(at, one.quote) for at, one in enumerate(found.events)]
    return [Citation(at, quote) for at, quote in enumerate(quote for piece in found.pieces for quote in piece.quotes)]


def _chip(citation: Citation) -> None:
    source.chip(citation, source.SURVEY, "found")


def _shown(kind: str, page: int) -> int:
    shown: int = st.session_state.setdefault(_ROWS_SHOWN, {}).setdefault(kind, page)
    return shown


def _more(kind: str, page: int, left: int) -> None:
    """Show the button for the next rows, if any are left."""
    if left > 0 and st.button(f"Show {min(page, left):,} more of {left:,}", key=f"more-{kind}"):
        st.session_state[_ROWS_SHOWN][kind] += page
        st.rerun()


def _corrected(quote: Evidence, notice: Article | None) -> None:
    """Say what corrects a quote, if anything does, and show the way there."""
    if said := correction(quote, notice):
        safe.line(f"{said[0].upper()}{said[1:]}.", "notice")
    if notice and notice.id != quote.article.id:
        safe.library_link(notice.id, "Open the correction in the Library")


# Every article that answers


def _sweep(found: Sweep, cited: _Cited) -> None:
    answer = "answers" if len(cited) == 1 else "answer"
    safe.line(f"{len(cited):,} of {found.judged:,} articles read {answer} the question; {coverage(found)}.")
    if not cited:
        safe.line("Ask in other words, as the articles would tell it, or change the filters.", "notice")
        return
    orders = {"Likeliest first": cited, "Newest first": _by_day(cited, newest=True), "Oldest first": _by_day(cited)}
    names = list(orders)
    order = st.segmented_control("Order", names, default=names[0], required=True, label_visibility="collapsed")
    shown = _shown("articles", _A_PAGE)
    with st.container(gap=None):
        for one in orders[order][:shown]:
            with st.container(gap=None, key=f"other-found-{one.marker}"):
                short = one.evidence.short
                safe.line(quoted(short) if 0 < len(short) <= _MAX_VALUE_CHARS else "", "value")
                _chip(one)
                safe.line(one.evidence.article.title, "muted")
                safe.line(quoted(one.evidence.text))
                _corrected(one.evidence, found.notice(found.testimonies[one.marker]))
    _more("articles", _A_PAGE, len(cited) - shown)


def _by_day(cited: _Cited, *, newest: bool = False) -> _Cited:
    """Sort by the day of publication; those without a year come last."""
    days = [(one.evidence.article.published, one) for one in cited]
    dated = sorted(((day, one) for day, one in days if day and day.year), key=lambda pair: pair[0], reverse=newest)
    return [one for _, one in dated] + [one for day, one in days if not (day and day.year)]


# Events


def _timeline(found: Timeline, cited: _Cited) -> None:
    events = "event" if len(cited) == 1 else "events"
    safe.line(f"{len(cited):,} {events} in {found.judged:,} articles read; {coverage(found)}.")
    if not cited:
        safe.line("Name the topic as the articles name it, or change the filters.", "notice")
    year = None
    with st.container(gap=None):
        for event, one in zip(found.events, cited, strict=True):
            if event.day.year != year:
                year = event.day.year
                safe.section(str(year) if year else "Year not stated")
            with st.container(gap=None, key=f"event-{one.marker}"):
                safe.day(_day(event), "" if event.stated else "day of publication")
                safe.line(quoted(event.quote.text))
                _chip(one)
                if also := _also(event):
                    safe.line(also, "muted")
                _corrected(event.quote, event.notice)


def _day(event: Event) -> str:
    """The day without its year, which stands above."""
    return f"{calendar.month_abbr[event.day.month]} {event.day.day or ''}".strip() or "Day not stated"


def _also(event: Event) -> str:
    """Say who else tells an event."""
    own = (event.quote.article.source or "").casefold()
    others = [name for name in event.outlets if name.casefold() != own]
    more = len(others) - _MAX_OUTLETS
    named = ", ".join(others[:_MAX_OUTLETS]) + (f" and {more:,} more" if more > 0 else "")
    articles = f"{len(event.articles):,} articles tell it" if len(event.articles) > 1 else ""
    return " · ".join(filter(None, (f"Also {named}" if named else "", articles)))


# Outlets side by side


def _comparison(found: Comparison, cited: _Cited) -> None:
    read = ", ".join(f"{name} {count:,}" for name, count in zip(found.outlets, found.articles, strict=True))
    safe.line(f"Articles read on this topic: {read}.")
    if not any(found.articles):
        safe.line("No article of these outlets is about it.")
        safe.line("Name the topic as the articles name it, choose other outlets, or change the filters.", "notice")
    rest = iter(cited)
    pieces = [(piece, tuple(islice(rest, len(piece.quotes)))) for piece in found.pieces]
    for kind, heading in PIECE_HEADINGS.items():
        part = [pair for pair in pieces if pair[0].kind == kind]
        if part:
            safe.section(f"{heading} ({len(part):,})")
            safe.line(_MEANINGS[kind], "muted")
            if kind == "alone":
                _alone(found.outlets, part)
            else:
                _together(kind, part)
    if found.uncertain:
        left = "1 sentence is" if found.uncertain == 1 else f"{found.uncertain:,} sentences are"
        safe.line(f"{left} left out: another outlet may tell the same or not.", "muted")


def _together(kind: PieceKind, part: Sequence[tuple[Piece, _Cited]]) -> None:
    shown = _shown(kind, _PIECES_A_PAGE)
    for piece, cited in part[:shown]:
        if piece.same_words:
            with st.container(gap="xsmall", key=f"same-{cited[0].marker}"):
                safe.line(quoted(cited[0].evidence.text))
                with st.container(horizontal=True, gap="xsmall"):
                    for one in cited:
                        _chip(one)
                safe.line("In the same words.", "muted")
                for one, notice in zip(cited, piece.notices, strict=True):
                    _corrected(one.evidence, notice)
        else:
            with st.container(gap="small", key=f"beside-{cited[0].marker}"):
                for one, notice in zip(cited, piece.notices, strict=True):
                    _quote(one, notice)
    _more(kind, _PIECES_A_PAGE, len(part) - shown)


def _quote(one: Citation, notice: Article | None) -> None:
    with st.container(gap="xsmall"):
        if one.evidence.short:
            safe.line(quoted(one.evidence.short), "value amount")
        _chip(one)
        safe.line(quoted(one.evidence.text))
        _corrected(one.evidence, notice)


def _alone(outlets: Sequence[str], part: Sequence[tuple[Piece, _Cited]]) -> None:
    """Show a column for each outlet; on a narrow window they stand below each other."""
    by_outlet = {name: [pair for pair in part if pair[0].outlets == (name,)] for name in outlets}
    shown = _shown("alone", _PIECES_A_PAGE)
    with st.container(gap="small", key="beside-alone"):
        for name, own in by_outlet.items():
            with st.container(gap="small"):
                safe.line(f"{name} alone ({len(own):,})", "title")
                for piece, (one,) in own[:shown]:
                    _quote(one, piece.notices[0])
    _more("alone", _PIECES_A_PAGE, max(map(len, by_outlet.values())) - shown)
