"""The chip beside a sentence, which opens the quote inside its article."""

from __future__ import annotations

import streamlit as st

from rag import Citation
from ui import safe

# An article of megabytes would stop the page.
_AROUND_CHARS = 20_000


def chip(citation: Citation, key: str) -> None:
    """A button with the citation's number; what it opens is only made once it is open."""
    opened = st.popover(f"[{citation.marker}]", type="tertiary", key=f"quote-{key}", on_change="rerun")
    if opened.open:
        with opened:
            _show(citation)


def _show(citation: Citation) -> None:
    evidence, article = citation.evidence, citation.evidence.article
    safe.heading(article.title, article.byline)
    if citation.outlets:
        safe.line(f"The same story in {len(citation.outlets)} outlets: {', '.join(citation.outlets)}", "about")
    if article.url:
        safe.address(article.url)
    if not article.text:
        safe.line("The archive has this article no longer, or not as it was cited. The quote was:", "about")
        safe.highlighted("", evidence.text, "")
        return
    start, end = max(0, evidence.start - _AROUND_CHARS), evidence.end + _AROUND_CHARS
    before, after = article.text[start : evidence.start], article.text[evidence.end : end]
    safe.highlighted(f"… {before}" if start else before, evidence.text, f"{after} …" if article.text[end:] else after)
    safe.show_mark()
