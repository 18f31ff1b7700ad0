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
from eval.bench.__main__ import main

FIGURE = r" \| +-?\d+"


def printed(*arguments: str) -> str:
    command = [sys.executable, "-m", "eval.bench", "--rounds", "1", *arguments]
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
    with pytest.raises(ValueError, match=r"performance\.md must hold"):
        tables.write(document, "text")

    assert document.read_text() == content


def test_an_unknown_part_is_named() -> None:
    with pytest.raises(SystemExit, match=r"no part is named speed; the parts are: ask, ingest"):
        main(["--only", "ingest,speed"])


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
    with pytest.raises(SystemExit, match="--cases"):
        main(["--only", "ablate"])
