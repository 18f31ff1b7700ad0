"""Test collections: what is read, what is left out, and what is told of a bad file."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.beir import read
from eval.cases import sample
from rag import InputError
from tests.eval.collection import folder as put_collection
from tests.eval.making import run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return put_collection(tmp_path / "set")


def test_a_folder_is_read_and_queries_without_qrels_are_left_out(folder: Path) -> None:
    collection = read(folder)
    first, second = collection.queries

    assert list(collection.names.values()) == ["gas", "x/y-z", "rail"]
    assert (first.id, first.text, first.judged) == ("1", "gas pipeline to Lahore", (("gas", 1),))
    assert second.gold == {"x/y-z", "gone"}
    assert collection.unjudged == ("3",)


def test_an_article_that_is_judged_not_relevant_is_not_gold(folder: Path) -> None:
    (folder / "qrels.tsv").write_text("1\tgas\t1\n1\trail\t0\n2\tgas\t0\n")
    (query,) = read(folder).queries

    assert query.id == "1", "qrels.tsv stands for qrels/"
    assert query.gold == {"gas"}


def test_a_query_is_of_its_corpus(folder: Path) -> None:
    before = read(folder).queries
    put_collection(folder, {"_id": "new", "title": "", "text": "It rained."})
    after = read(folder).queries

    assert before[0].written != after[0].written, "what was found in another corpus is not used again"


@pytest.mark.parametrize("gone", ["corpus.jsonl.gz", "queries.jsonl", "qrels/test.tsv"])
def test_a_missing_file_is_named(folder: Path, gone: str) -> None:
    (folder / gone).unlink()
    ran = run("retrieval", folder)

    assert ran.code == 1
    assert ran.err.startswith("error: ")
    assert gone.partition(".")[0].partition("/")[0] in ran.err


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("queries.jsonl", '{"_id": "1"}\n{', "line 2 is no JSON"),
        ("queries.jsonl", "[1]\n", "line 1 is no JSON object"),
        ("queries.jsonl", '{"text": "gas"}\n', "line 1 has no _id"),
        ("queries.jsonl", '{"_id": "1"}\n{"_id": "1"}\n', "line 2: the _id '1' stands twice"),
        ("corpus.jsonl.gz", "not gzip", "cannot be read"),
        ("qrels/test.tsv", "1\tgas\t1\n1 gas 1\n", "line 2 is"),
        ("qrels/test.tsv", "1\tgas\tyes\n", "line 1 is"),
        ("qrels/test.tsv", "9\tgas\t1\n", "no query of"),
    ],
)
def test_a_bad_file_is_one_clear_error(folder: Path, name: str, content: str, told: str) -> None:
    (folder / name).write_text(content)
    with pytest.raises(InputError, match=told):
        read(folder)


def test_a_sample_is_the_same_for_the_same_seed(folder: Path) -> None:
    queries = read(folder).queries

    assert len(sample(queries, 1, 5)) == 1
    assert sample(queries, 1, 5) == sample(queries, 1, 5)
    assert sample(queries, 9, 5) == queries
