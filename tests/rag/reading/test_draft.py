"""Identity: an edit keeps the id and changes the hash; two articles never share an id."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rag import reading
from rag.reading import Upload
from rag.reading.draft import is_id, is_intact, page_address
from rag.types import Article
from tests.rag.making import read_one
from tests.rag.reading.samples import read

BODY = "The bridge opened.\nIt is long."


def upload(content: str, name: str = "storm.txt") -> Article:
    return read_one(Upload(name, content.encode()))


def test_an_edit_keeps_the_id_and_changes_the_hash(tmp_path: Path) -> None:
    path = tmp_path / "storm.txt"
    path.write_text(f"Title\n{BODY}")
    before = read_one(path)
    path.write_text(f"Title\n{BODY} Very long.")
    after = read_one(path)

    assert before.id == after.id
    assert is_id(before.id)
    assert before.content_hash != after.content_hash
    assert is_intact(after)


def test_a_copy_elsewhere_has_another_id_and_the_same_hash(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    paths = tmp_path / "storm.txt", tmp_path / "sub" / "storm.txt"
    for path in paths:
        path.write_text(BODY)
    first, second = map(read_one, paths)

    assert first.id != second.id
    assert first.content_hash == second.content_hash


def test_a_relative_path_gives_the_same_id_as_the_absolute_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "storm.txt").write_text(BODY)
    monkeypatch.chdir(tmp_path)

    assert read_one(Path("storm.txt")).id == read_one(tmp_path / "storm.txt").id


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Storm of 2021.txt", "storm-of-2021-"), ("Überschwemmung.MD", "überschwemmung-"), ("….txt", "article-")],
)
def test_an_upload_is_identified_by_its_name(name: str, slug: str) -> None:
    assert upload("Title\nOne.", name).id == upload("Title\nTwo.", name).id
    assert upload("Title\nOne.", name).id != upload("Title\nOne.", f"new {name}").id
    assert upload("Title\nOne.", name).id.startswith(slug)


def test_metadata_is_part_of_the_hash() -> None:
    assert upload("Title\nBy Jane Doe\nBody.").content_hash != upload("Title\nBy Joan Doe\nBody.").content_hash


def test_files_whose_names_are_not_utf8_have_distinct_ids(tmp_path: Path) -> None:
    for name in (b"caf\xe9.txt", b"caf\xe8.txt"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_text("Only one line of text.")
    first, second = (read_one(item) for item in reading.find([tmp_path]) if isinstance(item, Path))

    assert first.title == second.title == "caf?"
    assert first.id != second.id
    assert (first.id + first.content_hash).isascii()


@pytest.mark.parametrize("url", ["http://[v1.[x]/p", "http://[a[b]/x", "http://a:99999999/x", "http://ex℀mple.com/a"])
def test_an_invalid_url_is_not_used_for_identity(url: str) -> None:
    assert page_address(url) is None
    (article,), rejected = read(f'{{"id": 1, "title": "Storm", "text": "Rain fell.", "url": "{url}"}}\n', "news.jsonl")

    assert (article.text, rejected) == ("Rain fell.", [])


def test_tracking_parameters_and_www_do_not_change_an_address() -> None:
    assert page_address("https://www.a.example/b/?utm_source=x&id=1#top") == page_address("http://a.example/b?id=1")
    assert page_address("https://a.example/") is None
