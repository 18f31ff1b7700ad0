"""`python -m eval read`, from a file to the figures, and what happens when it is interrupted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from embeddings import SentenceEncoder
from embeddings.network import CrossJudge
from eval import running
from eval.cases import Source
from eval.reading import article
from rag import Assistant, GenerationFailed, PublishedDate, compute_dtype, load_settings
from rag.models.reader import LlamaReader
from tests.eval.making import BRIDGE, RAIN, Interrupted, case, fake, kept, put, run, untimed
from tests.fakes import ScriptedReader

CASES = (
    case("1", "the stone bridge opened", BRIDGE, RAIN, answers=["Monday"], gold=["bridge"]),
    case("2", "rain fell heavy in", BRIDGE, RAIN, answers=["Lancaster", "in York"], gold=["bridge"]),
    case("3", "nuclear submarines abroad", BRIDGE, RAIN, answers=[]),
)


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    return put(tmp_path / "reading.jsonl", *CASES)


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch)


def test_the_figures_are_printed_and_written(questions: Path, tmp_path: Path) -> None:
    ran = run("read", questions, "--json", tmp_path / "out.json", "--report", tmp_path / "report", "--seed", 3)
    told = json.loads((tmp_path / "out.json").read_text())

    assert ran.code == 0, ran.err
    assert told["command"] == "read"
    assert told["cases"] == 3
    assert told["models"] == {
        "encoder": "all-MiniLM-L6-v2",
        "judge": "nutgraf-judge",
        "reader": "SmolLM2-135M-Instruct",
        "arithmetic": compute_dtype(),
    }
    assert set(told["seconds"]["total"]) == {"p50", "p95"}
    means = {name: figure["mean"] for name, figure in told["measures"].items()}
    assert means["contains"] == means["refusal_recall"] == means["grounded"] == means["citation_recall"] == 1
    assert means["uncited"] == means["false_refusal"] == 0
    assert means["citation_gold"] == 1 / 2, "the second names a passage that is not gold"
    assert told["measures"]["contains"]["n"] == 2
    assert told["refusals"] == {"off_topic": 1}
    for printed in ("3 cases", "refusal_recall", "off_topic", "threshold", "retrieve"):
        assert printed in ran.out


def test_every_case_is_kept_with_all_that_it_saw_and_said(questions: Path, tmp_path: Path) -> None:
    run("read", questions, "--report", tmp_path / "report")
    first, _, third = kept(tmp_path / "report")

    assert first["case"]["passages"][1]["text"] == RAIN["text"]
    assert first["said"]["citations"][0]["quote"] == "The stone bridge opened on Monday."
    assert first["said"]["citations"][0]["source"] == "Post"
    assert first["scores"]["contains"] == [1, 1]
    assert third["said"]["reason_kind"] == "off_topic"
    assert not list((tmp_path / "report").glob("*.part"))


def test_two_runs_are_alike_but_for_the_seconds(questions: Path, tmp_path: Path) -> None:
    reports = [json.loads(run("read", questions, "--json", "-", "--seed", 1).out) for _ in range(2)]

    assert untimed(reports[0]) == untimed(reports[1])


def test_with_a_dash_standard_output_holds_json_alone(questions: Path) -> None:
    ran = run("read", questions, "--json", "-", "--limit", 2)

    assert json.loads(ran.out)["cases"] == 2
    assert "2 cases" in ran.err


def test_the_command_runs_through_the_real_models(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    encoder: SentenceEncoder,
    judge: CrossJudge,
    reader: LlamaReader,
) -> None:
    monkeypatch.setattr("eval.reading.Assistant", lambda settings: Assistant(settings, encoder, judge, reader))
    paragraph = {"context": "The bridge over the Lune opened on Monday. The mayor, Ann Archer, said it cost 5 euros."}
    known = {"id": "1", "question": "Who is the mayor?", "answers": [{"text": "Ann Archer"}]}
    unknown = {"id": "2", "question": "Who discovered penicillin?", "is_impossible": True, "answers": []}
    squad = {"data": [{"title": "Bridge", "paragraphs": [{**paragraph, "qas": [known, unknown]}]}]}
    ran = run("read", put(tmp_path / "dev.json", squad), "--json", "-", "--report", tmp_path / "report")
    means = {name: figure["mean"] for name, figure in json.loads(ran.out)["measures"].items()}

    assert ran.code == 0, ran.err
    assert means["contains"] == means["refusal_recall"] == means["citation_gold"] == 1
    assert means["uncited"] == 0
    first, second = kept(tmp_path / "report")
    assert "Ann Archer" in first["said"]["citations"][0]["quote"]
    assert second["said"]["refused"]


def test_a_set_with_modes_has_a_confusion_table(tmp_path: Path) -> None:
    modes = ("trustworthy", "disputed", "abstain")
    rows = [case(mode, row["question"], BRIDGE, expected=mode) for row, mode in zip(CASES, modes, strict=True)]
    ran = run("read", put(tmp_path / "modes.jsonl", *rows), "--json", tmp_path / "out.json")
    told = json.loads((tmp_path / "out.json").read_text())

    assert ran.code == 0, ran.err
    assert told["confusion"]["trustworthy"] == {"abstain": 0, "disputed": 0, "trustworthy": 1, "no result": 0}
    assert told["confusion"]["abstain"]["abstain"] == 1
    assert told["measures"]["recall_trustworthy"]["mean"] == 1
    assert "em" not in told["measures"]
    assert "right (rows) and given (columns)" in ran.out


def test_an_interrupted_run_is_gone_on_with(questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run("read", questions, "--json", tmp_path / "whole.json")
    fake(monkeypatch, Interrupted(at=2))
    stopped = run("read", questions, "--report", tmp_path / "report")
    again = ScriptedReader()
    fake(monkeypatch, again)
    resumed = run("read", questions, "--report", tmp_path / "report", "--json", tmp_path / "resumed.json")

    assert (whole.code, stopped.code, resumed.code) == (0, 130, 0)
    assert "stopped after 1 of 3 cases: the same command goes on from there" in stopped.err
    assert stopped.out == ""
    assert len(again.prompts) == 1, "the first was answered before, the third is refused unasked"
    assert [line["id"] for line in kept(tmp_path / "report")] == ["1", "2", "3"]
    first, second = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("whole", "resumed"))
    assert untimed(first) == untimed(second)


def test_without_a_report_an_interruption_says_that_nothing_is_kept(
    questions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(monkeypatch, Interrupted(at=1))
    ran = run("read", questions)

    assert ran.code == 130
    assert "stopped after 0 of 3 cases: nothing is kept without --report" in ran.err


@pytest.mark.parametrize("change", ["caution", "case", "code", "cut short", "nothing"])
def test_a_line_is_used_again_only_for_the_same_case_code_and_settings(
    questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    report = tmp_path / "report"
    run("read", questions, "--report", report)
    reader = ScriptedReader()
    fake(monkeypatch, reader)
    if change == "case":
        put(questions, {**CASES[0], "answers": ["Tuesday"]}, *CASES[1:])
    if change == "code":
        monkeypatch.setattr(running, "fingerprint", lambda _: "another")
    if change == "cut short":
        file = report / "cases.jsonl"
        file.write_text(file.read_text()[:-40])
    run("read", questions, "--report", report, *(["--caution", 0.4] if change == "caution" else []))

    assert len(reader.prompts) == {"caution": 2, "case": 1, "code": 2, "cut short": 0, "nothing": 0}[change]
    assert [line["id"] for line in kept(report)] == ["1", "2", "3"]


def test_a_case_that_fails_is_named_counts_as_wrong_and_is_asked_again(
    questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(questions, *CASES[:2], case("4", "?", BRIDGE, answers=[]))
    fake(monkeypatch, ScriptedReader("Some words", GenerationFailed("the reader broke off", "ask again")))
    ran = run("read", questions, "--report", tmp_path / "report", "--json", tmp_path / "out.json")
    told = json.loads((tmp_path / "out.json").read_text())

    assert ran.code == 0, ran.err
    assert "without a result, and so wrong in every measure: 3" in ran.out
    assert "1: the reader broke off (ask again)" in ran.out
    assert "4: the question '?' has no word in it" in ran.out
    assert told["measures"]["f1"] == {"mean": 0, "low": 0, "high": 0, "n": 3}
    assert told["measures"]["refusal_recall"]["mean"] == 0
    fake(monkeypatch)
    run("read", questions, "--report", tmp_path / "report")
    assert [bool(line["said"]) for line in kept(tmp_path / "report")] == [True, True, False]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--caution", 2], "setting caution is 2.0"),
        (["--json", "gone/out.json"], "gone/out.json cannot be written"),
        (["--json", "."], ". cannot be written"),
        (["--report", "/dev/null/report"], "/dev/null/report cannot be written"),
    ],
)
def test_bad_options_are_one_clear_error(questions: Path, arguments: list[object], told: str) -> None:
    ran = run("read", questions, *arguments)

    assert ran.code == 1
    assert ran.err.startswith("error: ")
    assert ran.err.count("\n") == 1
    assert told in ran.err


def test_a_malformed_line_is_told_with_its_file_and_number(questions: Path) -> None:
    questions.write_text(questions.read_text() + "{\n")
    ran = run("read", questions)

    assert ran.code == 1
    assert f"error: {questions}, line 4 is no JSON" in ran.err


def test_caution_reaches_the_assistant(questions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = fake(monkeypatch)
    run("read", questions, "--caution", 0.25)

    assert [settings.caution for settings in opened] == [0.25]


@pytest.mark.parametrize(
    ("published", "day"),
    [
        ("2021-04-08", "2021-04-08"),
        ("2021-04-08T10:00:00Z", "2021-04-08"),
        ("2021", "2021"),
        ("last week", None),
        ("", None),
    ],
)
def test_a_passage_becomes_an_article_with_the_date_that_can_be_read(published: str, day: str | None) -> None:
    made = article(Source("p", "It rained.", "Rain", "Post", published))

    assert (made.id, made.title, made.text, made.source) == ("p", "Rain", "It rained.", "Post")
    assert made.published == (PublishedDate.parse(day) if day else None)


def test_the_settings_and_the_weights_they_name_are_part_of_what_answers_depend_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = tmp_path / "reader.gguf"
    reader.write_text("weights")
    first = running.fingerprint(load_settings({"reader": str(reader)}))

    assert running.fingerprint(load_settings({"reader": str(reader), "archive": tmp_path})) == first
    assert running.fingerprint(load_settings({"reader": str(reader), "caution": 0.1})) != first
    reader.write_text("other weights")
    assert running.fingerprint(load_settings({"reader": str(reader)})) != first
