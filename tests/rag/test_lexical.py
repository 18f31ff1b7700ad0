"""Full-text search: safe queries, stems, ties, and a file that is never trusted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.search.lexical import LexicalIndex, LexicalUnusable, Row

PASSAGES = (
    (1, "gas", "Gas pipeline", "Russia helps to construct a gas pipeline between Karachi and Lahore.", None),
    (2, "visit", "A visit", "Lavrov's visits to Pakistan were two days long.", None),
    (3, "visit", "A visit", "He came from India, a rival of Pakistan's.", None),
    (4, "rail", "Rail", "Pakistan welcomes expertise on railways.", None),
)
INDEX = LexicalIndex.build(None, PASSAGES, "1")


def ids(index: LexicalIndex, question: str, count: int = 10, allowed: Iterable[int] | None = None) -> list[int]:
    return [i for i, _ in index.search(question, count, None if allowed is None else numbers(allowed))]


def numbers(allowed: Iterable[int]) -> npt.NDArray[np.int64]:
    return np.array(sorted(allowed), dtype=np.int64)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    LexicalIndex.build(tmp_path / "lexical", PASSAGES, "7")
    return tmp_path / "lexical"


@given(question=st.text(), allowed=st.none() | st.sets(st.integers(0, 9), max_size=3))
def test_any_text_is_a_safe_query(question: str, allowed: set[int] | None) -> None:
    for _, score in INDEX.search(question, 3, None if allowed is None else numbers(allowed)):
        assert score > 0


@pytest.mark.parametrize(
    ("question", "bare"),
    [
        ("gas AND NOT Karachi", "gas, AND: NOT karachi"),
        ("foo-gas", "foo gas"),
        ("-gas", "gas"),
        ("+rail", "rail"),
        ("title:visit", "title visit"),
        ("rail*", "rail"),
        ('"rail gas"', "rail gas"),
        ("(rail", "rail"),
        ("rail^9", "rail 9"),
        ("*:*", ""),
        ("/r.*/", "r"),
        ("What's\\ new?", "what’s new"),
    ],
)
def test_an_operator_is_only_text(question: str, bare: str) -> None:
    assert INDEX.search(question, 9) == INDEX.search(bare, 9)


@pytest.mark.parametrize("question", ["visit", "VISITED", "visiting?", "the VISITS"])
def test_words_are_compared_by_their_stems(question: str) -> None:
    assert set(ids(INDEX, question)) == {2, 3}


def test_the_title_counts_for_every_passage() -> None:
    assert ids(INDEX, "pipelines") == [1]
    assert ids(LexicalIndex.build(None, [(5, "x", "Sputnik", "Five million doses.", None)], "1"), "sputnik") == [5]


def test_ties_stand_by_id_and_none_of_a_tie_is_dropped_at_random() -> None:
    rows = [(number, f"a{number}", "Same", "The same words.", None) for number in (9, 3, 7, 1, 8, 2)]
    index = LexicalIndex.build(None, rows[:2], "1")
    index.change(rows[2:4], ())
    index.change(rows[4:], ())
    for count in range(1, 8):
        assert ids(index, "same words", count) == [1, 2, 3, 7, 8, 9][:count]


def test_only_the_passages_that_are_allowed() -> None:
    assert set(ids(INDEX, "Pakistan")) == {2, 3, 4}
    assert ids(INDEX, "Pakistan", allowed=(1, 4, 77)) == [4]
    assert ids(INDEX, "Pakistan", allowed=()) == []


def test_a_filter_takes_nothing_from_the_score() -> None:
    everything = dict(INDEX.search("Pakistan", 10))
    assert dict(INDEX.search("Pakistan", 10, numbers([4]))) == {4: pytest.approx(everything[4])}


@pytest.mark.parametrize("share", [1, 2, 3, 50])
def test_a_long_filter_gives_what_a_short_one_would(share: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(n, f"a{n}", "", f"visit {'gas ' * (n % 7)}{'rail ' * (n % 11)}", None) for n in range(300)]
    index = LexicalIndex.build(None, rows, "1")
    allowed = numbers(range(0, 300, share))
    short = index.search("gas visit", 20, allowed)
    monkeypatch.setattr("rag.search.lexical._FEW", 0)
    long = index.search("gas visit", 20, allowed)

    assert len(short) == min(20, len(allowed))
    assert [i for i, _ in long] == [i for i, _ in short]
    assert [score for _, score in long] == pytest.approx([score for _, score in short])


def test_more_wanted_than_there_are() -> None:
    assert len(ids(INDEX, "Pakistan gas", 1_000)) == 4


def test_a_word_in_no_passage_finds_nothing() -> None:
    assert ids(INDEX, "Brazil") == []
    assert ids(INDEX, "x" * 100_000) == []


def test_an_article_is_changed_in_place(folder: Path) -> None:
    index = LexicalIndex.load(folder, "7")
    index.change([(8, "visit", "A visit", "He went on to Turkey.", None)], ["visit"])
    index.seal("8")
    for one in (index, LexicalIndex.load(folder, "8")):
        assert ids(one, "visit") == [8]
        assert ids(one, "Pakistan") == [4]


def test_most_passages_may_go() -> None:
    rows = [(number, f"a{number}", "Same", "The same words.", None) for number in range(200)]
    index = LexicalIndex.build(None, rows, "1")
    index.change((), [f"a{number}" for number in range(199)])
    assert ids(index, "same") == [199]


def test_what_was_built_is_loaded_again(folder: Path) -> None:
    assert LexicalIndex.load(folder, "7").search("gas pipeline", 3) == INDEX.search("gas pipeline", 3)


def test_another_generation_is_stale(folder: Path) -> None:
    with pytest.raises(LexicalUnusable, match="is of 7, not of 8"):
        LexicalIndex.load(folder, "8")


def test_a_missing_folder_is_unusable(tmp_path: Path) -> None:
    with pytest.raises(LexicalUnusable):
        LexicalIndex.load(tmp_path / "none", "1")
    assert not (tmp_path / "none").exists()


def test_a_writer_that_dies_half_way_leaves_nothing_that_is_believed(folder: Path) -> None:
    def broken() -> Iterator[Row]:
        yield (9, "new", "New", "A new passage.", None)
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011
        LexicalIndex.load(folder, "7").change(broken(), ())
    for made_from in ("7", "8"):
        with pytest.raises(LexicalUnusable):
            LexicalIndex.load(folder, made_from)


def _files(folder: Path) -> list[str]:
    """Names of the index's files, without the segment's own name, which differs from run to run."""
    files = [*folder.glob("[!.]*.json"), *folder.glob("*/[!.]*")]
    return sorted(file.relative_to(folder).as_posix() for file in files)


@pytest.mark.parametrize("damage", ["removed", "emptied", "halved", "one byte"])
def test_a_torn_file_is_unusable_whichever_it_is(folder: Path, damage: str) -> None:
    names = _files(folder)
    assert len(names) >= 11
    for name in names:
        file = folder / name
        content = file.read_bytes()
        if damage == "removed":
            file.unlink()
        elif damage == "emptied":
            file.write_bytes(b"")
        elif damage == "halved":
            file.write_bytes(content[: len(content) // 2])
        else:
            file.write_bytes(content[:10] + bytes([content[10] ^ 1]) + content[11:])
        with pytest.raises(LexicalUnusable):
            LexicalIndex.load(folder, "7")
        file.write_bytes(content)
    assert LexicalIndex.load(folder, "7")


@pytest.mark.parametrize("manifest", ["", "{", "[]", "null", "7", '{"generation": "7"}', '{"generation": 7}'])
def test_a_manifest_of_another_shape_is_unusable(folder: Path, manifest: str) -> None:
    (folder / "nutgraf.json").write_text(manifest)
    with pytest.raises(LexicalUnusable):
        LexicalIndex.load(folder, "7")


def test_nothing_of_the_index_is_named_by_an_article(folder: Path) -> None:
    index = LexicalIndex.load(folder, "7")
    index.change([(9, "../../etc/x", "T", "Text.", None)], ["../../etc/passwd"])
    index.seal("8")
    assert json.loads((folder / "nutgraf.json").read_text())["made_from"] == "8"
    assert ids(LexicalIndex.load(folder, "8"), "text") == [9]


def test_in_memory_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    index = LexicalIndex.build(None, PASSAGES, "1")
    index.change([(5, "new", "New", "News.", None)], ["gas"])
    index.seal("2")
    assert ids(index, "news") == [5]
    assert list(tmp_path.iterdir()) == []


def test_neighbours_that_stand_side_by_side_count_more() -> None:
    rows = [(1, "a", "", "House of white stone", None), (2, "b", "", "Stone in the white house", None)]
    index = LexicalIndex.build(None, rows, "1")
    assert ids(index, "white house") == [2, 1]
    assert ids(index, "house white") == [1, 2]


def test_an_article_is_found_as_a_whole() -> None:
    index = LexicalIndex.build(None, PASSAGES, "1")
    assert [i for i, _ in index.search_articles("Lavrov of India", 9)] == [2]
    index.change((), ["visit"])
    assert index.search_articles("Lavrov of India", 9) == []


def test_what_changed_is_searched_before_it_is_sealed(folder: Path) -> None:
    index = LexicalIndex.load(folder, "7")
    index.change([(9, "new", "New", "Zebras.", None)], ())
    assert ids(index, "zebra") == [9]
    with pytest.raises(LexicalUnusable):
        LexicalIndex.load(folder, "7")
    index.seal("8")
    assert ids(LexicalIndex.load(folder, "8"), "zebra") == [9]


def test_many_small_changes_leave_few_segments(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path)
    for number in range(60):
        index.change([(number, f"a{number}", "T", "Some words.", None)], ())
        if number % 2:
            ids(index, "words")
    index.seal("1")
    segments = {file.stem for file in (tmp_path / "passages").glob("*.idx")}
    assert len(segments) <= 12
    assert len(ids(LexicalIndex.load(tmp_path, "1"), "words", 99)) == 60


def test_sealing_reads_only_what_is_new(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = LexicalIndex.load(folder, "7")
    before = set(folder.glob("*/*.idx"))
    opened: list[Path] = []
    read = Path.read_bytes

    def noted(path: Path) -> bytes:
        opened.append(path)
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", noted)
    index.change([(9, "new", "New", "Zebras.", None)], ())
    index.seal("8")
    assert opened
    assert not before & set(opened)


def test_an_index_of_which_much_was_removed_is_worn(tmp_path: Path) -> None:
    rows = [(number, f"a{number}", "Same", "The same words.", None) for number in range(10)]
    index = LexicalIndex.build(tmp_path, rows, "1")
    index.change((), ["a0", "a1"])
    assert not index.worn
    index.change((), ["a2"])
    assert index.worn
    index.seal("2")
    assert LexicalIndex.load(tmp_path, "2").worn
