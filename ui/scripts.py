"""The only scripts of our own that run in the pages. Constants: the browser's policy names each by its hash."""

from __future__ import annotations

# The box scrolls, and so does what opened around it, where the window's end cuts that off. It is placed after it is
# filled: hence the second time.
SHOW_MARK = """<script>
for (const milliseconds of [0, 300]) setTimeout(() => {
  for (const mark of document.querySelectorAll(".nutgraf .scroll mark")) mark.scrollIntoView({ block: "center" });
}, milliseconds);
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
