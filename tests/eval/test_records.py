"""Runs that are read back: their measures, their pairing, and reports that are not whole."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from eval import records
from eval.records import Scored
from rag import InputError
from tests.eval.making import BRIDGE, RAIN, fake, put, run
from tests.eval.making import case as question
from tests.eval.reports import answered, case, report


def means(path: Path) -> dict[str, float]:
    cases = records.read(path)
    return {name: measure.of(np.ones(len(cases))) for name, measure in records.measures(cases).items()}


def test_the_measures_are_those_worked_out_by_hand(tmp_path: Path) -> None:
    found = means(
        report(
            tmp_path / "a",
            case("1", {"contains": (1, 1), "grounded": (3, 4), "false_refusal": (0, 1)}, confidence=0.9),
            case("2", {"contains": (0, 1), "grounded": (0, 1), "false_refusal": (1, 1)}, confidence=0.4),
            case("3", {"refusal_recall": (1, 1)}, confidence=0.5),
        )
    )

    assert found == {
        "contains": 1 / 2,
        "grounded": 3 / 5,
        "false_refusal": 1 / 2,
        "refusal_recall": 1,
        "auroc": 1 / 2,
    }


def test_a_case_without_a_result_has_the_most_wrong_confidence(tmp_path: Path) -> None:
    first = case("1", {"recall_supported": (1, 1)}, score=0.1)
    second = case("2", {"recall_unsupported": (0, 1)})

    assert means(report(tmp_path / "a", first, second)) == {
        "recall_supported": 1,
        "recall_unsupported": 0,
        "balanced_accuracy": 1 / 2,
        "auroc": 0,
    }


@pytest.mark.parametrize("command", ["read", "claims"])
def test_what_is_read_back_has_the_figures_of_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    fake(monkeypatch)
    rows = (
        question("1", "the stone bridge opened", BRIDGE, RAIN, answers=["Monday"], gold=["bridge"]),
        question("2", "rain fell heavy in", BRIDGE, RAIN, answers=["York"], gold=["bridge"]),
        question("3", "nuclear submarines abroad", BRIDGE, RAIN, answers=[]),
    )
    claims = [
        {"id": str(number), "claim": claim, "evidence": "the stone bridge opened", "supported": bool(number % 2)}
        for number, claim in enumerate(("a bridge in York", "the bridge opened", "nobody came", "rain fell"))
    ]
    cases = put(tmp_path / "cases.jsonl", *(rows if command == "read" else claims))
    run(command, cases, "--report", tmp_path / "report", "--json", tmp_path / "out.json")
    told = json.loads((tmp_path / "out.json").read_text())["measures"]
    found = means(tmp_path / "report")

    shared = told.keys() & found.keys()
    assert shared >= ({"contains", "grounded", "auroc"} if command == "read" else {"balanced_accuracy", "auroc"})
    assert {name: told[name]["mean"] for name in shared} == {name: found[name] for name in shared}


def scored(name: str, fingerprint: str = "same") -> Scored:
    return Scored(name, fingerprint, {})


def test_cases_are_paired_by_id_where_they_were_given_the_same() -> None:
    first = [scored("a"), scored("b"), scored("c")]
    found = records.pair(first, [scored("c"), scored("d"), scored("b", "other")])

    assert [(one.id, other.id) for one, other in found.both] == [("c", "c")]
    assert (found.only_first, found.only_second, found.changed) == (("a",), ("d",), ("b",))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "holds no case"),
        ('{"id": "1", "case": {}, "scores": {}}\n{"id": "2", "ca', "line 2 is no JSON"),
        ('{"id": "1", "case": {}, "said": null}\n', "line 1 has no scores"),
        ('{"id": "1", "case": {}, "scores": {}}\n' * 2, "line 2: the id '1' stands twice"),
        ('{"id": "1", "case": {}, "scores": {"f1": 1}}\n', "line 1: the score f1 is 1"),
    ],
)
def test_a_run_that_was_not_finished_is_told_and_how_to_go_on(tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "cases.jsonl").write_text(content)
    with pytest.raises(InputError, match=told) as raised:
        records.read(tmp_path)

    assert "goes on with it" in raised.value.hint


def test_a_folder_that_is_no_report_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="gone is not there"):
        records.read(tmp_path / "gone")
    with pytest.raises(InputError, match=r"holds no cases\.jsonl"):
        records.read(tmp_path)


def test_the_records_of_a_report_are_of_the_case_that_was_given(tmp_path: Path) -> None:
    same = records.read(report(tmp_path / "a", answered("1", 1, "Who?")))
    again = records.read(report(tmp_path / "b", answered("1", 0, "Who?")))
    other = records.read(report(tmp_path / "c", answered("1", 1, "When?")))

    assert same[0].case == again[0].case != other[0].case
