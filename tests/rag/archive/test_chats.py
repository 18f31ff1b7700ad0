"""Chats: stored, listed, searched, replaced, rated and deleted, also concurrently and after a crash."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag import (
    ArchiveCorrupt,
    ArchiveError,
    Chats,
    ChatUnknown,
    InputError,
    NutgrafError,
    Problem,
    Question,
    QuestionInvalid,
)
from rag.archive import Store
from rag.archive.chats import INTERRUPTED, MAX_TITLE_CHARS
from rag.contract import question_json
from tests.rag.chatting import START, asked, ticking

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


def test_a_chat_starts_with_its_question_as_title(chats: Chats) -> None:
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


def test_turns_are_in_order_and_paged_from_the_end(chats: Chats) -> None:
    turns = asked(chats, *(f"Question {number}?" for number in range(7)))
    whole = chats.read(turns[0].chat_id)
    assert whole.turns == tuple(turns)
    assert whole.chat.turns == 7
    last = chats.read(turns[0].chat_id, 3)
    assert last.turns == tuple(turns[4:])
    assert chats.read(turns[0].chat_id, 3, last.turns[0].id).turns == tuple(turns[1:4])


def test_a_turn_of_a_dead_process_is_interrupted(store: Store, chats: Chats) -> None:
    turn = chats.begin(RAIN)
    after = Chats(store.database).turn(turn.id)
    assert (after.question, after.answer, after.problem) == (RAIN, None, INTERRUPTED)
    assert not after.under_way
    assert chats.turn(turn.id).under_way, "the process that answers knows better"


def test_a_problem_is_stored(chats: Chats) -> None:
    turn = chats.begin(RAIN)
    after = chats.finish(turn.id, NutgrafError("the reader \ud800 broke off", "ask again"))
    assert after.problem == Problem("the reader \\ud800 broke off", "ask again")
    assert chats.turn(turn.id) == after
    with pytest.raises(InputError, match="already has an answer"):
        chats.finish(turn.id, NutgrafError("again"))
    assert chats.turn(turn.id) == after


def test_only_the_last_question_can_be_replaced(chats: Chats) -> None:
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


def test_a_rated_turn_survives_its_replacement_but_not_its_chat(chats: Chats) -> None:
    turn = chats.begin(RAIN)
    chats.mark(turn.id, good=False, note="It rained in York.")
    chats.replace(turn.id, Question("Where?"))
    assert texts(chats, turn.chat_id) == ["Where?"]
    assert chats.find()[0].turns == 1
    assert [one.question for one in chats.marked(good=False)] == [RAIN]
    chats.delete(turn.chat_id)
    assert chats.marked(good=False) == ()


def test_a_rating_can_be_changed_and_deleted(chats: Chats) -> None:
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


def test_a_replaced_turn_is_deleted_with_its_rating(chats: Chats) -> None:
    turn = chats.begin(RAIN)
    chats.mark(turn.id, good=False)
    chats.replace(turn.id, RAIN)
    chats.unmark(turn.id)
    with pytest.raises(ChatUnknown):
        chats.turn(turn.id)


def test_deleting_a_chat_leaves_no_rows(store: Store, chats: Chats) -> None:
    gone, kept = chats.begin(RAIN), chats.begin(Question("Who spoke?"))
    chats.delete(gone.chat_id)
    assert [chat.id for chat in chats.find()] == [kept.chat_id]
    for table in ("chats", "turns", "turn_words", "title_words"):
        assert store.database.rows(f"SELECT count(*) FROM {table}") == [(1,)], table


@pytest.mark.parametrize("chat_id", ["", "nobody", "a\0b", "\ud800", "%", "'; DROP TABLE chats; --"])
def test_an_unknown_chat_is_an_error(chats: Chats, chat_id: str) -> None:
    turn = chats.begin(RAIN)
    calls: list[Callable[[str], object]] = [chats.read, chats.delete]
    calls += [lambda name: chats.ask(name, RAIN), lambda name: chats.rename(name, "New")]
    for call in calls:
        with pytest.raises(ChatUnknown, match="there is no chat"):
            call(chat_id)
    assert texts(chats, turn.chat_id) == [RAIN.text]


@pytest.mark.parametrize("turn_id", [0, -1, 99, 2**63, 10**30])
def test_an_unknown_turn_is_an_error(chats: Chats, turn_id: int) -> None:
    chats.begin(RAIN)
    calls: list[Callable[[int], object]] = [chats.turn, chats.unmark, lambda one: chats.mark(one, good=True)]
    calls += [lambda one: chats.replace(one, RAIN), lambda one: chats.finish(one, NutgrafError("late"))]
    for call in calls:
        with pytest.raises(ChatUnknown, match=f"no question {turn_id} "):
            call(turn_id)


@pytest.mark.parametrize("title", ["", "  \n", "\u200b\u200f", "\u2028", "x" * (MAX_TITLE_CHARS + 1)])
def test_an_invisible_or_too_long_title_is_refused(chats: Chats, title: str) -> None:
    turn = chats.begin(RAIN)
    with pytest.raises(InputError, match="the title"):
        chats.rename(turn.chat_id, title)
    assert chats.find()[0].title == RAIN.text


def test_renaming_a_chat_keeps_its_place(chats: Chats) -> None:
    older, newer = chats.begin(RAIN), chats.begin(RAIN)
    chats.rename(older.chat_id, "The\nrain \u202e\0")
    assert [chat.id for chat in chats.find()] == [newer.chat_id, older.chat_id]
    assert chats.find()[1].title == "The rain \\u202e\\x00"


@pytest.mark.parametrize("text", ["", " \n\t "])
def test_an_empty_question_is_refused_and_not_stored(chats: Chats, text: str) -> None:
    turn = chats.begin(RAIN)
    for call in (chats.begin, lambda one: chats.ask(turn.chat_id, one), lambda one: chats.replace(turn.id, one)):
        with pytest.raises(QuestionInvalid, match="is empty"):
            call(Question(text))
    assert len(chats.find()) == 1
    assert chats.read(turn.chat_id).turns == (turn,)


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_is_stored_exactly(store: Store, chats: Chats, text: str) -> None:
    turn = chats.begin(Question(text))
    chats.mark(turn.id, good=False, note=text.replace("\ud800", ""))
    again = Chats(store.database).turn(turn.id)
    assert again.question.text == text
    assert again.feedback
    assert again.feedback.note == text.replace("\ud800", "")


def test_concurrent_tabs_lose_no_turn(tmp_path: Path) -> None:
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


def test_a_damaged_turn_is_reported_and_can_be_deleted(store: Store, chats: Chats) -> None:
    turn = chats.begin(RAIN)
    for column in ("question", "answer"):
        store.database.rows(f"UPDATE turns SET {column} = '{{}}'")
        with pytest.raises(ArchiveCorrupt, match=f"question {turn.id} of the chat {turn.chat_id} is damaged"):
            chats.read(turn.chat_id)
    chats.delete(turn.chat_id)
    assert chats.find() == ()


SAID = {
    "rail": ("When does the Café–Lahore railway open?", "And who pays?"),
    "arms": ("What did Lavrov say of foo-bar arms?",),
    "tokyo": ("東京都知事選はいつですか", "किताब कहाँ है?"),
}


@pytest.fixture
def three(chats: Chats) -> Chats:
    for name, texts in SAID.items():
        chats.rename(asked(chats, *texts)[0].chat_id, name)
    return chats


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", ["tokyo", "arms", "rail"]),
        (" \n", ["tokyo", "arms", "rail"]),
        ("lahore", ["rail"]),
        ("LAHORE pays", ["rail"]),
        ("cafe", ["rail"]),
        ("rail", ["rail"]),
        ("wh", ["arms", "rail"]),
        ("lahore lavrov", []),
        ("hore", []),
        ("foo-bar", ["arms"]),
        ("bar-foo", []),
        ("arms", ["arms"]),
        ("東京", ["tokyo"]),
        ("知事選", ["tokyo"]),
        ("किताब", ["tokyo"]),
        ("?", []),
        ('"lahore', ["rail"]),
        ("lahore OR lavrov", []),
        ("NOT lahore", []),
        ("words:lahore", []),
        ("lah*", ["rail"]),
        ("lahore\0", ["rail"]),
        ("\ud800", []),
    ],
)
def test_chats_are_found_by_word_prefixes(three: Chats, words: str, found: list[str]) -> None:
    assert [chat.title for chat in three.find(words)] == found


def test_search_follows_a_new_title(three: Chats) -> None:
    (chat,) = three.find("tokyo")
    three.rename(chat.id, "Governor")
    assert [one.title for one in three.find("governor")] == ["Governor"]
    assert three.find("tokyo") == ()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.one_of(st.text(), st.text(alphabet='"*^:(){}-+ ORANDNEAR\0\ud800')))
def test_any_search_text_is_safe(three: Chats, words: str) -> None:
    assert len(three.find(words)) <= 3


def test_a_pasted_text_is_searched_by_its_first_words(three: Chats) -> None:
    assert [chat.title for chat in three.find("lahore " * 50_000)] == ["rail"]


def test_pages_are_complete(chats: Chats) -> None:
    ids = [chats.begin(Question(f"Question {number}?")).chat_id for number in range(25)]
    seen: list[str] = []
    page = chats.find(limit=10)
    while page:
        seen += [chat.id for chat in page]
        page = chats.find(limit=10, after=page[-1])
    assert seen == ids[::-1]
    assert chats.find(limit=0) == ()


def test_the_chat_answered_last_comes_first(chats: Chats) -> None:
    older, newer = (chats.begin(Question(text)) for text in ("Older?", "Newer?"))
    assert [chat.id for chat in chats.find()] == [newer.chat_id, older.chat_id]
    chats.finish(older.id, NutgrafError("no reader"))
    assert [chat.id for chat in chats.find()] == [older.chat_id, newer.chat_id]


def fill(chats: Chats, count: int) -> None:
    """Write `count` turns in a tenth as many chats."""
    database, at = chats._database, "2026-01-01T00:00:00.000000+00:00"
    question = json.dumps(question_json(Question("Where did it rain?")))
    rows = [(number, 1 + number % (count // 10), f"word{number} rain fell") for number in range(1, count + 1)]
    with database.transaction():
        database.write_all(
            "INSERT INTO chats VALUES (?, ?, 'A title', ?, ?)",
            [(n, f"c{n}", at, at) for n in range(1, count // 10 + 1)],
        )
        database.write_all(
            "INSERT INTO turns (id, chat, asked, question) VALUES (?, ?, ?, ?)",
            [(number, chat, at, question) for number, chat, _ in rows],
        )
        database.write_all(
            "INSERT INTO turn_words (rowid, words) VALUES (?, ?)", [(number, words) for number, _, words in rows]
        )


def test_ten_thousand_turns_are_listed_and_searched_within_a_second(chats: Chats) -> None:
    fill(chats, 10_000)
    began = time.perf_counter()
    page = chats.find()
    second = chats.find(after=page[-1])
    found = chats.find("rain word77", -1)
    last = chats.read(page[0].id, 5)
    taken = time.perf_counter() - began
    assert [len(page), len(second), len(last.turns)] == [50, 50, 5]
    assert not {chat.id for chat in page} & {chat.id for chat in second}
    assert {chat.id for chat in found} == {f"c{1 + n % 1_000}" for n in (77, *range(770, 780), *range(7700, 7800))}
    # Measured at 0.14 s beside a training on the same cores.
    assert taken < 1.0


def test_a_deleted_chat_leaves_no_text_on_the_disk(store: Store, chats: Chats, tmp_path: Path) -> None:
    for number in range(20):
        chats.begin(Question(f"ordinary question {number} about ferries"))
    turn = chats.begin(Question("xylophonequartz asked the zebrafjord"), "the marmaladequay")
    chats.delete(turn.chat_id)

    left = b"".join(file.read_bytes() for file in tmp_path.iterdir()).lower()
    assert b"ferries" in left
    assert not any(word in left for word in (b"xylophonequartz", b"zebrafjord", b"marmaladequay"))


@pytest.mark.parametrize("then", ["open", "delete"])
def test_text_that_another_reader_keeps_in_the_log_is_named_and_gone_later(
    store: Store, chats: Chats, tmp_path: Path, then: str
) -> None:
    def is_left() -> bool:
        return any(b"zebrafjord" in file.read_bytes().lower() for file in tmp_path.iterdir())

    turn, other = chats.begin(Question("Who asked the zebrafjord?")), chats.begin(RAIN)
    store.database._db.execute("PRAGMA busy_timeout = 10")
    with closing(Store(tmp_path / "archive.sqlite3")) as reader:
        reader.database._db.execute("BEGIN")
        reader.database.rows("SELECT count(*) FROM chats")
        with pytest.raises(ArchiveError, match=r"still in the log of .*another process is reading"):
            chats.delete(turn.chat_id)
        assert is_left()
        reader.database._db.execute("ROLLBACK")
    assert [chat.id for chat in chats.find()] == [other.chat_id]
    assert is_left()
    if then == "open":
        Store(tmp_path / "archive.sqlite3").close()
    else:
        chats.delete(other.chat_id)
    assert not is_left()


def test_opening_does_not_wait_for_a_reader(store: Store, chats: Chats, tmp_path: Path) -> None:
    chats.begin(RAIN)
    store.database._db.execute("BEGIN")
    store.database.rows("SELECT count(*) FROM chats")
    began = time.monotonic()
    Store(tmp_path / "archive.sqlite3").close()
    assert time.monotonic() - began < 5
