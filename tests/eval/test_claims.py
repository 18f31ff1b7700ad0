"""`python -m eval claims`, from a file to the figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.eval.helpers import fake, kept, put, run

TEXT = "The stone bridge opened on Monday"


def claim(name: str, text: str, *, supported: bool) -> dict[str, Any]:
    return {"id": name, "claim": text, "evidence": TEXT, "supported": supported}


# By the share of its words in the evidence: all, three of four, none, none, one of four.
CLAIMS = (
    claim("1", "the stone bridge opened", supported=True),
    claim("2", "the bridge opened well", supported=False),
    claim("3", "nobody ever came", supported=False),
    claim("4", "rain fell", supported=True),
    claim("5", "a bridge in York", supported=False),
)


@pytest.fixture
def claims(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    fake(monkeypatch)
    return put(tmp_path / "claims.jsonl", *CLAIMS)


def test_the_figures_are_those_worked_out_by_hand(claims: Path, tmp_path: Path) -> None:
    ran = run("claims", claims, "--json", tmp_path / "out.json", "--report", tmp_path / "report")
    told = json.loads((tmp_path / "out.json").read_text())
    means = {name: figure["mean"] for name, figure in told["measures"].items()}

    assert ran.code == 0, ran.err
    assert (told["command"], told["cases"]) == ("claims", 5)
    assert told["confusion"]["supported"] == {"supported": 1, "unsupported": 1, "no result": 0}
    assert told["confusion"]["unsupported"] == {"supported": 1, "unsupported": 2, "no result": 0}
    assert means["balanced_accuracy"] == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert means["precision_unsupported"] == means["recall_unsupported"] == pytest.approx(2 / 3)
    assert means["f1_unsupported"] == pytest.approx(2 / 3)
    # Of 2 x 3 pairs the three of claim 1 are in order; claim 4 ties with claim 3 and is below the others.
    assert means["auroc"] == pytest.approx(3.5 / 6)
    assert told["measures"]["balanced_accuracy"]["n"] == 5
    assert set(told["seconds"]) == {"check"}
    assert "balanced_accuracy" in ran.out
    first = kept(tmp_path / "report")[0]
    assert first["case"]["evidence"] == TEXT
    assert first["said"]["supported"] is True


def test_claims_checked_before_are_not_checked_again(
    claims: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("claims", claims, "--report", tmp_path / "report", "--limit", 2)
    few = kept(tmp_path / "report")
    run("claims", claims, "--report", tmp_path / "report")
    lines = {line["id"]: line for line in kept(tmp_path / "report")}

    assert list(lines) == ["1", "2", "3", "4", "5"]
    assert len(few) == 2
    assert all(lines[line["id"]]["said"] == line["said"] for line in few), "the seconds are those of the first time"


def test_a_line_that_is_no_claim_is_told_with_its_number(claims: Path) -> None:
    put(claims, *CLAIMS, {"id": "6", "claim": "It rained.", "supported": True})
    ran = run("claims", claims)

    assert ran.code == 1
    assert f"error: {claims}, line 6: `evidence` is None" in ran.err
