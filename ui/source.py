"""The sources of answers and surveys: a chip for each citation, and the panel that shows the quote in its article.

The panel is one part of the page. The styles make it a column on the right of a wide window, and a sheet over the lower
part of a narrow one. The wide one also shows a source that nobody has clicked, which a sheet would force on the reader.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from rag import Answer, Citation, Evidence, Turn, Verdict, told
from ui import safe

# Stands for the id of a turn where the quotes are a survey's. Their chips and sources have no numbers.
SURVEY = 0
_Place = tuple[int, int]
# In the session: the citation that was clicked last, as (turn, marker), and whether the panel was closed.
_CLICKED, _CLOSED = "source-clicked", "source-closed"
# The page is sent whole at every click: an article of megabytes would stall it.
_CONTEXT_CHARS = 20_000


def show(turns: Sequence[Turn]) -> None:
    """Show the source that was clicked last, else the leading one of the newest answer, unless the panel was closed."""
    answers = {turn.id: turn.answer for turn in turns if turn.answer and turn.answer.citations}
    cited = {(name, one.marker): one for name, answer in answers.items() for one in answer.citations}
    newest = max(answers, default=None)
    show_clicked(cited, None if newest is None else (newest, _leading(answers[newest])))


def show_clicked(cited: Mapping[_Place, Citation], offered: _Place | None = None) -> None:
    """Show the source that was clicked last, else the one offered, if any, unless the panel was closed."""
    place = st.session_state.get(_CLICKED)
    if place not in cited:
        # Of another chat, or of a question that was asked again.
        forget()
        place = offered
    if place is None or st.session_state.get(_CLOSED):
        return
    safe.emphasised(f"chip-{place[0]}-{place[1]}-")
    _panel(cited[place], "Source" if place[0] == SURVEY else f"Source [{place[1]}]")


def forget() -> None:
    """Forget which source was clicked."""
    st.session_state.pop(_CLICKED, None)


def _leading(answer: Answer) -> int:
    """The marker of what the answer tells first."""
    return next((row.marker for row in told(answer)), answer.citations[0].marker)


def chip(citation: Citation, turn_id: int, where: str) -> None:
    """Show a button with the citation's number, outlet and day, which opens its source."""
    number = "" if turn_id == SURVEY else f"[{citation.marker}] "
    st.button(
        safe.label(number + citation.evidence.article.outlet_and_day),
        key=f"chip-{turn_id}-{citation.marker}-{where}",
        # Always the same: a button of another type is another element, and would lose the focus when it is clicked.
        type="tertiary",
        on_click=_open,
        args=((turn_id, citation.marker),),
        wrap=False,
    )


def warn(shown: Evidence | Verdict) -> None:
    """Say what the user must know before using a quote or a sentence, if anything."""
    if shown.warning:
        safe.line(shown.warning, "notice" if shown.confirmed is None else "error")


def _panel(citation: Citation, name: str) -> None:
    """Show the article of the chosen citation, with the quote marked."""
    evidence, article = citation.evidence, citation.evidence.article
    clicked = _CLICKED in st.session_state
    with st.container(gap="xsmall", key=f"source-panel-{'clicked' if clicked else 'offered'}"):
        with st.container(horizontal=True, vertical_alignment="top", gap="small", wrap=False, key="source-head"):
            safe.source(name, article.title, article.byline)
            st.button("Close", key="source-close", icon=":material/close:", type="tertiary", on_click=_close)
        if citation.outlets:
            safe.line(f"Published by {len(citation.outlets)} outlets: {', '.join(citation.outlets)}", "muted")
        if evidence.confirmed is not None:
            safe.library_link(article.id)
        if article.url:
            safe.link(article.url)
        if evidence.confirmed:
            _article(evidence)
        else:
            warn(evidence)
            safe.quote(evidence.text, "The quote as it was stored")


def _article(evidence: Evidence) -> None:
    text = evidence.article.text
    start, end = max(0, evidence.start - _CONTEXT_CHARS), evidence.end + _CONTEXT_CHARS
    before, after = text[start : evidence.start], text[evidence.end : end]
    safe.highlighted(f"… {before}" if start else before, evidence.text, f"{after} …" if text[end:] else after)
    safe.show_mark(f"{evidence.article.id} {evidence.start}")


def _open(place: _Place) -> None:
    st.session_state[_CLICKED] = place
    st.session_state[_CLOSED] = False


def _close() -> None:
    forget()
    st.session_state[_CLOSED] = True
