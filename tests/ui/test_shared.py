"""Work that all tabs find: what of it is forgotten, and when."""

from __future__ import annotations

import time

from tests.ui.conftest import SECONDS
from ui import shared
from ui.background import Background


class Quick(Background):
    """Work that is done at once."""

    def __init__(self) -> None:
        super().__init__("quick")

    def _work(self) -> None:
        pass


class Other(Quick):
    """Work of another kind."""


def ended(work: Background) -> Background:
    deadline = time.monotonic() + SECONDS
    while work.running:
        assert time.monotonic() < deadline
        work.wait(0.1)
    return work


def test_only_what_has_ended_of_the_same_kind_is_forgotten() -> None:
    first, report = Quick(), Other()
    shared.begin("first", first)
    shared.begin("report", report)
    ended(first)
    ended(report)
    shared.begin("second", Quick())

    assert shared.under_way().get("report") is report, "another page has yet to tell how it ended"
    assert "first" not in shared.under_way()
