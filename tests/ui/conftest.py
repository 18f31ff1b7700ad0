"""Fixtures for the pages: each runs in Streamlit's own test driver, with the real models."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from embeddings import SentenceEncoder
from embeddings.network import CrossJudge
from rag import Assistant
from rag.models.reader import LlamaReader
from ui import shared

SECONDS = 60
_SCRIPT = "from ui import {name}\nfrom ui.app import framed\nframed({name}.show)()\n"


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    st.cache_resource.clear()
    yield
    # A thread that still loads a model when Python exits aborts the whole run.
    for thread in threading.enumerate():
        if thread.name in ("warm", "answer", "adding", "health check", "settings", "suggesting", "eval", "survey"):
            thread.join(SECONDS)
    st.cache_resource.clear()


@pytest.fixture
def open_page(
    monkeypatch: pytest.MonkeyPatch, encoder: SentenceEncoder, judge: CrossJudge, reader: LlamaReader
) -> Callable[[str], AppTest]:
    """Return a function that opens a page by its name, with models that are loaded already."""
    monkeypatch.setattr(shared, "Assistant", partial(Assistant, encoder=encoder, judge=judge, reader=reader))
    return lambda name: AppTest.from_string(_SCRIPT.format(name=name), default_timeout=SECONDS)


def named(widgets: Iterable[Any], label: str) -> Any:
    """Return the one widget with this label."""
    (found,) = (widget for widget in widgets if widget.label == label)
    return found


def press(page: AppTest, label: str) -> AppTest:
    """Click the button with this label, and run the page."""
    named(page.button, label).click().run()
    assert not page.exception
    return page


def html(page: AppTest) -> str:
    """Return everything that the page shows as text, in order; dates without what keeps them on one line."""
    shown = "\n".join(str(element.proto.body) for element in page.get("html"))
    return re.sub(r'<span class="whole">(.*?)</span>', r"\1", shown)
