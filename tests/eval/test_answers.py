"""`python -m eval run` and `read`: from the questions to the figures, stopped, resumed, and with bad input."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from embeddings import SentenceEncoder
from embeddings.network import CrossJudge
from eval import answers
from eval.answers import FixedSet, article
from eval.cases import Source
from rag import Assistant, PublishedDate, Settings, compute_dtype, load_settings
from rag.models.reader import LlamaReader
from tests.eval.helpers import (
    BRIDGE,
    BRIDGE_PASSAGE,
    CASES,
    OPENED,
    RAIN_PASSAGE,
    READING,
    Log,
    archived,
    fake,
    kept,
    put,
    reading,
    run,
    untimed,
    whole,
)


@pytest.fixture(autouse=True)
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    return fake(monkeypatch)


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    return put(tmp_path / "reading.jsonl", *READING)


@pytest.fixture
def asking(tmp_path: Path) -> tuple[object, ...]:
    """The command that asks three questions of a small archive."""
    questions = put(tmp_path / "questions.jsonl", *CASES)
    return ("run", questions, "--archive", archived(tmp_path / "archive"))


@pytest.fixture
def news(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FixedSet:
    """A made-up fixed set of nine articles in place of the one that comes with nutgraf."""
    folder = tmp_path / "news" / "articles"
    folder.mkdir(parents=True)
    for number in range(6):
        text = f"Ferry {number}\nThe Herald, 2 May 2024\n\nThe ferry number {number} cost {number + 3} million.\n"
        (folder / f"ferry-{number}.txt").write_text(text)
    (folder / "dam.md").write_text("---\ntitle: The dam\n---\n\nThe dam at Tarn will\nnot open before June.\n")
    (folder / "rows.csv").write_text(
        "title,text,source,published,url\n"
        'First,"The mayor of Tarn resigned on Monday, the council said.",Post,2024-05-03,https://post.example/a\n'
        'Second,"The mayor of Orm stayed in office, the council said.",Post,2024-05-04,https://post.example/b\n'
    )
    rows: list[dict[str, Any]] = [
        {
            "id": "dam",
            "type": "date",
            "question": "the dam at tarn will open before",
            "answers": ["June"],
            "gold": [{"article_id": "dam.md", "quote": "The dam at Tarn will not open before June."}],
            "wrong": ["May"],
        },
        {
            "id": "mayor",
            "type": "yes-no",
            "question": "the mayor of orm resigned on in office",
            "answers": ["stayed in office"],
            "gold": [{"article_id": "rows.csv#2", "quote": "The mayor of Orm stayed in office, the council said."}],
            "wrong": ["Yes"],
            "held": True,
        },
        {
            "id": "ferry",
            "type": "false-premise",
            "question": "the ferry number 9 cost 12 billion",
            "answers": [],
            "corrects": ["number 0 cost"],
            "wrong": ["million"],
            "held": True,
        },
    ]
    put(folder.parent / "questions.jsonl", *rows)
    made = FixedSet(folder.parent / "questions.jsonl", folder, "*")
    monkeypatch.setitem(answers.SETS, "news", made)
    return made


def test_run_prints_and_writes_the_figures(asking: tuple[object, ...], tmp_path: Path) -> None:
    ran = run(*asking, "--json", tmp_path / "out.json")
    told = json.loads((tmp_path / "out.json").read_text())
    measures = told["measures"]

    assert ran.code == 0, ran.err
    assert (told["command"], told["set"], told["cases"]) == ("run", "", 3)
    assert measures["right"] == {"mean": 1, "low": 1, "high": 1, "n": 3}
    assert measures["contains"] == {"mean": 1, "low": 1, "high": 1, "n": 2}
    assert measures["refusal_recall"]["mean"] == measures["gold_cited"]["mean"] == 1
    assert measures["uncited"]["mean"] == measures["false_refusal"]["mean"] == 0
    assert measures["recall@5"] == measures["recall@10"] == {"mean": 1, "low": 1, "high": 1, "n": 1}
    assert told["types"]["date"]["cases"] == told["types"]["date"]["measures"]["right"]["mean"] == 1
    assert told["refusals"] == {"off_topic": 1}
    for printed in ("3 cases", "recall@10", "By type", "narrowed", "Refusals by kind", "retrieve"):
        assert printed in ran.out


def test_run_keeps_every_case_with_all_that_it_saw_and_said(asking: tuple[object, ...], tmp_path: Path) -> None:
    run(*asking, "--report", tmp_path / "report")
    first, second, third = kept(tmp_path / "report")

    (gold,) = first["case"]["gold"]
    assert gold["text"] == OPENED["quote"]
    assert BRIDGE[gold["start"] : gold["end"]] == OPENED["quote"]
    assert gold["article_id"] == first["said"]["citations"][0]["article_id"]
    assert BRIDGE in [passage["text"] for passage in first["said"]["passages"]]
    assert second["case"]["sources"] == ["Post"]
    assert first["scores"]["recall@5"] == [1, 1]
    assert third["said"]["reason_kind"] == "off_topic"
    assert sorted(file.name for file in (tmp_path / "report").iterdir()) == ["cases.jsonl", "page.html", "report.json"]


def test_a_fixed_set_is_asked_of_its_own_articles(news: FixedSet, tmp_path: Path, log: Log) -> None:
    common = ("run", "--set", "news", "--report", tmp_path / "report")
    ran = run(*common)
    first, second, third = kept(tmp_path / "report")

    assert ran.code == 0, ran.err
    # The quote stands on two lines of the file, and the row is named by its number.
    assert " ".join(first["case"]["gold"][0]["text"].split()) == "The dam at Tarn will not open before June."
    assert "stayed in office" in second["case"]["gold"][0]["text"]
    assert first["scores"]["gold_cited"] == second["scores"]["gold_cited"] == [1, 1]
    # The third is answered, by the sentence that corrects the premise; its short answer is a wrong wording.
    assert third["said"]["refused"] is False
    assert third["scores"]["right"] == third["scores"]["refusal_recall"] == third["scores"]["misled"] == [1, 1]
    told = whole(tmp_path / "report")
    assert (told["set"], told["held"]["right"]["n"], told["not_held"]["right"]["n"]) == ("news", 2, 1)
    assert told["measures"]["misled"] == {**told["measures"]["misled"], "mean": 1 / 3, "n": 3}
    (archive,) = (tmp_path / "report" / "work").iterdir()
    run(*common)
    assert list((tmp_path / "report" / "work").iterdir()) == [archive], "the archive is built once"
    assert len(log.asked) == 3, "and nothing is asked twice"
    (news.folder / "more.txt").write_text("More\n\nNothing else happened in Tarn.\n")
    run(*common)
    assert [one != archive for one in (tmp_path / "report" / "work").iterdir()] == [True]


def test_all_fixed_sets_are_asked_and_gated_each_with_its_own_report(
    news: FixedSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eval.comparison.QUESTIONS", tmp_path)
    ran = run("run", "--limit", 2, "--report", tmp_path / "report", "--json", tmp_path / "out.json")
    told = json.loads((tmp_path / "out.json").read_text())

    assert ran.code == 0, ran.err
    assert {name: one["cases"] for name, one in told["sets"].items()} == {"news": 2, "seeds": 2}
    assert {"news", "seeds", "work"} == {one.name for one in (tmp_path / "report").iterdir()}
    assert run("gate", tmp_path / "report", "--write").code == 0
    assert {"news-baseline.json", "seeds-baseline.json"} <= {one.name for one in tmp_path.iterdir()}
    gated = run("gate", tmp_path / "report", "--json", "-")
    assert gated.code == 0, gated.err
    assert set(json.loads(gated.out)["sets"]) == {"news", "seeds"}


def test_the_texts_of_held_cases_are_shown_only_when_asked_for(
    news: FixedSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(monkeypatch, Log(blind=True))
    ran = run("run", "--set", "news", "--report", tmp_path / "report")
    page = tmp_path / "report" / "page.html"

    assert "the dam at tarn" in page.read_text()
    assert "the mayor of orm" not in page.read_text() + ran.out
    assert "1 are held cases, whose texts are not shown" in page.read_text()
    assert run("page", tmp_path / "report", "--show-held").code == 0
    assert "the mayor of orm" in page.read_text()


def test_run_without_an_archive_asks_the_sample_articles_under_ids_that_are_the_same_everywhere(tmp_path: Path) -> None:
    ran = run("run", "--set", "seeds", "--limit", 2, "--report", tmp_path / "report")
    passages = [passage for line in kept(tmp_path / "report") for passage in line["said"]["passages"]]

    assert ran.code == 0, ran.err
    assert {passage["article_id"] for passage in passages} == {
        "dawn-russia-military-gear-0d43c26962d0",
        "lavrov-bilateral-boost-8f9da2c162dc",
    }


@pytest.mark.parametrize("command", ["run", "read"])
def test_history_is_asked_with_the_question(command: str, tmp_path: Path, log: Log) -> None:
    history = [
        {"question": "What opened on Monday?", "answer": "The stone bridge. [1]"},
        {"question": "Why?", "answer": ""},
    ]
    row = {"id": "1", "question": "where in lancaster", "answers": [], "history": history}
    more: tuple[object, ...] = ("--archive", archived(tmp_path / "archive")) if command == "run" else ()
    passages = {"passages": [BRIDGE_PASSAGE]} if command == "read" else {}
    ran = run(command, put(tmp_path / "set.jsonl", row | passages), "--report", tmp_path / "report", *more)

    assert ran.code == 0, ran.err
    assert [exchange._asdict() for exchange in log.asked[0].history] == history
    assert kept(tmp_path / "report")[0]["case"]["history"] == history


@pytest.mark.parametrize(("bridge", "asked"), [(BRIDGE, 0), (f"{BRIDGE} It is old.", 3)])
def test_a_line_is_reused_only_for_the_same_articles(
    asking: tuple[object, ...], tmp_path: Path, log: Log, bridge: str, asked: int
) -> None:
    run(*asking, "--report", tmp_path / "report")
    log.asked.clear()
    run(*asking[:3], archived(tmp_path / "other", bridge), "--report", tmp_path / "report")

    assert len(log.asked) == asked
    assert len(kept(tmp_path / "report")) == 3


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["FILE", "--archive", "gone"], "there is no archive in"),
        (["--archive", "gone"], "--archive needs questions"),
        (["--set", "old"], "there is no set old (name one of news, seeds"),
        (["FILE", "--set", "seeds"], "and --set seeds are given"),
    ],
)
def test_what_run_cannot_ask_is_told(
    asking: tuple[object, ...], tmp_path: Path, arguments: list[str], told: str
) -> None:
    places = {"FILE": str(asking[1]), "gone": str(tmp_path / "gone")}
    ran = run("run", *(places.get(one, one) for one in arguments))

    assert ran.code == 1
    assert told in ran.err
    assert not (tmp_path / "gone").exists()


def test_gold_that_is_not_in_the_archive_is_told_before_anything_is_asked(
    asking: tuple[object, ...], tmp_path: Path, log: Log
) -> None:
    gone, twice = {"article_id": "gone.txt", "start": 0, "end": 3}, {"article_id": "rain.txt", "quote": "in"}
    put(tmp_path / "questions.jsonl", *CASES, {**CASES[0], "id": "4", "gold": [gone, twice]})
    ran = run(*asking)

    assert ran.code == 1
    assert "case '4': the gold article 'gone.txt' is not in the archive" in ran.err
    assert "the gold article 'rain.txt' contains 'in' 2 times, not once" in ran.err
    assert not log.asked


def test_a_question_that_cannot_be_asked_is_a_case_without_a_result(asking: tuple[object, ...], tmp_path: Path) -> None:
    put(tmp_path / "questions.jsonl", CASES[0] | {"sources": ["Reuters"]}, CASES[1])
    ran = run(*asking, "--json", tmp_path / "out.json")
    measures = json.loads((tmp_path / "out.json").read_text())["measures"]

    assert ran.code == 0, ran.err
    assert "1: no article is from 'Reuters'" in ran.out
    assert measures["recall@10"]["mean"] == 0
    assert measures["contains"]["mean"] == 1 / 2


def test_read_prints_and_writes_the_figures(cases: Path, tmp_path: Path) -> None:
    ran = run("read", cases, "--json", tmp_path / "out.json", "--report", tmp_path / "report", "--seed", 3)
    told = json.loads((tmp_path / "out.json").read_text())
    means = {name: figure["mean"] for name, figure in told["measures"].items()}

    assert ran.code == 0, ran.err
    assert (told["command"], told["cases"]) == ("read", 3)
    assert told["models"] == {
        "encoder": "all-MiniLM-L6-v2",
        "judge": "nutgraf-judge",
        "reader": load_settings().reader,
        "arithmetic": compute_dtype(),
    }
    assert means["contains"] == means["refusal_recall"] == means["grounded"] == means["citation_recall"] == 1
    assert means["uncited"] == means["false_refusal"] == 0
    assert means["citation_gold"] == means["gold_cited"] == 1 / 2, "the second cites a passage that is not gold"
    first, _, third = kept(tmp_path / "report")
    assert first["case"]["passages"][1]["text"] == RAIN_PASSAGE["text"]
    assert first["said"]["citations"][0]["quote"] == OPENED["quote"]
    assert third["said"]["reason_kind"] == "off_topic"
    assert {path.name for path in (tmp_path / "report").iterdir()} == {"cases.jsonl", "report.json", "page.html"}


def test_two_runs_differ_only_in_what_they_cost(cases: Path) -> None:
    first, second = (json.loads(run("read", cases, "--json", "-", "--limit", 2).out) for _ in range(2))

    assert untimed(first) == untimed(second)
    assert first["cases"] == 2


def test_a_set_with_modes_has_a_confusion_table(tmp_path: Path) -> None:
    modes = ("trustworthy", "disputed", "abstain")
    rows = [
        reading(mode, row["question"], BRIDGE_PASSAGE, expected=mode) for row, mode in zip(READING, modes, strict=True)
    ]
    ran = run("read", put(tmp_path / "modes.jsonl", *rows), "--json", tmp_path / "out.json")
    told = json.loads((tmp_path / "out.json").read_text())

    assert ran.code == 0, ran.err
    assert told["confusion"]["trustworthy"] == {"abstain": 0, "disputed": 0, "trustworthy": 1, "no result": 0}
    assert told["confusion"]["abstain"]["abstain"] == 1
    assert {"macro_f1", "recall_trustworthy"} <= told["measures"].keys()
    assert "em" not in told["measures"]
    assert "Right (rows) and given (columns)" in ran.out


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
def test_a_passage_becomes_an_article_with_the_date_that_can_be_parsed(published: str, day: str | None) -> None:
    made = article(Source("p", "It rained.", "Rain", "Post", published))

    assert (made.id, made.title, made.text, made.source) == ("p", "Rain", "It rained.", "Post")
    assert made.published == (PublishedDate.parse(day) if day else None)


def test_the_real_models_answer_the_sample_questions_alike_each_time(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    encoder: SentenceEncoder,
    judge: CrossJudge,
    reader: LlamaReader,
) -> None:
    made: Callable[[Settings], Assistant] = lambda settings: Assistant(settings, encoder, judge, reader)  # noqa: E731
    monkeypatch.setattr("eval.answers.Assistant", made)
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        assert run("run", "--set", "seeds", "--limit", 3, "--report", folder).code == 0
        shutil.rmtree(folder / "work")
    first, second = ([line | {"said": untimed(line["said"])} for line in kept(folder)] for folder in folders)

    assert json.dumps(first) == json.dumps(second)
    assert untimed(whole(folders[0])) == untimed(whole(folders[1]))
    measures = whole(folders[0])["measures"]
    assert measures["recall@10"]["mean"] > 0
    assert measures["uncited"]["mean"] == 0
    assert all(line["said"]["passages"] for line in first)
