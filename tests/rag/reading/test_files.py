"""Which files are found, and one clear message for each that is no article."""

from __future__ import annotations

import codecs
import os
from pathlib import Path
from typing import NoReturn

import pytest

from rag import reading
from rag.errors import ArticleUnreadable
from rag.reading import Upload
from rag.types import Article, Rejection
from tests.rag.making import read_one


def upload(content: bytes | str, name: str = "storm.txt") -> Article:
    return read_one(Upload(name, content if isinstance(content, bytes) else content.encode()))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "it is empty"),
        (b" \n\t\r\n ", "it is empty"),
        (codecs.BOM_UTF8, "it is empty"),
        ("﻿ ".encode(), "it is empty"),
        (b"\x7fELF\x00\x00\x01", "it is binary"),
        (b"Rain\x00fell", "it is binary"),
        (b"Caf\xe9 bridge", "not UTF-8: byte 0xe9 at offset 3"),
        (codecs.BOM_UTF8 + b"Caf\xe9", "byte 0xe9 at offset 6"),
        (codecs.BOM_UTF16_LE + b"a\x00b", "not UTF-16: byte 0x62 at offset 4"),
        (b"x" * 5_000_001, r"it has 5\.0 MB .*at most 5 MB"),
        (b"8 April 2021\n", "no article text"),
    ],
    ids=["empty", "white", "bom", "bom and space", "elf", "nul", "latin-1", "bom latin-1", "utf-16", "large", "header"],
)
def test_what_is_no_text_is_one_clear_message(content: bytes, told: str) -> None:
    with pytest.raises(ArticleUnreadable, match=told) as caught:
        upload(content)

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=ascii)
def test_byte_order_marks_and_line_ends_make_no_difference(encoding: str, line_end: str) -> None:
    article = upload(line_end.join(["Title", "", "Café “one”.", "Two."]).encode(encoding))

    assert (article.title, article.text) == ("Title", "Café “one”.\nTwo.")


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE], ids=["little", "big"])
def test_both_orders_of_utf_16_are_read(mark: bytes) -> None:
    encoding = "utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be"

    assert upload(mark + "Title\nCafé.".encode(encoding)).text == "Café."


def test_a_huge_file_is_turned_away_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "huge.txt"
    path.touch()
    os.truncate(path, 50_000_000)
    monkeypatch.setattr("rag.reading.formats.decode", lambda _: pytest.fail("it was read"))
    with pytest.raises(ArticleUnreadable, match=r"it has 50\.0 MB"):
        read_one(path)


def test_a_file_that_cannot_be_opened_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(_: Path, mode: str) -> NoReturn:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.txt").touch()
    monkeypatch.setattr(Path, "open", forbid)
    with pytest.raises(ArticleUnreadable, match="it cannot be opened: Permission denied"):
        read_one(tmp_path / "a.txt")


def test_a_file_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(ArticleUnreadable, match="No such file"):
        read_one(tmp_path / "gone.txt")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a.exe", r"a file \.exe is not read yet"),
        ("a.jpg.gz", r"a file \.gz is"),
        ("notes", "without an ending"),
        (".txt", "ending"),
    ],
)
def test_an_unsupported_ending_is_named_with_what_is_readable(name: str, told: str) -> None:
    with pytest.raises(ArticleUnreadable, match=told) as caught:
        upload("Rain.", name)

    assert "readable: .csv .docx" in str(caught.value)
    assert str(caught.value).endswith(".zip, and .gz of some)")


# Finding files


def found(*items: Path | Upload) -> list[str]:
    return [f"{item.path}: {item.reason}" if isinstance(item, Rejection) else str(item) for item in reading.find(items)]


def test_files_are_found_in_order_and_hidden_ones_are_not(tmp_path: Path) -> None:
    for name in ("b.txt", "a.md", ".hidden.txt", "sub/c.txt", ".git/config", "sub/.d.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    assert found(tmp_path) == [str(tmp_path / name) for name in ("a.md", "b.txt", "sub/c.txt")]


def test_a_hidden_file_is_read_when_it_is_named(tmp_path: Path) -> None:
    (tmp_path / ".a.txt").touch()

    assert found(tmp_path / ".a.txt") == [str(tmp_path / ".a.txt")]


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    assert found(tmp_path / "gone") == [f"{tmp_path / 'gone'}: no such file or folder"]


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    assert found(tmp_path) == [f"{tmp_path}: an empty folder"]


def test_a_readme_describes_its_folder_and_is_no_article(tmp_path: Path) -> None:
    (tmp_path / "README.md").touch()

    assert found(tmp_path) == [f"{tmp_path / 'README.md'}: a README, not an article; name the file itself to read it"]
    assert found(tmp_path / "README.md") == [str(tmp_path / "README.md")]


def test_a_folder_named_like_a_file_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "storm.txt").mkdir()
    (tmp_path / "storm.txt" / "a.txt").touch()

    assert found(tmp_path / "storm.txt") == [str(tmp_path / "storm.txt" / "a.txt")]


def test_what_is_neither_file_nor_folder_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")

    assert found(tmp_path / "pipe.txt") == [f"{tmp_path / 'pipe.txt'}: neither a file nor a folder"]


def test_a_pipe_in_a_folder_does_not_hang_the_reader(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")

    assert found(tmp_path) == [f"{tmp_path / 'pipe.txt'}: neither a file nor a folder"]


def test_a_broken_link_in_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to(tmp_path / "gone.txt")

    assert found(tmp_path) == [f"{tmp_path / 'link.txt'}: no such file or folder"]


def test_a_folder_that_cannot_be_opened_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(path: str) -> NoReturn:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", forbid)

    assert found(tmp_path) == [f"{tmp_path}: cannot be opened: Permission denied"]


def test_an_upload_is_found_as_it_is() -> None:
    item = Upload("storm.txt", b"Rain.")

    assert list(reading.find([item])) == [item]
