"""What `--report` writes: the figures as JSON, the page with the same, and an earlier run beside."""

from __future__ import annotations

import json
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from eval.publishing import histogram
from tests.eval.archiving import CASES, archived
from tests.eval.collection import folder as put_collection
from tests.eval.making import Ran, case, fake, put, run, untimed

GOLDEN = Path(__file__).parent / "golden" / "report.json"
WRONG: dict[str, Any] = {**CASES[0], "id": "4", "answers": ["Friday"], "type": "wrong"}
HOSTILE = (
    "It rained. <script>window.hacked = 1</script><img src=http://127.0.0.1:9/a.png onerror='window.hacked=1'> "
    "</details></style>{{ 7 * 7 }} & the stone bridge opened on Monday."
)


class Elements(HTMLParser):
    """The names of all elements and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch)


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    return put(tmp_path / "questions.jsonl", *CASES, WRONG)


def reported(tmp_path: Path, questions: Path, *options: object, name: str = "report") -> tuple[Ran, dict[str, Any]]:
    archive = tmp_path / "archive"
    if not archive.exists():
        archived(archive)
    ran = run("run", questions, "--archive", archive, "--report", tmp_path / name, *options)
    assert ran.code == 0, ran.err
    return ran, told(tmp_path / name)


def told(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return found


def lasting(report: dict[str, Any]) -> dict[str, Any]:
    """What is the same in every run and with every version of altair."""
    kept = untimed(report)
    # As the machine has it.
    assert kept["models"]["arithmetic"] in ("bfloat16", "float32")
    kept["models"] = {role: model for role, model in kept["models"].items() if role != "arithmetic"}
    charts = {
        name: {part: value for part, value in chart.items() if part != "spec"}
        for name, chart in kept["charts"].items()
        if name != "waterfall"
    }
    return {name: value for name, value in kept.items() if name != "waterfall"} | {"charts": charts}


def test_the_report_of_a_small_run_is_the_golden_one(tmp_path: Path, questions: Path) -> None:
    # Where a change is meant, the new one is what stands in the message, by `json.dumps(..., indent=1)`.
    _, report = reported(tmp_path, questions)

    assert lasting(report) == json.loads(GOLDEN.read_text()), json.dumps(lasting(report), indent=1, ensure_ascii=False)


def test_it_holds_all_that_json_does_and_the_page_all_figures(tmp_path: Path, questions: Path) -> None:
    _, report = reported(tmp_path, questions, "--json", tmp_path / "out.json")
    page = unescape((tmp_path / "report" / "report.html").read_text())

    figures = json.loads((tmp_path / "out.json").read_text())
    assert {name: report[name] for name in figures} == figures
    for chart in report["charts"].values():
        assert f"<h2>{chart['title']}</h2>" in page
        for row in chart["rows"]:
            assert f'<th scope="row">{row[0]}</th>' + "".join(f"<td>{cell}</td>" for cell in row[1:]) in page
    assert [one["id"] for one in report["worst"]] == ["4"]
    assert report["worst"][0]["passages"][0]["gold"] is True
    assert page.count("<svg") == page.count('role="img"') == len(report["charts"]) == 5


def test_two_reports_are_alike_but_for_what_they_cost(tmp_path: Path, questions: Path) -> None:
    _, first = reported(tmp_path, questions)
    _, second = reported(tmp_path, questions, name="second")

    assert lasting(first) == lasting(second)


def test_what_articles_questions_and_types_say_stays_text(tmp_path: Path) -> None:
    archive = archived(tmp_path / "archive", HOSTILE)
    nasty = "<b onclick='hacked()'>{{ 7 * 7 }}</b>"
    start = HOSTILE.index("</details>")
    gold = {"article_id": "bridge.txt", "start": start, "end": len(HOSTILE)}
    rows = {
        "id": nasty,
        "question": f"the stone bridge opened {nasty}",
        "answers": [nasty],
        "type": nasty,
        "gold": [gold],
    }
    ran = run("run", put(tmp_path / "questions.jsonl", rows), "--archive", archive, "--report", tmp_path / "report")
    page = (tmp_path / "report" / "report.html").read_text()

    assert ran.code == 0, ran.err
    assert HOSTILE in [one["text"] for one in told(tmp_path / "report")["worst"][0]["passages"]]
    found = Elements()
    found.feed(page)
    assert {"svg", "table", "article"} <= found.tags
    assert not found.tags & {"script", "img", "iframe", "object", "b", "link", "a"}
    assert not [name for name in found.attributes if name.startswith("on") or name in ("src", "href")]
    assert "{{ 7 * 7 }}" in page, "no template is made of it"
    assert page.count("</style>") == 1


def test_an_earlier_report_stands_beside(tmp_path: Path, questions: Path) -> None:
    reported(tmp_path, questions, name="before")
    put(questions, {**CASES[0], "id": "new"}, *CASES[1:], WRONG)
    _, report = reported(tmp_path, questions, "--caution", 1, "--against", tmp_path / "before")
    against, page = report["against"], (tmp_path / "report" / "report.html").read_text()

    assert against["cases"] == 3
    assert (against["only_a"], against["only_b"]) == (["1"], ["new"])
    assert against["measures"]["contains"]["verdict"] == "noise"
    assert {one["id"] for one in report["worst"]} == {"4"} | set(against["worse"])
    last = next(one for one in report["worst"] if one["id"] == "4")
    assert "Monday" in last["before"]["text"]
    assert "What was said before" in page
    assert "Beside the earlier run" in page
    assert "before" in report["charts"]["measures"]["columns"]


def test_what_was_right_before_comes_first(tmp_path: Path, questions: Path) -> None:
    reported(tmp_path, questions, name="before")
    archived(tmp_path / "other", "It rained. Nobody knows more.")
    rows = [{name: value for name, value in row.items() if name != "gold"} for row in (*CASES, WRONG)]
    put(questions, *rows)
    reported(tmp_path, questions, name="before")
    ran = run(
        *("run", questions, "--archive", tmp_path / "other"),
        *("--report", tmp_path / "report", "--against", tmp_path / "before"),
    )
    report = told(tmp_path / "report")

    assert ran.code == 0, ran.err
    assert list(report["against"]["worse"]) == ["1"]
    assert report["worst"][0]["id"] == "1"
    assert "was answered right, and is not now" in report["worst"][0]["words"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--against", "before"], "has nothing to be compared with"),
        (["--against", "gone", "--report", "report"], "gone is not there"),
        (["--against", "before", "--report", "before"], "is both --report and --against"),
    ],
)
def test_what_cannot_be_compared_is_told_before_anything_is_asked(
    tmp_path: Path, questions: Path, options: list[str], expected: str
) -> None:
    reported(tmp_path, questions, name="before")
    kept = (tmp_path / "before" / "cases.jsonl").read_bytes()
    ran = run("run", questions, *(one if one.startswith("-") else tmp_path / one for one in options))

    assert ran.code == 1
    assert ran.err.startswith("error: ")
    assert ran.err.count("\n") == 1
    assert expected in ran.err
    assert ran.out == ""
    assert (tmp_path / "before" / "cases.jsonl").read_bytes() == kept


def test_a_report_of_another_set_is_told_and_nothing_is_lost(tmp_path: Path, questions: Path) -> None:
    reported(tmp_path, questions, name="before")
    put(questions, {**CASES[1], "id": "other"})
    common = ("run", questions, "--archive", tmp_path / "archive", "--report", tmp_path / "report")
    ran = run(*common, "--against", tmp_path / "before")

    assert ran.code == 1
    assert "have no case in common" in ran.err
    assert json.loads((tmp_path / "report" / "cases.jsonl").read_text())["scores"]


def test_passages_that_come_with_a_case_are_shown(tmp_path: Path) -> None:
    passages = [{"id": "p", "text": "The stone bridge opened on Monday.", "title": "A bridge", "source": "Post"}]
    cases = put(
        tmp_path / "modes.jsonl", case("1", "the stone bridge opened", *passages, expected="disputed", gold=["p"])
    )
    assert run("read", cases, "--report", tmp_path / "report").code == 0
    report = told(tmp_path / "report")

    assert (report["worst"][0]["words"], report["worst"][0]["right"]) == ("taken for trustworthy", ["disputed"])
    (shown,) = report["worst"][0]["passages"]
    assert shown == {"title": "A bridge", "byline": "Post", "text": passages[0]["text"], "gold": True}
    assert report["ranks"] == {}
    assert "Right and given" in (tmp_path / "report" / "report.html").read_text()


def test_claims_and_searches_have_reports_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        {"id": "1", "claim": "rain fell", "evidence": "The stone bridge opened", "supported": True},
        {"id": "2", "claim": "the stone bridge", "evidence": "The stone bridge opened", "supported": True},
    ]
    assert run("claims", put(tmp_path / "claims.jsonl", *rows), "--report", tmp_path / "claims").code == 0
    monkeypatch.setattr("eval.archives.platformdirs.user_cache_path", lambda name: tmp_path / "cache" / name)
    assert run("retrieval", put_collection(tmp_path / "set"), "--report", tmp_path / "found").code == 0
    claims, found = told(tmp_path / "claims"), told(tmp_path / "found")

    assert [(one["id"], one["words"], one["right"]) for one in claims["worst"]] == [
        ("1", "found unsupported", ["supported"])
    ]
    assert set(claims["charts"]) == {"measures", "waterfall"}
    # Of the second query, one of two relevant articles is in the corpus.
    assert [(one["id"], one["right"]) for one in found["worst"]] == [("2", ["x/y-z", "gone"])]
    assert found["ranks"]["1"] == 2
    assert set(found["charts"]) == {"measures", "ranks", "waterfall"}
    for name in ("claims", "found"):
        assert "<svg" in (tmp_path / name / "report.html").read_text()


def test_ranks_are_counted() -> None:
    counted = histogram([1.0, 1.0, 10.0, 11.0, float("inf")])

    assert (counted["1"], counted["2"], counted["10"], counted["beyond 10"]) == (2, 0, 1, 2)
    assert list(counted) == [*map(str, range(1, 11)), "beyond 10"]
    assert histogram([]) == {}
