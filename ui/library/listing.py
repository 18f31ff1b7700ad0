"""The list of articles: found by words, sorted, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import streamlit as st

from rag import Article, Assistant, Sort
from ui import safe
from ui.library import removing

_A_PAGE = 20
# Nobody looks further; the best stand first.
_MOST_FOUND = 1_000
_PAGE = "library-page"
_SORTS: dict[Sort, str] = {
    "newest": "Newest published",
    "title": "Title",
    "outlet": "Outlet",
    "added": "Lately added",
}
_TITLES, _TEXTS = "Titles", "Titles and texts"


def show(assistant: Assistant) -> None:
    total = assistant.count()
    st.subheader(f"{total:,} article{'' if total == 1 else 's'}")
    if not total:
        safe.line("Add some above; then ask about them.", "about")
        return
    words, whole, sort = _asked()
    if words and whole:
        ids = assistant.find(words, _MOST_FOUND)
        first = _first(len(ids))
        found: Sequence[Article] = [assistant.article(one) for one in ids[first : first + _A_PAGE]]
        _tell(first, len(found), len(ids), f", best match first{_cut(len(ids))}")
    else:
        matching = assistant.count(words) if words else total
        first = _first(matching)
        found = assistant.articles(words, _A_PAGE, first, sort)
        _tell(first, len(found), matching)
    for number, article in enumerate(found, start=first + 1):
        _row(assistant, article, number)


def _asked() -> tuple[str, bool, Sort]:
    """What to look for, whether in texts too, and how to sort."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input("Find", key="library-find", on_change=_to_first_page, persist_state="session").strip()
        where = st.selectbox(
            "Look in", (_TITLES, _TEXTS), key="library-where", on_change=_to_first_page, persist_state="session"
        )
        whole = where == _TEXTS
        sort = st.selectbox(
            "Sort by",
            list(_SORTS),
            format_func=lambda one: _SORTS[one],
            key="library-sort",
            on_change=_to_first_page,
            disabled=whole and bool(words),
            persist_state="session",
        )
    return words, whole, sort


def _to_first_page() -> None:
    st.session_state[_PAGE] = 1


def _first(matching: int) -> int:
    """How many articles stand before those of the page that was chosen."""
    pages = ceil(matching / _A_PAGE)
    if pages <= 1:
        return 0
    return (st.pagination(pages, key=_PAGE, persist_state="session") - 1) * _A_PAGE


def _tell(first: int, shown: int, matching: int, order: str = "") -> None:
    if not matching:
        safe.line("None fits. Look for other words, or in titles and texts.", "about")
    else:
        safe.line(f"{first + 1:,} to {first + shown:,} of {matching:,}{order}", "about")


def _cut(matching: int) -> str:
    return "; more fit, less well" if matching == _MOST_FOUND else ""


def _row(assistant: Assistant, article: Article, number: int) -> None:
    # A label is Markdown: it holds a number of ours, and the title stands above it as text.
    with st.container(border=True, gap=None):
        safe.heading(article.title, article.byline)
        with st.container(horizontal=True):
            st.button(f"Read article {number:,}", key=f"read-{article.id}", on_click=read, args=(article.id,))
            removing.button(assistant, article.id, f"Remove article {number:,}")


def read(article_id: str) -> None:
    """Turn the page to one article."""
    st.query_params["article"] = article_id
