"""Names beside dates that other articles of the archive confirm as outlets, and those that they do not."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from rag import Assistant
from rag.reading.draft import is_intact
from tests.rag.making import assistant, files

# The Courier is told by its own text, the Hask Wire by nothing.
TOLD = ["Tarn Courier", "Tarn Courier", "Tarn Courier", "Tarn Courier"]
NAMES = [*TOLD, "Hask Wire", "Hask Wire", "Hask Wire"]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Assistant]:
    with assistant(tmp_path / "archive") as opened:
        yield opened


def texts(names: Sequence[str], tell: str = "Tarn Courier", line: str = "{name}, {day} June 2024") -> list[str]:
    """Texts below lines of a name and a day; those of `tell` mention it."""
    return [
        f"Number {at} floods\n{line.format(name=name, day=at + 1)}\n\nThe river rose over quay {at} in the night, "
        f"{f'he told the {name.split()[-1]}' if name == tell else 'they said'}, and 400 people left.\n"
        for at, name in enumerate(names)
    ]


def outlets(archive: Assistant) -> list[str | None]:
    """The outlets by file."""
    return [one.source for one in sorted(archive.articles(), key=lambda one: one.origin)]


def test_a_name_that_recurs_where_others_are_outlets_is_one_in_any_order(archive: Assistant, tmp_path: Path) -> None:
    paths = files(tmp_path / "in", texts(NAMES))
    for path in reversed(paths):
        archive.ingest([path])
    with assistant(tmp_path / "other") as other:
        assert other.ingest(paths).incomplete == ()
        assert other.articles() == archive.articles()
    assert outlets(archive) == NAMES
    assert all(map(is_intact, archive.articles()))
    generation = archive._store.generation
    assert len(archive.ingest(paths).unchanged) == len(paths)
    assert archive._store.generation == generation


def test_a_name_that_the_archive_knows_is_an_outlet_in_another_folder(archive: Assistant, tmp_path: Path) -> None:
    archive.ingest(files(tmp_path / "in", texts(TOLD)))
    archive.ingest(files(tmp_path / "later", texts(["Tarn Courier"], tell="")))
    assert set(outlets(archive)) == {"Tarn Courier"}


@pytest.mark.parametrize(
    "names", [["Ada Holm"] * 5, [*TOLD, "Ada Holm", "Ada Holm"]], ids=["no outlet is told there", "too few"]
)
def test_other_names_stay_candidates(archive: Assistant, tmp_path: Path, names: list[str]) -> None:
    archive.ingest(files(tmp_path / "in", texts(names)))
    assert outlets(archive) == [name if name in TOLD else None for name in names]


def test_an_author_and_a_place_that_recur_are_no_outlets(archive: Assistant, tmp_path: Path) -> None:
    archive.ingest(files(tmp_path / "in", texts(["Ada Holm"], line="By {name}\n{day} June 2024")))
    places = [text.replace("river rose", "river rose in Port Ansel") for text in texts(["Port Ansel"] * 3)]
    archive.ingest(files(tmp_path / "all", [*texts([*TOLD, *TOLD, *["Ada Holm"] * 3]), *places]))
    assert {one.candidate for one in archive.articles() if not one.source} == {"Ada Holm", "Port Ansel", None}
    assert set(outlets(archive)) == {"Tarn Courier", None}


def test_one_edit_says_of_all_articles_whose_the_name_is(archive: Assistant, tmp_path: Path) -> None:
    archive.ingest(files(tmp_path / "in", texts(["Hask Wire"] * 3)))
    first, second, _ = (one.id for one in archive.articles())
    before = archive.edit([first], {"source": "Hask Wire"})
    assert outlets(archive) == ["Hask Wire"] * 3
    archive.edit([second], {"author": "Hask Wire"})
    assert archive.edit([second], {"source": ""}) == {second: {"source": None}}
    assert outlets(archive) == ["Hask Wire", None, "Hask Wire"]
    archive.undo_edit(before)
    assert outlets(archive) == [None, None, None]
    assert all(map(is_intact, archive.articles()))


def test_an_author_by_edit_is_no_outlet_anywhere(archive: Assistant, tmp_path: Path) -> None:
    archive.ingest(files(tmp_path / "in", texts(NAMES)))
    wire = next(one.id for one in archive.articles() if one.source == "Hask Wire")
    archive.edit([wire], {"author": "Hask Wire"})
    assert outlets(archive) == [*TOLD, None, None, None]


def test_a_confirmed_name_is_joined_exported_and_imported(archive: Assistant, tmp_path: Path) -> None:
    paths = files(tmp_path / "in", texts(NAMES))
    archive.ingest(paths[:-1])
    archive.ingest(paths[-1:])
    archive.join_outlet("Hask Wire", "Hask News Wire")
    archive.ingest(files(tmp_path / "later", texts(["Hask Wire"])))
    assert outlets(archive).count("Hask News Wire") == 4
    content = io.BytesIO()
    archive.export(content)
    (tmp_path / "export").write_bytes(content.getvalue())
    with assistant(tmp_path / "other") as other, (tmp_path / "export").open("rb") as file:
        other.import_(file)
        assert other.articles() == archive.articles()
    archive.split_outlet("Hask Wire")
    assert outlets(archive).count("Hask Wire") == 4
