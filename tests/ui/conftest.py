"""What the tests of the pages share: each page through Streamlit's own test driver, with the real models."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from embeddings import SentenceEncoder
from embeddings.network import CrossJudge
from rag import Assistant, load_settings
from rag.models.reader import LlamaReader
from tests.conftest import SEEDS
from ui import shared

SECONDS = 60
_SCRIPT = "from ui.frame import framed\nfrom ui.{name} import page\nframed(page.show)()\n"


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    st.cache_resource.clear()
    yield
    # What still loads a model when Python ends aborts the whole run.
    for thread in threading.enumerate():
        if thread.name in ("warm", "answer", "adding", "examining", "settings", "suggesting"):
            thread.join(SECONDS)
    st.cache_resource.clear()


@pytest.fixture
def open_page(
    monkeypatch: pytest.MonkeyPatch, encoder: SentenceEncoder, judge: CrossJudge, reader: LlamaReader
) -> Callable[[str], AppTest]:
    """What opens a page by its name, with the models that the tests have loaded already."""
    monkeypatch.setattr(shared, "Assistant", partial(Assistant, encoder=encoder, judge=judge, reader=reader))
    return lambda name: AppTest.from_string(_SCRIPT.format(name=name), default_timeout=SECONDS)


@pytest.fixture
def seeded(encoder: SentenceEncoder) -> None:
    """The sample articles are in the archive."""
    with Assistant(load_settings(), encoder) as assistant:
        assistant.ingest(sorted(SEEDS.glob("*.txt")))


def html(page: AppTest) -> str:
    """Everything that the page shows as text, in order."""
    return "\n".join(str(element.proto.body) for element in page.get("html"))
