"""`nutgraf chats` and `feedback`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag import Assistant, Exchange, NutgrafError, Question, Turn, load_settings
from tests.rag.conftest import Run, assert_one_line

RAIN = Question("Where did it rain?", sources=("DAWN",), history=(Exchange("Who spoke?", ""),))


@pytest.fixture
def turn(filled: Run) -> Turn:
    """A chat in the archive whose answer failed."""
    with Assistant(load_settings()) as one:
        first = one.chats.begin(RAIN)
        return one.chats.finish(first.id, NutgrafError("the reader broke off", "ask again"))


def mark(turn: Turn, note: str, *, good: bool = False) -> None:
    with Assistant(load_settings()) as one:
        one.chats.mark(turn.id, good=good, note=note)


def test_chats_are_listed_shown_and_deleted(filled: Run, turn: Turn) -> None:
    (listed,) = filled("chats", "--json").json["chats"]
    assert listed.keys() == {"id", "title", "created_at", "changed_at", "turns"}
    assert (listed["id"], listed["title"], listed["turns"]) == (turn.chat_id, RAIN.text, 1)
    assert filled("chats", "list").out.split()[0] == turn.chat_id
    assert "the reader broke off" in filled("chats", "show", turn.chat_id).out
    (shown,) = filled("chats", "show", turn.chat_id, "--json").json["turns"]
    assert shown["problem"] == {"message": "the reader broke off", "hint": "ask again"}
    assert filled("chats", "--json", "delete", turn.chat_id).json == {"deleted": [turn.chat_id]}
    assert filled("chats", "list", "--json").json == {"chats": []}
    assert filled("chats").out == "No chats found.\n"


def test_chats_are_searched(filled: Run, turn: Turn) -> None:
    assert len(filled("chats", "list", "--search", "rain", "--json").json["chats"]) == 1
    assert filled("chats", "list", "--search", '"snow', "--json").json == {"chats": []}


def test_exporting_a_chat_never_overwrites_a_file_unasked(filled: Run, turn: Turn, tmp_path: Path) -> None:
    file = tmp_path / "chat.html"
    assert filled("chats", "export", turn.chat_id, file, "--form", "html").code == 0
    assert file.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    file.write_text("mine")
    assert_one_line(filled("chats", "export", turn.chat_id, file), f"{file} exists", "--force")
    assert file.read_text() == "mine"
    assert filled("chats", "export", turn.chat_id, file, "--force").code == 0
    assert file.read_text(encoding="utf-8").startswith("# Where did it rain?")
    assert json.loads(filled("chats", "export", turn.chat_id, "--form", "json").out)["id"] == turn.chat_id


@pytest.mark.parametrize(
    ("words", "held"),
    [
        (("chats", "show", "nobody"), "no chat 'nobody'"),
        (("chats", "delete", "no\nbody"), "no chat"),
        (("chats", "export", "nobody"), "no chat"),
    ],
)
def test_an_unknown_chat_is_an_error(filled: Run, words: tuple[str, ...], held: str) -> None:
    assert_one_line(filled(*words), held)


def test_an_unknown_form_is_an_error(filled: Run, turn: Turn) -> None:
    assert_one_line(filled("chats", "export", turn.chat_id, "--form", "pdf"), "'pdf'", "markdown, html, plain, json")


def test_a_file_that_cannot_be_written_is_an_error(filled: Run, turn: Turn, tmp_path: Path) -> None:
    assert_one_line(filled("chats", "export", turn.chat_id, tmp_path / "none" / "a.md"), "cannot be written")


def test_bad_answers_become_cases(filled: Run, turn: Turn, tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    mark(turn, "It rained in York.\nAnswer: York\n answer:  in the north \nanswer:")
    assert filled("feedback", "export", file, "--json").json == {"file": str(file), "cases": 1}
    assert json.loads(file.read_text(encoding="utf-8")) == {
        "id": f"feedback-{turn.id}",
        "question": RAIN.text,
        "answers": ["York", "in the north"],
        "history": [{"question": "Who spoke?", "answer": ""}],
        "from": None,
        "to": None,
        "as_of": None,
        "sources": ["DAWN"],
        "languages": [],
        "stories": [],
        "as": "",
        "type": "feedback",
        "note": "It rained in York.\nAnswer: York\n answer:  in the north \nanswer:",
    }
    file.write_text("mine")
    assert_one_line(filled("feedback", "export", file), "exists", "--force")
    assert file.read_text() == "mine"
    assert filled("feedback", "export", file, "--force").out.startswith("wrote 1 questions marked bad to ")
    assert filled("feedback", "export", "-").out == file.read_text(encoding="utf-8")


def test_without_bad_answers_no_file_is_written(filled: Run, turn: Turn, tmp_path: Path) -> None:
    mark(turn, "well said", good=True)
    file = tmp_path / "bad.jsonl"
    assert filled("feedback", "export", file).out == "No answer is marked bad; nothing was written.\n"
    assert not file.exists()
