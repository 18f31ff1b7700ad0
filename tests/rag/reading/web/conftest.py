"""A site on loopback, an internet where `news.example` resolves to it, and short limits."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from rag.reading.web import Policy
from tests.website import PUBLIC, Internet, Website, serve


@pytest.fixture
def site() -> Iterator[Website]:
    with serve() as site:
        yield site


@pytest.fixture
def internet(site: Website) -> Internet:
    return Internet(site.port, {"news.example": [(PUBLIC,)]})


@pytest.fixture
def policy() -> Policy:
    return Policy(delay_seconds=0.0, seconds=5.0, max_bytes=1_000_000)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Record the pauses instead of making them."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept
