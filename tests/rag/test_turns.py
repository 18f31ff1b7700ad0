"""First come, first served; whoever waits sees the place, can leave, and is never locked out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator

import pytest

from rag.models.turns import Turns

PATIENCE_SECONDS = 10


def never() -> bool:
    return False


def ignore(_: int) -> None:
    pass


def until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.001)


class Waiter:
    """Takes a turn in a thread of its own, holds it until `release`, and notes what it was told."""

    def __init__(self, turns: Turns, served: list[str], name: str = "") -> None:
        self.places: list[int] = []
        self.got: bool | None = None
        self.stop = threading.Event()
        self.release = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(turns, served, name), daemon=True)
        self.thread.start()

    def _run(self, turns: Turns, served: list[str], name: str) -> None:
        with turns.take(self.stop.is_set, self.places.append) as got:
            self.got = got
            if got:
                served.append(name)
                self.release.wait(PATIENCE_SECONDS)

    def waits_at(self, place: int) -> bool:
        return self.places[-1:] == [place]

    def join(self) -> None:
        self.release.set()
        self.thread.join(PATIENCE_SECONDS)
        assert not self.thread.is_alive()


def test_alone_it_is_served_at_once_and_told_no_place() -> None:
    places: list[int] = []
    with Turns().take(never, places.append) as got:
        assert got

    assert places == []


def test_a_turn_can_be_taken_again() -> None:
    turns = Turns()
    for _ in range(3):
        with turns.take(never, ignore) as got:
            assert got


def test_first_come_first_served() -> None:
    turns, served = Turns(), list[str]()
    waiters = []
    for number in range(6):
        waiters.append(Waiter(turns, served, str(number)))
        until(lambda at=number: waiters[at].waits_at(at) if at else waiters[0].got is True)  # type: ignore[misc]
    for waiter in waiters:
        waiter.join()

    assert served == ["0", "1", "2", "3", "4", "5"]


def test_only_one_is_served_at_a_time() -> None:
    turns, inside, most = Turns(), list[int](), list[int]()

    def visit() -> None:
        for _ in range(20):
            with turns.take(never, ignore):
                inside.append(1)
                most.append(len(inside))
                time.sleep(0)
                inside.pop()

    threads = [threading.Thread(target=visit) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)

    assert len(most) == 120
    assert max(most) == 1


def test_every_change_of_place_is_told_once() -> None:
    turns, served = Turns(), list[str]()
    first = Waiter(turns, served)
    until(lambda: first.got is True)
    second = Waiter(turns, served)
    until(lambda: second.waits_at(1))
    third = Waiter(turns, served)
    until(lambda: third.waits_at(2))
    first.join()
    until(lambda: third.waits_at(1))
    second.join()
    third.join()

    assert (first.places, second.places, third.places) == ([], [1], [2, 1])


def test_who_is_stopped_leaves_the_queue_and_the_others_move_up() -> None:
    turns, served = Turns(), list[str]()
    first = Waiter(turns, served, "first")
    until(lambda: first.got is True)
    second = Waiter(turns, served, "second")
    until(lambda: second.waits_at(1))
    third = Waiter(turns, served, "third")
    until(lambda: third.waits_at(2))

    second.stop.set()
    until(lambda: third.waits_at(1))
    assert second.got is False
    first.join()
    third.join()

    assert served == ["first", "third"]


def test_who_is_stopped_before_the_turn_is_not_served() -> None:
    turns = Turns()
    with turns.take(lambda: True, ignore) as got:
        assert not got
    with turns.take(never, ignore) as got:
        assert got


def test_an_exception_inside_frees_the_turn() -> None:
    turns = Turns()
    with pytest.raises(KeyError), turns.take(never, ignore):
        raise KeyError("inside")
    with turns.take(never, ignore) as got:
        assert got


@pytest.mark.parametrize("broken", ["stopped", "waiting"])
def test_an_exception_while_waiting_leaves_the_queue(broken: str) -> None:
    turns, served = Turns(), list[str]()
    first = Waiter(turns, served)
    until(lambda: first.got is True)

    def stopped() -> bool:
        if broken == "stopped":
            raise KeyError(broken)
        return False

    def waiting(_: int) -> None:
        raise KeyError(broken)

    with pytest.raises(KeyError, match=broken), turns.take(stopped, waiting):
        pass
    first.join()
    with turns.take(never, ignore) as got:
        assert got


def test_a_generator_that_is_closed_frees_the_turn() -> None:
    turns = Turns()

    def stream() -> Generator[str]:
        with turns.take(never, ignore):
            yield "word"

    pieces = stream()
    assert next(pieces) == "word"
    pieces.close()
    with turns.take(never, ignore) as got:
        assert got
