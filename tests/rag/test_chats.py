"""Chats are kept: what is asked, answered, replaced, marked and deleted, by several at once and after a crash."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from rag import ArchiveCorrupt, Chats, ChatUnknown, InputError, NutgrafError, Problem, Question, QuestionInvalid
from rag.archive import Store
from rag.archive.chats import BROKEN_OFF, MAX_TITLE_CHARS
from tests.rag.chatting import START, asked, ticking
from tests.rag.making import article, put

HOSTILE = ["a\0b", "half \ud800 gone", "\u200fעברית\u202e abc", "'; DROP TABLE chats; --", "x" * 100_000]
RAIN = Question("Where did it rain?")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "archive.sqlite3")) as opened:
        yield opened


@pytest.fixture
def chats(store: Store) -> Chats:
    return Chats(store.database, ticking())


def texts(chats: Chats, chat_id: str) -> list[str]:
    return [turn.question.text for turn in chats.read(chat_id).turns]


def test_a_chat_begins_with_its_question_and_is_named_by_it(chats: Chats) -> None:
    turn = chats.begin(Question("Where  did\nit rain?"))
    (chat,) = chats.find()
    assert (chat.id, chat.title, chat.turns) == (turn.chat_id, "Where did it rain?", 1)
    assert chat.created_at == START
    assert chat.changed_at > turn.asked_at > chat.created_at
    assert turn.under_way
    assert chats.read(chat.id).turns == (turn,)


def test_a_long_first_question_makes_a_short_title(chats: Chats) -> None:
    chats.begin(Question("word " * 100))
    (chat,) = chats.find()
    assert len(chat.title) <= 82
    assert chat.title.endswith("word …")


def test_turns_keep_their_order_and_are_paged_from_the_end(chats: Chats) -> None:
    turns = asked(chats, *(f"Question {number}?" for number in range(7)))
    whole = chats.read(turns[0].chat_id)
    assert whole.turns == tuple(turns)
    assert whole.chat.turns == 7
    last = chats.read(turns[0].chat_id, 3)
    assert last.turns == tuple(turns[4:])
    assert chats.read(turns[0].chat_id, 3, last.turns[0].id).turns == tuple(turns[1:4])


def test_what_was_under_way_when_the_process_died_broke_off(store: Store, chats: Chats) -> None:
    turn = chats.begin(RAIN)
    after = Chats(store.database).turn(turn.id)
    assert (after.question, after.answer, after.problem) == (RAIN, None, BROKEN_OFF)
    assert not after.under_way
    assert chats.turn(turn.id).under_way, "the process that answers knows better"


def test_a_problem_is_kept(chats: Chats) -> None:
    turn = chats.begin(RAIN)
    after = chats.finish(turn.id, NutgrafError("the reader \ud800 broke off", "ask again"))
    assert after.problem == Problem("the reader \\ud800 broke off", "ask again")
    assert chats.turn(turn.id) == after
    with pytest.raises(InputError, match="has its answer"):
        chats.finish(turn.id, NutgrafError("again"))
    assert chats.turn(turn.id) == after


def test_the_last_question_is_replaced_and_no_other(chats: Chats) -> None:
    first, last = asked(chats, "First?", "Last?")
    with pytest.raises(InputError, match="not the last"):
        chats.replace(first.id, RAIN)
    new = chats.replace(last.id, RAIN)
    assert texts(chats, first.chat_id) == ["First?", RAIN.text]
    assert new.under_way
    assert chats.find("Last") == ()
    with pytest.raises(ChatUnknown, match="was replaced"):
        chats.finish(last.id, NutgrafError("too late"))
    assert texts(chats, first.chat_id) == ["First?", RAIN.text]


def test_what_was_marked_outlives_its_replacement_but_not_its_chat(chats: Chats) -> None:
    turn = chats.begin(RAIN)
    chats.mark(turn.id, good=False, note="It rained in York.")
    chats.replace(turn.id, Question("Where?"))
    assert texts(chats, turn.chat_id) == ["Where?"]
    assert chats.find()[0].turns == 1
    assert [one.question for one in chats.marked(good=False)] == [RAIN]
    chats.delete(turn.chat_id)
    assert chats.marked(good=False) == ()


def test_a_mark_is_changed_and_taken_back(chats: Chats) -> None:
    turn = chats.begin(RAIN)
    chats.mark(turn.id, good=True)
    chats.mark(turn.id, good=False, note="half \ud800")
    feedback = chats.turn(turn.id).feedback
    assert feedback
    assert (feedback.good, feedback.note) == (False, "half \\ud800")
    assert feedback.at > turn.asked_at
    assert chats.marked(good=True) == ()
    chats.unmark(turn.id)
    assert chats.turn(turn.id).feedback is None
    assert chats.marked(good=False) == ()


def test_a_replaced_question_whose_mark_is_taken_back_is_gone(chats: Chats) -> None:
    turn = chats.begin(RAIN)
    chats.mark(turn.id, good=False)
    chats.replace(turn.id, RAIN)
    chats.unmark(turn.id)
    with pytest.raises(ChatUnknown):
        chats.turn(turn.id)


def test_a_deleted_chat_leaves_nothing(store: Store, chats: Chats) -> None:
    gone, kept = chats.begin(RAIN), chats.begin(Question("Who spoke?"))
    chats.delete(gone.chat_id)
    assert [chat.id for chat in chats.find()] == [kept.chat_id]
    for table in ("chats", "turns", "turn_words", "title_words"):
        assert store.database.rows(f"SELECT count(*) FROM {table}") == [(1,)], table


@pytest.mark.parametrize("chat_id", ["", "nobody", "a\0b", "\ud800", "%", "'; DROP TABLE chats; --"])
def test_an_unknown_chat_is_named(chats: Chats, chat_id: str) -> None:
    turn = chats.begin(RAIN)
    calls: list[Callable[[str], object]] = [chats.read, chats.delete]
    calls += [lambda name: chats.ask(name, RAIN), lambda name: chats.rename(name, "New")]
    for call in calls:
        with pytest.raises(ChatUnknown, match="there is no chat"):
            call(chat_id)
    assert texts(chats, turn.chat_id) == [RAIN.text]


@pytest.mark.parametrize("turn_id", [0, -1, 99, 2**63, 10**30])
def test_an_unknown_question_is_named(chats: Chats, turn_id: int) -> None:
    chats.begin(RAIN)
    calls: list[Callable[[int], object]] = [chats.turn, chats.unmark, lambda one: chats.mark(one, good=True)]
    calls += [lambda one: chats.replace(one, RAIN), lambda one: chats.finish(one, NutgrafError("late"))]
    for call in calls:
        with pytest.raises(ChatUnknown, match=f"no question {turn_id} "):
            call(turn_id)


@pytest.mark.parametrize("title", ["", "  \n", "\u200b\u200f", "\u2028", "x" * (MAX_TITLE_CHARS + 1)])
def test_a_title_that_shows_nothing_or_too_much_is_refused(chats: Chats, title: str) -> None:
    turn = chats.begin(RAIN)
    with pytest.raises(InputError, match="the title"):
        chats.rename(turn.chat_id, title)
    assert chats.find()[0].title == RAIN.text


def test_a_chat_is_renamed_and_keeps_its_place(chats: Chats) -> None:
    older, newer = chats.begin(RAIN), chats.begin(RAIN)
    chats.rename(older.chat_id, "The\nrain \u202e\0")
    assert [chat.id for chat in chats.find()] == [newer.chat_id, older.chat_id]
    assert chats.find()[1].title == "The rain \\u202e\\x00"


@pytest.mark.parametrize("text", ["", " \n\t "])
def test_an_empty_question_is_refused_and_nothing_is_kept(chats: Chats, text: str) -> None:
    turn = chats.begin(RAIN)
    for call in (chats.begin, lambda one: chats.ask(turn.chat_id, one), lambda one: chats.replace(turn.id, one)):
        with pytest.raises(QuestionInvalid, match="is empty"):
            call(Question(text))
    assert len(chats.find()) == 1
    assert chats.read(turn.chat_id).turns == (turn,)


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_comes_back_as_it_was_typed(store: Store, chats: Chats, text: str) -> None:
    turn = chats.begin(Question(text))
    chats.mark(turn.id, good=False, note=text.replace("\ud800", ""))
    again = Chats(store.database).turn(turn.id)
    assert again.question.text == text
    assert again.feedback
    assert again.feedback.note == text.replace("\ud800", "")


def test_tabs_ask_at_once_and_none_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite3"
    failures: list[BaseException] = []
    with closing(Store(path)) as one, closing(Store(path)) as two:
        chat_id = Chats(one.database).begin(RAIN).chat_id

        def ask(chats: Chats, tab: int) -> None:
            try:
                for number in range(20):
                    turn = chats.ask(chat_id, Question(f"Tab {tab}, question {number}?"))
                    chats.finish(turn.id, NutgrafError(f"said to {tab}.{number}"))
            except BaseException as failure:  # noqa: BLE001
                failures.append(failure)

        shared = Chats(one.database)
        threads = [
            threading.Thread(target=ask, args=(chats, tab))
            for tab, chats in enumerate([shared, shared, Chats(two.database)])
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures
        turns = shared.read(chat_id).turns[1:]
        for tab in range(3):
            mine = [turn for turn in turns if turn.question.text.startswith(f"Tab {tab},")]
            assert [turn.question.text for turn in mine] == [f"Tab {tab}, question {number}?" for number in range(20)]
            assert [turn.problem and turn.problem.message for turn in mine] == [f"said to {tab}.{n}" for n in range(20)]


def test_a_damaged_turn_is_named_and_can_be_deleted(store: Store, chats: Chats) -> None:
    turn = chats.begin(RAIN)
    for column in ("question", "answer"):
        store.database.rows(f"UPDATE turns SET {column} = '{{}}'")
        with pytest.raises(ArchiveCorrupt, match=f"question {turn.id} of the chat {turn.chat_id} is damaged"):
            chats.read(turn.chat_id)
    chats.delete(turn.chat_id)
    assert chats.find() == ()


@pytest.mark.parametrize("version", [3, 4])
def test_an_archive_of_before_there_were_chats_gets_them(tmp_path: Path, store: Store, version: int) -> None:
    path = tmp_path / "before.sqlite3"
    with closing(sqlite3.connect(path)) as before:
        before.executescript((Path(__file__).parent / f"schema_{version}.sql").read_text(encoding="utf-8"))
        assert before.execute("PRAGMA user_version").fetchone() == (version,)
    new = store
    with closing(Store(path)) as store:
        tables = "SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2"
        assert store.database.rows(tables) == new.database.rows(tables)
        assert [one.text for one in store.articles()] == ["Rain fell. It was “heavy”."]
        chats = Chats(store.database)
        assert chats.find() == ()
        assert chats.read(chats.begin(RAIN).chat_id).turns[0].question == RAIN
        put(store, article("new", "Snow fell."))
        assert store.database.damage() == ()
