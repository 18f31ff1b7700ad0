"""The Evaluation page through Streamlit's own test driver, over reports that `python -m eval run` wrote."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rag import Assistant, Question, load_settings
from tests.eval.helpers import CASES, archived, fake, put, run
from tests.ui.conftest import html
from ui.evaluation import plans, reports

TRICK = "![t](http://127.0.0.1:9/t.png) <img src=x onerror=alert(1)>"


@pytest.fixture
def page(open_page: Callable[[str], AppTest]) -> AppTest:
    return open_page("evaluation")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two reports of the same cases, of which `b` has one wrong, and a third, `c`, of another case."""
    folder = tmp_path_factory.mktemp("reports")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NUTGRAF_HOME", str(folder / "home"))
        fake(patch)
        monday = archived(folder / "archive")
        friday = archived(folder / "friday", "It rained. The stone bridge opened on Friday.")
        opened = {**CASES[0], "type": f"place {TRICK}", "gold": []}
        questions, others = put(folder / "q.jsonl", opened, CASES[1]), put(folder / "o.jsonl", CASES[0])
        for name, cases, archive in (("a", questions, monday), ("b", questions, friday), ("c", others, monday)):
            ran = run("run", cases, "--archive", archive, "--report", folder / name)
            assert ran.code == 0, ran.err
    return folder


@pytest.fixture
def shelved(made: Path) -> Path:
    """Reports `a` and `b` are in the page's own folder, which this is."""
    own = reports.home(load_settings())
    for name in "ab":
        shutil.copytree(made / name, own / name)
    return own


def opened(page: AppTest, view: str, part: str = "") -> AppTest:
    """The page at one of its views."""
    page.run()
    page.radio(key="view").set_value(view).run()
    if part:
        page.radio(key="part").set_value(part).run()
    assert not page.exception
    return page


def press(page: AppTest, label: str) -> AppTest:
    next(one for one in page.button if one.label == label).click()
    page.run()
    assert not page.exception
    return page


def test_without_a_report_it_says_how_to_get_the_first(page: AppTest) -> None:
    page.run()

    assert not page.exception
    assert "There is no report yet." in html(page)
    assert page.expander[0].label == "Run an evaluation"
    assert page.expander[0].proto.expanded


def test_reports_of_one_set_are_listed_with_their_intervals(page: AppTest, shelved: Path) -> None:
    opened(page, "Over time")

    told = json.loads((shelved / "a" / "report.json").read_text())["measures"]["contains"]
    assert f"{told['mean']:.2f} ({told['low']:.2f}–{told['high']:.2f})" in html(page)
    assert len(page.get("vega_lite_chart")) == 1


def test_folders_that_are_named_are_looked_at_too(page: AppTest, made: Path) -> None:
    page.run()
    page.text_area[0].set_value(f"{made / 'c'}\n{made / 'nowhere'}\n{made / 'archive'}")
    press(page, "Look there, too")

    assert f"run, {len([CASES[0]])} cases" in html(page)
    assert f"{made / 'nowhere'} is no folder that is there" in html(page)
    assert f"{made / 'archive'} holds no report" in html(page)


def test_damaged_foreign_and_unfinished_reports_are_a_sentence_each(page: AppTest, shelved: Path) -> None:
    (shelved / "a" / "report.json").write_text('{"command": "run", "cases"')
    (shelved / "b" / "report.json").write_text('{"command": "run", "cases": 2, "measures": {"em": 0.5}}')
    (shelved / "empty").mkdir()
    for name, content in (("list", "[]"), ("deep", "[" * 100_000), ("bytes", "\udcff")):
        (shelved / name).mkdir()
        (shelved / name / "report.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    page.run()

    assert not page.exception
    shown = html(page)
    for name in ("a", "deep", "bytes"):
        assert f"{shelved / name / 'report.json'} is damaged" in shown
    assert "the measure em has no mean" in shown
    assert f"{shelved / 'list' / 'report.json'} is no report" in shown
    assert "Not finished: empty. 0 cases are kept." in shown


def test_a_report_shows_its_measures_and_the_charts_of_its_json(page: AppTest, shelved: Path) -> None:
    opened(page, "One report")

    charts = json.loads((shelved / "b" / "report.json").read_text())["charts"]
    assert len(page.get("vega_lite_chart")) == len(charts) >= 4
    assert "peak memory" in html(page)


@pytest.mark.parametrize(
    "change",
    [
        {"data": {"url": "http://127.0.0.1:9/x.json"}},
        {"mark": {"type": "image"}},
        {"encoding": {"href": {"value": "http://127.0.0.1:9"}}},
        {"transform": [{"calculate": "1", "as": "x"}]},
        {"layer": [{"data": {"url": "http://127.0.0.1:9/x.json"}, "mark": "bar"}]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_chart_that_could_load_something_is_not_drawn(page: AppTest, shelved: Path, change: dict[str, Any]) -> None:
    file = shelved / "b" / "report.json"
    told = json.loads(file.read_text())
    told["charts"]["types"]["spec"] |= change
    file.write_text(json.dumps(told))
    opened(page, "One report")

    assert len(page.get("vega_lite_chart")) == len(told["charts"]) - 1
    assert "A chart of this report is not drawn" in html(page)


def test_a_case_is_opened_with_its_answer_its_quote_and_the_passages(page: AppTest, shelved: Path) -> None:
    opened(page, "One report", "Cases")
    page.selectbox(key="report").set_value(next(at for at, one in enumerate(_found()) if one.folder.name == "a")).run()
    press(page, "Open case 1")

    record = json.loads((shelved / "a" / "cases.jsonl").read_text().splitlines()[0])
    shown = html(page)
    assert record["case"]["question"] in shown
    assert all(answer in shown for answer in record["case"]["answers"])
    assert f"<mark>{record['said']['citations'][0]['quote']}</mark>" in shown
    assert f"1. {record['said']['passages'][0]['title']}" in shown
    assert f"confidence {record['said']['confidence']:.2f}" in shown
    press(page, "Next case")
    assert "Case 2 of 2" in html(page)
    press(page, "Back to the report")
    assert any(one.label == "Open case 1" for one in page.button)


def test_what_stands_in_a_report_is_never_markup(page: AppTest, shelved: Path) -> None:
    file = shelved / "b" / "cases.jsonl"
    records = [json.loads(line) for line in file.read_text().splitlines()]
    for record in records:
        record["case"]["question"] = record["error"] = TRICK
        record["id"] = f"{TRICK}{record['id']}"
    file.write_text("".join(json.dumps(one) + "\n" for one in records))
    opened(page, "One report", "Cases")
    press(page, "Open case 1")

    labels = [one.label for kind in (page.button, page.expander, page.radio, page.toggle) for one in kind]
    assert "<img" not in html(page)
    assert "&lt;img src=x" in html(page)
    assert not any("![t]" in one for one in [*labels, *(one.value for one in page.markdown)])


def test_records_of_another_kind_are_shown_as_far_as_they_go(page: AppTest, shelved: Path) -> None:
    odd = (
        {"id": "1", "case": [], "said": 3},
        {"id": {}, "said": {"sentences": [1, {"citations": ["x"]}]}, "scores": 1},
    )
    lines = [*map(json.dumps, odd), "cut sho", ""]
    (shelved / "b" / "cases.jsonl").write_text("\n".join(lines))
    opened(page, "One report", "Cases")
    page.selectbox(key="report").set_value(next(at for at, one in enumerate(_found()) if one.folder.name == "b")).run()

    assert "This line is no JSON" in html(page)
    press(page, "Open case 1")
    press(page, "Next case")
    press(page, "Next case")
    assert "cases.jsonl is damaged at byte" in html(page)


def test_cases_are_found_by_verdict_and_words_and_shown_page_by_page(page: AppTest, shelved: Path) -> None:
    record = {"case": {"question": "Which town?"}, "said": {"text": ""}, "scores": {"contains": [1, 1]}}
    with (shelved / "b" / "cases.jsonl").open("w") as lines:
        for number in range(10_000):
            scores = {"contains": [number % 2, 1]}
            lines.write(json.dumps({**record, "id": f"case-{number}", "scores": scores}) + "\n")
    shutil.rmtree(shelved / "a")
    opened(page, "One report", "Cases")

    assert "10,000 of 10,000 cases" in html(page)
    assert len([one for one in page.button if one.label.startswith("Open case")]) == 20
    turning: Any = page.get("pagination")[0]
    turning.set_value(500).run()
    assert "case-9999" in html(page)
    next(one for one in page.radio if one.label == "Show").set_value("right").run()
    assert "5,000 of 10,000 cases" in html(page)
    next(one for one in page.text_input if "Find" in one.label).set_value("CASE-777").run()
    assert "6 of 10,000 cases" in html(page)


def _found() -> tuple[reports.Report, ...]:
    return reports.shelf(load_settings()).reports


def test_two_reports_are_compared_and_the_cases_that_got_worse_are_named(page: AppTest, shelved: Path) -> None:
    opened(page, "Compare two")
    labels = [one.folder.name for one in _found()]
    page.selectbox[0].set_value(labels.index("a"))
    page.selectbox[1].set_value(labels.index("b"))
    press(page, "Compare")

    assert "2 cases that A and B have in common" in html(page)
    assert "1 case got worse" in [one.value for one in page.subheader]
    assert "was answered right, and is not now" in html(page)
    page.toggle(key="worse-1").set_value(True).run()
    assert "opened on Monday" in html(page)
    assert "opened on Friday" in html(page)


def test_two_reports_of_other_cases_say_why_they_cannot_be_compared(page: AppTest, made: Path, shelved: Path) -> None:
    shutil.rmtree(shelved / "b")
    shutil.copytree(made / "c", shelved / "c")
    opened(page, "Compare two")
    press(page, "Compare")

    assert "have no case in common" in html(page)


def test_questions_marked_bad_become_the_cases_of_a_run(page: AppTest, seeded: None) -> None:
    with Assistant(load_settings()) as assistant:
        turn = assistant.chats.begin(Question("Who visited Islamabad?"))
        assistant.chats.mark(turn.id, good=False, note="answer: Lavrov")
    page.run()
    next(one for one in page.radio if one.label == "Which questions").set_value(plans.MARKED).run()

    assert "Marked bad: 1. A right answer is in the notes of 1" in html(page)


def test_a_run_of_no_question_is_not_begun(page: AppTest) -> None:
    page.run()
    next(one for one in page.radio if one.label == "Which questions").set_value(plans.MARKED).run()
    press(page, "Run the evaluation")

    assert "There is no question to ask." in html(page)
    assert not reports.home(load_settings()).exists()
