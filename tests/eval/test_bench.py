"""The benchmark runs and prints every row; what it prints is for people to judge, not for a test."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from eval.bench import articles, tables
from eval.bench.tables import Table
from tests.eval.making import run

FIGURE = r" \| +-?\d+"


def interrupted(*_: object) -> Table:
    raise KeyboardInterrupt


def printed(*arguments: str) -> str:
    command = [sys.executable, "-m", "eval", "bench", "--rounds", "1", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_every_row_of_a_question_is_printed_with_a_figure() -> None:
    text = printed("--only", "ask")

    rows = (
        "Python starts",
        "the whole command",
        "peak resident memory, MiB",
        "first token, where the reader is asked",
        "whole answer",
    )
    for row in (*rows, "whole refusal", "to the first token", "llama.cpp alone, the same prompt"):
        assert re.search(row + FIGURE, text), text
    assert "have a sentence of its" in text


def test_every_other_row_is_printed_and_written_between_the_markers(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text("before\n<!-- bench: begin -->\nold\n<!-- bench: end -->\nafter\n")
    sizes = ["--articles", "3", "--large", "5", "--searches", "2", "--vectors", "600"]
    text = printed("--only", "ingest,grow,search,index,memory", *sizes, "--write", str(document))

    rows = ("nutgraf: read, split", "plain: encode", "times as fast", "all in", "outside the encoder")
    for row in (*rows, "passages: nutgraf", "recall@10", "load, seconds", "memory held", "peak resident"):
        assert re.search(f"{row}.*{FIGURE}", text), (row, text)
    written = document.read_text()
    assert written.startswith("before\n")
    assert written.endswith("after\n")
    assert "old" not in written
    assert text.strip() in written


@pytest.mark.parametrize("content", ["", "<!-- bench: end --> <!-- bench: begin -->", "<!-- bench: begin -->"])
def test_a_document_without_markers_is_left_as_it_is(tmp_path: Path, content: str) -> None:
    document = tmp_path / "performance.md"
    document.write_text(content)
    ran = run("bench", "--only", "ask", "--write", document)

    assert ran.code == 1
    assert "performance.md lacks its markers" in ran.err
    assert ran.out == "", "nothing is measured first"

    assert document.read_text() == content


def test_an_unknown_part_is_named() -> None:
    ran = run("bench", "--only", "ingest,speed")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("error: no part is named speed (the parts are: ask, ingest")


@pytest.mark.parametrize("packed", [False, True])
def test_a_corpus_is_read_up_to_the_number_asked_for(tmp_path: Path, *, packed: bool) -> None:
    lines = "".join(
        json.dumps({"_id": str(n), "title": f"T{n}", "text": f"Text {n}."}) + "\n" for n in range(5)
    ).encode()
    name = "corpus.jsonl.gz" if packed else "corpus.jsonl"
    (tmp_path / name).write_bytes(gzip.compress(lines) if packed else lines)

    assert [upload.content for upload in articles.load(tmp_path, 2)] == [b"T0\n\nText 0.", b"T1\n\nText 1."]


def test_a_folder_without_a_corpus_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"holds no corpus\.jsonl"):
        articles.load(tmp_path, 2)


def test_synthetic_articles_are_the_same_every_time_and_differ_from_each_other() -> None:
    once = articles.synthetic(20)

    assert articles.synthetic(20) == once
    assert len({upload.content for upload in once}) == 20
    assert articles.synthetic(5, first=15) == once[15:]


def test_a_ratio_says_its_median_and_its_range() -> None:
    assert tables.ratio([2, 9, 8], [1, 3, 2]) == "3.00 (2.00 to 4.00)"


def test_what_is_lost_without_each_part_is_told_for_every_variant(tmp_path: Path) -> None:
    text = "Jon Berg, the mayor of Tarn, opened the bridge on Monday."
    rows = [
        {
            "id": "1",
            "question": "Who opened the bridge?",
            "answers": ["Jon Berg"],
            "passages": [{"id": "a", "text": text}],
        },
        {"id": "2", "question": "Who paid for the ferry?", "answers": [], "passages": [{"id": "a", "text": text}]},
    ]
    cases = tmp_path / "reading.jsonl"
    cases.write_text("\n".join(map(json.dumps, rows)))

    told = printed("--only", "ablate", "--cases", str(cases))

    assert "| as it is | no writer | no writer, no check | no reader | no reader, no judge |" in told
    assert re.search(r"holds an answer \| 1\.000 .*\|", told)
    assert re.search(r"refused, of the unanswerable \| 1\.000", told)
    assert "words |" in told


def test_the_part_ablate_asks_for_cases() -> None:
    ran = run("bench", "--only", "ablate")

    assert (ran.code, ran.out) == (1, "")
    assert "--cases FILE" in ran.err


def test_a_folder_without_a_corpus_is_one_clear_error(tmp_path: Path) -> None:
    ran = run("bench", "--only", "memory", "--corpus", tmp_path)

    assert ran.code == 1
    assert "the part memory cannot be measured" in ran.err
    assert "corpus.jsonl" in ran.err


def test_a_stopped_benchmark_is_gone_on_with_and_told_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    common = ("bench", "--only", "index,memory", "--limit", 2, "--vectors", 600, "--report", tmp_path / "report")
    with monkeypatch.context() as broken:
        broken.setattr("eval.bench.ingesting.memory", interrupted)
        stopped = run(*common)
    monkeypatch.setattr("eval.bench.searching.index_alone", interrupted)
    again = run(*common, "--json", "-")
    told = json.loads(again.out)

    assert (stopped.code, again.code) == (130, 0)
    assert "stopped after 1 of 2 parts: the same command goes on from there" in stopped.err
    assert stopped.out.rstrip().splitlines()[-1] in again.err, "the part that was measured is shown as it was"
    assert (told["command"], told["cases"], told["measures"]) == ("bench", 2, {})
    assert set(told["seconds"]) == {"index", "memory"}
    assert set(told["models"]) == {"encoder", "judge", "reader", "arithmetic"}
    assert [table["part"] for table in told["tables"]] == ["index", "memory"]
    assert "of 2 articles" in told["tables"][1]["title"]
