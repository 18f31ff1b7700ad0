"""Measuring how passages are found: what is read, what is left out, and figures that can be worked out by hand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval.__main__ import app
from eval.retrieval import rank, read, sample, score, summary
from rag import InputError
from tests.rag.making import assistant

CORPUS = (
    {"_id": "gas", "title": "A pipeline", "text": "Russia builds a gas pipeline to Lahore."},
    {"_id": "x/y z", "title": "", "text": "Five million doses of Sputnik were bought by Pakistan this week."},
    {"_id": "rail", "title": "Rail: a 'plan'", "text": "Pakistan welcomes expertise on railways."},
)
QUERIES = (
    {"_id": "1", "text": "gas pipeline to Lahore"},
    {"_id": "2", "text": "doses of Sputnik"},
    {"_id": "3", "text": "unjudged"},
)


def lines(rows: tuple[dict[str, str], ...]) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "set"
    (home / "qrels").mkdir(parents=True)
    (home / "corpus.jsonl.gz").write_bytes(gzip.compress(lines(CORPUS).encode()))
    (home / "queries.jsonl").write_text(lines(QUERIES))
    (home / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n1\tgas\t1\n2\tx/y z\t1\n2\tgone\t1\n")
    return home


def test_a_folder_is_read_and_queries_without_qrels_are_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    collection = read(folder)

    assert [article for article, _, _ in collection.articles] == ["gas", "x/y z", "rail"]
    assert collection.judged == {"1": {"gas": 1}, "2": {"x/y z": 1, "gone": 1}}
    assert "left out: 3" in capsys.readouterr().err


@pytest.mark.parametrize("gone", ["corpus.jsonl.gz", "queries.jsonl", "qrels/test.tsv"])
def test_a_missing_file_is_named(folder: Path, gone: str) -> None:
    (folder / gone).unlink()
    result = CliRunner().invoke(app, ["retrieval", str(folder)])

    assert result.exit_code == 1
    assert result.stderr.replace("\n", "").startswith("error: ")
    assert gone.partition(".")[0].partition("/")[0] in result.stderr


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("queries.jsonl", '{"_id": "1"}\n{', "line 2 is no JSON"),
        ("queries.jsonl", "[1]\n", "line 1 has no _id"),
        ("corpus.jsonl.gz", "not gzip", "cannot be read"),
        ("qrels/test.tsv", "1\tgas\t1\n1 gas 1\n", "line 2 is"),
        ("qrels/test.tsv", "9\tgas\t1\n", "no query of"),
    ],
)
def test_a_bad_file_is_one_clear_error(folder: Path, name: str, content: str, told: str) -> None:
    (folder / name).write_text(content)
    with pytest.raises(InputError, match=told):
        read(folder)


def test_every_order_ranks_articles_through_the_real_search(folder: Path, tmp_path: Path) -> None:
    with assistant(tmp_path / "home") as archive:
        runs = rank(archive, read(folder))

    assert set(runs) == {"fused", "dense", "passages", "articles", "rrf", "sum"}
    for run in runs.values():
        assert max(run["1"], key=run["1"].__getitem__) == "gas"
        assert max(run["2"], key=run["2"].__getitem__) == "x/y z"


def test_the_figures_are_those_worked_out_by_hand() -> None:
    judged = {"1": {"a": 1}, "2": {"b": 1, "c": 1}, "3": {"d": 1}}
    values = score(judged, {"1": {"z": -1.0, "a": -2.0}, "2": {"b": 0.0}, "3": {}})

    assert values["RR@10"] == {"1": 0.5, "2": 1.0, "3": 0.0}, "a query with no result counts as zero"
    assert values["R@5"] == {"1": 1.0, "2": 0.5, "3": 0.0}
    assert values["nDCG@10"]["1"] == pytest.approx(0.6309, abs=1e-4)


def test_a_difference_is_paired_and_to_what_ships() -> None:
    report = summary({"fused": {"R@5": {"1": 1.0, "2": 0.0}}, "dense": {"R@5": {"1": 0.5, "2": 0.0}}}, seed=0)

    assert report["dense"]["R@5"]["to_shipped"] == -0.25
    assert report["dense"]["R@5"]["to_shipped_interval"] == (-0.5, 0.0)
    assert report["fused"]["R@5"]["to_shipped_interval"] == (0.0, 0.0)


def test_a_sample_is_the_same_for_the_same_seed(folder: Path) -> None:
    collection = read(folder)

    assert sample(collection, 1, 5) == sample(collection, 1, 5)
    assert len(sample(collection, 1, 5).queries) == len(sample(collection, 1, 5).judged) == 1
    assert sample(collection, 9, 5) == collection
