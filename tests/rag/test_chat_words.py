"""Chats are listed page by page and found by their words, whatever is typed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag import Chats, NutgrafError, Question
from rag.archive import Store
from rag.contract import question_json
from tests.rag.chatting import asked, ticking

SAID = {
    "rail": ("When does the Café–Lahore railway open?", "And who pays?"),
    "arms": ("What did Lavrov say of foo-bar arms?",),
    "tokyo": ("東京都知事選はいつですか", "किताब कहाँ है?"),
}


@pytest.fixture
def chats(tmp_path: Path) -> Iterator[Chats]:
    with closing(Store(tmp_path / "archive.sqlite3")) as store:
        yield Chats(store.database, ticking())


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
def test_chats_are_found_by_the_beginnings_of_their_words(three: Chats, words: str, found: list[str]) -> None:
    assert [chat.title for chat in three.find(words)] == found


def test_a_new_title_is_found_and_the_old_no_more(three: Chats) -> None:
    (chat,) = three.find("tokyo")
    three.rename(chat.id, "Governor")
    assert [one.title for one in three.find("governor")] == ["Governor"]
    assert three.find("tokyo") == ()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.one_of(st.text(), st.text(alphabet='"*^:(){}-+ ORANDNEAR\0\ud800')))
def test_no_search_breaks(three: Chats, words: str) -> None:
    assert len(three.find(words)) <= 3


def test_a_pasted_text_is_looked_for_by_its_first_words(three: Chats) -> None:
    assert [chat.title for chat in three.find("lahore " * 50_000)] == ["rail"]


def test_pages_follow_each_other_and_leave_none_out(chats: Chats) -> None:
    ids = [chats.begin(Question(f"Question {number}?")).chat_id for number in range(25)]
    seen: list[str] = []
    page = chats.find(limit=10)
    while page:
        seen += [chat.id for chat in page]
        page = chats.find(limit=10, after=page[-1])
    assert seen == ids[::-1]
    assert chats.find(limit=0) == ()


def test_the_chat_that_was_answered_last_comes_first(chats: Chats) -> None:
    older, newer = (chats.begin(Question(text)) for text in ("Older?", "Newer?"))
    assert [chat.id for chat in chats.find()] == [newer.chat_id, older.chat_id]
    chats.finish(older.id, NutgrafError("no reader"))
    assert [chat.id for chat in chats.find()] == [older.chat_id, newer.chat_id]


def fill(chats: Chats, count: int) -> None:
    """`count` turns in a tenth as many chats, written at once."""
    database, at = chats._database, "2026-01-01T00:00:00.000000+00:00"
    told = json.dumps(question_json(Question("Where did it rain?")))
    rows = [(number, 1 + number % (count // 10), f"word{number} rain fell") for number in range(1, count + 1)]
    with database.writing():
        database.write_all(
            "INSERT INTO chats VALUES (?, ?, 'A title', ?, ?)",
            [(n, f"c{n}", at, at) for n in range(1, count // 10 + 1)],
        )
        database.write_all(
            "INSERT INTO turns (id, chat, asked, question) VALUES (?, ?, ?, ?)",
            [(number, chat, at, told) for number, chat, _ in rows],
        )
        database.write_all(
            "INSERT INTO turn_words (rowid, words) VALUES (?, ?)", [(number, words) for number, _, words in rows]
        )


def test_ten_thousand_turns_are_listed_searched_and_read_in_pages_at_once(chats: Chats) -> None:
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
