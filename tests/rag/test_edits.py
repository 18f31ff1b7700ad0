"""What the user says of an article: shown, filtered and searched by, never confused with what was read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from rag import ArticleUnknown, Assistant, InputError, Question
from rag.reading.draft import is_intact
from tests.rag.conftest import Run
from tests.rag.making import assistant, files

TEXTS = [
    "Bridge opens\nTarn Courier\n\nThe bridge over the river opened on Monday after two years of work.",
    "Ferry sails\nSource: tc.example\n8 April 2021\n\nThe ferry sailed again on Monday after a week in port.",
]


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "in"
    folder.mkdir()
    return files(folder, TEXTS)


@pytest.fixture
def archive(tmp_path: Path, paths: list[Path]) -> Iterator[Assistant]:
    with assistant(tmp_path / "archive") as opened:
        opened.ingest(paths)
        yield opened


def ids(archive: Assistant) -> list[str]:
    return [one.id for one in sorted(archive.articles(), key=lambda one: one.title)]


def test_an_edit_is_shown_and_filtered_by_and_the_hash_is_of_what_was_read(archive: Assistant) -> None:
    bridge, _ = ids(archive)
    before = archive.article(bridge)
    archive.edit([bridge], {"source": "Tarn Post", "published": "2021-04-08", "author": "Ada Holm"})
    found = archive.article(bridge)

    assert found.byline == "Tarn Post · Ada Holm · 2021-04-08"
    assert (found.content_hash, is_intact(found)) == (before.content_hash, True)
    assert dict(found.edited) == {"source": "", "published": "", "author": ""}
    inside = Question("bridge", sources=("tarn post",), published_from=date(2021, 4, 8))
    assert [hit.article.id for hit in archive.search(inside, 5)] == [bridge]
    assert [one.value for one in archive.facets(Question("")).sources] == ["Tarn Post", "tc.example"]


def test_an_edit_outlives_reading_the_file_again_changed_or_not(archive: Assistant, paths: list[Path]) -> None:
    bridge, _ = ids(archive)
    archive.edit([bridge], {"source": "Tarn Post", "title": "Span opens"})
    assert len(archive.ingest(paths).unchanged) == 2
    paths[0].write_text(TEXTS[0].replace("two", "three") + "\nSource: Herald", encoding="utf-8")
    assert archive.ingest(paths).updated == (bridge,)
    found = archive.article(bridge)

    assert (found.title, found.source, "three years" in found.text) == ("Span opens", "Tarn Post", True)
    assert (dict(found.edited), is_intact(found)) == ({"title": "Bridge opens", "source": "Herald"}, True)
    archive.edit([bridge], {"title": None, "source": None})
    assert (archive.article(bridge).title, archive.article(bridge).source) == ("Bridge opens", "Herald")
    assert archive.article(bridge).edited == ()


def test_an_edited_title_is_searched_at_once_and_after_a_rebuild(archive: Assistant) -> None:
    _, ferry = ids(archive)
    archive.edit([ferry], {"title": "Steamer sails"})
    assert archive.find("steamer", 1) == (ferry,)
    archive.rebuild()
    assert archive.find("steamer", 1) == (ferry,)
    assert archive.versions(ferry) == ()


def test_edits_are_exported_and_removed_and_put_back_with_their_article(archive: Assistant, tmp_path: Path) -> None:
    bridge, _ = ids(archive)
    archive.edit([bridge], {"source": "Tarn Post"})
    archive.put_back(archive.remove(bridge))
    content = io.BytesIO()
    archive.export(content)
    with assistant(tmp_path / "other") as other:
        (tmp_path / "export").write_bytes(content.getvalue())
        with (tmp_path / "export").open("rb") as file:
            other.import_(file)
        assert other.article(bridge) == archive.article(bridge)
        assert other.article(bridge).source == "Tarn Post"


def test_an_edit_of_several_is_counted_before_and_undone_to_the_edits_before(archive: Assistant) -> None:
    bridge, ferry = ids(archive)
    archive.edit([bridge], {"source": "Herald"})
    both, changes = [bridge, ferry], {"source": "Tarn Post", "author": "Ada Holm"}
    assert archive.preview_edit(both, changes) == {"source": {"Herald": 1, "tc.example": 1}, "author": {"": 2}}
    before = archive.edit(both, changes)
    assert archive.preview_edit(both, changes)["source"] == {"Tarn Post": 2}
    archive.undo_edit(before)
    assert (archive.article(bridge).source, archive.article(bridge).edited) == ("Herald", (("source", ""),))
    assert (archive.article(ferry).source, archive.article(ferry).edited) == ("tc.example", ())

    before = archive.edit(both, changes)
    archive.remove(bridge)
    archive.undo_edit(before)
    assert archive.article(ferry).source == "tc.example"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "nothing"),
        ({"published": "2021-02-30"}, "2021-02-30"),
        ({"published": "3025-02-01"}, "'3025-02-01', more than a year ahead"),
        ({"title": " "}, "title"),
        ({"text": "x"}, "text"),
    ],
)
def test_a_bad_edit_changes_nothing_and_says_why(archive: Assistant, changes: dict[str, str], said: str) -> None:
    before = archive.articles()
    with pytest.raises(InputError, match=said):
        archive.edit([before[0].id], changes)
    with pytest.raises(ArticleUnknown):
        archive.edit([before[0].id, "none"], {"source": "Tarn Post"})
    assert archive.articles() == before


def test_a_joined_outlet_is_shown_filtered_and_read_under_one_name(archive: Assistant, paths: list[Path]) -> None:
    archive.edit(ids(archive)[:1], {"source": "The Tarn Courier"})
    assert archive.join_outlet("tc.example", "The Tarn Courier") == 1
    paths[1].write_text(TEXTS[1].replace("week", "month"), encoding="utf-8")
    archive.ingest(paths)

    assert [(one.name, one.articles) for one in archive.outlets()] == [("The Tarn Courier", 2)]
    assert archive.facets(Question("", sources=("tarn courier",))).articles == 2
    assert archive.facets(Question("", sources=("TC.example",))).articles == 2, "the name that was joined"
    with pytest.raises(InputError, match=r"'tc\.example' is joined to 'The Tarn Courier'"):
        archive.join_outlet("The Tarn Courier", "tc.example")
    assert archive.split_outlet("Tc.example") == 1
    assert {one.name for one in archive.outlets()} == {"The Tarn Courier", "tc.example"}


def test_names_that_differ_in_case_the_or_only_by_the_host_are_one_without_a_join(archive: Assistant) -> None:
    bridge, ferry = ids(archive)
    for name in ("The Tarn Courier", "TARN COURIER", "tarncourier.example", "www.tarncourier.co.uk"):
        archive.edit([bridge], {"source": "Tarn Courier"})
        archive.edit([ferry], {"source": name})
        assert [(one.name in ("Tarn Courier", name), one.articles) for one in archive.outlets()] == [(True, 2)]
        assert not archive.outlets()[0].name.startswith(("tarncourier", "www"))
        assert archive.status().sources == (archive.outlets()[0].name,)
        assert archive.facets(Question("", sources=(name,))).articles == 2
    archive.edit([ferry], {"source": "Tarn Evening Courier"})
    assert len(archive.outlets()) == 2


def test_joins_follow_one_another_and_never_go_in_circles(archive: Assistant) -> None:
    archive.join_outlet("tc.example", "Courier")
    archive.join_outlet("Courier", "The Tarn Courier")
    assert [one.name for one in archive.outlets()] == ["The Tarn Courier"]
    for name, shown in (("The Tarn Courier", "courier"), ("tarn courier", "The Tarn Courier"), ("Nobody", "Courier")):
        with pytest.raises(InputError):
            archive.join_outlet(name, shown)
    with pytest.raises(InputError, match="not joined"):
        archive.split_outlet("Herald")


def test_what_lacks_an_outlet_or_a_day_is_reported_listed_and_edited(run: Run, paths: list[Path]) -> None:
    shown = run("ingest", paths[0].parent).out
    assert "1 without an outlet or a full day: nutgraf articles --incomplete" in shown
    (lacking,) = run("articles", "--incomplete", "--json").json["articles"]
    assert (lacking["title"], lacking["source"], lacking["published"]) == ("Bridge opens", None, None)
    edited = run("articles", "edit", lacking["id"], "--outlet", "Tarn Post", "--date", "2021-04-08", "--json").json
    assert edited["articles"][0]["edited"] == {"published": "", "source": ""}
    assert run("articles", "--incomplete").out == "Every article has an outlet and a full day.\n"
    assert "read as nothing" in run("articles", "show", lacking["id"]).out
    run("articles", "edit", lacking["id"], "--as-read")
    assert len(run("articles", "list", "--incomplete", "--json").json["articles"]) == 1
    assert run("articles", "edit", lacking["id"], "--date", "soon").code == 1


def test_outlets_are_listed_and_joined_by_command(run: Run, paths: list[Path]) -> None:
    run("ingest", paths[0].parent)
    assert "tc.example" in run("outlets").out
    assert run("outlets", "join", "tc.example", "Tarn Courier", "--json").json == {"changed": 1}
    assert run("outlets", "--json").json["outlets"] == [
        {"name": "Tarn Courier", "articles": 1, "names": ["tc.example"]}
    ]
    assert "split" in run("outlets", "join", "Tarn Courier", "Courier").out
    assert run("outlets", "split", "tc.example").out.startswith("1 article ")
