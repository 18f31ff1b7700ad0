"""Runs: stopped and resumed, lines reused or asked again, cases that fail, and folders that are not ours."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval import runs
from rag import load_settings
from tests.disk import no_umask, open_to_others
from tests.eval.helpers import CASES, READING, Log, archived, fake, kept, put, run, untimed


@pytest.fixture(autouse=True)
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    return fake(monkeypatch)


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    return put(tmp_path / "reading.jsonl", *READING)


def test_an_interrupted_run_is_resumed(cases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uninterrupted = run("read", cases, "--json", tmp_path / "whole.json")
    fake(monkeypatch, Log(stop_at=2))
    stopped = run("read", cases, "--report", tmp_path / "report")
    again = fake(monkeypatch)
    resumed = run("read", cases, "--report", tmp_path / "report", "--json", tmp_path / "resumed.json")

    assert (uninterrupted.code, stopped.code, resumed.code) == (0, 130, 0)
    assert "stopped after 1 of 3 cases: run the same command to resume" in stopped.err
    assert stopped.out == ""
    assert len(again.asked) == 2
    assert [line["id"] for line in kept(tmp_path / "report")] == ["1", "2", "3"]
    first, second = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("whole", "resumed"))
    assert untimed(first) == untimed(second)


def test_without_a_report_an_interruption_says_that_nothing_is_kept(
    cases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(monkeypatch, Log(stop_at=1))
    ran = run("read", cases)

    assert ran.code == 130
    assert "stopped after 0 of 3 cases: nothing is kept without --report" in ran.err


@pytest.mark.parametrize("change", ["caution", "case", "code", "cut short", "nothing"])
def test_a_line_is_reused_only_for_the_same_case_code_and_settings(
    cases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: Log, change: str
) -> None:
    report = tmp_path / "report"
    run("read", cases, "--report", report)
    log.asked.clear()
    if change == "case":
        put(cases, {**READING[0], "answers": ["Tuesday"]}, *READING[1:])
    if change == "code":
        monkeypatch.setattr(runs, "fingerprint", lambda _: "another")
    if change == "cut short":
        file = report / "cases.jsonl"
        file.write_text(file.read_text()[:-40])
    run("read", cases, "--report", report, *(["--caution", 0.4] if change == "caution" else []))

    assert len(log.asked) == {"caution": 3, "case": 1, "code": 3, "cut short": 1, "nothing": 0}[change]
    assert [line["id"] for line in kept(report)] == ["1", "2", "3"]


def test_a_case_that_fails_is_named_counts_as_wrong_and_is_asked_again(
    cases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(monkeypatch, Log(fails=True))
    ran = run("read", cases, "--report", tmp_path / "report", "--json", tmp_path / "out.json")
    told = json.loads((tmp_path / "out.json").read_text())

    assert ran.code == 0, ran.err
    assert "no result, so wrong in every measure: 3" in ran.out
    assert "1: the reader broke off (ask again)" in ran.out
    assert told["measures"]["f1"] == {"mean": 0, "low": 0, "high": 0, "n": 3}
    assert told["measures"]["refusal_recall"]["mean"] == told["measures"]["auroc"]["mean"] == 0
    fake(monkeypatch)
    run("read", cases, "--report", tmp_path / "report")
    assert all(line["said"] for line in kept(tmp_path / "report"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--caution", 2], "setting caution is 2.0"),
        (["--json", "gone/out.json"], "gone/out.json cannot be written"),
        (["--json", "."], ". cannot be written"),
        (["--report", "/dev/null/report"], "/dev/null/report/cases.jsonl cannot be written"),
    ],
)
def test_a_bad_option_is_one_clear_error(cases: Path, arguments: list[object], told: str) -> None:
    ran = run("read", cases, *arguments)

    assert ran.code == 1
    assert ran.err.startswith("error: ")
    assert ran.err.count("\n") == 1
    assert told in ran.err
    assert run("read", cases, "--seed", "-1").code == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cases.jsonl", "my own notes\n"),
        ("cases.jsonl", json.dumps(CASES[0])),
        ("cases.jsonl", '["a list"]'),
        ("page.html", "<p>mine</p>"),
    ],
)
def test_a_folder_that_holds_something_else_is_left_as_it_is(
    cases: Path, tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / name).write_text(content)
    ran = run("read", cases, "--report", tmp_path / "report")

    assert (ran.code, ran.out) == (1, "")
    assert f"{name} is not part of a report" in ran.err
    assert [file.read_text() for file in (tmp_path / "report").iterdir()] == [content]


def test_the_report_of_another_command_is_left_as_it_is(cases: Path, tmp_path: Path) -> None:
    report = tmp_path / "report"
    assert run("read", cases, "--report", report).code == 0
    before = (report / "cases.jsonl").read_text()
    questions = put(tmp_path / "questions.jsonl", *CASES)
    ran = run("run", questions, "--archive", archived(tmp_path / "archive"), "--report", report)

    assert (ran.code, ran.out) == (1, "")
    assert f"{report} is a report of `read`, not of `run`" in ran.err
    assert (report / "cases.jsonl").read_text() == before


def test_a_report_whose_only_line_was_cut_short_is_resumed(cases: Path, tmp_path: Path) -> None:
    common = ("read", cases, "--report", tmp_path / "report")
    assert run(*common).code == 0
    file = tmp_path / "report" / "cases.jsonl"
    file.write_text(file.read_text()[:20])

    assert run(*common).code == 0
    assert [line["id"] for line in kept(tmp_path / "report")] == ["1", "2", "3"]


def test_answers_depend_on_the_settings_and_on_the_weights_that_they_name(tmp_path: Path) -> None:
    reader = tmp_path / "reader.gguf"
    reader.write_text("weights")
    first = runs.fingerprint(load_settings({"reader": str(reader)}))

    assert runs.fingerprint(load_settings({"reader": str(reader), "archive": tmp_path})) == first
    assert runs.fingerprint(load_settings({"reader": str(reader), "caution": 0.1})) != first
    reader.write_text("other weights")
    assert runs.fingerprint(load_settings({"reader": str(reader)})) != first


def test_other_users_cannot_open_a_report(cases: Path, tmp_path: Path) -> None:
    with no_umask():
        run("read", cases, "--report", tmp_path / "new", "--json", tmp_path / "figures.json")
        (tmp_path / "shared").mkdir(0o755)
        run("read", cases, "--report", tmp_path / "shared")

    assert open_to_others(tmp_path / "new", tmp_path / "figures.json", tmp_path / "shared") == ["shared"]
