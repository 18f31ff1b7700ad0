"""The verdicts on outlets and days, and the command over a table of what files tell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.metadata import judge
from tests.eval.helpers import run


@pytest.mark.parametrize(
    ("true", "read", "verdicts"),
    [
        (("Tarn Post", "2024-04-20"), ("The Tarn Post", "2024-04-20"), ("right", "right")),
        (("Tarn Post|TP", "2024-04-20"), ("TP", "2024-04"), ("right", "missing")),
        (("Tarn Post", "2024-04-20"), ("tarnpost.example", "--04-20"), ("missing", "missing")),
        (("Tarn Post", "2024-04-20"), ("Ada Holm", "2024-04-21"), ("wrong", "wrong")),
        (("Tarn Post", "2024-04-20"), ("", ""), ("missing", "missing")),
        (("", ""), ("Tarn Post", "2024"), ("wrong", "wrong")),
        (("", ""), ("", ""), ("right", "right")),
    ],
)
def test_a_field_is_right_missing_or_wrong(
    true: tuple[str, str], read: tuple[str, str], verdicts: tuple[str, str]
) -> None:
    found = [verdict for verdict, _ in judge([true], [read])]

    assert found == [f"outlet {verdicts[0]}", f"day {verdicts[1]}"]


def test_the_command_prints_the_shares_and_what_is_not_right(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Rain\nThe Tarn Post, 8 April 2021\n\nRain fell on the town.")
    (tmp_path / "rows.csv").write_text("text,source\nRain fell.,Tarn Post\nIt stopped.,Herald\n")
    truth = "file,outlet,day\na.txt,Tarn Post,2021-04-08\nrows.csv,Tarn Post,2021-04-08\nrows.csv,Tarn Post,\n"
    (tmp_path / "truth.csv").write_text(truth)
    ran = run("metadata", tmp_path / "truth.csv", tmp_path, "--json", tmp_path / "out.json")
    told = json.loads((tmp_path / "out.json").read_text())

    assert ran.code == 0, ran.err
    assert {name: round(one["mean"], 2) for name, one in told["measures"].items()} == {
        "outlet_right": 0.67,
        "outlet_missing": 0,
        "outlet_wrong": 0.33,
        "day_right": 0.67,
        "day_missing": 0.33,
        "day_wrong": 0,
    }
    assert told["wrong"][0]["words"] == "day missing: none, not 2021-04-08; outlet wrong: Herald, not Tarn Post"


@pytest.mark.parametrize("table", ["", "file,outlet\na.txt,Tarn Post\n", "file,outlet,day\nno.txt,Tarn Post,2021\n"])
def test_a_table_that_cannot_be_used_is_one_clear_error(tmp_path: Path, table: str) -> None:
    (tmp_path / "truth.csv").write_text(table)
    ran = run("metadata", tmp_path / "truth.csv", tmp_path)

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"error: {tmp_path}")


def test_the_articles_of_the_news_set_are_read_as_well_as_was_measured(tmp_path: Path) -> None:
    assert run("metadata", "--json", tmp_path / "out.json").code == 0
    means = {name: one["mean"] for name, one in json.loads((tmp_path / "out.json").read_text())["measures"].items()}

    assert min(means["outlet_right"], means["day_right"]) >= 0.9
    assert max(means["outlet_wrong"], means["day_wrong"]) <= 0.01
