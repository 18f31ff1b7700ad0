"""Reports: their figures, their files, and a page that shows hostile text as text."""

from __future__ import annotations

import json
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from eval import report as reports
from eval.files import Row
from eval.report import rank_counts, read_scored
from eval.runs import costs
from eval.statistics import value
from rag import InputError
from tests.eval.helpers import (
    CASES,
    answered,
    archived,
    fake,
    put,
    reading,
    record,
    report,
    run,
    whole,
)

HOSTILE = (
    "It rained. </details><script>hacked()</script><img src=http://127.0.0.1:9/a.png onerror='hacked()'> "
    "{{ 7 * 7 }} </style>The stone bridge opened on Monday."
)
WRONG = {"id": "4", "question": "the stone bridge opened", "answers": ["Friday"], "type": "<b>bold</b>"}


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """The report of four questions, one of which is answered wrongly."""
    questions, archive = put(tmp_path / "questions.jsonl", *CASES, WRONG), archived(tmp_path / "archive")
    ran = run("run", questions, "--archive", archive, "--report", tmp_path / "report", "--json", tmp_path / "out.json")
    assert ran.code == 0, ran.err
    return tmp_path / "report"


def means(path: Path) -> dict[str, float]:
    cases = read_scored(path)
    return {name: value(measure, len(cases)) for name, measure in reports.measures(cases).items()}


def test_the_measures_are_those_worked_out_by_hand(tmp_path: Path) -> None:
    found = means(
        report(
            tmp_path / "a",
            record("1", {"contains": (1, 1), "grounded": (3, 4), "false_refusal": (0, 1)}, confidence=0.9),
            record("2", {"contains": (0, 1), "grounded": (0, 1), "false_refusal": (1, 1)}, confidence=0.4),
            record("3", {"refusal_recall": (1, 1)}, confidence=0.5),
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
    first = record("1", {"recall_supported": (1, 1)}, score=0.1)
    second = record("2", {"recall_unsupported": (0, 1)})

    assert means(report(tmp_path / "a", first, second)) == {
        "recall_supported": 1,
        "recall_unsupported": 0,
        "balanced_accuracy": 1 / 2,
        "auroc": 0,
    }


def test_a_case_stays_the_same_when_keys_without_a_value_appear() -> None:
    first = {"id": "1", "question": "Who?", "gold": [{"start": 3, "text": ""}]}
    second = {**first, "gold": [{"start": 3}], "wrong": [], "held": False, "type": None}
    other = {**first, "question": "When?"}
    one, two, three = (reports.scored(Row({"case": case, "scores": {}}, "")).case for case in (first, second, other))

    assert one == two != three


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("", "contains no case"),
        ('{"id": "1", "case": {}}', "has no scores"),
        ('{"id": "1", "case": {}, "scores": {"em": [1]}}', r"the score em is \[1\]"),
        ('{"id": "1", "case": {}, "scores": {"em": [NaN, 1]}}', "NaN is not a JSON number"),
        ('{"id": "1", "case": {}, "scores": {}}\n{"id": "1", "case": {}, "scores": {}}', "the id '1' is already used"),
        ('{"id": "1", "ca', "not valid JSON"),
    ],
)
def test_a_report_that_is_not_whole_says_how_to_resume_it(tmp_path: Path, line: str, fault: str) -> None:
    (tmp_path / "cases.jsonl").write_text(line)
    with pytest.raises(InputError, match=fault) as raised:
        read_scored(tmp_path)
    assert "run the same command" in raised.value.hint


def test_costs_are_percentiles_over_the_cases_that_have_a_number() -> None:
    def taken(retrieve: float, first_token: float | None, total: float, prompt: int, pairs: int) -> dict[str, object]:
        seconds = {"retrieve": retrieve, "first_token": first_token, "total": total}
        return {"said": {"seconds": seconds, "tokens": {"prompt": prompt}, "judged_pairs": pairs}}

    told = costs([taken(1.0, None, 1.5, 0, 4), taken(3.0, 5.0, 9.0, 300, 6), {"said": None}])

    assert told["seconds"]["first_token"] == {"p50": 5.0, "p95": 5.0}
    assert told["seconds"]["total"]["p50"] == pytest.approx(5.25)
    assert told["tokens"]["prompt"]["p50"] == 150
    assert told["judged_pairs"] == {"p50": 5.0, "p95": pytest.approx(5.9)}
    assert told["memory_bytes"] > 2**20
    assert "judged_pairs" not in costs([{"said": {"seconds": {"check": 1.0}}}])


def test_the_report_has_all_that_json_has_and_the_page_all_figures(made: Path, tmp_path: Path) -> None:
    told, page = whole(made), unescape((made / "page.html").read_text())

    assert json.loads((tmp_path / "out.json").read_text()) == told
    assert (told["command"], told["cases"], told["wrong"]) == ("run", 4, [{"id": "4", "words": "answered wrongly"}])
    for name, one in told["measures"].items():
        assert f'<th scope="row">{name}</th><td class="">{one["mean"]:.3f}</td>' in page
    assert page.count("<svg") == page.count('role="img"') == 5
    assert "date" in told["types"]
    before = (made / "page.html").read_text()
    (made / "page.html").unlink()
    assert run("page", made).code == 0
    assert (made / "page.html").read_text() == before


def test_a_comparison_is_written_as_a_page(made: Path, tmp_path: Path) -> None:
    other = archived(tmp_path / "other", "It rained. Nobody knows more.")
    rows = [{name: value for name, value in row.items() if name != "gold"} for row in (*CASES, WRONG)]
    questions = put(tmp_path / "questions.jsonl", *rows)
    for name, archive in (("a", tmp_path / "archive"), ("b", other)):
        assert run("run", questions, "--archive", archive, "--report", tmp_path / name).code == 0
    ran = run("compare", tmp_path / "a", tmp_path / "b", "--page", tmp_path / "compared.html")
    page = unescape((tmp_path / "compared.html").read_text())

    assert ran.code == 0, ran.err
    assert "1: was right, and is not now" in ran.out
    for words in ("Beside the earlier run", "was right, and is not now", "What was said before", "opened on Monday"):
        assert words in page


def test_what_articles_questions_and_types_say_stays_text(tmp_path: Path) -> None:
    archive = archived(tmp_path / "archive", HOSTILE)
    nasty = "<b onclick='hacked()'>{{ 7 * 7 }}</b>\u202eé😀\x00\x1b"
    gold = {"article_id": "bridge.txt", "quote": "The stone bridge opened on Monday."}
    rows = {"id": nasty, "question": f"the stone bridge opened {nasty}", "answers": [nasty], "type": nasty}
    questions = put(tmp_path / "questions.jsonl", rows | {"gold": [gold]})
    ran = run("run", questions, "--archive", archive, "--report", tmp_path / "report")
    page = (tmp_path / "report" / "page.html").read_text()

    assert ran.code == 0, ran.err
    assert HOSTILE in unescape(page)
    found = Elements()
    found.feed(page)
    assert {"svg", "table", "article"} <= found.tags
    assert not found.tags & {"script", "img", "iframe", "object", "b", "link", "a"}
    assert not [name for name in found.attributes if name.startswith("on") or name in ("src", "href")]
    assert "{{ 7 * 7 }}" in page, "it is not taken for a template"
    assert "\x00" not in page
    assert page.count("</style>") == 1


def test_passages_that_come_with_a_case_are_shown(tmp_path: Path) -> None:
    passage = {"id": "p", "text": "The stone bridge opened on Monday.", "title": "A bridge", "source": "Post"}
    cases = put(
        tmp_path / "modes.jsonl", reading("1", "the stone bridge opened", passage, expected="disputed", gold=["p"])
    )
    assert run("read", cases, "--report", tmp_path / "report").code == 0
    page = (tmp_path / "report" / "page.html").read_text()

    assert whole(tmp_path / "report")["wrong"] == [{"id": "1", "words": "taken for trustworthy"}]
    assert "A bridge · Post" in page
    assert '<div class="passage gold">' in page
    assert "Right (rows) and given (columns)" in page


def test_ranks_are_counted() -> None:
    counted = rank_counts([1.0, 1.0, 10.0, 11.0, float("inf")])

    assert (counted["1"], counted["2"], counted["10"], counted["beyond 10"]) == (2, 0, 1, 2)
    assert list(counted) == [*map(str, range(1, 11)), "beyond 10"]
    assert rank_counts([]) == {}


def test_an_unfinished_report_is_told(tmp_path: Path) -> None:
    ran = run("page", report(tmp_path / "a", answered("1", 1)))

    assert ran.code == 1
    assert "report.json cannot be read" in ran.err
