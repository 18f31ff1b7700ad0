"""Show text from articles, models and users as text: escaped, never as Markdown or as HTML of its own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from html import escape as escape_html
from urllib.parse import quote as quote_address

import streamlit as st

_STYLE = """
<style>
.nutgraf p { margin: 0 0 .6rem; line-height: 1.55; white-space: pre-wrap; overflow-wrap: anywhere; }
.nutgraf > :last-child { margin-bottom: 0; }
.nutgraf .whole { white-space: nowrap; }
.nutgraf h1 { font: 600 1.6rem/1.3 "Source Serif", serif; margin: 0; overflow-wrap: anywhere; }
.nutgraf .title { margin: 0; font-weight: 600; line-height: 1.35; }
.nutgraf .muted { color: inherit; opacity: .75; font-size: .875rem; }
.nutgraf .marker { font-weight: 600; font-size: .8em; vertical-align: super; }
.nutgraf mark { background: #ffe58a; color: #1a1a1a; padding: .1em .15em; border-radius: .2em; }
.nutgraf :is(.refusal, .notice, .success, .error) { padding: .5rem .8rem; border-left: .3rem solid; }
.nutgraf .refusal, .nutgraf .notice { border-color: #b7791f; background: rgba(183, 121, 31, .12); }
.nutgraf .success { border-color: #2f855a; background: rgba(47, 133, 90, .12); }
.nutgraf .error { border-color: #c53030; background: rgba(197, 48, 48, .12); }
.nutgraf blockquote { margin: 0; padding: 0 0 0 .8rem; border-left: .2rem solid rgba(128, 128, 128, .5); }
.nutgraf blockquote p { margin: 0 0 .2rem; white-space: normal; }
.nutgraf dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; padding: 0; margin: 0 0 .6rem; }
.nutgraf dt { opacity: .75; } .nutgraf dd { margin: 0; overflow-wrap: anywhere; }
.nutgraf .scroll { max-height: 45vh; overflow-y: auto; padding: .5rem .8rem; border: 1px solid rgba(128, 128, 128, .5);
  border-radius: .4rem; }
.nutgraf .quote { max-height: 14rem; }
.nutgraf ins, .nutgraf del { display: block; text-decoration: none; border-left: .3rem solid; padding-left: .6rem; }
.nutgraf ins { border-color: #2f855a; } .nutgraf del { border-color: #c53030; opacity: .85; }
.nutgraf pre { font-size: .8rem; line-height: 1.4; margin: 0; }
.nutgraf .copy button { font: inherit; color: inherit; background: transparent; border: 1px solid; cursor: pointer;
  border-radius: .4rem; padding: .3rem .7rem; margin: 0 .5rem .5rem 0; }
.nutgraf .copy button:hover, .nutgraf .copy button:focus-visible { text-decoration: underline; outline-offset: 2px; }
[class*="st-key-item-"] p { font-weight: 600; text-align: left; overflow-wrap: anywhere; }
[class*="st-key-head-"] { flex-wrap: nowrap; } [class*="st-key-head-"] > :last-child { flex: 0 1 auto; min-width: 0; }
.nutgraf .value { font: 600 1rem/1.35 "Source Serif", serif; }
[class*="st-key-leading-"] .value { font-size: 1.9rem; line-height: 1.2; }
[class*="st-key-leading-"] { padding-bottom: .8rem; }
[class*="st-key-chart-"] { margin-top: 1.5rem; }
[class*="st-key-other-"] { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); column-gap: 1rem;
  align-items: center; padding: .3rem 0; border-top: 1px solid rgba(128, 128, 128, .35); }
[class*="st-key-other-"] > :nth-child(n + 3) { grid-column: 2; }
[class*="st-key-chip-"] button { min-height: 1.75rem; padding: .1rem .5rem; max-width: 100%;
  border: 1px solid rgba(128, 128, 128, .35); }
[class*="st-key-chip-"] p { font-size: .875rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
[class*="st-key-event-"] { display: grid; grid-template-columns: 5.5rem minmax(0, 1fr); column-gap: 1rem;
  padding: .8rem 0; border-top: 1px solid rgba(128, 128, 128, .35); }
[class*="st-key-event-"] > :nth-child(n + 2) { grid-column: 2; }
[class*="st-key-event-"] > :first-child { grid-row: 1 / span 2; }
:is([class*="st-key-event-"], [class*="st-key-other-found-"]) { row-gap: .35rem; align-items: start; }
.nutgraf .day { font: 600 1.4rem/1.2 "Source Serif", serif; margin: 0; }
.nutgraf h2.section { font: 600 1.5rem/1.3 "Source Serif", serif; opacity: 1; padding: 1.5rem 0 .5rem; }
:is([class*="st-key-beside-"], [class*="st-key-same-"]) { padding: .8rem 0;
  border-top: 1px solid rgba(128, 128, 128, .35); }
[class*="st-key-beside-"] { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(13rem, 100%), 1fr));
  column-gap: 1.5rem; align-items: start; }
.nutgraf .amount { font-size: 1.4rem; line-height: 1.2; }
.stMultiSelect [data-tag] { background: rgba(128, 128, 128, .25); color: inherit; }
.nutgraf a { color: inherit; }
.nutgraf .figures { display: flex; flex-wrap: wrap; gap: .4rem 2rem; }
.nutgraf .figures dt { order: 1; } .nutgraf .figures div { display: flex; flex-direction: column; }
.nutgraf .figures dd { font: 600 1.5rem/1.2 "Source Serif", serif; }
.nutgraf h2 { font: 600 .875rem/1.4 "Source Sans", sans-serif; opacity: .75; padding: 0; margin: 0; }
.stApp :has([class*="st-key-source-panel"]), [class*="st-key-source-panel"] { background-color: inherit; }
[class*="st-key-source-panel"] { position: fixed; right: 0; bottom: 0; z-index: 1000; box-sizing: border-box;
  padding: .8rem 1rem 1rem; overflow-y: auto; border: 0 solid rgba(128, 128, 128, .5); }
.st-key-source-head > :first-child { flex: 1 1 0; min-width: 0; }
.st-key-source-head > :last-child { flex: none; width: auto; }
[class*="st-key-source-panel"] > :has(.scroll) { flex: 1 1 0; min-height: 10rem; }
[class*="st-key-source-panel"] > :has(.scroll) :is(.stHtml, .nutgraf) { height: 100%; }
[class*="st-key-source-panel"] .scroll { max-height: 100%; box-sizing: border-box; }
@media (width >= 1100px) {
  .stMain:has([class*="st-key-source-panel"]) { padding-right: clamp(22rem, 34vw, 40rem); }
  [class*="st-key-source-panel"] { top: 3.75rem; width: clamp(22rem, 34vw, 40rem); border-left-width: 1px; }
}
@media (width < 640px) {
  .stMainBlockContainer { padding-top: 3.75rem; }
  .nutgraf h1 { font-size: 1.3rem; }
  .stMainBlockContainer > .stVerticalBlock, .stMainBlockContainer > div > div > .stVerticalBlock { gap: .5rem; }
  .st-key-chat-tools button p { position: absolute; width: 1px; height: 1px; overflow: hidden; }
  .stButtonGroup button { padding: 0 .35rem; } .stButtonGroup button p { font-size: .8rem; }
  .stBottom > div > div { padding: .5rem 1rem; }
  .st-key-question-box { flex-wrap: wrap; gap: .25rem; }
  .st-key-question-box > :first-child { flex: 1 0 100%; }
  [class*="st-key-other-"] { grid-template-columns: minmax(0, 1fr); }
  [class*="st-key-other-"] > * { grid-column: 1 !important; }
}
@media (width < 1100px) {
  .st-key-source-panel-offered { display: none; }
  [class*="st-key-source-panel"] { left: 0; width: auto; height: 70vh; border-top-width: 1px;
    border-radius: .8rem .8rem 0 0; box-shadow: 0 -.5rem 2rem rgba(0, 0, 0, .3); }
}
</style>
"""

# The only scripts of ours that run in the pages. They are constants: the browser's policy names each by its hash.
#
# Only the box scrolls, not the page around it. It gets its height after it is filled: hence the second time.
_SHOW_MARK = """<script>
for (const milliseconds of [0, 300]) setTimeout(() => {
  for (const mark of document.querySelectorAll(".nutgraf .scroll mark")) {
    const box = mark.closest(".scroll"), [at, within] = [mark, box].map(one => one.getBoundingClientRect());
    box.scrollTop += at.top - within.top - Math.max(8, (within.height - at.height) / 2);
  }
}, milliseconds);
</script>"""
# Plain text and Markdown go into the clipboard as text; HTML goes with the plain text beside it, for plain editors.
_COPY = """<script>
for (const place of document.querySelectorAll(".nutgraf .copy")) {
  const held = form => place.querySelector(`span[data-form="${form}"]`).textContent;
  const blob = (form, type) => new Blob([held(form)], { type });
  const written = {
    plain: () => navigator.clipboard.writeText(held("plain")),
    markdown: () => navigator.clipboard.writeText(held("markdown")),
    html: () => navigator.clipboard.write([new ClipboardItem({
      "text/html": blob("html", "text/html"), "text/plain": blob("plain", "text/plain"),
    })]),
  };
  const said = place.querySelector("[role=status]");
  for (const button of place.querySelectorAll("button")) {
    button.onclick = () => written[button.dataset.form]().then(
      () => { said.textContent = "Copied as " + button.textContent },
      () => { said.textContent = "The browser blocked copying. Export the chat instead." },
    );
  }
}
</script>"""
SCRIPTS = (_SHOW_MARK, _COPY)

_PUNCTUATION = r"!-/:-@\[-`{-~"
_MARK = re.compile(f"[{_PUNCTUATION}]")
# Streamlit replaces `:smile:`, `->`, www. and addresses in the text that Markdown leaves, escaped or not.
_JOINED = re.compile(rf"(?<=[:@])|(?<=[{_PUNCTUATION}])(?=[{_PUNCTUATION}])|(?<=www)(?=\.)", re.IGNORECASE)
_DATE = re.compile(r"\b\d{4}-\d\d(?:-\d\d)?\b")
_WORD_JOINER = "\u2060"
# Those that change the direction of the text after them would let an article reverse words.
_BIDI_CONTROLS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\N{REPLACEMENT CHARACTER}")


def escape(text: str) -> str:
    """Escape a text for HTML, with its bidirectional controls made visible."""
    return escape_html(text.translate(_BIDI_CONTROLS))


def _prose(text: str) -> str:
    """Escape a text for a paragraph, its dates kept on one line."""
    return _DATE.sub(r'<span class="whole">\g<0></span>', escape(text))


def style() -> None:
    """Send the styles; once a run."""
    st.html(_STYLE)


def emphasised(key: str) -> None:
    """Make the buttons stand out whose keys, which must be ours, begin with `key`."""
    chosen = f'[class*="st-key-{key}"] button'
    st.html(f"<style>{chosen} {{ border-color: currentColor }} {chosen} p {{ font-weight: 600 }}</style>")


def block(html: str) -> None:
    """Show our own markup, in which every text of others has been escaped."""
    st.html(f'<div class="nutgraf">{html}</div>')


def line(text: str, kind: str = "") -> None:
    """Show one paragraph; `kind` is "", muted, refusal, notice, success or error."""
    block(f'<p class="{kind}">{_prose(text)}</p>')


def title(text: str) -> None:
    """Show the page's first heading."""
    block(f"<h1>{escape(text)}</h1>")


def section(text: str) -> None:
    """Show the heading of a part of a page."""
    block(f'<h2 class="section">{escape(text)}</h2>')


def day(text: str, note: str) -> None:
    """Show a day, large, with a note below or ""."""
    block(f'<p class="day">{escape(text)}</p>' + (f'<p class="muted">{escape(note)}</p>' if note else ""))


def heading(title: str, byline: str) -> None:
    """Show an article's title, and its outlet and day below."""
    block(f'<p class="title">{escape(title)}</p><p class="muted">{_prose(byline)}</p>')


def source(name: str, title: str, byline: str) -> None:
    """Show the head of a source; a screen reader announces it when it changes."""
    shown = f'<p class="title">{escape(title)}</p><p class="muted">{_prose(byline)}</p>'
    block(f'<h2>{escape(name)}</h2><div role="status" aria-live="polite">{shown}</div>')


def library_link(article_id: str, name: str = "Open in the Library") -> None:
    """Show a link to an article's page; a new tab, so that the chat stays."""
    address = escape(f"library?article={quote_address(article_id, safe='')}")
    block(f'<p class="muted"><a href="{address}" target="_blank">{escape(name)}</a></p>')


def link(url: str) -> None:
    """Show a URL, as a link where it is one of the web."""
    shown = escape(url)
    if url.startswith(("http://", "https://")):
        shown = f'<a href="{shown}" target="_blank" rel="noopener noreferrer nofollow">{shown}</a>'
    block(f'<p class="muted"><bdi>{shown}</bdi></p>')


def status(text: str, kind: str = "muted") -> None:
    """Show a line that a screen reader announces when it changes; `kind` is as for `line`."""
    block(f'<p class="{kind}" role="status" aria-live="polite">{escape(text)}</p>')


def alert(text: str, hint: str = "") -> None:
    """Show what went wrong, and what to do about it, as sentences: in a terminal, both stand within one."""
    said, todo = map(_capitalised, (text, hint))
    stop = "" if text.endswith((".", "!", "?")) else "."
    block(f'<p class="error" role="alert">{escape(said)}{stop}{f"<br>{escape(todo)}" if todo else ""}</p>')


def _capitalised(text: str) -> str:
    """Begin with a capital, unless the first word is a path or the name of a model."""
    is_word = text.split(" ")[0].strip(",:;").isalpha()
    return text[:1].upper() + text[1:] if is_word else text


def sentence(text: str, markers: tuple[int, ...]) -> None:
    """Show one sentence of an answer with its markers."""
    numbers = "".join(f'<span class="marker">[{marker}]</span>' for marker in markers)
    block(f'<p class="sentence"><bdi>{escape(text)}</bdi> {numbers}</p>')


def quote(text: str, source: str) -> None:
    """Show a quote, and where it is from below."""
    block(f'<blockquote><p>{escape(text)}</p><p class="muted">{_prose(source)}</p></blockquote>')


def highlighted(before: str, quote: str, after: str) -> None:
    """Show a quote inside its article, in a box that scrolls."""
    text = f"{escape(before)}<mark>{escape(quote)}</mark>{escape(after)}"
    block(f'<div class="scroll quote" tabindex="0" role="region" aria-label="The article"><p>{text}</p></div>')


def show_mark(name: str) -> None:
    """Scroll every highlighted quote on the page to the middle of its box; once for each `name`."""
    st.html(f'<span data-shown="{escape(name)}"></span>{_SHOW_MARK}', unsafe_allow_javascript=True)


def scrolled(text: str, name: str, tag: str = "p") -> None:
    """Show a long text in a box that scrolls, in the tag p or pre; `name` is its name for screen readers."""
    shown = f"<{tag}>{escape(text)}</{tag}>"
    block(f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(name)}">{shown}</div>')


def facts(rows: Sequence[tuple[str, str, str]]) -> None:
    """Show a list of (name, value, where the value comes from or "")."""
    shown = "".join(
        f"<dt>{escape(name)}</dt><dd>{_prose(value)}{place and f' <span class=muted>({_prose(place)})</span>'}</dd>"
        for name, value, place in rows
    )
    block(f"<dl>{shown}</dl>")


def figures(pairs: Sequence[tuple[str, str]]) -> None:
    """Show large figures, each (figure, what it counts)."""
    shown = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(figure)}</dd></div>" for figure, name in pairs)
    block(f'<dl class="figures">{shown}</dl>')


def changes(sentences: Sequence[tuple[str, str]]) -> None:
    """Show sentences that were removed, `("-", sentence)`, and added, `("+", sentence)`."""
    tags = {"-": "del", "+": "ins"}
    block("".join(f"<{tags[sign]}>{sign} {escape(text)}</{tags[sign]}>" for sign, text in sentences))


def copy_buttons(forms: Sequence[tuple[str, str, str]]) -> None:
    """Show a button for each (form, label, text) that copies the text; the texts, HTML too, stay hidden as text."""
    buttons = "".join(f'<button type="button" data-form="{form}">{label}</button>' for form, label, _ in forms)
    held = "".join(f'<span hidden data-form="{form}">{escape(text)}</span>' for form, _, text in forms)
    block(f'<div class="copy">{buttons}<p class="muted" role="status" aria-live="polite"></p>{held}</div>')
    st.html(_COPY, unsafe_allow_javascript=True)


def sandboxed(page: str, name: str, height: int) -> None:
    """Show a whole HTML page, whoever wrote it: a sandbox denies it scripts, forms, links and this page's origin.

    Streamlit's own frame runs scripts and shares our origin, so the page goes into a frame inside it.
    """
    st.iframe(
        "<style>html, body { margin: 0 } iframe { border: 0; display: block; width: 100%; height: 100vh }</style>"
        f'<iframe sandbox title="{escape(name)}" srcdoc="{escape(page)}"></iframe>',
        height=height,
        alt=name,
    )


def words(text: str) -> str:
    """Reduce a text of others to its letters and digits, for where Streamlit takes no Markdown or may take it."""
    return " ".join(re.findall(r"[^\W_]+", text))


def label(text: str) -> str:
    """Escape a text of others for where Streamlit takes only Markdown, such as a button's label.

    It shows as it is, on one line. A word joiner, which is invisible, separates signs that would mean something
    together.
    """
    plain = "".join(
        " " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in text.translate(_BIDI_CONTROLS)
    )
    return _MARK.sub(r"\\\g<0>", _JOINED.sub(_WORD_JOINER, " ".join(plain.split())))
