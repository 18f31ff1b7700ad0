"""What `nutgraf feedback export` writes is a set that `python -m eval run` asks."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from pathlib import Path

from typer.testing import CliRunner

from eval.cases import read_questions
from rag import Assistant, Exchange, Question, load_settings
from rag.cli import app

HISTORY = (Exchange("Where did it rain?", "In York. [1]"), Exchange("Why?", ""))
ASKED = Question(
    "How much, half \ud800?",
    published_from=date(2021, 4, 1),
    published_to=date(2021, 4, 30),
    sources=("Post", "AP"),
    languages=("en",),
    stories=("rain-1",),
    as_of=date(2021, 5, 1),
    history=HISTORY,
    mode="list",
)


def test_a_question_marked_bad_is_asked_again_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    with Assistant(load_settings()) as one:
        first, good, told = (one.chats.begin(question) for question in (ASKED, Question("Good?"), Question("Told?")))
        one.chats.mark(first.id, good=False)
        one.chats.mark(good.id, good=True)
        one.chats.mark(told.id, good=False, note="Half \ud800.\nanswer: York")
    assert CliRunner().invoke(app, ["feedback", "export", str(file)]).exit_code == 0

    again, answered = read_questions(file)

    assert again.asked == replace(ASKED, text="How much, half ??")
    open_ = {one.name for one in fields(Question) if getattr(ASKED, one.name) == one.default}
    assert open_ == {"passages"}, "a new field of Question: let case_of and Case carry it, and set it above"
    assert (again.answers, again.type, again.id) == ((), "feedback", f"feedback-{first.id}")
    assert (answered.asked.text, answered.answers) == ("Told?", ("York",))
