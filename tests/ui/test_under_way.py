"""Work that all tabs find: one at a time in each place, what of it is forgotten, and when."""

from __future__ import annotations

import threading
import time

from tests.ui.conftest import SECONDS
from ui import under_way
from ui.background import Background


class Quick(Background):
    """Work that is done at once."""

    def __init__(self) -> None:
        super().__init__("quick")

    def _work(self) -> None:
        pass


class Other(Quick):
    """Work of another kind."""


class Held(Quick):
    """Work that goes on until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def _work(self) -> None:
        assert self.go.wait(SECONDS)


def ended(work: Background) -> Background:
    deadline = time.monotonic() + SECONDS
    while work.running:
        assert time.monotonic() < deadline
        work.wait(0.1)
    return work


def test_only_what_has_ended_of_the_same_kind_is_forgotten() -> None:
    first, report = Quick(), Other()
    under_way.begin("first", first)
    under_way.begin("report", report)
    ended(first)
    ended(report)
    under_way.begin("second", Quick())

    assert under_way.board().get("report") is report, "another page has yet to tell how it ended"
    assert "first" not in under_way.board()


def test_what_runs_is_found_and_is_the_only_one_until_it_has_ended() -> None:
    held, other = Held(), Quick()
    assert under_way.begin("place", held)
    assert not under_way.begin("place", other)
    assert under_way.find("place", Held) is held
    assert under_way.find("place", Other) is None, "it is of another kind"
    assert not other.ended, "it was not started"
    held.go.set()
    ended(held)

    assert under_way.begin("place", other)
    assert under_way.find("place", Quick) is other


def test_what_is_put_away_goes_on_and_makes_room() -> None:
    held = Held()
    assert under_way.begin("place", held)
    under_way.put_away("place", Quick())
    assert under_way.find("place", Held) is held, "what was shown is another"
    under_way.put_away("place", held)
    under_way.put_away("place", held)

    assert under_way.begin("place", Quick())
    assert held.running
    held.go.set()
    ended(held)
