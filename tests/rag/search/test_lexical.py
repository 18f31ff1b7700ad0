"""Full-text search: safe queries, stems, typos, languages, ties, and a file that is verified before use."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.reading import language
from rag.search.lexical import LexicalIndex, LexicalUnusable, Row, pairs, query_terms, tokens, typos

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
def test_operators_are_plain_text(question: str, bare: str) -> None:
    assert INDEX.search(question, 9) == INDEX.search(bare, 9)


@pytest.mark.parametrize("question", ["visit", "VISITED", "visiting?", "the VISITS"])
def test_words_match_by_stem(question: str) -> None:
    assert set(ids(INDEX, question)) == {2, 3}


def test_title_words_match_every_passage() -> None:
    assert ids(INDEX, "pipelines") == [1]
    assert ids(LexicalIndex.build(None, [(5, "x", "Sputnik", "Five million doses.", None)], "1"), "sputnik") == [5]


def test_ties_are_ordered_by_id_and_never_dropped_at_random() -> None:
    rows = [(number, f"a{number}", "Same", "The same words.", None) for number in (9, 3, 7, 1, 8, 2)]
    index = LexicalIndex.build(None, rows[:2], "1")
    index.change(rows[2:4], ())
    index.change(rows[4:], ())
    for count in range(1, 8):
        assert ids(index, "same words", count) == [1, 2, 3, 7, 8, 9][:count]


def test_only_allowed_passages_are_found() -> None:
    assert set(ids(INDEX, "Pakistan")) == {2, 3, 4}
    assert ids(INDEX, "Pakistan", allowed=(1, 4, 77)) == [4]
    assert ids(INDEX, "Pakistan", allowed=()) == []


def test_a_filter_does_not_change_scores() -> None:
    everything = dict(INDEX.search("Pakistan", 10))
    assert dict(INDEX.search("Pakistan", 10, numbers([4]))) == {4: pytest.approx(everything[4])}


@pytest.mark.parametrize("share", [1, 2, 3, 50])
def test_long_and_short_filters_agree(share: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(n, f"a{n}", "", f"visit {'gas ' * (n % 7)}{'rail ' * (n % 11)}", None) for n in range(300)]
    index = LexicalIndex.build(None, rows, "1")
    allowed = numbers(range(0, 300, share))
    short = index.search("gas visit", 20, allowed)
    monkeypatch.setattr("rag.search.lexical._MAX_FILTER_TERMS", 0)
    long = index.search("gas visit", 20, allowed)

    assert len(short) == min(20, len(allowed))
    assert [i for i, _ in long] == [i for i, _ in short]
    assert [score for _, score in long] == pytest.approx([score for _, score in short])


def test_an_unknown_word_finds_nothing() -> None:
    assert ids(INDEX, "Brazil") == []
    assert ids(INDEX, "x" * 100_000) == []


def test_an_article_can_be_replaced(folder: Path) -> None:
    index = LexicalIndex.load(folder, "7")
    index.change([(8, "visit", "A visit", "He went on to Turkey.", None)], ["visit"])
    index.seal("8")
    for one in (index, LexicalIndex.load(folder, "8")):
        assert ids(one, "visit") == [8]
        assert ids(one, "Pakistan") == [4]


def test_most_passages_may_be_removed() -> None:
    rows = [(number, f"a{number}", "Same", "The same words.", None) for number in range(200)]
    index = LexicalIndex.build(None, rows, "1")
    index.change((), [f"a{number}" for number in range(199)])
    assert ids(index, "same") == [199]


def test_a_built_index_can_be_loaded(folder: Path) -> None:
    assert LexicalIndex.load(folder, "7").search("gas pipeline", 3) == INDEX.search("gas pipeline", 3)


def test_another_generation_is_stale(folder: Path) -> None:
    with pytest.raises(LexicalUnusable, match="made from 7, not from 8"):
        LexicalIndex.load(folder, "8")


def test_a_missing_folder_is_unusable(tmp_path: Path) -> None:
    with pytest.raises(LexicalUnusable):
        LexicalIndex.load(tmp_path / "none", "1")
    assert not (tmp_path / "none").exists()


def test_a_half_written_change_makes_the_index_unusable(folder: Path) -> None:
    def broken() -> Iterator[Row]:
        yield (9, "new", "New", "A new passage.", None)
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011
        LexicalIndex.load(folder, "7").change(broken(), ())
    for made_from in ("7", "8"):
        with pytest.raises(LexicalUnusable):
            LexicalIndex.load(folder, made_from)


def _files(folder: Path) -> list[str]:
    """Return the names of all files of the index."""
    files = [*folder.glob("[!.]*.json"), *folder.glob("*/[!.]*")]
    return sorted(file.relative_to(folder).as_posix() for file in files)


@pytest.mark.parametrize("damage", ["removed", "emptied", "halved", "one byte"])
def test_any_damaged_file_makes_the_index_unusable(folder: Path, damage: str) -> None:
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
def test_a_malformed_manifest_is_unusable(folder: Path, manifest: str) -> None:
    (folder / "nutgraf.json").write_text(manifest)
    with pytest.raises(LexicalUnusable):
        LexicalIndex.load(folder, "7")


def test_article_ids_never_become_paths(folder: Path) -> None:
    index = LexicalIndex.load(folder, "7")
    index.change([(9, "../../etc/x", "T", "Text.", None)], ["../../etc/passwd"])
    index.seal("8")
    assert json.loads((folder / "nutgraf.json").read_text())["made_from"] == "8"
    assert ids(LexicalIndex.load(folder, "8"), "text") == [9]


def test_an_index_in_memory_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    index = LexicalIndex.build(None, PASSAGES, "1")
    index.change([(5, "new", "New", "News.", None)], ["gas"])
    index.seal("2")
    assert ids(index, "news") == [5]
    assert list(tmp_path.iterdir()) == []


def test_neighbouring_words_count_more() -> None:
    rows = [(1, "a", "", "House of white stone", None), (2, "b", "", "Stone in the white house", None)]
    index = LexicalIndex.build(None, rows, "1")
    assert ids(index, "white house") == [2, 1]
    assert ids(index, "house white") == [1, 2]


def test_whole_articles_can_be_searched() -> None:
    index = LexicalIndex.build(None, PASSAGES, "1")
    assert [i for i, _ in index.search_articles("Lavrov of India", 9)] == [2]
    index.change((), ["visit"])
    assert index.search_articles("Lavrov of India", 9) == []


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


def test_sealing_reads_only_new_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_an_index_with_many_deletions_needs_a_rebuild(tmp_path: Path) -> None:
    rows = [(number, f"a{number}", "Same", "The same words.", None) for number in range(10)]
    index = LexicalIndex.build(tmp_path, rows, "1")
    index.change((), ["a0", "a1"])
    assert not index.needs_rebuild
    index.change((), ["a2"])
    assert index.needs_rebuild
    index.seal("2")
    assert LexicalIndex.load(tmp_path, "2").needs_rebuild


ROWS = (
    (1, "gas", "Gas", "The orphans of Malawi were helped by the U.S. army.", None),
    (2, "visit", "A visit", "He boycotted the film and said nothing.", None),
    (3, "rail", "Rail", "Orphan railways.", None),
)
TYPOS = LexicalIndex.build(None, ROWS, "1")


def weights(question: str, *known: str) -> dict[str, float]:
    return query_terms(question, [language.ENGLISH], frozenset(known).__contains__)[0]


@pytest.mark.parametrize(
    ("word", "other", "near"),
    [
        ("militant", "miliitant", True),
        ("cancel", "cancl", True),
        ("israel", "isreal", True),
        ("cairo", "caira", True),
        ("obama", "boaam", False),
        ("orphan", "orphanage", False),
    ],
)
def test_typos_are_symmetric(word: str, other: str, near: bool) -> None:  # noqa: FBT001
    assert (other in typos(word), word in typos(other)) == (near, near)


@given(st.from_regex(r"[a-z]{5,9}", fullmatch=True), st.data())
def test_typos_are_one_edit_away(word: str, drawn: st.DataObject) -> None:
    found = typos(word)
    other = drawn.draw(st.sampled_from(sorted(found)))
    assert word not in found
    assert abs(len(other) - len(word)) <= 1
    assert word in typos(other)


@pytest.mark.parametrize("word", ["", "gas", "1963", "büro", "москва"])
def test_short_words_numbers_and_other_alphabets_have_no_typos(word: str) -> None:
    assert typos(word) == set()


def test_a_known_word_is_not_corrected() -> None:
    assert weights("orphan", "orphan", "orphans") == {"orphan": 1.0}


def test_corrections_of_an_unknown_word_share_its_weight() -> None:
    found = weights("orphen trial", "orphan", "orpheus", "trial", "trail")
    assert found == {"orphen": 1.0, "orphan": 1.0, "trial": 1.0}
    assert weights("cart", "care", "card")["care"] == 0.5


def test_a_word_known_in_any_language_is_known() -> None:
    both = [language.ENGLISH, "german"]
    found, _ = query_terms("Hauses", both, {"haus", "hauser"}.__contains__)
    assert set(found.values()) == {1.0}


def test_function_words_only_count_in_pairs() -> None:
    words, beside = query_terms("Who is in the army", [language.ENGLISH], lambda _: True)
    assert words == {"armi": 1.0}
    assert beside == {"who_is", "is_in", "in_the", "the_armi"}


@given(st.lists(st.text("ab", min_size=1, max_size=2), max_size=6))
def test_there_is_one_pair_fewer_than_words(words: list[str]) -> None:
    assert len(pairs(words)) == max(0, len(words) - 1)


@pytest.mark.parametrize(("question", "found"), [("orphnas", {1, 3}), ("the bycotted film", {2}), ("zzyzx", set())])
def test_a_misspelt_question_finds_what_was_meant(question: str, found: set[int]) -> None:
    assert {i for i, _ in TYPOS.search(question, 9)} == found


@pytest.mark.parametrize("question", ["US army", "U.S. army", "U.S.-army"])
def test_initials_match_with_and_without_dots(question: str) -> None:
    assert tokens(question, language.ENGLISH) == ["us", "armi"]
    assert TYPOS.search(question, 9) == TYPOS.search("US army", 9)


@pytest.mark.parametrize("text", ["example.com", "3.5 million", "He left. I stayed.", "A.D", "end.B"])
def test_only_dots_between_initials_are_dropped(text: str) -> None:
    assert language.join_initials(text) == text.replace("A.D", "AD")
