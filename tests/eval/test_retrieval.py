"""`python -m eval retrieval`: collections, figures, the cached archive, TREC files, interruptions and bad input."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ir_measures
import pytest

from embeddings import SentenceEncoder
from eval import retrieval
from eval.retrieval import Qrels, read_collection
from rag import Assistant, Hit, InputError, Question, Settings, load_settings
from tests.eval.helpers import kept, run, untimed
from tests.fakes import HashEncoder, ScriptedReader, WordJudge

NAMES = {"ndcg@10", "recall@5", "recall@10", "mrr@10", "map@10", "hits@4", "hits@10"}
ORDERS = {"fused", "dense", "passages", "articles", "rrf", "sum"}


CORPUS = (
    {"_id": "gas", "title": "A pipeline", "text": "Russia builds a gas pipeline to Lahore."},
    {"_id": "x/y-z", "title": "", "text": "Five million doses of Sputnik were bought by Pakistan this week."},
    {"_id": "rail", "title": "Rail: a 'plan'", "text": "Pakistan welcomes expertise on railways."},
)
QUERIES = (
    {"_id": "1", "text": "gas pipeline to Lahore"},
    {"_id": "2", "text": "doses of Sputnik"},
    {"_id": "3", "text": "unjudged"},
)


def json_lines(rows: Sequence[dict[str, str]]) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def put_collection(home: Path, *more: dict[str, str]) -> Path:
    """Write the collection, and `more` articles."""
    (home / "qrels").mkdir(parents=True, exist_ok=True)
    (home / "corpus.jsonl.gz").write_bytes(gzip.compress(json_lines((*CORPUS, *more)).encode()))
    (home / "queries.jsonl").write_text(json_lines(QUERIES))
    (home / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n1\tgas\t1\n2\tx/y-z\t1\n2\tgone\t1\n")
    return home


class Watched(Assistant):
    """On fakes; remembers what was searched, and is interrupted in search number `at`, from 1, or while it ingests."""

    searches: list[str]
    opened: list[Settings]
    at = 0
    ingesting = False

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, HashEncoder(), WordJudge(), ScriptedReader())
        type(self).opened.append(settings)

    def search(self, question: Question, count: int, order: Any = "fused") -> tuple[Hit, ...]:
        type(self).searches.append(question.text)
        if len(self.searches) == self.at:
            raise KeyboardInterrupt
        return super().search(question, count, order)

    def convert(self, progress: Any = None, *, again: bool = False) -> int:
        if self.ingesting:
            raise KeyboardInterrupt
        return super().convert(progress, again=again)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return put_collection(tmp_path / "set")


@pytest.fixture(autouse=True)
def _fakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Watched.searches, Watched.opened, Watched.at, Watched.ingesting = [], [], 0, False
    monkeypatch.setattr(retrieval, "Assistant", Watched)
    monkeypatch.setattr("eval.retrieval.platformdirs.user_cache_path", lambda name: tmp_path / "cache" / name)


def test_the_figures_are_printed_and_written(folder: Path, tmp_path: Path) -> None:
    ran = run("retrieval", folder, "--json", tmp_path / "out.json", "--report", tmp_path / "report")
    told = json.loads((tmp_path / "out.json").read_text())

    assert ran.code == 0, ran.err
    assert (told["command"], told["cases"]) == ("retrieval", 2)
    assert set(told["measures"]) == NAMES
    # The second query has two relevant articles, one of which is not in the corpus.
    assert told["measures"]["recall@5"]["mean"] == told["measures"]["map@10"]["mean"] == 3 / 4
    assert told["measures"]["hits@4"]["mean"] == told["measures"]["hits@10"]["mean"] == 2 / 3
    assert told["measures"]["mrr@10"] == {"mean": 1, "low": 1, "high": 1, "n": 2}
    assert set(told["seconds"]) == {"search"}
    assert set(told["orders"]) == ORDERS - {"fused"}
    assert told["orders"]["dense"]["mrr@10"]["less_shipped"]["n"] == 2
    assert "queries without qrels, left out: 1 (3)" in ran.err
    for printed in ("2 cases", "hits@10", "dense", "less what ships", "search"):
        assert printed in ran.out


def test_the_command_runs_through_the_real_encoder(
    folder: Path, monkeypatch: pytest.MonkeyPatch, encoder: SentenceEncoder
) -> None:
    monkeypatch.setattr(retrieval, "Assistant", lambda settings: Assistant(settings, encoder))
    told = json.loads(run("retrieval", folder, "--json", "-").out)

    assert told["measures"]["mrr@10"]["mean"] == told["orders"]["dense"]["mrr@10"]["figure"]["mean"] == 1


def test_every_query_is_kept_with_what_it_found(folder: Path, tmp_path: Path) -> None:
    run("retrieval", folder, "--report", tmp_path / "report")
    first, second = kept(tmp_path / "report")

    assert first["case"]["question"] == "gas pipeline to Lahore"
    assert first["case"]["judged"] == {"gas": 1}
    assert {found[0] for found in first["said"]["found"].values()} == {"gas"}
    assert first["said"]["passages"][0]["text"] == "Russia builds a gas pipeline to Lahore."
    assert second["said"]["found"]["fused"][0] == "x/y-z"
    assert second["scores"]["hits@4"] == [1, 2]


def test_the_archive_is_made_once_and_anew_for_another_corpus_or_other_passages(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened() -> Path:
        assert run("retrieval", folder).code == 0
        return Watched.opened[-1].archive

    first = opened()
    database = first / "archive.sqlite3"
    made = database.stat().st_mtime_ns
    assert opened() == first
    assert database.stat().st_mtime_ns == made
    monkeypatch.setenv("NUTGRAF_PASSAGE_WORDS", "30")
    assert opened() != first
    monkeypatch.delenv("NUTGRAF_PASSAGE_WORDS")
    put_collection(folder, {"_id": "new", "title": "", "text": "The new bridge opened."})
    assert opened() != first


def test_an_archive_of_other_articles_is_left_alone(folder: Path, tmp_path: Path) -> None:
    with Watched(load_settings({"archive": tmp_path / "mine"})) as mine:
        (tmp_path / "own.txt").write_text("My own article. It rained.")
        mine.ingest([tmp_path / "own.txt"])
        ran = run("retrieval", folder, "--archive", tmp_path / "mine")

        assert ran.code == 1
        assert "which is not of this corpus" in ran.err
        assert mine.count() == 1


def test_an_interrupted_run_is_resumed(folder: Path, tmp_path: Path) -> None:
    whole = run("retrieval", folder, "--json", tmp_path / "whole.json")
    # One search warms up, six are of the first query.
    Watched.searches, Watched.at = [], 9
    stopped = run("retrieval", folder, "--report", tmp_path / "report")
    Watched.searches, Watched.at = [], 0
    resumed = run("retrieval", folder, "--report", tmp_path / "report", "--json", tmp_path / "resumed.json")

    assert (whole.code, stopped.code, resumed.code) == (0, 130, 0), stopped.err
    assert "stopped after 1 of 2 cases" in stopped.err
    assert set(Watched.searches) == {"warm", "doses of Sputnik"}
    first, second = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("whole", "resumed"))
    assert untimed(first) == untimed(second)


def test_an_interrupted_ingest_is_resumed(folder: Path) -> None:
    Watched.ingesting = True
    stopped = run("retrieval", folder)
    Watched.ingesting = False

    assert stopped.code == 130
    assert "stopped after 0 of 2 cases" in stopped.err
    assert run("retrieval", folder).code == 0


def test_a_query_that_cannot_be_asked_counts_as_zero_and_is_named(folder: Path, tmp_path: Path) -> None:
    (folder / "queries.jsonl").write_text('{"_id": "1", "text": "gas pipeline to Lahore"}\n{"_id": "2", "text": "?"}\n')
    ran = run("retrieval", folder, "--json", tmp_path / "out.json")
    told = json.loads((tmp_path / "out.json").read_text())

    assert "2: the question '?' has no word in it" in ran.out
    assert told["measures"]["recall@10"]["mean"] == 1 / 2
    assert told["measures"]["hits@10"]["mean"] == 1 / 3


def test_runs_and_qrels_are_read_back_by_ir_measures(folder: Path, tmp_path: Path) -> None:
    ran = run("retrieval", folder, "--trec", tmp_path / "trec", "--json", "-")
    told = json.loads(ran.out)

    assert {file.name for file in (tmp_path / "trec").iterdir()} == {"qrels.txt", *(f"{order}.run" for order in ORDERS)}
    for order in ORDERS:
        judged = list(ir_measures.read_trec_qrels(str(tmp_path / "trec" / "qrels.txt")))  # type: ignore[no-untyped-call]
        found = list(ir_measures.read_trec_run(str(tmp_path / "trec" / f"{order}.run")))  # type: ignore[no-untyped-call]
        theirs = ir_measures.calc_aggregate([ir_measures.nDCG @ 10, ir_measures.AP @ 10], judged, found)
        ours = (
            told["measures"]
            if order == "fused"
            else {name: one["figure"] for name, one in told["orders"][order].items()}
        )
        assert theirs[ir_measures.nDCG @ 10] == pytest.approx(ours["ndcg@10"]["mean"])
        assert theirs[ir_measures.AP @ 10] == pytest.approx(ours["map@10"]["mean"])


def test_an_id_that_trec_cannot_hold_is_told_before_anything_is_searched(folder: Path, tmp_path: Path) -> None:
    put_collection(folder, {"_id": "a b", "title": "", "text": "It rained."})
    ran = run("retrieval", folder, "--trec", tmp_path / "trec")

    assert ran.code == 1
    assert "the id 'a b' contains white space" in ran.err
    assert not Watched.searches


def means(judged: Qrels, found: dict[str, Sequence[str]]) -> dict[str, float]:
    ranked = {query: {name: float(-place) for place, name in enumerate(names)} for query, names in found.items()}
    shares = retrieval.score(judged, ranked)
    values = {name: [one[name] for one in shares.values()] for name in NAMES}
    return {name: sum(above for above, _ in some) / sum(below for _, below in some) for name, some in values.items()}


def test_the_measures_are_those_worked_out_by_hand() -> None:
    judged = {"1": {"a": 1, "n": 0}, "2": {"b": 1, "c": 1}, "3": {"d": 1}}
    found = means(judged, {"1": ["n", "a"], "2": ["b", "v", "w", "x", "y", "c"], "3": []})

    assert found["mrr@10"] == pytest.approx((1 / 2 + 1 + 0) / 3)
    assert found["map@10"] == pytest.approx((1 / 2 + (1 + 2 / 6) / 2 + 0) / 3)
    assert found["recall@5"] == pytest.approx((1 + 1 / 2 + 0) / 3)
    assert found["recall@10"] == pytest.approx((1 + 1 + 0) / 3)
    assert found["ndcg@10"] == pytest.approx((0.63093 + (1 + 0.35621) / (1 + 0.63093) + 0) / 3, abs=1e-5)
    assert found["hits@4"] == 2 / 4, "of the four pieces of evidence"
    assert found["hits@10"] == 3 / 4


def test_a_difference_is_paired_and_to_what_ships() -> None:
    shares: Any = {
        "fused": {"1": {"recall@5": (1.0, 1.0)}, "2": {"recall@5": (0.0, 1.0)}},
        "dense": {"1": {"recall@5": (0.5, 1.0)}, "2": {"recall@5": (0.0, 1.0)}},
    }
    found = retrieval.compare_orders(shares, seed=0)["dense"]["recall@5"]

    assert found["figure"]["n"] == 2
    assert (found["figure"]["mean"], found["less_shipped"]["mean"]) == (0.25, -0.25)
    assert (found["less_shipped"]["low"], found["less_shipped"]["high"]) == (-0.5, 0.0)


def test_a_folder_is_read_and_queries_without_qrels_are_left_out(folder: Path) -> None:
    collection = read_collection(folder)
    first, second = collection.queries

    assert list(collection.names.values()) == ["gas", "x/y-z", "rail"]
    assert (first.id, first.text, first.judged) == ("1", "gas pipeline to Lahore", (("gas", 1),))
    assert second.gold == {"x/y-z", "gone"}
    assert collection.unjudged == ("3",)


def test_an_article_that_is_judged_not_relevant_is_not_gold(folder: Path) -> None:
    (folder / "qrels.tsv").write_text("1\tgas\t1\n1\trail\t0\n2\tgas\t0\n")
    (query,) = read_collection(folder).queries

    assert query.id == "1", "qrels.tsv takes the place of qrels/"
    assert query.gold == {"gas"}


def test_a_query_of_another_corpus_is_another_case(folder: Path) -> None:
    before = read_collection(folder).queries
    put_collection(folder, {"_id": "new", "title": "", "text": "It rained."})
    after = read_collection(folder).queries

    assert before[0].written != after[0].written, "what was found in another corpus is not reused"


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
        ("queries.jsonl", '{"_id": "1"}\n{', "line 2 is not valid JSON"),
        ("queries.jsonl", "[1]\n", "line 1 is not a JSON object"),
        ("queries.jsonl", '{"text": "gas"}\n', "line 1 has no _id"),
        ("queries.jsonl", '{"_id": "1"}\n{"_id": "1"}\n', "line 2: the _id '1' is already used"),
        ("corpus.jsonl.gz", "not gzip", "cannot be read"),
        ("qrels/test.tsv", "1\tgas\t1\n1 gas 1\n", "line 2 is"),
        ("qrels/test.tsv", "1\tgas\tyes\n", "line 1 is"),
        ("qrels/test.tsv", "9\tgas\t1\n", "no query of"),
    ],
)
def test_a_bad_collection_is_one_clear_error(folder: Path, name: str, content: str, told: str) -> None:
    (folder / name).write_text(content)
    with pytest.raises(InputError, match=told):
        read_collection(folder)
