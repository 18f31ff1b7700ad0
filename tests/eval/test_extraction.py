"""The figures of article extraction, worked out by hand, and the command over a folder of pages."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval.__main__ import app
from eval.extraction import Match, compare, deviations_of, figures_of

DATA = Path(__file__).parents[3] / "shared" / "data" / "html_pages"
SENTENCE = "The bridge over the river opened on Monday after two years of work, the mayor said."


@pytest.mark.parametrize(
    ("true", "found", "match"),
    [
        ("a b c d e", "a b c d e", (1, 0, 0)),
        # abcd bcde | bcde cdef
        ("a b c d e", "b c d e f", (1 / 3, 1 / 3, 1 / 3)),
        ("a b c d a b c d", "a b c d", (1 / 5, 0, 4 / 5)),
        ("a b", "a b", (1, 0, 0)),
        ("a, b!", "a b", (1, 0, 0)),
        ("a b", "A b", (0, 1 / 2, 1 / 2)),
        ("a b c d e", "", (0, 0, 1)),
        ("", "a b c d e", (0, 1, 0)),
        ("", "", (0, 0, 0)),
    ],
)
def test_texts_are_compared_by_runs_of_four_words(true: str, found: str, match: tuple[float, ...]) -> None:
    assert compare(true, found) == pytest.approx(match)


def test_the_figures_are_means_over_pages() -> None:
    matches = [Match(1, 0, 0), Match(0.5, 0.5, 0), Match(0.2, 0, 0.8)]
    precision, recall = (1 + 0.5 + 1) / 3, (1 + 1 + 0.2) / 3

    assert figures_of(matches) == pytest.approx((precision, recall, 2 * precision * recall / (precision + recall)))


def test_a_page_that_yields_nothing_is_recall_lost() -> None:
    assert figures_of([Match(1, 0, 0), Match(0, 0, 1)]) == pytest.approx((1, 0.5, 2 / 3))
    assert figures_of([Match(0, 0, 1)]) == (0, 0, 0)


def test_deviations_are_the_same_each_time_and_none_where_pages_are_alike() -> None:
    matches = [Match(1, 0, 0), Match(0.5, 0.5, 0)] * 10

    assert deviations_of(matches, 50) == deviations_of(matches, 50)
    assert 0 < deviations_of(matches, 200).precision < 0.1
    assert deviations_of([Match(1, 0, 0)] * 5, 10) == (0, 0, 0)


def folder(at: Path, pages: dict[str, tuple[str, str]]) -> Path:
    (at / "html").mkdir()
    (at / "ground-truth.json").write_text(json.dumps({key: {"articleBody": true} for key, (true, _) in pages.items()}))
    for key, (_, html) in pages.items():
        (at / "html" / f"{key}.html.gz").write_bytes(gzip.compress(html.encode()))
    return at


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["extraction", *map(str, arguments)])
    return done.exit_code, done.output


def test_the_command_prints_and_writes_the_figures(tmp_path: Path) -> None:
    good = f"<html><head><title>B</title></head><body><article><p>{SENTENCE}</p></article></body></html>"
    pages = {"a": (SENTENCE, good), "b": (SENTENCE, "<html><body></body></html>")}
    code, printed = run(folder(tmp_path, pages), "--json", tmp_path / "out.json", "--pages")

    assert code == 0
    assert "pages 2, of which nothing was read 1" in printed
    assert re.search(r"recall +0\.500 ± 0\.\d{3}", printed)
    assert printed.rstrip().splitlines()[-2].endswith("b"), "the worst page stands first"
    written = json.loads((tmp_path / "out.json").read_text())
    assert written["figures"] == pytest.approx({"precision": 1, "recall": 0.5, "f1": 2 / 3})
    assert written["by_page"]["b"] == {"both": 0, "only_read": 0, "only_true": 1}


@pytest.mark.parametrize("written", [None, "{", "[]", "{}", '{"a": 5}', '{"a": {"articleBody": "Rain"}}'])
def test_a_folder_that_is_not_laid_out_so_is_bad_usage(tmp_path: Path, written: str | None) -> None:
    if written is not None:
        (tmp_path / "ground-truth.json").write_text(written)
    code, printed = run(tmp_path)

    assert code == 2
    assert str(tmp_path.name) in re.sub(r"[│\s]", "", printed)


@pytest.mark.skipif(not DATA.is_dir(), reason="the public pages are not at ../shared/data/html_pages")
def test_the_public_pages_are_read_as_well_as_was_measured(tmp_path: Path) -> None:
    code, printed = run(DATA, "--json", tmp_path / "out.json", "--bootstrap", "2")

    assert code == 0, printed
    assert json.loads((tmp_path / "out.json").read_text())["figures"]["f1"] >= 0.95
