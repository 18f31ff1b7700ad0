"""`python -m eval compare A B`: what is better, worse and noise, and cases and reports that cannot be compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.compare import rights_changed
from eval.records import Scored
from tests.eval.collection import folder as put_collection
from tests.eval.making import Ran, run
from tests.eval.reports import answered, case, report


def compared(tmp_path: Path, a: Path, b: Path) -> tuple[Ran, dict[str, Any]]:
    ran = run("compare", a, b, "--json", tmp_path / "out.json")
    assert ran.code == 0, ran.err
    return ran, json.loads((tmp_path / "out.json").read_text())


def test_a_gain_and_a_loss_are_told_from_noise(tmp_path: Path) -> None:
    def records(right: int, uncited: int) -> list[dict[str, Any]]:
        return [
            answered(f"{n}", float(n < right), uncited=(float(n < uncited), 1), f1=(n % 3 / 2, 1)) for n in range(20)
        ]

    a, b = report(tmp_path / "a", *records(5, 1)), report(tmp_path / "b", *records(17, 13))
    ran, told = compared(tmp_path, a, b)
    contains, uncited, f1 = (told["measures"][name] for name in ("contains", "uncited", "f1"))

    assert (told["command"], told["cases"]) == ("compare", 20)
    assert (contains["a"], contains["b"], contains["n"]) == (5 / 20, 17 / 20, 20)
    assert contains["mean"] == pytest.approx(12 / 20)
    assert contains["low"] < 12 / 20 < contains["high"]
    assert (contains["test"], contains["p"], contains["verdict"]) == ("mcnemar", 2 / 2**12, "better")
    assert contains["p_holm"] == 4 * 2 / 2**12, "the least of four"
    assert uncited["verdict"] == "worse", "less of it would be better"
    assert (f1["mean"], f1["p"], f1["test"], f1["verdict"]) == (0, 1, "paired bootstrap", "noise")
    assert "better: contains\n" in ran.out
    assert "worse: uncited\n" in ran.out
    assert "noise: false_refusal, f1\n" in ran.out
    assert "after Holm's correction for 4 measures" in ran.out


def test_a_difference_that_many_measures_would_show_by_chance_is_noise(tmp_path: Path) -> None:
    # 6 gained and none lost: p = 2/64, which is below 0.05, and for two measures is not.
    def records(right: float) -> list[dict[str, Any]]:
        return [answered(str(n), right if n < 6 else 1.0) for n in range(9)]

    _, told = compared(tmp_path, report(tmp_path / "a", *records(0.0)), report(tmp_path / "b", *records(1.0)))

    assert told["measures"]["contains"]["p"] == 2 / 64
    assert told["measures"]["contains"]["p_holm"] == 4 / 64
    assert told["measures"]["contains"]["verdict"] == "noise"


def test_the_bootstrap_is_paired(tmp_path: Path) -> None:
    # The cases differ much from each other and by little between the runs, always in one direction.
    a = report(tmp_path / "a", *(case(str(n), {"f1": (n / 40, 1)}) for n in range(30)))
    b = report(tmp_path / "b", *(case(str(n), {"f1": (n / 40 + 0.05, 1)}) for n in range(30)))
    _, told = compared(tmp_path, a, b)
    one = told["measures"]["f1"]

    assert (one["low"], one["high"]) == pytest.approx((0.05, 0.05))
    assert one["p"] == 2 / 2001
    assert one["verdict"] == "better"


def test_cases_of_one_run_alone_and_changed_cases_are_counted_and_named(tmp_path: Path) -> None:
    a = report(tmp_path / "a", answered("1", 1), answered("2", 1), answered("3", 1, "Who?"))
    b = report(tmp_path / "b", answered("1", 0), answered("3", 0, "When?"), answered("4", 0))
    ran, told = compared(tmp_path, a, b)

    assert told["cases"] == 1
    assert told["only_a"] == ["2"]
    assert told["only_b"] == ["4"]
    assert told["changed"] == ["3"]
    for printed in ("of A alone: 1 (2)", "of B alone: 1 (4)", "given something else: 1 (3)", "1 cases"):
        assert printed in ran.out


def test_a_measure_that_one_run_lacks_is_named(tmp_path: Path) -> None:
    a = report(tmp_path / "a", case("1", {"contains": (1, 1), "citation_recall": (1, 1)}))
    b = report(tmp_path / "b", case("1", {"contains": (1, 1)}))
    ran, told = compared(tmp_path, a, b)

    assert set(told["measures"]) == {"contains"}
    assert "without a value in A or B: 1 (citation_recall)" in ran.out


@pytest.mark.parametrize(
    ("shares", "changed"),
    [
        ([((1, 1), (0, 1)), ((0, 1), (1, 1)), ((0, 1), (1, 1)), ((0, 0), (0, 0))], (2, 1)),
        ([((0, 0), (1, 1))], None),
        ([((0.5, 1), (1, 1))], None),
        ([((1, 2), (2, 2))], None),
        ([((0, 0), (0, 0))], None),
    ],
)
def test_mcnemar_is_for_what_is_right_or_wrong_in_both_runs(
    shares: list[tuple[tuple[float, float], tuple[float, float]]], changed: tuple[int, int] | None
) -> None:
    both = [(Scored("1", "", {"m": one}), Scored("1", "", {"m": other})) for one, other in shares]

    assert rights_changed("m", both) == changed


def test_a_sample_of_the_cases_in_common_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    a = report(tmp_path / "a", *(answered(str(n), 1, f1=(n / 9, 1)) for n in range(9)))
    first, again, other = (run("compare", a, a, "--limit", 4, "--seed", seed, "--json", "-").out for seed in (1, 1, 3))

    assert json.loads(first)["cases"] == 4
    assert first == again != other
    (tmp_path / "a.json").write_text("{}")
    ran = run("compare", tmp_path / "a.json", tmp_path / "a.json", "--limit", 4)
    assert (ran.code, "holds no cases that --limit 4 could draw from" in ran.err) == (1, True)


def test_two_files_of_figures_are_compared_by_their_intervals(tmp_path: Path) -> None:
    def written(name: str, mean: float) -> Path:
        figure = {"mean": mean, "low": mean - 0.05, "high": mean + 0.05, "n": 100}
        told = {"command": "read", "cases": 100, "measures": {"contains": figure, "em": {**figure, "n": 0}}}
        (tmp_path / name).write_text(json.dumps(told))
        return tmp_path / name

    ran, told = compared(tmp_path, written("a.json", 0.5), written("b.json", 0.7))
    _, close = compared(tmp_path, written("a.json", 0.5), written("b.json", 0.52))

    assert told["measures"]["contains"]["verdict"] == "better"
    assert told["measures"]["contains"]["test"] == "intervals"
    assert set(told["measures"]) == {"contains"}
    assert "their cases are paired" in ran.out
    assert close["measures"]["contains"]["verdict"] == "noise"


def test_what_cannot_be_compared_is_one_clear_error(tmp_path: Path) -> None:
    a = report(tmp_path / "a", answered("1", 1))
    other = report(tmp_path / "other", answered("2", 1))
    (tmp_path / "figures.json").write_text('{"command": "read", "cases": 1, "measures": {}}')
    (tmp_path / "broken.json").write_text('{"command": "read", "cases": 1, "measures": {"em": 1}}')
    (tmp_path / "nothing.json").write_text('{"measures": {}}')
    (tmp_path / "claims.json").write_text('{"command": "claims", "cases": 1, "measures": {}}')
    for first, second, told in (
        (a, tmp_path / "gone", "gone is not there"),
        (a, other, "have no case in common"),
        (a, tmp_path / "figures.json", "are a report and a file of figures"),
        (tmp_path / "figures.json", tmp_path / "claims.json", "are not of the same command and number of cases"),
        (tmp_path / "nothing.json", tmp_path / "figures.json", "nothing.json holds no measures"),
        (tmp_path / "broken.json", tmp_path / "broken.json", "holds no measures as --json writes them"),
    ):
        ran = run("compare", first, second)
        assert ran.code == 1
        assert ran.err.startswith("error: ")
        assert told in ran.err
        assert ran.out == ""


def test_the_report_of_a_real_retrieval_is_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eval.archives.platformdirs.user_cache_path", lambda name: tmp_path / "cache" / name)
    folder = put_collection(tmp_path / "set")
    for name in ("a", "b"):
        assert run("retrieval", folder, "--report", tmp_path / name).code == 0
    ran, told = compared(tmp_path, tmp_path / "a", tmp_path / "b")

    assert told["cases"] == 2
    assert {one["verdict"] for one in told["measures"].values()} == {"noise"}
    assert "better: nothing" in ran.out
