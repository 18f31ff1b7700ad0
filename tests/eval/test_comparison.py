"""`python -m eval compare` and `gate`: what is better, worse and noise, and what cannot be compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.comparison import rights_changed
from eval.report import Scored
from tests.eval.helpers import (
    BRIDGE_PASSAGE,
    RAIN_PASSAGE,
    Log,
    Ran,
    answered,
    fake,
    put,
    reading,
    record,
    report,
    run,
)

REFUSED = record("no", {"right": (1, 1), "refusal_recall": (1, 1)}, confidence=0.1)
ANSWERED = record("no", {"right": (0, 1), "refusal_recall": (0, 1)}, confidence=0.9)


def compared(tmp_path: Path, a: Path, b: Path) -> tuple[Ran, dict[str, Any]]:
    ran = run("compare", a, b, "--json", tmp_path / "out.json")
    assert ran.code == 0, ran.err
    return ran, told(tmp_path)


def gated(tmp_path: Path, before: list[dict[str, Any]], now: list[dict[str, Any]], *options: object) -> Ran:
    """Make a baseline of one report, and hold another against it."""
    file = tmp_path / "baseline.json"
    assert run("gate", report(tmp_path / "before", *before), "--baseline", file, "--write").code == 0
    return run("gate", report(tmp_path / "now", *now), "--baseline", file, "--json", tmp_path / "out.json", *options)


def told(tmp_path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((tmp_path / "out.json").read_text())
    return found


def test_a_gain_and_a_loss_are_told_from_noise(tmp_path: Path) -> None:
    def records(right: int, uncited: int) -> list[dict[str, Any]]:
        return [
            answered(f"{n}", float(n < right), uncited=(float(n < uncited), 1), f1=(n % 3 / 2, 1)) for n in range(20)
        ]

    a, b = report(tmp_path / "a", *records(5, 1)), report(tmp_path / "b", *records(17, 13))
    ran, found = compared(tmp_path, a, b)
    right, uncited, f1 = (found["measures"][name] for name in ("right", "uncited", "f1"))

    assert (found["command"], found["cases"]) == ("compare", 20)
    assert (right["a"], right["b"], right["n"]) == (5 / 20, 17 / 20, 20)
    assert right["mean"] == pytest.approx(12 / 20)
    assert right["low"] < 12 / 20 < right["high"]
    assert (right["test"], right["p"], right["verdict"]) == ("mcnemar", 2 / 2**12, "better")
    assert right["p_holm"] == 4 * 2 / 2**12, "the least of four"
    assert uncited["verdict"] == "worse", "less of it would be better"
    assert (f1["mean"], f1["p"], f1["test"], f1["verdict"]) == (0, 1, "paired bootstrap", "noise")
    assert len(found["better"]) == len(found["worse"]) == 12
    assert "worse, cases: 12" in ran.out


def test_a_difference_that_many_measures_would_show_by_chance_is_noise(tmp_path: Path) -> None:
    # 6 gained and none lost: p = 2/64, which is below 0.05, and for two measures is not.
    def records(right: float) -> list[dict[str, Any]]:
        return [answered(str(n), right if n < 6 else 1.0) for n in range(9)]

    _, found = compared(tmp_path, report(tmp_path / "a", *records(0.0)), report(tmp_path / "b", *records(1.0)))

    assert found["measures"]["right"]["p"] == 2 / 64
    assert found["measures"]["right"]["p_holm"] == 4 / 64
    assert found["measures"]["right"]["verdict"] == "noise"


def test_the_bootstrap_is_paired(tmp_path: Path) -> None:
    # The cases differ much from each other and by little between the runs, always in one direction.
    a = report(tmp_path / "a", *(record(str(n), {"f1": (n / 40, 1)}) for n in range(30)))
    b = report(tmp_path / "b", *(record(str(n), {"f1": (n / 40 + 0.05, 1)}) for n in range(30)))
    _, found = compared(tmp_path, a, b)
    one = found["measures"]["f1"]

    assert (one["low"], one["high"]) == pytest.approx((0.05, 0.05))
    assert (one["p"], one["verdict"]) == (2 / 2001, "better")


def test_cases_that_are_not_compared_are_named(tmp_path: Path) -> None:
    a = report(tmp_path / "a", answered("1", 1), answered("2", 1), answered("3", 1, "Who?"))
    b = report(tmp_path / "b", answered("1", 0), answered("3", 0, "When?"), answered("4", 0))
    ran, found = compared(tmp_path, a, b)

    assert (found["cases"], found["gone"], found["new"], found["changed"]) == (1, ["2"], ["4"], ["3"])
    for printed in ("only in the first run: 1 (2)", "only in the second run: 1 (4)", "asked differently: 1 (3)"):
        assert printed in ran.out


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


def test_what_cannot_be_compared_is_one_clear_error(tmp_path: Path) -> None:
    a, other = report(tmp_path / "a", answered("1", 1)), report(tmp_path / "other", answered("2", 1))
    for second, fault in ((tmp_path / "gone", "gone does not exist"), (other, "have no case in common")):
        ran = run("compare", a, second)
        assert (ran.code, ran.out) == (1, "")
        assert ran.err.startswith("error: ")
        assert fault in ran.err


def test_a_run_passes_its_own_baseline_without_any_tolerance(tmp_path: Path) -> None:
    records = [answered("1", 1, f1=(2 / 3, 1)), answered("2", 0, grounded=(1, 3)), REFUSED]
    ran = gated(tmp_path, records, records, "--tolerance", 0)

    assert ran.code == 0, ran.out
    assert "worse, cases: 0" in ran.out
    assert told(tmp_path)["measures"]["right"]["before"] == told(tmp_path)["measures"]["right"]["mean"] == 2 / 3


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (answered("1", 1), answered("1", 0), "was right, and is not now"),
        (REFUSED, ANSWERED, "was right, and is not now"),
        (answered("1", 1, misled=(0, 1)), answered("1", 1, misled=(1, 1)), "was not misled, and is not now"),
        (
            answered("1", 1, uncited=(0, 2)),
            answered("1", 1, uncited=(1, 2)),
            "was cited in every sentence, and is not now",
        ),
        (
            answered("1", 1, gold_cited=(1, 1)),
            answered("1", 1, gold_cited=(0, 1)),
            "was citing a sentence that answers, and is not now",
        ),
        (
            record("1", {"recall@10": (0.5, 1)}),
            record("1", {"recall@10": (0, 1)}),
            "was found among the first 10, and is not now",
        ),
        (
            record("1", {"recall_unsupported": (1, 1)}),
            record("1", {"recall_unsupported": (0, 1)}),
            "was recognised as unsupported, and is not now",
        ),
    ],
)
def test_a_case_that_got_worse_fails_the_gate_and_is_named(
    tmp_path: Path, before: dict[str, Any], now: dict[str, Any], words: str
) -> None:
    others = [answered(f"other-{n}", 1) for n in range(99)]
    ran = gated(tmp_path, [before, *others], [now, *others], "--tolerance", 1)

    assert ran.code == 1
    assert f"  {now['id']}: {words}\n" in ran.out
    assert told(tmp_path)["worse"] == {now["id"]: [words]}
    assert told(tmp_path)["fell"] == [], "the tolerance is for the measures"
    back = gated(tmp_path, [now, *others], [before, *others], "--tolerance", 1)
    assert back.code == 0
    assert list(told(tmp_path)["better"]) == [now["id"]]
    assert "better, cases: 1" in back.out


def test_a_case_that_no_longer_counts_in_a_measure_has_not_lost_it(tmp_path: Path) -> None:
    ran = gated(tmp_path, [answered("1", 0, uncited=(0, 1))], [answered("1", 0)])

    assert ran.code == 0, ran.out


@pytest.mark.parametrize(("tolerance", "code"), [(0.04, 1), (0.06, 0)])
def test_a_measure_that_fell_by_more_than_the_tolerance_fails_the_gate(
    tmp_path: Path, tolerance: float, code: int
) -> None:
    before, now = ([answered(str(n), 1, f1=(f1, 1)) for n in range(4)] for f1 in (0.55, 0.5))
    ran = gated(tmp_path, before, now, "--tolerance", tolerance)

    assert ran.code == code
    assert told(tmp_path)["fell"] == (["f1"] if code else [])
    assert told(tmp_path)["worse"] == {}
    assert f"worse, measures: {'f1' if code else 'none'}\n" in ran.out


@pytest.mark.parametrize("name", ["false_refusal", "misled", "uncited"])
def test_more_of_what_should_be_less_is_a_fall(tmp_path: Path, name: str) -> None:
    before, now = ([record("1", {name: (share, 2)})] for share in (1, 2))

    assert gated(tmp_path, before, now).code == 1
    assert told(tmp_path)["fell"] == [name]
    assert gated(tmp_path, now, before).code == 0


def test_new_changed_and_gone_cases_are_named_and_not_compared(tmp_path: Path) -> None:
    before = [answered("same", 1), answered("changed", 1, "Who?"), answered("gone", 1)]
    now = [answered("same", 1), answered("changed", 0, "When?"), answered("new", 0)]
    assert gated(tmp_path, before, now).code == 1, "what is gone may have been wrong"
    ran = gated(tmp_path, before, now, "--partial")

    assert ran.code == 0, ran.out
    for kind in ("new", "changed", "gone"):
        assert told(tmp_path)[kind] == [kind]
        assert f": 1 ({kind})" in ran.out
    assert told(tmp_path)["cases"] == told(tmp_path)["measures"]["right"]["before"] == 1


@pytest.mark.parametrize("name", ["em", "f1", "rouge_l", "grounded", "citation_precision", "citation_recall"])
def test_a_case_that_lost_half_of_a_share_is_named_in_however_large_a_set(tmp_path: Path, name: str) -> None:
    before = [record(str(number), {"right": (1, 1), name: (1, 1)}) for number in range(100)]
    now = [record(str(number), {"right": (1, 1), name: (int(number != 7), 1)}) for number in range(100)]
    ran = gated(tmp_path, before, now)

    assert ran.code == 1
    assert told(tmp_path)["fell"] == []
    assert told(tmp_path)["worse"] == {"7": [f"its {name} fell from 1.00 to 0.00"]}


def test_a_baseline_made_with_another_arithmetic_is_told_and_the_gate_is_as_strict(tmp_path: Path) -> None:
    before, now = (report(tmp_path / name, answered("1", right)) for name, right in (("before", 1), ("now", 0)))
    for folder, arithmetic in ((before, "bfloat16"), (now, "float32")):
        (folder / "report.json").write_text(json.dumps({"models": {"encoder": "one", "arithmetic": arithmetic}}))
    file = tmp_path / "baseline.json"
    assert run("gate", before, "--baseline", file, "--write").code == 0
    same, other = (run("gate", one, "--baseline", file, "--json", tmp_path / "out.json") for one in (before, now))

    assert "the baseline was made with" not in same.out
    assert "the baseline was made with arithmetic bfloat16, not float32: a case on the edge may differ" in other.out
    assert (other.code, list(told(tmp_path)["worse"])) == (1, ["1"])


def test_the_baseline_has_a_line_for_each_measure_and_case(tmp_path: Path) -> None:
    gated(tmp_path, [answered("1", 1, f1=(2 / 3, 1)), answered("2", 0), REFUSED], [REFUSED])
    lines = (tmp_path / "baseline.json").read_text().splitlines()

    assert '"right": {"mean": 0.6667, "n": 3},' in lines
    (first,) = (line for line in lines if line.startswith('"1": '))
    assert '"f1": [0.6667, 1]' in first
    assert not list(tmp_path.glob(".nutgraf-*"))
    names = ("right", "f1", "refusal_recall", "false_refusal", "auroc")
    parts = ["{", "models", "measures", *names, "}", "cases", "1", "2", "no"]
    assert [line.partition(":")[0].strip('",') for line in lines] == [*parts, "}", "}"]


def test_what_cannot_be_gated_is_one_clear_error(tmp_path: Path) -> None:
    now = report(tmp_path / "now", answered("1", 1))
    file = tmp_path / "baseline.json"
    for content, fault in (
        (None, "does not exist (create it from a report with --write)"),
        ("{", "is not valid JSON"),
        ("{}", "is not a baseline: it has no cases"),
        ('{"cases": {"1": 2}}', "case '1' is 2"),
        ('{"cases": {"1": {"case": "x"}}}', "case '1' has no scores"),
        ('{"cases": {"1": {"case": "x", "scores": {}, "confidence": "high"}}}', "`confidence` is 'high'"),
        ('{"cases": {"1": {"case": "x", "scores": {}}}}', "it is the baseline of another set"),
    ):
        if content is not None:
            file.write_text(content)
        ran = run("gate", now, "--baseline", file)
        assert (ran.code, ran.out) == (1, "")
        assert ran.err.startswith("error: ")
        assert fault in ran.err
    assert "gone does not exist" in run("gate", tmp_path / "gone", "--baseline", file).err
    assert "is not a report of a fixed set (name its --baseline)" in run("gate", now).err


def test_a_real_run_that_got_worse_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch)
    rows = [
        reading("bridge", "the stone bridge opened", BRIDGE_PASSAGE, RAIN_PASSAGE, answers=["Monday"]),
        reading("none", "nuclear submarines abroad", BRIDGE_PASSAGE, RAIN_PASSAGE, answers=[]),
    ]
    cases, file = put(tmp_path / "reading.jsonl", *rows), tmp_path / "baseline.json"
    run("read", cases, "--report", tmp_path / "good")
    fake(monkeypatch, Log(blind=True))
    run("read", cases, "--report", tmp_path / "bad", "--caution", 0.4)
    run("gate", tmp_path / "good", "--baseline", file, "--write")
    ran = run("gate", tmp_path / "bad", "--baseline", file, "--json", tmp_path / "out.json")

    assert ran.code == 1
    assert list(told(tmp_path)["worse"]) == ["bridge"]
    assert {"right", "contains"} <= set(told(tmp_path)["fell"])
    assert run("gate", tmp_path / "good", "--baseline", file).code == 0
