"""The Evaluation page: reports are listed, opened and compared; runs are started, stopped and resumed.

The processes are shell scripts in place of Python; `tests/browser/test_evaluation.py` runs the real ones.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rag import Assistant, Question, load_settings
from tests.disk import no_umask, open_to_others
from tests.ui.conftest import html, named, press
from ui import background, runs, safe
from ui.runs import RunJob

SECONDS = 60
TRICK = "![t](http://127.0.0.1:9/t.png) <img src=x onerror=alert(1)>"
QUESTIONS = b'{"id": "1", "question": "Who visited Islamabad?", "answers": ["Lavrov"]}\n' * 3


@pytest.fixture
def page(open_page: Callable[[str], AppTest]) -> AppTest:
    return open_page("evaluation")


@pytest.fixture
def python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that puts a shell script in place of Python."""

    def replace(script: str) -> None:
        file = tmp_path / "python"
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(file))

    return replace


def report(name: str, html: str = "<h1>Figures</h1>", **changes: object) -> Path:
    """Write a report folder."""
    folder = runs.home(load_settings()) / name
    folder.mkdir(parents=True)
    measures = {"right": {"mean": 0.5, "low": 0.4, "high": 0.6, "n": 2}, "em": {"mean": None}}
    told = {"command": "run", "cases": 2, "measures": measures, **changes}
    (folder / "report.json").write_text(json.dumps(told))
    (folder / "page.html").write_text(html)
    return folder


def new_run(questions: bytes = QUESTIONS) -> RunJob:
    settings = load_settings()
    folder, plan = runs.create(settings, runs.FILE, 0, 0, questions)
    return RunJob(folder, plan, settings)


def finish(job: background.Job) -> None:
    deadline = time.monotonic() + SECONDS
    while job.running:
        assert time.monotonic() < deadline
        job.wait(1.0)


def show(page: AppTest, job: RunJob) -> str:
    """Return what the page shows of a job that has ended."""
    background.registry()["evaluation"] = job
    page.run()
    assert not page.exception
    return html(page)


def test_without_a_report_the_form_is_open(page: AppTest) -> None:
    page.run()

    assert not page.exception
    assert "No reports yet." in html(page)
    assert page.expander[0].proto.expanded


def test_reports_are_listed_with_their_key_figures_and_opened(page: AppTest) -> None:
    report("one")
    report(TRICK.replace("/", ":"))
    page.run()

    assert "2 questions · 50% right" in html(page)
    assert "<img" not in html(page)
    assert safe.label(TRICK.replace("/", ":")) in [button.label for button in page.button], "a label is Markdown"
    press(page, "one")
    frame: Any = page.get("iframe")[0]
    assert "&lt;h1&gt;Figures" in frame.proto.srcdoc
    press(page, "All reports")
    assert not page.get("iframe")


def test_a_report_page_stays_inside_its_sandbox(page: AppTest) -> None:
    report("hostile", f"</iframe>\"'><script>alert(1)</script>{TRICK}")
    page.run()
    press(page, "hostile")
    frame: Any = page.get("iframe")[0]

    assert "<iframe sandbox " in frame.proto.srcdoc
    assert frame.proto.srcdoc.count("<iframe") == frame.proto.srcdoc.count("</iframe>") == 1
    assert "<script" not in frame.proto.srcdoc
    assert "<img" not in frame.proto.srcdoc


@pytest.mark.parametrize(
    "content", ["", "[]", "[" * 100_000, '{"cases": 2, "measures": {"em": 0.5}}', '{"cases": "x"}']
)
def test_a_damaged_report_is_an_error_on_the_page(page: AppTest, content: str) -> None:
    (report("damaged") / "report.json").write_text(content)
    page.run()

    assert not page.exception
    assert "This report is damaged." in html(page)


def test_two_reports_are_compared(page: AppTest, python: Callable[[str], None]) -> None:
    python('shift; echo "<h1>$3 $4 $5" > "$7"')
    folders = {str(report("a")), str(report("b"))}
    page.run()
    press(page, "Compare")
    (job,) = (one for one in background.registry().values() if isinstance(one, runs.CompareJob))
    finish(job)
    page.run()

    assert set(job.page.split()[1:3]) == folders
    frame: Any = page.get("iframe")[0]
    assert "&lt;h1&gt;compare" in frame.proto.srcdoc


def test_answers_marked_bad_become_questions(page: AppTest, seeded: None) -> None:
    with Assistant(load_settings()) as assistant:
        turn = assistant.chats.begin(Question("Who visited Islamabad?"))
        assistant.chats.mark(turn.id, good=False, note="answer: Lavrov")
    named(page.run().radio, "Questions").set_value(runs.MARKED).run()

    assert "1 marked on the Ask page" in html(page)


def test_a_set_without_questions_is_not_run(page: AppTest) -> None:
    named(page.run().radio, "Questions").set_value(runs.MARKED).run()
    press(page, "Run the evaluation")

    assert "There are no questions to ask." in html(page)
    assert not runs.home(load_settings()).exists()


def test_a_run_counts_finished_cases_only(python: Callable[[str], None]) -> None:
    job = new_run()
    cases = job.folder / "cases.jsonl"
    cases.write_bytes(b'{"id": "1"}\n{"id": "2')
    job._look()
    assert job.done == 1
    python(f"printf '\"}}\\n{{}}\\n' >> {cases}")
    job = RunJob(job.folder, job.plan, load_settings())
    job.start()
    finish(job)

    assert job.problem is None
    assert job.done == 3


def test_a_stopped_run_can_be_resumed_also_after_a_restart(page: AppTest, python: Callable[[str], None]) -> None:
    python("exec sleep 60")
    job = new_run()
    job.start()
    job.stop()
    finish(job)
    assert job.stopped
    assert "Stopped after 0 of 3 questions." in show(page, job)
    background.registry().clear()
    page.run()
    assert "unfinished, 0 of 3 questions asked" in html(page)
    python("exit 0")
    press(page, "Resume")
    again = background.find("evaluation", RunJob)
    assert again
    finish(again)

    assert (again.folder, again.plan, again.problem) == (job.folder, job.plan, None)


def test_a_process_that_ignores_interrupts_is_killed(
    python: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    python("trap '' INT\nwhile true; do sleep 0.1; done")
    monkeypatch.setattr(runs, "_INTERRUPT_SECONDS", 0.5)
    job = new_run()
    job.start()
    time.sleep(0.5)
    job.stop()
    finish(job)

    assert job.problem is None
    assert job.stopped


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo 'error: line 1: `answers` is <b>None' >&2; exit 1", "line 1: `answers` is &lt;b&gt;None"),
        ("echo 'line <b>' >&2; kill -SEGV $$", "The evaluation ended with status -11."),
    ],
)
def test_a_failed_run_shows_its_error_and_output(
    page: AppTest, python: Callable[[str], None], script: str, message: str
) -> None:
    python(script)
    job = new_run()
    job.start()
    finish(job)

    shown = show(page, job)
    assert message in shown
    assert "<b>" not in shown
    assert "The output of the evaluation" in shown


@pytest.mark.parametrize("content", ["", "[]", '{"of": "seeds"}', '{"of":"seeds","archive":"","limit":"x"}'])
def test_a_plan_that_cannot_be_read_is_none(content: str) -> None:
    folder = report("one")
    (folder / "plan.json").write_text(content)

    (found,) = runs.find_reports(load_settings())
    assert found.plan is None


def test_other_users_cannot_open_a_run() -> None:
    with no_umask():
        folder, _ = runs.create(load_settings(), runs.FILE, 0, 0, QUESTIONS)

    assert open_to_others(load_settings().home, folder, *folder.iterdir()) == []


def test_a_plan_is_saved_and_makes_the_command() -> None:
    folder, plan = runs.create(load_settings(), runs.SAMPLES, 4, 2, QUESTIONS * 3)

    (found,) = runs.find_reports(load_settings())
    assert found.plan == plan
    assert plan.title == "Sample questions, 4 drawn with seed 2"
    assert plan.arguments(folder) == ("run", "--set", "seeds", "--report", str(folder), "--limit", "4", "--seed", "2")
    own = runs.Plan(runs.FILE, "/a", 0, 0, 3).arguments(folder)
    assert own == ("run", str(folder / "questions.jsonl"), "--archive", "/a", "--report", str(folder), "--seed", "0")
