"""Buttons that put an answer into the clipboard: as plain text, Markdown, or formatted."""

from __future__ import annotations

from streamlit.components import v2

_MARKUP = """
<div class="row">
  <button type="button" data-form="plain">Plain text</button>
  <button type="button" data-form="markdown">Markdown</button>
  <button type="button" data-form="html">Formatted</button>
</div>
<p role="status" aria-live="polite"></p>
"""
_STYLE = """
.row { display: flex; flex-wrap: wrap; gap: .5rem }
button { font: inherit; color: var(--st-text-color); background: var(--st-secondary-background-color); cursor: pointer;
  border: 1px solid var(--st-border-color); border-radius: .5rem; padding: .35rem .75rem }
button:hover, button:focus-visible { border-color: var(--st-primary-color); outline: none }
p { margin: .5rem 0 0; font-size: .875rem; min-height: 1.2em }
"""
# The clipboard takes text as text. Formatted text goes in as HTML with the plain text beside it, for editors without.
_SCRIPT = """
export default function ({ data, parentElement }) {
  const said = parentElement.querySelector("p");
  const blob = (text, type) => new Blob([text], { type });
  const written = {
    plain: () => navigator.clipboard.writeText(data.plain),
    markdown: () => navigator.clipboard.writeText(data.markdown),
    html: () => navigator.clipboard.write([new ClipboardItem({
      "text/html": blob(data.html, "text/html"), "text/plain": blob(data.plain, "text/plain"),
    })]),
  };
  for (const button of parentElement.querySelectorAll("button")) {
    button.onclick = () => written[button.dataset.form]().then(
      () => { said.textContent = "Copied with its citations: " + button.textContent },
      () => { said.textContent = "The browser did not allow it. Export the chat instead." },
    );
  }
}
"""
_copied = v2.component("nutgraf_copy", html=_MARKUP, css=_STYLE, js=_SCRIPT)


def copy_buttons(*, plain: str, markdown: str, html: str, key: str) -> None:
    """Show the buttons. `html` only goes to the clipboard: the page never shows it."""
    _copied(data={"plain": plain, "markdown": markdown, "html": html}, key=key)
