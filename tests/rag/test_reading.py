"""What the two samples tell, and what an article is known by."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rag import reading
from rag.reading import Upload
from rag.types import Article
from tests.conftest import SEEDS
from tests.rag.making import read_one

DAWN, LAVROV = SEEDS / "dawn-russia-military-gear.txt", SEEDS / "lavrov-bilateral-boost.txt"
BODY = "The bridge opened.\nIt is long."


def upload(content: bytes | str, name: str = "storm.txt") -> Article:
    return read_one(Upload(name, content if isinstance(content, bytes) else content.encode()))


# The two samples


def test_the_first_sample() -> None:
    article = read_one(DAWN)

    assert article.title == "Russia to supply military gear to Pakistan"
    assert article.source == "DAWN"
    assert str(article.published) == "2021-04-08"
    assert article.author is None
    assert article.text.startswith("Moscow seeks to increase its stature in region, particularly in Afghanistan\n")


def test_the_first_sample_loses_its_header_noise_and_its_signature() -> None:
    text = read_one(DAWN).text

    assert not any(noise in text for noise in ("Video", "Published", "2021", "12:00", "DAWN"))
    assert text.endswith("phenomenon.")


def test_the_first_sample_keeps_its_quotes_and_inner_spacing() -> None:
    text = read_one(DAWN).text

    assert '"We stand ready to strengthen' in text
    assert "a recent" + "\xa0" * 11 + " phenomenon." in text


def test_the_second_sample() -> None:
    article = read_one(LAVROV)

    assert article.title == "In Pakistan, Russia's Lavrov Pledges Bilateral Boost To Combat Terrorism"
    assert article.source == "AP and dpa"
    assert str(article.published) == "--04-07", "no year is told and none is invented"
    assert article.text.startswith("Russian Foreign Minister Sergei Lavrov (left)")
    assert article.text.endswith("new impetus to peace talks.")


def test_the_second_sample_keeps_its_curly_quotes() -> None:
    text = read_one(LAVROV).text

    assert "“We stand ready" in text
    assert "equipment,” Lavrov said." in text
    assert "Pakistan’s security establishment" in text


@pytest.mark.parametrize("path", [DAWN, LAVROV], ids=lambda path: path.stem)
def test_every_line_of_a_sample_body_is_in_the_file_as_it_is(path: Path) -> None:
    content = path.read_text(encoding="utf-8")

    assert all(line in content for line in read_one(path).text.split("\n"))


# Identity


def test_an_edit_keeps_the_id_and_changes_the_hash(tmp_path: Path) -> None:
    path = tmp_path / "storm.txt"
    path.write_text(f"Title\n{BODY}")
    before = read_one(path)
    path.write_text(f"Title\n{BODY} Very long.")
    after = read_one(path)

    assert before.id == after.id
    assert before.content_hash != after.content_hash


def test_the_same_content_elsewhere_has_another_id_and_the_same_hash(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for path in (tmp_path / "storm.txt", tmp_path / "sub" / "storm.txt"):
        path.write_text(BODY)
    first, second = (read_one(path) for path in (tmp_path / "storm.txt", tmp_path / "sub" / "storm.txt"))

    assert first.id != second.id
    assert first.content_hash == second.content_hash


def test_a_relative_path_gives_the_id_of_the_absolute_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "storm.txt").write_text(BODY)
    monkeypatch.chdir(tmp_path)

    assert read_one(Path("storm.txt")).id == read_one(tmp_path / "storm.txt").id


def test_an_upload_is_known_by_its_name() -> None:
    assert upload("Title\nOne.").id == upload("Title\nTwo.").id
    assert upload("Title\nOne.").id != upload("Title\nOne.", "flood.txt").id


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Storm of 2021.txt", "storm-of-2021-"), ("Überschwemmung.MD", "überschwemmung-"), ("….txt", "article-")],
)
def test_an_id_begins_with_the_name_of_the_file(name: str, slug: str) -> None:
    assert upload("Title\nBody.", name).id.startswith(slug)


def test_a_name_that_is_no_text_is_no_reason_to_turn_an_article_away(tmp_path: Path) -> None:
    for name in (b"caf\xe9.txt", b"caf\xe8.txt"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_text("Only one line of text.")
    first, second = (read_one(item) for item in reading.find([tmp_path]) if isinstance(item, Path))

    assert first.title == second.title == "caf?"
    assert first.id != second.id
    assert (first.id + first.content_hash).isascii()


def test_metadata_counts_as_content() -> None:
    assert upload("Title\nBy Jane Doe\nBody.").content_hash != upload("Title\nBy Joan Doe\nBody.").content_hash


def test_an_article_without_a_title_is_named_after_its_file() -> None:
    assert upload("Only one line of text.", "the-great_storm.txt").title == "the great storm"
