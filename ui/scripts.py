"""The only scripts of our own that run in the pages. Constants: the browser's policy names each by its hash."""

from __future__ import annotations

# The box, not the page, is what scrolls.
SHOW_MARK = """<script>
for (const mark of document.querySelectorAll(".nutgraf .scroll mark")) {
  const box = mark.closest(".scroll");
  box.scrollTop += mark.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 3;
}
</script>"""

# Text goes into the clipboard as text. Formatted, it is HTML with the plain text beside it, for editors without.
COPY = """<script>
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
      () => { said.textContent = "Copied with its citations: " + button.textContent },
      () => { said.textContent = "The browser did not allow it. Export the chat instead." },
    );
  }
}
</script>"""
