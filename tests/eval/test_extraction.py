"""The figures of article extraction, worked out by hand, and the command over a folder of pages."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from eval import report as reports
from eval.extraction import Match, match, score
from eval.report import Scored
from eval.statistics import value
from rag import Upload, read_articles
from tests.eval.helpers import run, whole

DATA = Path(__file__).parents[3] / "shared" / "data" / "html_pages"
SENTENCE = "The bridge over the river opened on Monday after two years of work, the mayor said."


@pytest.mark.parametrize(
    ("true", "found", "expected"),
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
def test_texts_are_compared_by_runs_of_four_words(true: str, found: str, expected: tuple[float, ...]) -> None:
    assert match(true, found) == pytest.approx(expected)


def test_the_figures_are_means_over_pages() -> None:
    matches = [Match(1, 0, 0), Match(0.5, 0.5, 0), Match(0.2, 0, 0.8)]
    precision, recall = (1 + 0.5 + 1) / 3, (1 + 1 + 0.2) / 3

    assert means(matches) == pytest.approx((precision, recall, 2 * precision * recall / (precision + recall)))


def test_a_page_that_yields_nothing_is_recall_lost() -> None:
    assert means([Match(1, 0, 0), Match(0, 0, 1)]) == pytest.approx((1, 0.5, 2 / 3))
    assert means([Match(0, 0, 1)]) == (0, 0, 0), "precision has no value"


def means(matches: Sequence[Match]) -> tuple[float, ...]:
    found = reports.measures([Scored(str(at), "", score(one)) for at, one in enumerate(matches)])
    return tuple(value(found[name], len(matches)) if name in found else 0.0 for name in ("precision", "recall", "f1"))


def interrupting(at: int) -> Callable[[Upload], Iterator[Any]]:
    """Reads, but for the page whose number, from 1, is `at`: Ctrl-C."""
    pages = list[Upload]()

    def reading(upload: Upload) -> Iterator[Any]:
        pages.append(upload)
        if len(pages) == at:
            raise KeyboardInterrupt
        return iter(read_articles(upload))

    return reading


def folder(at: Path, pages: dict[str, tuple[str, str]]) -> Path:
    (at / "html").mkdir()
    (at / "ground-truth.json").write_text(json.dumps({key: {"articleBody": true} for key, (true, _) in pages.items()}))
    for key, (_, html) in pages.items():
        (at / "html" / f"{key}.html.gz").write_bytes(gzip.compress(html.encode()))
    return at


GOOD = f"<html><head><title>B</title></head><body><article><p>{SENTENCE}</p></article></body></html>"
PAGES = {"a": (SENTENCE, GOOD), "b": (SENTENCE, "<html><body></body></html>")}


def test_the_command_prints_and_writes_the_figures(tmp_path: Path) -> None:
    ran = run("extraction", folder(tmp_path, PAGES), "--json", tmp_path / "out.json", "--report", tmp_path / "report")
    told = json.loads((tmp_path / "out.json").read_text())

    assert ran.code == 0, ran.err
    assert "2 cases" in ran.out
    assert "nothing extracted: 1 (b)" in ran.out
    assert (told["command"], told["cases"], told["models"]) == ("extraction", 2, {})
    assert told["measures"]["precision"] == {"mean": 1, "low": 1, "high": 1, "n": 1}
    assert told["measures"]["recall"] == {"mean": 0.5, "low": 0, "high": 1, "n": 2}
    assert told["measures"]["f1"]["mean"] == pytest.approx(2 / 3)
    assert set(told["seconds"]) == {"extract"}
    assert [one["id"] for one in whole(tmp_path / "report")["wrong"]] == ["b"]
    page = (tmp_path / "report" / "page.html").read_text()
    assert "<h3>b</h3>" in page
    assert SENTENCE in page


def test_a_run_is_gated_and_compared_by_the_same_figures(tmp_path: Path) -> None:
    at, report = folder(tmp_path, PAGES), tmp_path / "report"
    assert run("extraction", at, "--report", report).code == 0
    assert run("gate", report, "--baseline", tmp_path / "baseline.json", "--write").code == 0
    (at / "html" / "a.html.gz").write_bytes(gzip.compress(b"<html></html>"))
    assert run("extraction", at, "--report", tmp_path / "worse").code == 0
    ran = run("gate", tmp_path / "worse", "--baseline", tmp_path / "baseline.json")

    assert "asked differently: 1 (a)" in ran.out, "another page is another case"
    assert '"f1": {"mean": 0.6667, "n": 2}' in (tmp_path / "baseline.json").read_text()


def test_a_page_is_read_once_and_again_when_it_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at, common = folder(tmp_path, PAGES), ("extraction", tmp_path, "--report", tmp_path / "report")
    monkeypatch.setattr("eval.extraction.read", interrupting(2))
    stopped = run(*common)
    monkeypatch.setattr("eval.extraction.read", interrupting(2))
    assert (stopped.code, run(*common).code) == (130, 0)
    assert "stopped after 1 of 2 cases" in stopped.err
    monkeypatch.setattr("eval.extraction.read", interrupting(1))
    assert run(*common).code == 0
    (at / "html" / "b.html.gz").write_bytes(gzip.compress(GOOD.encode()))
    assert run(*common).code == 130


@pytest.mark.parametrize("written", [None, "{", "[]", "{}", '{"a": 5}', '{"a": {"articleBody": "Rain"}}'])
def test_a_folder_that_is_not_laid_out_so_is_one_clear_error(tmp_path: Path, written: str | None) -> None:
    if written is not None:
        (tmp_path / "ground-truth.json").write_text(written)
    ran = run("extraction", tmp_path)

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"error: {tmp_path}")
    assert ran.err.count("\n") == 1


@pytest.mark.skipif(not DATA.is_dir(), reason="the public pages are not at ../shared/data/html_pages")
def test_the_public_pages_are_read_as_well_as_was_measured(tmp_path: Path) -> None:
    ran = run("extraction", DATA, "--json", tmp_path / "out.json")

    assert ran.code == 0, ran.err
    assert json.loads((tmp_path / "out.json").read_text())["measures"]["f1"]["mean"] >= 0.95
