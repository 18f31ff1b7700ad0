"""One article: its text, where its details come from, its earlier versions, and other articles with the same story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import streamlit as st

from rag import Article, ArticleUnknown, Assistant, is_intact, sentence_changes
from ui import safe, undo

_MAX_SHOWN, _MAX_CHANGES = 20, 200
_EDITABLE = {"title": "Title", "source": "Outlet", "published": "Date (2021-04-08)", "author": "Author"}
_PLACE = "edit-article"
# The page is sent whole at every click: a text of megabytes would stall it.
_TEXT_CHARS = 50_000


def button(article: Article) -> None:
    """Show an article's title as a button that opens it."""
    # A label is Markdown: the title goes in escaped.
    st.button(
        safe.label(article.title),
        key=f"item-{article.id}",
        type="tertiary",
        wrap=True,
        on_click=st.query_params.update,
        args=({"article": article.id},),
    )


def show(assistant: Assistant, article_id: str) -> bool:
    """Show an article; return whether it is in the archive."""
    st.button("All articles", icon=":material/arrow_back:", on_click=st.query_params.clear)
    try:
        article = assistant.article(article_id)
        earlier = assistant.versions(article_id)
    except ArticleUnknown as error:
        safe.alert(error.message, "It may have been removed. Look for it in the list.")
        return False
    versions = (*earlier, article)
    shown = versions[_choose_version(len(versions), article_id) - 1]
    safe.heading(shown.title, shown.byline)
    if not is_intact(shown):
        safe.alert("This is not what was read: it was changed in the database.", "Remove the article and add it again.")
    _details(shown)
    if shown is article:
        _edit(assistant, article)
    if shown.url and is_web_page(shown.url):
        st.link_button("Open the original", shown.url, icon=":material/open_in_new:", help="Opens the outlet's website")
    _text(shown)
    if earlier:
        _changes(versions)
    _same_story(article, assistant.same_story(article_id))
    return True


def is_web_page(url: str) -> bool:
    """Whether a click may open it: a web page, not a script, a file or a mail address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _choose_version(count: int, article_id: str) -> int:
    """Return the number of the version to show, from 1; the last is the current one."""
    if count == 1:
        return 1
    return st.selectbox(
        "Version",
        list(range(count, 0, -1)),
        format_func=lambda number: f"{number} of {count}{' (current)' if number == count else ''}",
        key=f"version-{article_id}",
    )


def _details(article: Article) -> None:
    """Show what is known of an article, and where in its file each detail was found or what was read there instead."""
    read = {field: f"edited; read as {value or 'nothing'}" for field, value in article.edited}
    beside = {"source": f"the name beside the date is {article.candidate}"} if article.candidate else {}
    found_in = beside | dict(article.told_by) | read
    required = (
        ("Outlet", article.source, "source"),
        ("Published", article.published and article.published.written, "published"),
    )
    optional = (
        ("Author", article.author, "author"),
        ("Web address", article.url, "url"),
        ("Language", article.language, "language"),
    )
    rows = [(name, value or "not stated", found_in.get(field, "")) for name, value, field in required]
    rows += [(name, value, found_in.get(field, "")) for name, value, field in optional if value]
    if text_from := found_in.get("text"):
        rows.append(("Text", text_from, ""))
    rows += [
        ("Title", article.title, found_in.get("title", "")),
        ("Added from", article.origin or "unknown", ""),
        ("ID", article.id, ""),
    ]
    safe.facts(rows)


def _edit(assistant: Assistant, article: Article) -> None:
    """Let the user correct what an article shows; what was read of it is kept, and can be shown again."""
    undo.show_problem(_PLACE)
    with st.expander("Edit details"), st.form(f"edit-{article.id}", border=False):
        # Keyed by the edits, so that the fields follow when these are taken back.
        keys = {field: f"{field}-{article.id}-{article.edited}" for field in _EDITABLE}
        for field, name in _EDITABLE.items():
            st.text_input(name, str(getattr(article, field) or ""), key=keys[field])
        with st.container(horizontal=True):
            st.form_submit_button("Save", on_click=_save, args=(assistant, article, keys))
            if article.edited:
                as_read = dict.fromkeys(_EDITABLE, None)
                st.form_submit_button("Show what was read", on_click=_change, args=(assistant, article, as_read))


def _save(assistant: Assistant, article: Article, keys: Mapping[str, str]) -> None:
    given = {field: str(st.session_state[key]).strip() for field, key in keys.items()}
    changes = {field: value for field, value in given.items() if value != str(getattr(article, field) or "")}
    if changes:
        _change(assistant, article, changes)


def _change(assistant: Assistant, article: Article, changes: Mapping[str, str | None]) -> None:
    def work() -> undo.Step:
        before = assistant.edit([article.id], changes)
        return undo.Step(f"Edited: {article.title}", lambda: assistant.undo_edit(before))

    undo.attempt(work, _PLACE)


def _text(article: Article) -> None:
    key = f"chars-{article.id}"
    chars = int(st.session_state.get(key, _TEXT_CHARS))
    safe.scrolled(article.text[:chars], "The text of the article")
    if len(article.text) > chars:
        safe.line(f"Showing {chars:,} of {len(article.text):,} characters.", "muted")
        st.button("Show more", on_click=_show_more, args=(key, chars))


def _show_more(key: str, chars: int) -> None:
    st.session_state[key] = chars + _TEXT_CHARS


def _changes(versions: Sequence[Article]) -> None:
    """Show every version, the newest first, each with its changes from the one before."""
    # On demand: comparing long texts takes a while.
    if not st.toggle("Show changes between versions"):
        return
    for number in range(len(versions), max(0, len(versions) - _MAX_SHOWN), -1):
        one = versions[number - 1]
        day = one.published.written if one.published else "date not stated"
        safe.heading(f"Version {number}: {one.title}", f"{day} · added from {one.origin or 'unknown'}")
        changes = list(sentence_changes(versions[number - 2], one)) if number > 1 else []
        safe.changes(changes[:_MAX_CHANGES])
        if len(changes) > _MAX_CHANGES:
            safe.line(f"and {len(changes) - _MAX_CHANGES:,} more changes", "muted")
    if len(versions) > _MAX_SHOWN:
        safe.line(f"and {len(versions) - _MAX_SHOWN:,} older versions", "muted")


def _same_story(article: Article, articles: Sequence[Article]) -> None:
    others = [other for other in articles if other.id != article.id]
    if not others:
        return
    st.subheader("The same story elsewhere")
    safe.line(f"{len(others):,} with nearly the same text.", "muted")
    for other in others[:_MAX_SHOWN]:
        with st.container(gap=None):
            button(other)
            safe.line(other.byline, "muted")
    if len(others) > _MAX_SHOWN:
        safe.line(f"and {len(others) - _MAX_SHOWN:,} more", "muted")
