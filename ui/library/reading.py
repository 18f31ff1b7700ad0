"""One article: what is known of it, its text, the versions before it, and who else tells its story."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

import streamlit as st

from rag import Article, ArticleUnknown, Assistant, sentence_changes
from ui import safe
from ui.library import listing, removing

_SHOWN = 20
_CHANGES = 200
# The page is sent whole at every click: a text of megabytes would stop it.
_TEXT_CHARS = 50_000


def show(assistant: Assistant, article_id: str) -> None:
    """Show the article that the page's address names."""
    st.button("Back to the list", icon=":material/arrow_back:", on_click=back)
    try:
        article = assistant.article(article_id)
        before = assistant.versions(article_id)
    except ArticleUnknown as error:
        safe.alert(error.message, "It may have been removed. Go back to the list, and look for it there.")
        return
    texts = (*before, article)
    shown = texts[_version(len(texts), article_id) - 1]
    safe.heading(shown.title, shown.byline)
    _facts(shown)
    if shown.url and openable(shown.url):
        st.link_button("Open its page (asks the network)", shown.url)
    _text(shown)
    if before:
        _changes(texts)
    _tellers(article, assistant.same_story(article_id))
    removing.button(assistant, article_id, "Remove this article")


def back() -> None:
    """Turn the page to the list."""
    st.query_params.pop("article", None)


def openable(url: str) -> bool:
    """Whether a click may open it: a page of the web, and no script, file or mail."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _version(count: int, article_id: str) -> int:
    """The number of the version to show, from 1; the last is the present one."""
    if count == 1:
        return 1
    numbers = list(range(count, 0, -1))
    return st.selectbox(
        "Version",
        numbers,
        format_func=lambda number: f"{number} of {count}{', the present one' if number == count else ''}",
        key=f"version-{article_id}",
    )


def _facts(article: Article) -> None:
    told_by = dict(article.told_by)
    known = (
        ("Outlet", article.source, "source"),
        ("Published", article.published and article.published.written, "published"),
        ("Author", article.author, "author"),
        ("Address", article.url, "url"),
        ("Language", article.language, "language"),
        ("Read from", article.origin, ""),
        ("Title", "as above", "title"),
        ("Text", "as below", "text"),
        ("Id", article.id, ""),
    )
    always = ("Outlet", "Published", "Read from", "Id")
    rows = [
        (name, value or "not stated", told_by.get(field, ""))
        for name, value, field in known
        if name in always or (field in told_by) or (value and name in ("Author", "Address", "Language"))
    ]
    safe.facts(rows)


def _text(article: Article) -> None:
    key = f"chars-{article.id}"
    chars = int(st.session_state.get(key, _TEXT_CHARS))
    safe.scrolled(article.text[:chars], "The text of the article")
    if len(article.text) > chars:
        safe.line(f"The first {chars:,} of {len(article.text):,} characters.", "about")
        st.button("Show more of the text", on_click=_more, args=(key, chars))


def _more(key: str, chars: int) -> None:
    st.session_state[key] = chars + _TEXT_CHARS


def _changes(texts: Sequence[Article]) -> None:
    """Every text that the article had, the newest first, each with what changed since the one before it."""
    # A toggle: to compare long texts takes a while.
    if not st.toggle("What changed from version to version"):
        return
    for number in range(len(texts), max(0, len(texts) - _SHOWN), -1):
        one = texts[number - 1]
        day = one.published.written if one.published else "date not stated"
        safe.heading(f"Version {number}: {one.title}", f"read from {one.origin or 'an unknown place'}, {day}")
        changes = list(sentence_changes(texts[number - 2], one)) if number > 1 else []
        safe.changed(changes[:_CHANGES])
        if len(changes) > _CHANGES:
            safe.line(f"and {len(changes) - _CHANGES:,} more", "about")
    if len(texts) > _SHOWN:
        safe.line(f"and {len(texts) - _SHOWN:,} older versions", "about")


def _tellers(article: Article, tellers: Sequence[Article]) -> None:
    others = [other for other in tellers if other.id != article.id]
    if not others:
        return
    st.subheader("The same story")
    safe.line(f"Told in much the same words by {len(others):,} more:", "about")
    for number, other in enumerate(others[:_SHOWN], start=1):
        safe.heading(other.title, other.byline)
        st.button(f"Read teller {number}", key=f"teller-{other.id}", on_click=listing.read, args=(other.id,))
    if len(others) > _SHOWN:
        safe.line(f"and {len(others) - _SHOWN:,} more", "about")
