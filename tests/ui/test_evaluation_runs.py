"""Runs that the Evaluation page begins: real processes of `python -m eval`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from rag import load_settings
from tests.ui.conftest import html
from ui import under_way
from ui.evaluation import plans, reports
from ui.evaluation.command import Command
from ui.evaluation.run import KEY, Run

_SECONDS = 240
GOOD = b'{"id": "1", "question": "Who visited Islamabad?", "answers": ["Lavrov"]}\n'


def finished(command: Command) -> Command:
    deadline = time.monotonic() + _SECONDS
    while command.running and time.monotonic() < deadline:
        command.wait(1.0)
    assert not command.running
    return command


def begun(cases: bytes) -> Run:
    settings = load_settings()
    folder, plan = plans.begin(reports.home(settings), plans.FILE, "", 0, 0, cases)
    return Run(folder, plan, settings)


def test_a_run_shows_what_it_has_kept_and_makes_a_report() -> None:
    run = begun(GOOD)
    assert (run.done, run.share) == (0, 0.0)
    run.start()
    finished(run)

    assert run.problem is None, run.last_lines
    assert (run.done, run.share, run.question) == (1, 1.0, "Who visited Islamabad?")
    (report,) = reports.shelf(load_settings()).reports
    assert (report.folder, report.cases, report.of) == (run.folder, 1, "a file of yours")


def test_a_stopped_run_keeps_its_cases_and_can_be_gone_on_with(open_page: Callable[[str], AppTest]) -> None:
    run = begun(GOOD)
    record = {"id": "1", "case": {"question": "Who visited Islamabad?"}, "said": None}
    (run.folder / reports.CASES).write_text(json.dumps(record) + "\n")
    run = Run(run.folder, run.plan, load_settings())
    run.start()
    run.stop()
    finished(run)

    assert run.stopped
    assert run.problem is None
    assert (run.done, run.earlier) == (1, 1)
    under_way.board()[KEY] = run
    page = open_page("evaluation")
    page.run()
    assert "Stopped after 1 of 1 cases." in html(page)
    assert any(one.label == "Go on with it" for one in page.button)


def test_what_the_evaluation_refuses_is_said_in_its_words(open_page: Callable[[str], AppTest]) -> None:
    run = begun(b'{"id": "1", "question": "Who?"}\n')
    run.start()
    finished(run)
    under_way.board()[KEY] = run
    page = open_page("evaluation")
    page.run()

    assert not page.exception
    assert "`answers` is None" in html(page)
    assert "Traceback" not in html(page)


def test_a_crash_shows_the_last_lines_as_text(
    open_page: Callable[[str], AppTest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashing = tmp_path / "python"
    crashing.write_text('#!/bin/sh\nfor n in $(seq 30); do echo "line $n <b>" >&2; done\nkill -SEGV $$\n')
    crashing.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(crashing))
    run = begun(GOOD)
    run.start()
    finished(run)
    under_way.board()[KEY] = run
    page = open_page("evaluation")
    page.run()

    assert "The evaluation was killed by signal 11." in html(page)
    assert "line 30 &lt;b&gt;" in html(page)
    assert "line 18 " not in html(page)


def test_a_process_that_is_deaf_to_an_interruption_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deaf = tmp_path / "python"
    deaf.write_text("#!/bin/sh\ntrap '' INT\nwhile true; do sleep 0.1; done\n")
    deaf.chmod(0o755)
    monkeypatch.setattr("ui.evaluation.command._INTERRUPTED_SECONDS", 0.5)
    monkeypatch.setattr(sys, "executable", str(deaf))
    run = begun(GOOD)
    run.start()
    time.sleep(0.5)
    run.stop()

    assert finished(run).problem is None
    assert run.stopped


def test_what_is_half_written_is_not_counted_yet() -> None:
    run = begun(GOOD * 3)
    file = run.folder / reports.CASES
    file.write_bytes(b'{"id": "1"}\n{"id": "2')
    run._look()
    assert run.done == 1
    with file.open("ab") as lines:
        lines.write(b'"}\nno json\n')
    run._look()

    assert run.done == 2


@pytest.mark.parametrize("content", ["", "[]", '{"of": "fixed"}', '{"of":"fixed","archive":"","limit":"x"}'])
def test_a_plan_that_cannot_be_read_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "plan.json").write_text(content)

    assert plans.read(tmp_path) is None


def test_a_plan_is_read_as_it_was_begun_and_says_what_it_asks(tmp_path: Path) -> None:
    folder, plan = plans.begin(tmp_path, plans.FIXED, "", 4, 2, GOOD * 9)

    assert plans.read(folder) == plan
    assert plan.words == "the fixed set, 4 drawn by seed 2"
    assert plan.arguments(folder) == ("run", "--report", str(folder), "--limit", "4", "--seed", "2")
    assert plans.begin(tmp_path, plans.FILE, "/a", 0, 0, GOOD)[1].arguments(folder)[:5] == (
        *("run", str(folder / "questions.jsonl"), "--report", str(folder), "--archive"),
    )
