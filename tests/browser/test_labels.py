"""A hostile text as a label, in a real browser: it shows as it is, and fetches nothing."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.chat import CHROMIUM, chromium

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="no chromium here; Debian's package `chromium` brings it"
)
ROOT = Path(__file__).parents[2]
SECONDS = 90


def hostile(url: str) -> str:
    return (
        f"# 1. *a* _b_ ~~c~~ `d` ![i]({url}/a.png) [l]({url}/b) "
        f"<img src={url}/c.png> <b>e</b> :red[f] "
        f":blue-badge[g] :material/home: :material_home: :streamlit: :smile: $h^2$ $$i$$ "
        f"www.j.example {url}/k k@l.example &amp; -> <- "
        "-- >= ~= \\ | [^1] Who did it?"
    )


@pytest.fixture
def page_of_labels(tmp_path: Path, tracker: tuple[str, list[str]]) -> Iterator[str]:
    """A page with the text as the label of a button, of a fold and of a checkbox; its address."""
    script = tmp_path / "labels.py"
    script.write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nimport streamlit as st\nfrom ui import safe\n"
        f"label = safe.label({hostile(tracker[0])!r})\n"
        "st.button(label)\nst.expander(label).write('inside')\nst.checkbox(label)\nst.caption('drawn')\n",
        encoding="utf-8",
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--server.headless=true", f"--server.port={port}", "--browser.gatherUsageStats=false"]
    server = subprocess.Popen([sys.executable, "-m", "streamlit", "run", str(script), *options], cwd=tmp_path)
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)


def test_a_hostile_label_shows_its_literal_text_and_fetches_nothing(
    page_of_labels: str, tracker: tuple[str, list[str]]
) -> None:
    url, hits = tracker
    with chromium() as browser:
        page = browser.new_page()
        page.goto(page_of_labels)
        expect(page.get_by_text("drawn")).to_be_visible(timeout=SECONDS * 1000)
        for name in ("stButton", "stExpander", "stCheckbox"):
            label = page.get_by_test_id(name).get_by_test_id("stMarkdownContainer").first
            expect(label).to_be_visible(timeout=SECONDS * 1000)
            shown = (label.text_content() or "").replace("\N{WORD JOINER}", "")
            assert shown.strip() == hostile(url), name
            assert label.locator("img, a, code, strong, em, del, b, span, .katex, svg").count() == 0, name
    assert hits == []


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError("the server did not answer")
