"""A removal can be undone: the archive is then as it was, row by row, and finds the article again."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from rag import ArticleUnknown, Assistant, IndexOutdated, InputError, Question, Upload
from tests.fakes import HashEncoder
from tests.rag.making import assistant, files
from tests.rag.test_ingesting import TEXTS
from tests.rag.test_stories import WIRE
from tests.rag.test_versions import MONDAY, TUESDAY, page

TABLES = ("articles", "versions", "readings", "passages", "signatures", "bands")


def tables(archive: Assistant) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that knows of articles."""
    kept = {name: f"SELECT * FROM {name} ORDER BY 1, 2, 3" for name in TABLES[:-1]}
    kept |= {"bands": "SELECT * FROM bands ORDER BY 1, 2", "order": "SELECT rowid, id FROM articles ORDER BY 1"}
    return {name: archive._store.database.rows(query) for name, query in kept.items()}


def filled(home: Path) -> Assistant:
    """Plain articles, one with versions that went back and forth, and a story of two outlets."""
    archive = assistant(home)
    archive.ingest([*files(home / "in", TEXTS[:5]), page("a.md", MONDAY), page("a.md", TUESDAY), page("a.md", MONDAY)])
    archive.ingest([page("a.md", TUESDAY), Upload("wire.txt", f"Flood\n\n{WIRE}".encode())])
    archive.ingest([Upload("again.txt", f"Rain: hundreds homeless\n\n{WIRE}".encode())])
    return archive


def test_an_undone_removal_leaves_every_row_as_it_was(tmp_path: Path) -> None:
    with filled(tmp_path) as archive:
        before = tables(archive)
        assert len(before["versions"]) == 3
        for article in archive.articles():
            removed = archive.remove(article.id)
            with pytest.raises(ArticleUnknown):
                archive.article(article.id)
            archive.put_back(removed)
            assert tables(archive) == before, article.id


def test_several_are_undone_last_first(tmp_path: Path) -> None:
    with filled(tmp_path) as archive:
        before = tables(archive)
        ids = [article.id for article in archive.articles()]
        random.Random(1).shuffle(ids)
        stack = [archive.remove(article_id) for article_id in ids]
        assert archive.count() == 0
        while stack:
            archive.put_back(stack.pop())
        assert tables(archive) == before


def test_what_was_put_back_is_found_again_also_by_who_opens_the_archive_next(tmp_path: Path) -> None:
    def found(archive: Assistant) -> list[tuple[str, str]]:
        # Without the scores: until the full-text index is built again, what was removed counts in its statistics.
        hits = archive.search(Question("blankets tents and clean water"), 5)
        return [(hit.article.id, hit.passage.text) for hit in hits]

    with filled(tmp_path) as archive:
        before, tellers = found(archive), archive.tellers(archive.find("blankets", 1)[0])
        assert len(tellers) == 2
        removed = archive.remove(tellers[0].id)
        assert len(archive.find("blankets", 5)) == 1
        archive.put_back(removed)
        assert found(archive) == before
        assert archive.tellers(tellers[0].id) == tellers
    with assistant(tmp_path) as again:
        assert again._indexes.unusable() == {}
        assert found(again) == before


def test_what_came_meanwhile_stays(tmp_path: Path) -> None:
    with filled(tmp_path) as archive:
        last = archive.articles(sort="added", limit=1)[0]
        removed = archive.remove(last.id)
        archive.ingest([Upload("new.txt", b"New\n\nAn owl flew over the harbour.")])
        archive.put_back(removed)
        assert archive.article(last.id) == last
        assert len(archive.find("owl harbour", 5)) == 1
        assert archive._store.database.damage() == ()


def test_what_is_there_again_is_left_alone(tmp_path: Path) -> None:
    story = Upload("owl.txt", b"Owl\n\nAn owl flew over the harbour.")
    with assistant(tmp_path) as archive:
        (article_id,) = archive.ingest([story]).added
        removed = archive.remove(article_id)
        archive.ingest([story])
        before = tables(archive)
        with pytest.raises(InputError, match="is in the archive again"):
            archive.put_back(removed)
        assert tables(archive) == before


def test_nothing_is_put_back_into_an_archive_that_was_converted(tmp_path: Path) -> None:
    with filled(tmp_path) as archive:
        removed = archive.remove(archive.articles()[0].id)
    with assistant(tmp_path, encoder=HashEncoder(32, "other")) as other:
        other.convert()
        with pytest.raises(IndexOutdated, match="converted since"):
            other.put_back(removed)
        assert other.count() == 7


def test_an_article_that_has_lost_its_passages_is_put_back_as_it_was(tmp_path: Path) -> None:
    with filled(tmp_path) as archive:
        article_id = archive.articles()[0].id
        with archive._store.changing():
            archive._store.database.write("DELETE FROM passages WHERE article_id = ?", article_id)
        before = tables(archive)
        archive.put_back(archive.remove(article_id))
        assert tables(archive) == before


def test_removing_what_is_not_there_changes_nothing(tmp_path: Path) -> None:
    with filled(tmp_path) as archive:
        generation = archive._store.generation
        with pytest.raises(ArticleUnknown):
            archive.remove("nothing")
        assert archive._store.generation == generation
