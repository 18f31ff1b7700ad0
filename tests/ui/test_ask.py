"""The Ask page: chats, answers and refusals, filters, suggestions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn
from unittest.mock import ANY

import pytest
from streamlit.testing.v1 import AppTest

from rag import Assistant, ChatUnknown, Feedback, Turn, load_settings
from tests.ui.conftest import html, named, press
from ui import safe, shared


@pytest.fixture
def page(open_page: Callable[[str], AppTest]) -> AppTest:
    """The page over an empty archive."""
    return open_page("ask")


@pytest.fixture
def asking(page: AppTest, seeded: None) -> AppTest:
    """The page over the sample articles."""
    return page


def ask(page: AppTest, question: str) -> AppTest:
    return page.chat_input[0].set_value(question).run()


def click_chip(page: AppTest, turn: Turn) -> AppTest:
    """Click the chip of the first sentence's first citation."""
    page.button(key=f"chip-{turn.id}-1-0").click().run()
    assert not page.exception
    return page


def turns(page: AppTest) -> tuple[Turn, ...]:
    """The turns of the chat that the page shows."""
    return shared.assistant().chats.read(str(page.query_params["chat"])).turns


def test_an_empty_archive_links_to_the_library(page: AppTest) -> None:
    assert "Library</a>" in html(page.run())


def test_asking_an_empty_archive_is_refused_with_a_hint(page: AppTest) -> None:
    ask(page.run(), "Who came?")

    assert "contains no articles" in html(page)
    assert "nutgraf ingest PATH" in html(page)


def test_a_chip_opens_the_quote_in_its_article(asking: AppTest) -> None:
    page = ask(asking.run(), "Which cities does the gas pipeline join?")
    (turn,) = turns(page)
    press(page, "Close")
    assert "<mark>" not in html(page)
    click_chip(page, turn)

    shown = html(page)
    assert "<mark>Russia is also helping to construct a gas pipeline between Pakistan" in shown
    assert "pose for a picture during a meeting in Islamabad" in shown
    assert "AP and dpa" in shown


def test_a_quote_outlives_its_article(asking: AppTest) -> None:
    page = ask(asking.run(), "Which cities does the gas pipeline join?")
    (turn,) = turns(page)
    assert turn.answer
    with Assistant(load_settings()) as assistant:
        assistant.remove(turn.answer.citations[0].evidence.article.id)
    click_chip(page, turn)

    assert "Not checked: the article is no longer in the archive." in html(page)
    assert "<blockquote><p>Russia is also helping" in html(page)
    assert "<mark>" not in html(page)


def test_a_quote_that_was_altered_is_marked_wherever_it_is_shown(asking: AppTest) -> None:
    warning = "Do not use this: the article in the archive does not confirm it."
    page = ask(asking.run(), "Which cities does the gas pipeline join?")
    assert warning not in html(page)
    with Assistant(load_settings()) as assistant:
        change = "UPDATE turns SET answer = replace(answer, 'eastern Lahore', 'western Quetta')"
        assistant._store.database.rows(change)
    page.run()
    assert html(page).count(f'<p class="error">{warning}</p>') == 2, "below the sentence and in the source"

    assert "<mark>" not in html(page)


def test_a_refusal_marks_an_altered_quote(asking: AppTest) -> None:
    page = ask(asking.run(), "How much does the gas pipeline cost?")
    with Assistant(load_settings()) as assistant:
        assistant._store.database.rows("UPDATE turns SET answer = replace(answer, 'Lahore', 'Quetta')")
    page.run()

    assert '<p class="error">Do not use this' in html(page)


def test_a_saved_chat_opens_by_its_address(asking: AppTest, open_page: Callable[[str], AppTest]) -> None:
    ask(asking.run(), "Which cities does the gas pipeline join?")
    again = open_page("ask")
    again.query_params["chat"] = str(asking.query_params["chat"])
    again.run()

    assert "Karachi" in html(again)
    assert again.sidebar.button[1].label == safe.label("Which cities does the gas pipeline join?")


def test_an_unknown_chat_is_an_error_and_a_new_one_begins(asking: AppTest) -> None:
    asking.query_params["chat"] = "gone"
    asking.run()

    assert "There is no chat" in html(asking)
    assert "Karachi" in html(ask(asking, "Which cities does the gas pipeline join?"))


def test_a_chat_is_renamed_found_and_deleted(asking: AppTest) -> None:
    ask(asking.run(), "Which cities does the gas pipeline join?")
    (turn,) = turns(asking)
    named(asking.text_input, "Title").set_value("![x](http://127.0.0.1/x.png) *pipes*")
    press(asking, "Save title")
    assert "<h1>![x](http://127.0.0.1/x.png) *pipes*</h1>" in html(asking)
    assert asking.sidebar.button[1].label == safe.label("![x](http://127.0.0.1/x.png) *pipes*")
    named(asking.text_input, "Search chats").set_value("zebra").run()
    assert "No chat matches." in html(asking)
    named(asking.text_input, "Search chats").set_value("karach").run()
    assert len(asking.sidebar.button) == 2
    press(asking, "Delete chat")

    assert "chat" not in asking.query_params
    with pytest.raises(ChatUnknown):
        shared.assistant().chats.read(turn.chat_id)


def test_the_last_question_can_be_repeated_and_edited(asking: AppTest) -> None:
    ask(asking.run(), "How much does the gas pipeline cost?")
    (before,) = turns(asking)
    press(asking, "Ask again")
    (again,) = turns(asking)
    assert again.id != before.id
    assert again.question == before.question
    named(asking.text_area, "Question").set_value("Which cities does the gas pipeline join?")
    press(asking, "Ask")

    (edited,) = turns(asking)
    assert edited.question.text == "Which cities does the gas pipeline join?"
    assert "Karachi" in html(asking)


def test_an_answer_is_read_otherwise_by_a_click(asking: AppTest) -> None:
    ask(asking.run(), "Which cities does the gas pipeline join?")
    (before,) = turns(asking)
    assert before.question.mode is None
    named(asking.button_group, "Read as").set_value("History").run()
    (after,) = turns(asking)

    assert after.question.mode == "history"
    assert after.answer
    assert after.answer.mode == "history"
    assert after.question.text == before.question.text
    assert "Read as a question for a history" in html(asking)


def test_the_form_of_reply_is_chosen_beside_the_question_until_another_chat(asking: AppTest) -> None:
    named(asking.run().selectbox, "Form of reply").set_value("List").run()
    ask(asking, "Which cities does the gas pipeline join?")
    (turn,) = turns(asking)
    assert turn.question.mode == "list"
    press(asking, "New chat")

    assert named(asking.selectbox, "Form of reply").value == "Automatic form"


def test_feedback_is_saved_and_withdrawn(asking: AppTest) -> None:
    ask(asking.run(), "Which cities does the gas pipeline join?")
    (turn,) = turns(asking)
    asking.feedback[0].set_value(0).run()
    assert turns(asking)[0].feedback == Feedback(good=False, note="", at=ANY)
    named(asking.text_area, "What was right or wrong?").set_value("answer: Lahore")
    press(asking, "Save note")
    assert turns(asking)[0].feedback == Feedback(good=False, note="answer: Lahore", at=ANY)
    asking.feedback[0].set_value(None).run()

    assert turns(asking)[0].feedback is None
    assert turns(asking)[0].id == turn.id


def test_filters_apply_to_the_next_question(asking: AppTest) -> None:
    asking.run()
    asking.session_state["filters-open"] = True
    asking.run()
    outlets = named(asking.multiselect, "Outlets")
    assert sorted(outlets.options) == ["AP (1)", "AP and dpa (1)", "DAWN (1)", "dpa (1)"]
    outlets.set_value(["DAWN"]).run()
    assert "1 of 2 articles match." in html(asking)
    ask(asking, "Which cities does the gas pipeline join?")
    (turn,) = turns(asking)

    assert turn.question.sources == ("DAWN",)
    assert turn.answer
    assert turn.answer.refusal or turn.answer.notes
    press(asking, "Clear filters")
    assert "1 of 2 articles match." not in html(asking)


def test_filters_come_back_with_their_chat(asking: AppTest, open_page: Callable[[str], AppTest]) -> None:
    asking.run()
    asking.session_state["filters-open"] = True
    named(asking.run().multiselect, "Outlets").set_value(["DAWN"]).run()
    ask(asking, "Which cities does the gas pipeline join?")
    again = open_page("ask")
    again.query_params["chat"] = str(asking.query_params["chat"])

    assert "1 of 2 articles match." in html(again.run())
    press(again, "New chat")
    assert "1 of 2 articles match." not in html(again)


def test_a_crash_while_answering_is_an_error_on_the_page(asking: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> NoReturn:
        raise RuntimeError("broken")

    monkeypatch.setattr(Assistant, "stream", broken)
    ask(asking.run(), "Which cities does the gas pipeline join?")

    assert "Something went wrong." in html(asking)
    assert not asking.chat_input[0].disabled


def test_a_suggested_question_is_answered(asking: AppTest) -> None:
    asking.run()
    suggested = [one for one in asking.button if (one.key or "").startswith("suggestion")]
    assert suggested
    suggested[0].click().run()
    (turn,) = turns(asking)

    assert turn.question.text.startswith("What is known about “")
    assert suggested[0].label.split()[0] in turn.question.text
    assert turn.answer
    assert not turn.answer.refusal


def test_a_refusal_shows_the_closest_passages(asking: AppTest) -> None:
    ask(asking.run(), "How much does the gas pipeline cost?")

    assert '<p class="refusal">Not answered.' in html(asking)
    assert "Closest in the archive" in html(asking)
    assert "<blockquote>" in html(asking)


def test_a_question_that_is_too_long_is_an_error_on_the_page(asking: AppTest) -> None:
    ask(asking.run(), "why " * 25_000)

    assert 'role="alert"' in html(asking)
    assert "at most 2,000" in html(asking)
    assert not asking.chat_input[0].disabled


def test_an_earlier_turn_stays_on_the_page(asking: AppTest) -> None:
    ask(asking.run(), "Which cities does the gas pipeline join?")
    ask(asking, "What is the capital of France?")

    assert len(asking.chat_message) == 4
    assert "Karachi" in html(asking)
    assert "The archive does not say." in html(asking)


def test_questions_and_articles_are_escaped(page: AppTest, tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.txt"
    hostile.write_text(
        "<script>alert(1)</script> ![x](http://example.com/x.png)\n\n"
        "The mayor <img src=x onerror=alert(2)> opened the bridge on Monday.\n\nIt rained."
    )
    with Assistant(load_settings()) as assistant:
        assistant.ingest([hostile])
    ask(page.run(), "Who opened the <b>bridge</b> on Monday?")

    shown = html(page)
    assert "&lt;script&gt;" in shown
    assert "&lt;b&gt;bridge" in shown
    assert all(f"<{tag}" not in shown for tag in ("script", "img", "b>"))
    chat = page.sidebar.button[1].label
    assert chat == safe.label("Who opened the <b>bridge</b> on Monday?"), "a label is Markdown"


def test_a_damaged_archive_is_an_error_on_the_page(page: AppTest) -> None:
    folder = load_settings().archive
    folder.mkdir(parents=True)
    (folder / "archive.sqlite3").write_bytes(b"not a database" * 1000)
    page.run()

    assert not page.exception
    assert "damaged or not an archive" in html(page)
    assert not page.chat_input
