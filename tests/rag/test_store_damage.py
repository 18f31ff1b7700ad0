"""A database that is damaged, or is another program's, is refused in one line and left as it is."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from rag.archive import Store
from rag.errors import ArchiveCorrupt
from tests.rag.making import article, put


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.sqlite3"


def _read_all(path: Path) -> None:
    with closing(Store(path)) as store:
        store.articles()
        list(store.all_passages())
        store.vectors()


def _truncated(path: Path) -> None:
    with closing(Store(path)) as store:
        put(store, *(article(f"a{n}", "Some text. " * 50) for n in range(40)))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2 - 77])


def _random(path: Path) -> None:
    path.write_bytes(random.Random(7).randbytes(20_000))


def _scribbled(path: Path) -> None:
    _truncated(path)
    content = bytearray(path.read_bytes())
    content[100:] = random.Random(7).randbytes(len(content) - 100)
    path.write_bytes(content)


def _another_programs(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")


def _text(path: Path) -> None:
    path.write_text("This is no database at all. " * 50)


@pytest.mark.parametrize("damage", [_truncated, _random, _scribbled, _another_programs, _text])
def test_a_damaged_or_foreign_file_is_one_clear_line(path: Path, damage: object) -> None:
    assert callable(damage)
    damage(path)
    before = path.read_bytes()
    with pytest.raises(ArchiveCorrupt) as caught:
        _read_all(path)
    assert str(path) in caught.value.message
    assert "--archive" in caught.value.hint
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == before, "it is left for whoever can restore it"
