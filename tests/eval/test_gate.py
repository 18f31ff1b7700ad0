"""`python -m eval gate`: what got worse is named, what got better too, and what cannot be compared is told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from embeddings import Judgement, Pair
from tests.eval.making import BRIDGE, RAIN, Ran, case, fake, kept, put, run
from tests.eval.reports import answered, report
from tests.eval.reports import case as scored
from tests.fakes import WordJudge

REFUSED = scored("no", {"refusal_recall": (1, 1)}, confidence=0.1)
ANSWERED = scored("no", {"refusal_recall": (0, 1)}, confidence=0.9)


class Blind(WordJudge):
    """A broken judge: no text answers anything."""

    def judge(self, pairs: Sequence[Pair]) -> list[Judgement]:
        return super().judge([pair._replace(asked="nothing") for pair in pairs])


def gated(tmp_path: Path, before: list[dict[str, Any]], now: list[dict[str, Any]], *options: object) -> Ran:
    """Make a baseline of one report, and hold another against it."""
    file = tmp_path / "baseline.json"
    assert run("gate", report(tmp_path / "before", *before), "--baseline", file, "--write").code == 0
    return run("gate", report(tmp_path / "now", *now), "--baseline", file, "--json", tmp_path / "out.json", *options)


def told(tmp_path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((tmp_path / "out.json").read_text())
    return found


def test_a_run_passes_its_own_baseline_without_any_tolerance(tmp_path: Path) -> None:
    records = [answered("1", 1, f1=(2 / 3, 1)), answered("2", 0, grounded=(1, 3)), REFUSED]
    ran = gated(tmp_path, records, records, "--tolerance", 0)

    assert ran.code == 0, ran.out
    assert "worse, cases: 0" in ran.out
    assert told(tmp_path)["measures"]["contains"]["before"] == told(tmp_path)["measures"]["contains"]["mean"] == 1 / 2


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (answered("1", 1), answered("1", 0), "was answered right, and is not now"),
        (REFUSED, ANSWERED, "was refused rightly, and is not now"),
        (
            answered("1", 1, uncited=(0, 2)),
            answered("1", 1, uncited=(1, 2)),
            "was cited in every sentence, and is not now",
        ),
        (
            answered("1", 1, citation_gold=(0.5, 1)),
            answered("1", 1, citation_gold=(0, 1)),
            "was cited from a gold passage, and is not now",
        ),
        (
            scored("1", {"recall@10": (0.5, 1)}),
            scored("1", {"recall@10": (0, 1)}),
            "was found among the first 10, and is not now",
        ),
        (
            scored("1", {"recall_unsupported": (1, 1)}),
            scored("1", {"recall_unsupported": (0, 1)}),
            "was found unsupported rightly, and is not now",
        ),
        (
            scored("1", {"recall_disputed": (1, 1)}),
            scored("1", {"recall_disputed": (0, 1)}),
            "was taken for disputed rightly, and is not now",
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


def test_a_case_that_counts_no_more_in_a_measure_is_no_loss_of_it(tmp_path: Path) -> None:
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
    assert f"worse: by more than {tolerance}" in ran.out
    assert f"worse, measures: {'f1' if code else 'none'}\n" in ran.out


def test_more_false_refusals_are_a_fall(tmp_path: Path) -> None:
    before, now = ([scored("1", {"false_refusal": (share, 1)}) for share in pair] for pair in ((0.0,), (1.0,)))

    assert gated(tmp_path, before, now).code == 1
    assert told(tmp_path)["fell"] == ["false_refusal"]
    assert gated(tmp_path, now, before).code == 0


def test_a_sample_of_the_cases_in_common_is_gated(tmp_path: Path) -> None:
    records = [answered(str(n), 1) for n in range(9)]
    ran = gated(tmp_path, records, [answered(str(n), 0) for n in range(9)], "--limit", 4)

    assert ran.code == 1
    assert told(tmp_path)["cases"] == len(told(tmp_path)["worse"]) == 4


def test_new_changed_and_gone_cases_are_named_and_not_compared(tmp_path: Path) -> None:
    before = [answered("same", 1), answered("changed", 1, "Who?"), answered("gone", 1)]
    now = [answered("same", 1), answered("changed", 0, "When?"), answered("new", 0)]
    ran = gated(tmp_path, before, now)
    assert ran.code == 1, "what is gone may have been wrong"
    ran = gated(tmp_path, before, now, "--partial")

    assert ran.code == 0, ran.out
    for kind in ("new", "changed", "gone"):
        assert told(tmp_path)[kind] == [kind]
        assert f"not compared, {kind}: 1 ({kind})" in ran.out
    assert told(tmp_path)["cases"] == told(tmp_path)["measures"]["contains"]["before"] == 1


@pytest.mark.parametrize("name", ["em", "f1", "rouge_l", "grounded", "citation_precision", "citation_recall"])
def test_a_case_that_lost_half_of_a_share_is_named_in_however_large_a_set(tmp_path: Path, name: str) -> None:
    before = [scored(str(number), {"contains": (1, 1), name: (1, 1)}) for number in range(100)]
    now = [scored(str(number), {"contains": (1, 1), name: (int(number != 7), 1)}) for number in range(100)]
    ran = gated(tmp_path, before, now)

    assert ran.code == 1
    assert told(tmp_path)["fell"] == []
    assert told(tmp_path)["worse"] == {"7": [f"its {name} fell from 1.00 to 0.00"]}


def test_the_cases_behind_a_measure_that_fell_are_named(tmp_path: Path) -> None:
    before = [answered("1", 1, f1=(3, 4)), answered("2", 1, f1=(1, 2)), answered("3", 1, f1=(1, 1))]
    now = [answered("1", 1, f1=(2, 4)), answered("2", 1, f1=(3, 4)), answered("3", 1, f1=(3, 4))]
    ran = gated(tmp_path, before, now)

    assert ran.code == 1
    assert told(tmp_path)["worse"] == {}
    assert told(tmp_path)["lower"] == {"f1": ["1", "3"]}
    assert "lower in f1: 2 (1, 3)" in ran.out


def test_a_report_with_no_number_is_refused(tmp_path: Path) -> None:
    file, folder = tmp_path / "baseline.json", report(tmp_path / "one", answered("1", 1))
    assert run("gate", folder, "--baseline", file, "--write").code == 0
    cases = folder / "cases.jsonl"
    cases.write_text(cases.read_text().replace("[1, 1]", "[NaN, 1]", 1))

    assert "NaN is no number" in run("gate", folder, "--baseline", file).err


def test_where_a_baseline_is_of_another_arithmetic_the_gate_says_so_and_is_as_strict(tmp_path: Path) -> None:
    before, now = (report(tmp_path / name, answered("1", right)) for name, right in (("before", 1), ("now", 0)))
    for folder, arithmetic in ((before, "bfloat16"), (now, "float32")):
        models = {"encoder": "one", "arithmetic": arithmetic}
        (folder / "report.json").write_text(json.dumps({"models": models}))
    file = tmp_path / "baseline.json"
    assert run("gate", before, "--baseline", file, "--write").code == 0
    same, other = (run("gate", one, "--baseline", file, "--json", tmp_path / "out.json") for one in (before, now))

    assert "the baseline is of" not in same.out
    assert "the baseline is of arithmetic bfloat16, not float32: a case on the edge may differ" in other.out
    assert (other.code, list(told(tmp_path)["worse"])) == (1, ["1"])
    assert told(tmp_path)["models"] == {"encoder": "one", "arithmetic": "float32"}


def test_the_baseline_has_a_line_for_each_measure_and_case(tmp_path: Path) -> None:
    gated(tmp_path, [answered("1", 1, f1=(2 / 3, 1)), answered("2", 0), REFUSED], [REFUSED])
    lines = (tmp_path / "baseline.json").read_text().splitlines()

    assert '"contains": {"mean": 0.5, "n": 2},' in lines
    (first,) = (line for line in lines if line.startswith('"1": '))
    assert '"f1": [0.6667, 1]' in first
    assert not list(tmp_path.glob("*.part"))
    parts = [
        "{",
        "models",
        "measures",
        "contains",
        "false_refusal",
        "f1",
        "refusal_recall",
        "auroc",
        "}",
        "cases",
        "1",
        "2",
        "no",
    ]
    assert [line.partition(":")[0].strip('",') for line in lines] == [*parts, "}", "}"]


def test_what_cannot_be_gated_is_one_clear_error(tmp_path: Path) -> None:
    now = report(tmp_path / "now", answered("1", 1))
    file = tmp_path / "baseline.json"
    for content, expected in (
        (None, "is not there (make it from a report with --write)"),
        ("{", "is no JSON"),
        ("{}", "is no baseline: it holds no cases"),
        ('{"cases": {"1": 2}}', "case '1' is 2"),
        ('{"cases": {"1": {"case": "x"}}}', "case '1' has no scores"),
        ('{"cases": {"1": {"case": "x", "scores": {}, "confidence": "high"}}}', "`confidence` is 'high'"),
        ('{"cases": {"1": {"case": "x", "scores": {}}}}', "it is the baseline of another set"),
    ):
        if content is not None:
            file.write_text(content)
        ran = run("gate", now, "--baseline", file)
        assert ran.code == 1
        assert ran.err.startswith("error: ")
        assert expected in ran.err
        assert ran.out == ""
    assert "gone is not there" in run("gate", tmp_path / "gone", "--baseline", file).err


def test_a_real_run_that_got_worse_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch)
    rows = [
        case("bridge", "the stone bridge opened", BRIDGE, RAIN, answers=["Monday"]),
        case("none", "nuclear submarines abroad", BRIDGE, RAIN, answers=[]),
    ]
    cases = put(tmp_path / "reading.jsonl", *rows)
    run("read", cases, "--report", tmp_path / "good")
    monkeypatch.setattr("tests.eval.making.WordJudge", Blind)
    run("read", cases, "--report", tmp_path / "bad")
    assert [line["said"]["refused"] for line in kept(tmp_path / "bad")] == [True, True]
    run("gate", tmp_path / "good", "--baseline", tmp_path / "baseline.json", "--write")
    ran = run("gate", tmp_path / "bad", "--baseline", tmp_path / "baseline.json", "--json", tmp_path / "out.json")

    assert ran.code == 1
    assert list(told(tmp_path)["worse"]) == ["bridge"]
    assert "contains" in told(tmp_path)["fell"]
    assert run("gate", tmp_path / "good", "--baseline", tmp_path / "baseline.json").code == 0
