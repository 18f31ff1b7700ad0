"""The benchmark runs and prints every row; the figures are for people to judge."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from eval import answers, bench
from eval.answers import FixedSet
from rag import InputError
from tests.conftest import SEEDS
from tests.eval.helpers import put, run

FIGURE = r" \| +-?\d+"


def test_every_row_is_printed_with_a_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ("Which cities does the gas pipeline join?", "What is the capital of France?")
    few = put(tmp_path / "few.jsonl", *({"id": text, "question": text, "answers": []} for text in asked))
    monkeypatch.setitem(answers.SETS, "seeds", FixedSet(few, SEEDS, "*.txt"))
    ran = run("bench", "--rounds", 1, "--articles", 3, "--large", 5, "--searches", 2)
    assert ran.code == 0, ran.err

    rows = (
        *("Python starts", "the whole command", "peak resident memory, MiB", "whole answer", "whole refusal"),
        *("nutgraf: read, split", "plain: cut by words", "times as fast"),
        *("passages: nutgraf", "query encoding and IndexFlatIP", "articles a second, start included"),
    )
    for row in rows:
        assert re.search(f"{row}.*{FIGURE}", ran.out), (row, ran.out)


def test_an_unknown_part_is_named() -> None:
    ran = run("bench", "--only", "ingest,speed")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("error: unknown part: speed (the parts are: ask, ingest")


def test_a_corpus_is_read_up_to_the_number_asked_for(tmp_path: Path) -> None:
    put(tmp_path / "corpus.jsonl", *({"_id": str(n), "title": f"T{n}", "text": f"Text {n}."} for n in range(5)))

    assert [upload.content for upload in bench.load_articles(tmp_path, 2)] == [b"T0\n\nText 0.", b"T1\n\nText 1."]
    with pytest.raises(InputError, match=r"gone does not exist"):
        bench.load_articles(tmp_path / "gone", 2)


def test_synthetic_articles_are_the_same_each_time_and_differ_from_each_other() -> None:
    once = bench.synthetic(20)

    assert bench.synthetic(20) == once
    assert len({upload.content for upload in once}) == 20


def test_a_process_that_ends_is_told() -> None:
    with bench.Process("no-such-encoder") as process, pytest.raises(RuntimeError, match="ended; send it this line"):
        process.call("search", "rain", 1)
