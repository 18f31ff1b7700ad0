"""Show text of articles, models and users as text: escaped, never Markdown, never HTML of theirs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from html import escape

import streamlit as st

from ui import scripts

_STYLE = """
<style>
.nutgraf p { margin: 0 0 .6rem; line-height: 1.55; white-space: pre-wrap; overflow-wrap: anywhere; }
.nutgraf .title { margin: 0; font-weight: 600; line-height: 1.35; }
.nutgraf .about { color: inherit; opacity: .75; font-size: .875rem; }
.nutgraf .marker { font-weight: 600; font-size: .8em; vertical-align: super; }
.nutgraf mark { background: #ffe58a; color: #1a1a1a; padding: .1em .15em; border-radius: .2em; }
.nutgraf .refusal { border-left: .3rem solid #b7791f; padding: .5rem .8rem; background: rgba(183, 121, 31, .12); }
.nutgraf dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; padding: 0;
  margin: 0 0 .6rem; }
.nutgraf dt { opacity: .75; } .nutgraf dd { margin: 0; overflow-wrap: anywhere; }
.nutgraf .scroll { max-height: 45vh; overflow-y: auto; padding: .5rem .8rem; border: 1px solid rgba(128, 128, 128, .5);
  border-radius: .4rem; }
.nutgraf .quote { max-height: 14rem; }
.nutgraf ins { display: block; text-decoration: none; border-left: .3rem solid #2f855a; padding-left: .6rem; }
.nutgraf del { display: block; border-left: .3rem solid #c53030; padding-left: .6rem; opacity: .85; }
.nutgraf .good { border-left: .3rem solid #2f855a; padding: .5rem .8rem; background: rgba(47, 133, 90, .12); }
.nutgraf .problem { border-left: .3rem solid #c53030; padding: .5rem .8rem; background: rgba(197, 48, 48, .12); }
.nutgraf h1 { font: 600 1.6rem/1.3 "Source Serif", serif; margin: 0; overflow-wrap: anywhere; }
[class*="st-key-sentence-"] > :first-child { flex: 1 1 0; min-width: 0; width: auto; }
[class*="st-key-sentence-"] > :not(:first-child) { flex: none; width: auto; }
.nutgraf .copy button { font: inherit; color: inherit; background: transparent; border: 1px solid; cursor: pointer;
  border-radius: .4rem; padding: .3rem .7rem; margin: 0 .5rem .5rem 0; }
.nutgraf .copy button:hover, .nutgraf .copy button:focus-visible { text-decoration: underline; outline-offset: 2px; }
</style>
"""
_PUNCTUATION = r"!-/:-@\[-`{-~"
_MARK = re.compile(f"[{_PUNCTUATION}]")
# Streamlit replaces `:smile:`, `->`, www. and addresses in the text that Markdown leaves, escaped or not.
_JOINED = re.compile(rf"(?<=[:@])|(?<=[{_PUNCTUATION}])(?=[{_PUNCTUATION}])|(?<=www)(?=\.)", re.IGNORECASE)
_WORD_JOINER = "\u2060"


def style() -> None:
    """Send the page's few rules of style; once a run."""
    st.html(_STYLE)


def line(text: str, kind: str = "") -> None:
    """One paragraph; `kind` is one of the style's classes."""
    block(f'<p class="{kind}">{escape(text)}</p>')


def heading(title: str, byline: str) -> None:
    """An article's title, and under it what is known of where it is from."""
    block(f'<p class="title">{escape(title)}</p><p class="about">{escape(byline)}</p>')


def title(text: str) -> None:
    """The page's first heading."""
    block(f"<h1>{escape(text)}</h1>")


def address(url: str) -> None:
    """An address; live where it is one of the web, and even then it opens nothing by itself."""
    shown = escape(url)
    if url.startswith(("http://", "https://")):
        shown = f'<a href="{shown}" target="_blank" rel="noopener noreferrer nofollow">{shown}</a>'
    block(f'<p class="about"><bdi>{shown}</bdi></p>')


def status(text: str) -> None:
    """How far something is, for a screen reader to say when it changes."""
    block(f'<p class="about" role="status" aria-live="polite">{escape(text)}</p>')


def sentence(text: str, markers: tuple[int, ...]) -> None:
    """One sentence of an answer with its markers."""
    numbers = "".join(f'<span class="marker">[{marker}]</span>' for marker in markers)
    block(f'<p class="sentence"><bdi>{escape(text)}</bdi> {numbers}</p>')


def alert(text: str, hint: str = "") -> None:
    """What went wrong, and what to do about it."""
    block(f'<p class="problem" role="alert">{escape(text)}{f"<br>{escape(hint)}" if hint else ""}</p>')


def highlighted(before: str, quote: str, after: str) -> None:
    """A quote inside its article, in a box of its own that scrolls."""
    text = f"{escape(before)}<mark>{escape(quote)}</mark>{escape(after)}"
    block(f'<div class="scroll quote" tabindex="0" role="region" aria-label="The article"><p>{text}</p></div>')


def show_mark() -> None:
    """Scroll every quote on the page into the middle of its box."""
    st.html(scripts.SHOW_MARK, unsafe_allow_javascript=True)


def label(text: str) -> str:
    """A text of others for where Streamlit takes Markdown alone, such as a button's label: it shows as it is.

    On one line. Marks that would mean something together are kept apart by a character that does not show.
    """
    plain = "".join(" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in text)
    return _MARK.sub(r"\\\g<0>", _JOINED.sub(_WORD_JOINER, " ".join(plain.split())))


def facts(rows: Sequence[tuple[str, str, str]]) -> None:
    """What is known of a thing: name, value, and where that came from or ""."""
    told = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}{place and f' <span class=about>({escape(place)})</span>'}</dd>"
        for name, value, place in rows
    )
    block(f'<dl class="facts">{told}</dl>')


def scrolled(text: str, name: str) -> None:
    """A long text in a box of its own, which `name` tells to who cannot see it."""
    block(f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(name)}"><p>{escape(text)}</p></div>')


def changed(sentences: Sequence[tuple[str, str]]) -> None:
    """What is gone, `("-", sentence)`, and what is new, `("+", sentence)`."""
    tags = {"-": "del", "+": "ins"}
    block("".join(f"<{tags[sign]}>{sign} {escape(sentence)}</{tags[sign]}>" for sign, sentence in sentences))


def block(html: str) -> None:
    """Our own markup, in which every text of others has been escaped."""
    st.html(f'<div class="nutgraf">{html}</div>')
