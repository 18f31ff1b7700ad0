"""`python -m eval run`, from the questions to the figures, over the sample articles and over another archive."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from embeddings import SentenceEncoder
from embeddings.network import CrossJudge
from rag import Assistant
from rag.models.reader import LlamaReader
from tests.eval.archiving import BRIDGE, CASES, OPENED, archived
from tests.eval.making import Interrupted, fake, kept, put, run, untimed
from tests.fakes import ScriptedReader

# What of a page is of the clock and of the memory, and of nothing else.
TIMED = re.compile(
    r"<section>\s*<h2>(?:Where the time goes|Cost of a case)</h2>.*?</section>|peak memory [\d,]+ MiB", re.DOTALL
)


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch)


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    return put(tmp_path / "questions.jsonl", *CASES)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return archived(tmp_path / "archive", BRIDGE)


def test_the_figures_are_printed_and_written(questions: Path, archive: Path, tmp_path: Path) -> None:
    ran = run("run", questions, "--archive", archive, "--json", tmp_path / "out.json")
    told = json.loads((tmp_path / "out.json").read_text())
    measures = told["measures"]

    assert ran.code == 0, ran.err
    assert (told["command"], told["cases"]) == ("run", 3)
    assert measures["contains"] == {"mean": 1, "low": 1, "high": 1, "n": 2}
    assert measures["refusal_recall"]["mean"] == measures["citation_gold"]["mean"] == 1
    assert measures["uncited"]["mean"] == measures["false_refusal"]["mean"] == 0
    assert measures["recall@5"] == measures["recall@10"] == {"mean": 1, "low": 1, "high": 1, "n": 1}
    assert measures["mrr@10"]["n"] == 1
    assert measures["rouge_l"] == {"mean": None, "low": None, "high": None, "n": 0}
    assert told["types"]["date"] == {"cases": 1, "right": 1, "refused": 0}
    assert told["types"]["off-topic"] == {"cases": 1, "right": 1, "refused": 1}
    assert told["refusals"] == {"off_topic": 1}
    for printed in ("3 cases", "recall@10", "by type", "narrowed", "refusals by kind", "retrieve"):
        assert printed in ran.out


def test_every_case_is_kept_with_all_that_it_saw_and_said(questions: Path, archive: Path, tmp_path: Path) -> None:
    run("run", questions, "--archive", archive, "--report", tmp_path / "report")
    first, second, third = kept(tmp_path / "report")

    sentence = first["case"]["gold"][0]
    assert sentence["text"] == "The stone bridge opened on Monday."
    assert sentence["article_id"] == first["said"]["citations"][0]["article_id"]
    assert BRIDGE in [passage["text"] for passage in first["said"]["passages"]]
    assert len(first["said"]["passages"]) == len(first["said"]["hits"])
    assert {hit["article_id"] for hit in second["said"]["hits"]} == {second["said"]["citations"][0]["article_id"]}
    assert first["scores"]["recall@5"] == [1, 1]
    assert third["said"]["reason_kind"] == "off_topic"
    assert "draft" in first["said"]


def test_what_was_said_before_is_asked_with_the_question(archive: Path, tmp_path: Path) -> None:
    before = [{"question": "What opened on Monday?", "answer": "The stone bridge opened on Monday. [1]"}]
    rows = [{"id": "1", "question": "Where?", "answers": []}, {"id": "2", "question": "Where?", "answers": []}]
    file = put(tmp_path / "questions.jsonl", rows[0], rows[1] | {"history": before})
    run("run", file, "--archive", archive, "--report", tmp_path / "report")
    alone, after = kept(tmp_path / "report")

    assert alone["said"]["asked"] == "Where?"
    assert "Monday" in after["said"]["asked"]
    assert after["case"]["history"] == before


def test_an_interrupted_run_is_gone_on_with(
    questions: Path, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    common = ("run", questions, "--archive", archive, "--json", "-")
    whole = run(*common)
    fake(monkeypatch, Interrupted(at=2))
    stopped = run(*common, "--report", tmp_path / "report")
    again = ScriptedReader()
    fake(monkeypatch, again)
    resumed = run(*common, "--report", tmp_path / "report")

    assert (whole.code, stopped.code, resumed.code) == (0, 130, 0)
    assert "stopped after 1 of 3 cases" in stopped.err
    assert len(again.prompts) == 1, "the first was answered before, the third is refused unasked"
    assert untimed(json.loads(whole.out)) == untimed(json.loads(resumed.out))


@pytest.mark.parametrize(("bridge", "asked"), [(BRIDGE, 0), (f"{BRIDGE} It is old.", 2)])
def test_a_line_is_used_again_only_for_the_same_articles(
    questions: Path, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bridge: str, asked: int
) -> None:
    run("run", questions, "--archive", archive, "--report", tmp_path / "report")
    reader = ScriptedReader()
    fake(monkeypatch, reader)
    run("run", questions, "--archive", archived(tmp_path / "other", bridge), "--report", tmp_path / "report")

    assert len(reader.prompts) == asked
    assert len(kept(tmp_path / "report")) == 3


def test_an_archive_that_is_not_there_is_not_begun(questions: Path, tmp_path: Path) -> None:
    ran = run("run", questions, "--archive", tmp_path / "gone")

    assert ran.code == 1
    assert ran.err.startswith(f"error: there is no archive in {tmp_path / 'gone'}")
    assert not (tmp_path / "gone").exists()


def test_a_gold_article_that_is_not_there_is_told_before_anything_is_asked(
    questions: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(questions, *CASES, {**CASES[0], "id": "4", "gold": [OPENED | {"article_id": "gone.txt"}]})
    reader = ScriptedReader()
    fake(monkeypatch, reader)
    ran = run("run", questions, "--archive", archive)

    assert ran.code == 1
    assert "error: case '4': the gold article 'gone.txt' is not in the archive" in ran.err
    assert not reader.prompts


def test_an_outlet_that_the_archive_does_not_have_leaves_the_case_without_a_result(
    archive: Path, tmp_path: Path
) -> None:
    file = put(tmp_path / "questions.jsonl", CASES[0] | {"sources": ["Reuters"]}, CASES[1])
    ran = run("run", file, "--archive", archive, "--json", tmp_path / "out.json")
    measures = json.loads((tmp_path / "out.json").read_text())["measures"]

    assert ran.code == 0, ran.err
    assert "1: no article is from 'Reuters'" in ran.out
    assert measures["recall@10"] == {"mean": 0, "low": 0, "high": 0, "n": 1}
    assert measures["contains"]["mean"] == 1 / 2


def test_without_an_archive_the_sample_articles_are_asked_under_ids_that_are_the_same_everywhere(
    tmp_path: Path,
) -> None:
    ran = run("run", "--limit", 2, "--report", tmp_path / "report")
    passages = [passage for line in kept(tmp_path / "report") for passage in line["said"]["passages"]]

    assert ran.code == 0, ran.err
    # Made of the names of the files, not of where the checkout is.
    assert {passage["article_id"] for passage in passages} == {
        "dawn-russia-military-gear-0d43c26962d0",
        "lavrov-bilateral-boost-8f9da2c162dc",
    }


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cases.jsonl", "my own notes\n"),
        ("cases.jsonl", json.dumps(CASES[0])),
        ("cases.jsonl", '["a list"]'),
        ("report.html", "<p>mine</p>"),
    ],
)
def test_a_folder_that_holds_something_else_is_refused_and_left_as_it_is(
    questions: Path, archive: Path, tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / name).write_text(content)
    ran = run("run", questions, "--archive", archive, "--report", tmp_path / "report")

    assert (ran.code, ran.out) == (1, "")
    assert f"{name} is of no report that could be gone on with (name another --report)" in ran.err
    assert [file.read_text() for file in (tmp_path / "report").iterdir()] == [content]


def test_the_report_of_another_command_is_refused_and_left_as_it_is(
    questions: Path, archive: Path, tmp_path: Path
) -> None:
    report = tmp_path / "report"
    assert run("run", questions, "--archive", archive, "--report", report).code == 0
    (report / "report.json").write_text((report / "report.json").read_text().replace('"run"', '"claims"', 1))
    before = (report / "cases.jsonl").read_text()
    ran = run("run", questions, "--archive", archive, "--report", report)

    assert (ran.code, ran.out) == (1, "")
    assert f"{report} is a report of `claims`, not of `run` (name another --report)" in ran.err
    assert (report / "cases.jsonl").read_text() == before


def test_a_report_whose_only_line_was_cut_short_is_gone_on_with(questions: Path, archive: Path, tmp_path: Path) -> None:
    common = ("run", questions, "--archive", archive, "--report", tmp_path / "report")
    assert run(*common).code == 0
    file = tmp_path / "report" / "cases.jsonl"
    file.write_text(file.read_text()[:20])

    assert run(*common).code == 0
    assert [line["id"] for line in kept(tmp_path / "report")] == ["1", "2", "3"]


def test_characters_that_no_page_can_hold_end_nothing(archive: Path, tmp_path: Path) -> None:
    rows = {
        "id": "\u202eé😀\x00",
        "question": "the stone bridge opened \x1b 😀?",
        "answers": ["мост"],
        "type": "a\x00b\ufffe",
    }
    file = put(tmp_path / "questions.jsonl", rows)
    ran = run("run", file, "--archive", archive, "--report", tmp_path / "report")

    assert ran.code == 0, ran.err
    assert "a\ufffdb\ufffd" in (tmp_path / "report" / "report.html").read_text()


def test_a_negative_seed_is_bad_usage(questions: Path) -> None:
    assert run("run", questions, "--seed", "-1").code == 2


def test_without_any_case_that_can_be_answered_the_others_are_measured(archive: Path, tmp_path: Path) -> None:
    file = put(tmp_path / "questions.jsonl", CASES[2])
    ran = run("run", file, "--archive", archive, "--json", "-", "--report", tmp_path / "report")
    measures = json.loads(ran.out)["measures"]

    assert ran.code == 0, ran.err
    assert measures["f1"] == measures["refusal_recall"] == {"mean": 1, "low": 1, "high": 1, "n": 1}
    assert measures["contains"] == measures["auroc"] == {"mean": None, "low": None, "high": None, "n": 0}


def test_the_fixed_set_runs_through_the_real_models_twice_alike(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    encoder: SentenceEncoder,
    judge: CrossJudge,
    reader: LlamaReader,
) -> None:
    monkeypatch.setattr("eval.asking.Assistant", lambda settings: Assistant(settings, encoder, judge, reader))
    folders = [tmp_path / "first", tmp_path / "second"]
    reports = [json.loads(run("run", "--limit", 3, "--json", "-", "--report", folder).out) for folder in folders]
    first, second = ([line | {"said": untimed(line["said"])} for line in kept(folder)] for folder in folders)

    assert json.dumps(untimed(reports[0])) == json.dumps(untimed(reports[1]))
    assert json.dumps(first) == json.dumps(second)
    assert {file.name for file in folders[0].iterdir()} == {"cases.jsonl", "report.json", "report.html"}
    wholes = [untimed(json.loads((folder / "report.json").read_text())) for folder in folders]
    for whole in wholes:
        del whole["waterfall"], whole["charts"]["waterfall"]
    assert json.dumps(wholes[0]) == json.dumps(wholes[1])
    pages = [TIMED.sub("", (folder / "report.html").read_text()) for folder in folders]
    assert pages[0] == pages[1]
    assert reports[0]["cases"] == 3
    assert reports[0]["measures"]["recall@10"]["n"] == sum(bool(line["case"]["gold"]) for line in first) > 0
    assert reports[0]["measures"]["recall@10"]["mean"] > 0
    assert reports[0]["measures"]["uncited"]["mean"] == 0
    assert all(line["said"]["passages"] for line in first)
