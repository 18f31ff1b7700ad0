"""Test sets of every format: read as they are, and every fault told with its file and line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from eval.cases import Case, Claim, Source, read_cases, read_claims, sample
from rag import InputError

PASSAGE = {"id": "p", "text": "The bridge opened."}
READING = {"id": "1", "question": "What opened?", "answers": ["The bridge"], "passages": [PASSAGE], "gold": ["p"]}
MODE = {"id": "1", "question": "What opened?", "expected": "abstain", "category": "x", "passages": [PASSAGE]}
CLAIM = {"id": "1", "claim": "A bridge opened.", "evidence": "The bridge opened.", "supported": True}
SQUAD = {
    "version": "v2.0",
    "data": [
        {
            "title": "Bridges",
            "paragraphs": [
                {
                    "context": "The bridge opened.",
                    "qas": [
                        {"id": "a", "question": "What opened?", "answers": [{"text": "bridge"}, {"text": "bridge"}]},
                        {"id": "b", "question": "Who?", "is_impossible": True, "answers": [], "plausible_answers": []},
                    ],
                },
                {"context": "It rained.", "qas": [{"id": "c", "question": "What fell?", "answers": []}]},
            ],
        }
    ],
}


def put(path: Path, *rows: Any) -> Path:
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows))
    return path


@pytest.mark.parametrize("packed", [False, True])
def test_a_folder_or_its_file_is_read_packed_or_not(tmp_path: Path, *, packed: bool) -> None:
    told = {**PASSAGE, "title": "Bridges", "source": None, "published": "2021-04-08"}
    file = put(tmp_path / "reading.jsonl", {**READING, "passages": [told], "setting": 4, "type": "fact"}, "")
    if packed:
        file = tmp_path / "reading.jsonl.gz"
        file.write_bytes(gzip.compress((tmp_path / "reading.jsonl").read_bytes()))
        (tmp_path / "reading.jsonl").unlink()
    passage = Source("p", "The bridge opened.", "Bridges", "", "2021-04-08")

    assert read_cases(file) == read_cases(tmp_path)
    assert read_cases(file) == (Case("1", "What opened?", (passage,), ("The bridge",), ("p",), type="fact"),)


def test_modes_say_what_is_right_instead_of_answers(tmp_path: Path) -> None:
    put(tmp_path / "modes.jsonl", MODE, {**MODE, "id": "2", "expected": "disputed"})
    (one, other) = read_cases(tmp_path)

    assert (one.mode, one.answerable) == ("abstain", False)
    assert (other.mode, other.answerable) == ("disputed", True)


def test_squad_is_read_as_it_is_published(tmp_path: Path) -> None:
    one, two, three = read_cases(put(tmp_path / "dev-v2.0.json", SQUAD))

    assert one == Case(
        "a", "What opened?", (Source("Bridges-1", "The bridge opened.", "Bridges"),), ("bridge",), ("Bridges-1",)
    )
    assert (two.answers, two.answerable, two.passages) == ((), False, one.passages)
    assert three.passages == (Source("Bridges-2", "It rained.", "Bridges"),)


def test_claims_are_read(tmp_path: Path) -> None:
    put(tmp_path / "claims.jsonl", CLAIM)

    assert read_claims(tmp_path) == (Claim("1", "A bridge opened.", "The bridge opened.", supported=True),)


def test_half_a_surrogate_pair_is_no_text(tmp_path: Path) -> None:
    (claim,) = read_claims(put(tmp_path / "claims.jsonl", {**CLAIM, "evidence": "Rain \ud83d fell."}))

    assert claim.evidence == "Rain ? fell."


def test_a_passage_that_stands_twice_counts_once(tmp_path: Path) -> None:
    (case,) = read_cases(put(tmp_path / "reading.jsonl", {**READING, "passages": [PASSAGE, PASSAGE]}))

    assert len(case.passages) == 1


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([READING, "{"], "line 2 is no JSON"),
        ([READING, "[1]"], "line 2 is no JSON object"),
        (["", READING, READING], "line 3: the id '1' stands twice"),
        ([READING, {**MODE, "id": "2"}], "line 2: some cases have `expected`"),
        ([{"id": "1", "question": "What?", "passages": []}], "line 1 has neither `answers` nor `expected`"),
        ([{**MODE, "expected": "maybe"}], "line 1: `expected` is 'maybe'"),
        ([{**READING, "question": None}], "line 1: `question` is None"),
        ([{**READING, "answers": "bridge"}], "line 1: `answers` is 'bridge'"),
        ([{**READING, "answers": [["bridge"]]}], "line 1: `answers` is"),
        ([{**READING, "passages": ["bridge"]}], "line 1: a passage is 'bridge'"),
        ([{**READING, "passages": [{"id": "p"}]}], "line 1, a passage: `text` is None"),
        ([{**READING, "passages": [PASSAGE, {"id": "p", "text": "Rain."}]}], "line 1: two passages have the id 'p'"),
        ([""], "holds no case"),
    ],
)
def test_a_fault_is_one_clear_error(tmp_path: Path, rows: list[Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_cases(put(tmp_path / "reading.jsonl", *rows))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[]", "is no JSON object"),
        ('{"data": {}}', "`data` is {}"),
        ('{"data": [{"title": "T", "paragraphs": [{"qas": []}]}]}', "article 1, 'T', paragraph 1: `context` is None"),
        ('{"data": [{"title": "T", "paragraphs": [3]}]}', "paragraph 1 is 3"),
        ('{"data": []}', "holds no case"),
    ],
)
def test_a_fault_in_squad_is_placed(tmp_path: Path, content: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_cases(put(tmp_path / "train.json", content))


@pytest.mark.parametrize("supported", [None, "true", 1])
def test_a_claim_is_supported_or_not(tmp_path: Path, supported: object) -> None:
    with pytest.raises(InputError, match="line 1: `supported` is"):
        read_claims(put(tmp_path / "claims.jsonl", {**CLAIM, "supported": supported}))


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [("reading.jsonl.gz", b"no gzip", "cannot be read"), ("reading.jsonl", b"\xff\xfe\xff", "cannot be read")],
)
def test_a_damaged_file_is_named(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=f"{name} {told}"):
        read_cases(tmp_path)


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no reading\.jsonl or modes\.jsonl"):
        read_cases(tmp_path)
    with pytest.raises(InputError, match="gone is not there"):
        read_claims(tmp_path / "gone")


def test_a_sample_keeps_the_order_and_is_the_same_for_the_same_seed() -> None:
    cases = list("abcdefghij")
    drawn = sample(cases, 4, 1)

    assert drawn == sample(cases, 4, 1)
    assert list(drawn) == sorted(drawn)
    assert len(set(drawn)) == 4
    assert len({sample(cases, 4, seed) for seed in range(9)}) > 1
    assert sample(cases, 10, 1) == sample(cases, None, 1) == tuple(cases)
