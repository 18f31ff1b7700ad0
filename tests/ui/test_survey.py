"""Surveys on the Ask page: each kind, its address, filters, stopping, and the way there and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from streamlit.testing.v1 import AppTest

from rag import Assistant, Done, Question, load_settings
from rag.answer import sweep
from tests.ui.conftest import html, named, press
from ui import background, findings, safe
from ui.survey import SurveyJob

NEWS = {
    "Tarn Post": "At least 12 people died in the fire at the Tarn mill on 3 March 2024, the police said.",
    "Kell Courier": "At least 14 people died in the fire at the Tarn mill on 3 March 2024, officials said.",
    "Lund Globe": "The Lund bridge was opened on 9 May 2023.",
}


@pytest.fixture
def archive(tmp_path: Path) -> None:
    """Three short articles of three outlets."""
    for day, (outlet, text) in enumerate(NEWS.items(), start=10):
        head = f"---\ntitle: {outlet} reports\nsource: {outlet}\ndate: 2024-03-{day}\n---\n\n"
        (tmp_path / f"{outlet}.md").write_text(f"{head}{text}\n\nIt was raining in the valley all day.")
    with Assistant(load_settings()) as assistant:
        assistant.ingest([tmp_path])


@pytest.fixture
def page(open_page: Callable[[str], AppTest], archive: None) -> AppTest:
    return open_page("ask")


def visit(page: AppTest, **address: str | list[str]) -> AppTest:
    """Open a survey by its address."""
    for name, value in address.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def address(page: AppTest) -> dict[str, list[str]]:
    return {name: [value] if isinstance(value, str) else value for name, value in page.query_params.items()}


def test_a_timeline_is_started_from_the_question_box(page: AppTest) -> None:
    named(page.run().selectbox, "Form of reply").set_value("Timeline").run()
    assert "Timeline: what happened, day by day." in html(page)
    page.chat_input[0].set_value("fire at the Tarn mill").run()
    shown = html(page)

    assert address(page) == {"timeline": ["fire at the Tarn mill"]}
    assert '<h2 class="section">2024</h2>' in shown
    assert '<p class="day">Mar 3</p>' in shown
    assert "people died in the fire at the Tarn mill" in shown
    assert named(page.selectbox, "Form of reply").value == "Timeline"


def test_a_day_of_publication_is_told_as_such(page: AppTest, tmp_path: Path) -> None:
    (tmp_path / "strike.txt").write_text("Tarn Post, 4 June 2024\n\nDockers at Kell harbour have begun a strike.\n")
    with Assistant(load_settings()) as assistant:
        assistant.ingest([tmp_path / "strike.txt"])

    assert '<p class="day">Jun 4</p><p class="muted">day of publication</p>' in html(visit(page, timeline="strike"))


def test_find_lists_every_article_and_opens_its_source(page: AppTest) -> None:
    visit(page, find="How many people died in the fire at the Tarn mill?")
    assert "2 of 3 articles read answer the question; 3 are in the archive." in html(page)
    assert "“12" in html(page)
    assert "Tarn Post reports" in html(page)
    assert "<mark>" not in html(page)
    page.button(key="chip-0-0-found").click().run()

    assert "<mark>At least 1" in html(page)
    press(page, "Close")
    assert "<mark>" not in html(page)


def test_found_articles_are_sorted_by_day_and_shown_in_parts(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "_A_PAGE", 1)
    visit(page, find="How many people died in the fire at the Tarn mill?")
    named(page.button_group, "Order").set_value("Oldest first").run()
    assert "died in the fire" in html(page)
    assert "officials said" not in html(page), "of the 11th"
    named(page.button_group, "Order").set_value("Newest first").run()
    assert "the police said" not in html(page), "of the 10th"
    press(page, "Show 1 more of 1")

    assert html(page).index("officials said") < html(page).index("the police said")


def test_outlets_to_compare_are_offered_then_compared(page: AppTest) -> None:
    visit(page, compare="fire at the Tarn mill", source="Kell Courier")
    outlets = named(page.multiselect, "Outlets to compare, two or more")
    assert outlets.value == ["Kell Courier"]
    assert outlets.options == ["Kell Courier (1)", "Lund Globe (1)", "Tarn Post (1)"]
    assert named(page.button, "Compare").disabled
    outlets.set_value(["Kell Courier", "Tarn Post"]).run()
    press(page, "Compare")
    shown = html(page)

    assert address(page)["source"] == ["Kell Courier", "Tarn Post"]
    assert "Articles read on this topic: Kell Courier 1, Tarn Post 1." in shown
    assert "May differ (1)" in shown
    assert shown.index("“14”") < shown.index("“12”")
    assert "It was raining in the valley all day." in shown
    assert "In the same words." in shown


def test_what_a_notice_corrects_says_by_what_and_since_when(page: AppTest, tmp_path: Path) -> None:
    said = "Correction\n\nWe said that at least 12 people died in the fire at the Tarn mill. It was 13 people."
    (tmp_path / "notice.md").write_text(f"---\nsource: Tarn Post\ndate: 2024-03-12\n---\n\n# {said}\n")
    with Assistant(load_settings()) as assistant:
        assistant.ingest([tmp_path / "notice.md"])
    shown = html(visit(page, compare="fire at the Tarn mill", source=["Kell Courier", "Tarn Post"]))

    assert "Corrected since: Tarn Post, 2024-03-12." in shown
    assert "Open the correction in the Library" in shown
    assert "Corrected in this article." in shown


def test_one_outlet_is_too_few_to_compare(page: AppTest) -> None:
    visit(page, compare="the Tarn mill", to="2024-03-10")

    assert "A comparison needs articles of two outlets." in html(page)


def test_filters_and_kind_change_the_address(page: AppTest) -> None:
    visit(page, find="How many people died in the fire at the Tarn mill?", source="Tarn Post", to="2024-03-31")
    assert "1 of 1 articles read answers the question; 1 is inside the filters." in html(page)
    page.session_state["filters-open"] = True
    named(page.run().multiselect, "Outlets").set_value([]).run()
    assert "source" not in address(page)
    assert "2 of 3 articles read answer the question; 3 are inside the filters." in html(page)
    named(page.button_group, "Read as").set_value("Timeline").run()

    assert address(page) == {
        "timeline": ["How many people died in the fire at the Tarn mill?"],
        "to": ["2024-03-31"],
    }


def test_a_stopped_survey_shows_what_was_read(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    progress = SurveyJob._progress

    def stop_after_two(job: SurveyJob, done: Done) -> None:
        progress(job, done)
        if done.things == 2:
            job.stop()

    monkeypatch.setattr(sweep, "_BATCH", 1)
    monkeypatch.setattr(SurveyJob, "_progress", stop_after_two)
    visit(page, find="How many people died in the fire at the Tarn mill?")
    assert "Stopped early. 2 of 3 passages were read. What follows is a part" in html(page)
    assert "2 of 2 articles read answer the question" in html(page)
    monkeypatch.undo()
    press(page, "Run again")

    assert "Stopped early" not in html(page)


def test_leaving_a_survey_stops_it(page: AppTest) -> None:
    visit(page, find="Who died?")
    job = page.session_state["survey-job"]
    background.dismiss(job.key, job)
    running = SurveyJob(job._assistant, job.survey, job.key)
    running._thread.is_alive = lambda: True  # type: ignore[method-assign]
    page.session_state["survey-job"] = running
    press(page, "Ask a question")

    assert running.stopping
    assert address(page) == {}
    assert named(page.selectbox, "Form of reply").value == "Automatic form"


def test_an_answer_leads_to_surveys_and_back(page: AppTest) -> None:
    named(page.run().selectbox, "Form of reply").set_value("History").run()
    page.chat_input[0].set_value("How many people died in the fire at the Tarn mill?").run()
    chat = address(page)
    assert "Compare outlets" not in [button.label for button in page.button]
    press(page, "Timeline")
    assert address(page) == chat | {"timeline": ["How many people died in the fire at the Tarn mill?"]}
    press(page, "Back to the chat")
    assert address(page) == chat
    press(page, "Find every article that answers")

    assert "2 of 3 articles read answer the question" in html(page)


def test_a_question_that_asks_for_a_timeline_opens_it_and_a_click_answers_it(page: AppTest) -> None:
    asked = "Give me a timeline of the fire at the Tarn mill"
    page.run().chat_input[0].set_value(asked).run()
    assert address(page) == {"timeline": [asked]}
    assert "people died in the fire at the Tarn mill" in html(page)
    assert named(page.selectbox, "Form of reply").value == "Automatic form"
    named(page.button_group, "Read as").set_value("Answer").run()

    assert list(address(page)) == ["chat"]
    assert len(page.chat_message) == 2
    assert named(page.button_group, "Read as").value == "History"


def test_outlets_that_a_follow_up_names_are_compared_and_filter_nothing_else(page: AppTest) -> None:
    page.run().chat_input[0].set_value("How many people died in the fire at the Tarn mill?").run()
    chat = address(page)
    page.chat_input[0].set_value("How do the Kell Courier and the Tarn Post differ on the mill fire?").run()
    assert address(page)["source"] == ["Kell Courier", "Tarn Post"]
    assert "May differ (1)" in html(page)
    page.chat_input[0].set_value("When was the Lund bridge opened?").run()

    assert address(page) == chat
    assert len(page.chat_message) == 4
    assert "articles match" not in html(page)


def test_a_question_asked_on_a_survey_goes_on_with_the_chat(page: AppTest) -> None:
    page.run().chat_input[0].set_value("How many people died in the fire at the Tarn mill?").run()
    chat = address(page)
    press(page, "Find every article that answers")
    page.chat_input[0].set_value("When was the Lund bridge opened?").run()

    assert address(page) == chat
    assert len(page.chat_message) == 4


def test_nothing_found_says_what_to_do(page: AppTest) -> None:
    assert "Ask in other words" in html(visit(page, find="Who is the king of the moon?"))


def test_an_empty_archive_links_to_the_library(open_page: Callable[[str], AppTest]) -> None:
    assert "Library</a>" in html(visit(open_page("ask"), timeline="the Tarn mill"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"source": "Nobody"}, "No article is from &#x27;Nobody&#x27;.<br>The outlets are: "),
        ({"from": "2025-08-01", "to": "2025-07-01"}, "The dates run from 2025-08-01 back to 2025-07-01."),
    ],
)
def test_wrong_filters_in_the_address_are_an_error_and_can_be_cleared(
    page: AppTest, wrong: dict[str, str | list[str]], said: str
) -> None:
    visit(page, find="How many people died in the fire at the Tarn mill?", **wrong)
    assert html(page).count(said) == 1
    assert page.chat_input
    press(page, "Clear filters")

    assert said not in html(page)
    assert "2 of 3 articles read answer the question" in html(page)


def test_a_wrong_date_in_the_address_is_an_error_beside_which_one_can_ask(page: AppTest) -> None:
    visit(page, **{"find": "Who died?", "from": "2025-13-40"})
    assert "&#x27;2025-13-40&#x27; is not a date.<br>Write it as YYYY-MM-DD" in html(page)
    page.chat_input[0].set_value("When was the Lund bridge opened?").run()

    assert "2025-13-40" not in html(page)
    assert len(page.chat_message) == 2


def test_a_failed_survey_can_be_run_again(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> NoReturn:
        raise RuntimeError("broken")

    monkeypatch.setattr(Assistant, "find_all", broken)
    visit(page, find="How many people died in the fire at the Tarn mill?")
    assert "Something went wrong." in html(page)
    monkeypatch.undo()
    press(page, "Run again")

    assert "2 of 3 articles read answer the question" in html(page)


def test_text_of_articles_and_addresses_is_escaped(page: AppTest, tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.txt"
    hostile.write_text(
        "<b>A bridge</b>\n\nThe mayor <img src=x onerror=alert(2)> opened the bridge on Monday.\n\nIt rained."
    )
    with Assistant(load_settings()) as assistant:
        (added,) = assistant.ingest([hostile]).added
        assistant.edit([added], {"source": "<i>Post</i> *a*", "published": "2024-05-01"})
    for kind in ("find", "timeline"):
        page.query_params.clear()
        shown = html(visit(page, **{kind: "Who opened the <b>bridge</b> on Monday?"}))
        assert "&lt;img src=x" in shown, kind
        assert all(f"<{tag}" not in shown for tag in ("b>", "img", "i>"))
        assert safe.label("<i>Post</i> *a*, 2024-05-01") in [button.label for button in page.button]


def test_a_survey_is_downloaded_as_a_table(page: AppTest) -> None:
    visit(page, find="How many people died in the fire at the Tarn mill?")
    found = page.session_state["survey-job"].found

    assert found.question == Question("How many people died in the fire at the Tarn mill?")
    assert [one.proto.label for one in page.get("download_button")] == ["CSV", "XLSX"]
    assert findings.table(found).header[:2] == ("published", "outlet")
