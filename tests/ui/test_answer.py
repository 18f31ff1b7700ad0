"""The job that answers a question: the answer is saved, nobody waiting stops it, a failure is reported."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from rag import Answer, Assistant, ChatUnknown, Question, Step, Turn, load_settings
from tests.ui.conftest import SECONDS
from ui import background
from ui.answer import AnswerJob


@pytest.fixture
def assistant(seeds: Assistant) -> Iterator[Assistant]:
    """An assistant whose chats these tests may fill; `seeds` answers for it."""
    with Assistant(load_settings()) as own:
        yield own


@pytest.fixture
def turn(assistant: Assistant) -> Turn:
    return assistant.chats.begin(Question("Which cities does the gas pipeline join?"))


def finish(work: AnswerJob) -> None:
    deadline = time.monotonic() + SECONDS
    while work.running:
        assert time.monotonic() < deadline
        work.wait(1.0)


def slow(answer: Answer) -> Callable[..., Iterator[Step]]:
    """Return a stream that runs until it is stopped, and then gives `answer`."""

    def stream(_question: Question, stopped: Callable[[], bool], _waiting: object) -> Iterator[Step]:
        deadline = time.monotonic() + SECONDS
        while not stopped() and time.monotonic() < deadline:
            time.sleep(0.01)
        yield answer

    return stream


def test_an_answer_is_saved(
    assistant: Assistant, seeds: Assistant, turn: Turn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assistant, "stream", seeds.stream)
    work = AnswerJob(assistant, turn)
    work.start()
    finish(work)

    kept = assistant.chats.turn(turn.id).answer
    assert kept
    assert [verdict.cited for verdict in kept.verdicts] == [verdict.cited for verdict in work.verdicts]
    assert "Karachi" in kept.text


@pytest.mark.parametrize("watching", [True, False])
def test_a_question_is_stopped_once_no_tab_waits(
    assistant: Assistant, seeds: Assistant, turn: Turn, monkeypatch: pytest.MonkeyPatch, *, watching: bool
) -> None:
    monkeypatch.setattr(background, "_ABANDONED_SECONDS", 1.5)
    monkeypatch.setattr(assistant, "stream", slow(seeds.ask(turn.question)))
    work = AnswerJob(assistant, turn)
    work.watch(lambda: False)
    work.watch(lambda: watching)
    work.start()
    time.sleep(3.5)

    assert work.running == watching
    work.stop()
    finish(work)
    assert assistant.chats.turn(turn.id).answer


def test_a_crash_is_saved_as_a_problem(
    assistant: Assistant, turn: Turn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> Iterator[Step]:
        raise RuntimeError("the wire is cut")

    monkeypatch.setattr(assistant, "stream", broken)
    work = AnswerJob(assistant, turn)
    work.start()
    finish(work)

    problem = assistant.chats.turn(turn.id).problem
    assert problem
    assert "Something went wrong" in problem.message
    assert "the wire is cut" in caplog.text
    assert not assistant.chats.turn(turn.id).under_way


def test_a_chat_deleted_during_the_answer_stays_deleted(
    assistant: Assistant, seeds: Assistant, turn: Turn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assistant, "stream", slow(seeds.ask(turn.question)))
    work = AnswerJob(assistant, turn)
    work.start()
    assistant.chats.delete(turn.chat_id)
    work.stop()
    finish(work)

    assert work.problem
    with pytest.raises(ChatUnknown):
        assistant.chats.read(turn.chat_id)
