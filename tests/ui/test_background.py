"""The registry of background jobs: one at a time per key, and which of them are forgotten."""

from __future__ import annotations

import threading
import time

from tests.ui.conftest import SECONDS
from ui import background


class Quick(background.Job):
    """Ends at once."""

    def __init__(self) -> None:
        super().__init__("quick")

    def _work(self) -> None:
        pass


class Other(Quick):
    """A job of another kind."""


class Held(Quick):
    """Runs until it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def _work(self) -> None:
        assert self.go.wait(SECONDS)


def wait_for(work: background.Job) -> None:
    deadline = time.monotonic() + SECONDS
    while work.running:
        assert time.monotonic() < deadline
        work.wait(0.1)


def test_only_ended_jobs_of_the_same_kind_are_forgotten() -> None:
    first, report = Quick(), Other()
    background.begin("first", first)
    background.begin("report", report)
    wait_for(first)
    wait_for(report)
    background.begin("second", Quick())

    assert background.registry().get("report") is report, "its page has yet to show how it ended"
    assert "first" not in background.registry()


def test_a_running_job_is_found_and_blocks_its_key() -> None:
    held, other = Held(), Quick()
    assert background.begin("place", held)
    assert not background.begin("place", other)
    assert background.find("place", Held) is held
    assert background.find("place", Other) is None
    assert not other.ended, "not started"
    held.go.set()
    wait_for(held)

    assert background.begin("place", other)
    assert background.find("place", Quick) is other


def test_a_dismissed_job_runs_on_and_frees_its_key() -> None:
    held = Held()
    assert background.begin("place", held)
    background.dismiss("place", Quick())
    assert background.find("place", Held) is held, "a dismissed job must be the one that is registered"
    background.dismiss("place", held)
    background.dismiss("place", held)

    assert background.begin("place", Quick())
    assert held.running
    held.go.set()
    wait_for(held)
