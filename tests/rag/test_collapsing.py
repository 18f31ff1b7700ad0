"""Of a story that several outlets ran, one article is shown, and the outlets are named."""

from __future__ import annotations

from pathlib import Path

from rag import Assistant, Question, Upload
from tests.rag.making import assistant
from tests.rag.test_stories import OTHER, WIRE


def upload(name: str, text: str, source: str | None, day: str = "2021-03-01") -> Upload:
    told = f"source: {source}\n" if source else ""
    return Upload(f"{name}.md", f"---\ntitle: Floods {name}\n{told}date: {day}\n---\n\n{text}".encode())


def filled(home: Path) -> Assistant:
    archive = assistant(home)
    archive.ingest([upload("a", WIRE, "Dawn"), upload("b", WIRE, "AP"), upload("c", WIRE, None)])
    archive.ingest([upload("x", OTHER, "Dawn"), upload("z", f"The rain on Monday. {OTHER}", "Dawn", "2021-06-01")])
    return archive


def titles(archive: Assistant, question: Question) -> dict[str, tuple[str, ...]]:
    return {hit.article.title: hit.outlets for hit in archive.ask(question).hits}


def test_one_article_stands_for_its_story(tmp_path: Path) -> None:
    with filled(tmp_path) as archive:
        found = titles(archive, Question("Heavy rain destroyed homes on Monday"))
        (title,) = found.keys() & {"Floods a", "Floods b", "Floods c"}
        assert found.pop(title) == ("AP", "Dawn")
        assert set(found.values()) == {()}


def test_inside_a_filter_only_what_is_inside_counts(tmp_path: Path) -> None:
    with filled(tmp_path) as archive:
        found = titles(archive, Question("Heavy rain destroyed homes on Monday", sources=("AP",)))
        assert found == {"Floods b": ()}


def test_when_the_others_are_removed_the_last_stands_alone(tmp_path: Path) -> None:
    with filled(tmp_path) as archive:
        for item in archive.articles():
            if item.title in ("Floods a", "Floods c"):
                archive.remove(item.id)
        assert titles(archive, Question("Heavy rain destroyed homes on Monday"))["Floods b"] == ()
