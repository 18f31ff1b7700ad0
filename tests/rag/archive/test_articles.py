"""Articles in the archive: stored, replaced, removed and put back, listed, and never quoted once altered."""

from __future__ import annotations

import random
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag import ArchiveCorrupt, Article, ArticleUnknown, Assistant, IndexOutdated, InputError, Question, Sort, Upload
from rag.archive import Store, as_stored
from rag.types import PublishedDate, Span
from tests.fakes import HashEncoder
from tests.rag.archive.test_stories import WIRE
from tests.rag.making import MONDAY, TEXTS, TUESDAY, article, assistant, files, put, row, storm

LAVROV = article(
    "lavrov", "Lavrov came on Tuesday. He left on Wednesday “quietly” – 🛰️ said. " * 9, "DAWN", PublishedDate(0, 4, 7)
)


QURESHI = article("qureshi", "Qureshi spoke of rail. He named no price.")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with closing(Store(path)) as opened:
        yield opened


def test_an_article_is_read_as_it_was_stored(store: Store, path: Path) -> None:
    put(store, LAVROV, QURESHI)
    with closing(Store(path)) as again:
        assert again.articles() == (LAVROV, QURESHI)
        assert again.article("qureshi") == QURESHI


def test_storing_an_article_again_replaces_it_and_its_passages(store: Store) -> None:
    first = put(store, LAVROV, QURESHI)
    edited = replace(LAVROV, text="Lavrov stayed.", content_hash="2")
    second = put(store, edited)
    assert store.article("lavrov") == edited
    assert store.passage_ids(["lavrov"]) == second[0]
    assert not set(second[0]) & set(first[0]), "an id is never given twice"
    assert store.passages([*first[0], *second[0]]).keys() == set(second[0])
    assert store.passage_ids(["qureshi"]) == first[1]


def test_removing_an_article_removes_its_passages(store: Store) -> None:
    put(store, LAVROV, QURESHI)
    store.remove("lavrov")
    assert store.articles() == (QURESHI,)
    assert {row[1] for row in store.all_passages()} == {"qureshi"}
    assert len(store.vectors()[0]) == store.count()[1] == 1


@pytest.mark.parametrize("name", ["", "nobody", "lavro%", "'; DROP TABLE articles; --", "LAVROV"])
def test_an_unknown_id_is_an_error_and_changes_nothing(store: Store, name: str) -> None:
    put(store, LAVROV)
    generation = store.generation
    for call in (store.article, store.remove):
        with pytest.raises(ArticleUnknown, match="there is no article"):
            call(name)
    assert store.count()[0] == 1
    assert store.generation == generation


@settings(max_examples=30, deadline=None)
@given(text=st.text(min_size=1), data=st.data())
def test_passage_offsets_match_the_text(text: str, data: st.DataObject) -> None:
    spans = []
    for _ in range(3):
        start = data.draw(st.integers(0, len(text)))
        spans.append(Span(start, data.draw(st.integers(start, len(text)))))
    with tempfile.TemporaryDirectory() as folder, closing(Store(Path(folder, "db"))) as store:
        ((ids, _),) = store.put([(article("any", text), spans, np.eye(3, dtype=np.float32))], {})
        found = store.passages(ids)
        assert store.article("any").text == text
        assert [text[p.start : p.end] for p in (found[i][0] for i in ids)] == [found[i][0].text for i in ids]
        assert [found[i][0].ordinal for i in ids] == [0, 1, 2]
        # SQLite's substr stops at a NUL; no article that was read from a file holds one.
        if "\0" not in text:
            assert [row[3] for row in store.all_passages()] == [text[span.start : span.end] for span in spans]


def test_vectors_are_rounded_to_float16(store: Store) -> None:
    vectors = np.random.default_rng(1).normal(size=(2, 64)).astype(np.float32)
    ((ids, _),) = store.put([(QURESHI, [Span(0, 5), Span(6, 9)], vectors)], {})
    stored_ids, stored = store.vectors()
    assert stored_ids == list(ids)
    assert stored.dtype == np.float32
    assert (stored == as_stored(vectors)).all()
    assert np.abs(stored - vectors).max() < 0.003


def test_many_ids_in_one_query(store: Store) -> None:
    many = [article(f"a{number:04}", f"Word {number}.") for number in range(1_200)]
    put(store, *many)
    assert len(store.passage_ids(item.id for item in many)) == 1_200


def test_each_write_adds_one_generation(store: Store) -> None:
    assert store.generation == 0
    put(store, LAVROV, QURESHI)
    assert store.generation == 1
    store.remove("lavrov")
    assert store.generation == 2


def test_a_failed_write_changes_nothing(store: Store) -> None:
    put(store, QURESHI)
    new, spans, vectors = row(LAVROV)
    with pytest.raises(ValueError, match="zip"):
        store.put([row(article("good", "Good."))[:3], (new, spans, vectors[:-1])], {"encoder": "another"})
    assert store.articles() == (QURESHI,)
    assert store.generation == 1
    assert store.setting("encoder") == "hash@64"
    put(store, LAVROV)
    assert store.generation == 2


def test_threads_read_and_write_concurrently(store: Store) -> None:
    failures: list[BaseException] = []

    def write(worker: int) -> None:
        try:
            for number in range(15):
                put(store, article(f"w{worker}-{number}", f"Worker {worker} wrote {number}. " * 5))
                articles, passages = store.count()
                assert passages >= articles
                assert len(store.vectors()[0]) >= articles
        except BaseException as failure:  # noqa: BLE001
            failures.append(failure)

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert store.count()[0] == store.generation == 60


def texts(archive: Assistant, found: Article) -> list[str]:
    return [one.text for one in (*archive.versions(found.id), archive.article(found.id))]


def test_a_new_text_makes_the_old_one_a_version(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive:
        archive.ingest([storm(MONDAY)])
        report = archive.ingest([storm(TUESDAY)])
        (found,) = archive.articles()
        assert report.updated == (found.id,)
        assert texts(archive, found) == [MONDAY, TUESDAY]
        dense, lexical = archive._indexes.current()
        assert lexical.search("Monday", 5) == []
        assert len(dense) == len(lexical.search("Tuesday", 5)) == 1


def test_two_texts_in_one_run_become_two_versions(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive:
        archive.ingest([storm(MONDAY), storm(TUESDAY)])
        assert texts(archive, archive.articles()[0]) == [MONDAY, TUESDAY]


def test_a_reverted_correction_is_a_new_version(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive:
        for text in (MONDAY, TUESDAY, MONDAY):
            archive.ingest([storm(text)])
        assert texts(archive, archive.articles()[0]) == [MONDAY, TUESDAY, MONDAY]


def test_new_metadata_updates_without_a_version(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive:
        archive.ingest([Upload("a.md", f"---\ntitle: Storm\n---\n\n{MONDAY}".encode())])
        report = archive.ingest(
            [Upload("a.md", f"---\ntitle: Storm\nauthor: A B\n---\n\n{MONDAY}".encode(), replaces=True)]
        )
        (found,) = archive.articles()
        assert report.updated == (found.id,)
        assert found.author == "A B"
        assert archive.versions(found.id) == ()


def test_removing_an_article_removes_its_versions(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive:
        archive.ingest([storm(MONDAY), storm(TUESDAY)])
        gone = archive.articles()[0].id
        archive.remove(gone)
        with pytest.raises(ArticleUnknown):
            archive.versions(gone)
        assert archive.ingest([storm(MONDAY)]).added == (gone,)
        assert archive.versions(gone) == ()


TABLES = ("articles", "versions", "readings", "passages", "signatures", "bands")


def tables(archive: Assistant) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table about articles."""
    kept = {name: f"SELECT * FROM {name} ORDER BY 1, 2, 3" for name in TABLES[:-1]}
    kept |= {"bands": "SELECT * FROM bands ORDER BY 1, 2", "order": "SELECT rowid, id FROM articles ORDER BY 1"}
    return {name: archive._store.database.rows(query) for name, query in kept.items()}


def filled(home: Path) -> Assistant:
    """Plain articles, one with versions that went back and forth, and a story of two outlets."""
    archive = assistant(home)
    archive.ingest([*files(home / "in", TEXTS[:5]), storm(MONDAY), storm(TUESDAY), storm(MONDAY)])
    archive.ingest([storm(TUESDAY), Upload("wire.txt", f"Flood\n\n{WIRE}".encode())])
    archive.ingest([Upload("again.txt", f"Rain: hundreds homeless\n\n{WIRE}".encode())])
    return archive


def test_undoing_a_removal_restores_every_row(tmp_path: Path) -> None:
    with filled(tmp_path) as archive:
        before = tables(archive)
        assert len(before["versions"]) == 3
        for article in archive.articles():
            removed = archive.remove(article.id)
            with pytest.raises(ArticleUnknown):
                archive.article(article.id)
            archive.put_back(removed)
            assert tables(archive) == before, article.id


def test_several_removals_are_undone_in_reverse_order(tmp_path: Path) -> None:
    with filled(tmp_path) as archive:
        before = tables(archive)
        ids = [article.id for article in archive.articles()]
        random.Random(1).shuffle(ids)
        stack = [archive.remove(article_id) for article_id in ids]
        assert archive.count() == 0
        while stack:
            archive.put_back(stack.pop())
        assert tables(archive) == before


def test_an_article_put_back_is_searchable_also_after_reopening(tmp_path: Path) -> None:
    def found(archive: Assistant) -> list[tuple[str, str]]:
        # Without the scores: until the full-text index is built again, what was removed counts in its statistics.
        hits = archive.search(Question("blankets tents and clean water"), 5)
        return [(hit.article.id, hit.passage.text) for hit in hits]

    with filled(tmp_path) as archive:
        before, copies = found(archive), archive.same_story(archive.find("blankets", 1)[0])
        assert len(copies) == 2
        removed = archive.remove(copies[0].id)
        assert len(archive.find("blankets", 5)) == 1
        archive.put_back(removed)
        assert found(archive) == before
        assert archive.same_story(copies[0].id) == copies
    with assistant(tmp_path) as again:
        assert again._indexes.unusable() == {}
        assert found(again) == before


def test_articles_added_since_the_removal_stay(tmp_path: Path) -> None:
    with filled(tmp_path) as archive:
        last = archive.articles(sort="added", limit=1)[0]
        removed = archive.remove(last.id)
        archive.ingest([Upload("new.txt", b"New\n\nAn owl flew over the harbour.")])
        archive.put_back(removed)
        assert archive.article(last.id) == last
        assert len(archive.find("owl harbour", 5)) == 1
        assert archive._store.database.damage() == ()


def test_putting_back_an_article_that_exists_again_is_refused(tmp_path: Path) -> None:
    story = Upload("owl.txt", b"Owl\n\nAn owl flew over the harbour.")
    with assistant(tmp_path) as archive:
        (article_id,) = archive.ingest([story]).added
        removed = archive.remove(article_id)
        archive.ingest([story])
        before = tables(archive)
        with pytest.raises(InputError, match="is in the archive again"):
            archive.put_back(removed)
        assert tables(archive) == before


def test_putting_back_into_a_converted_archive_is_refused(tmp_path: Path) -> None:
    with filled(tmp_path) as archive:
        removed = archive.remove(archive.articles()[0].id)
    with assistant(tmp_path, encoder=HashEncoder(32, "other")) as other:
        other.convert()
        with pytest.raises(IndexOutdated, match="converted since"):
            other.put_back(removed)
        assert other.count() == 7


def test_an_article_without_passages_can_be_put_back(tmp_path: Path) -> None:
    with filled(tmp_path) as archive:
        article_id = archive.articles()[0].id
        with archive._store.new_generation():
            archive._store.database.write("DELETE FROM passages WHERE article_id = ?", article_id)
        before = tables(archive)
        archive.put_back(archive.remove(article_id))
        assert tables(archive) == before


ROWS = (
    ("Zebra runs", "Post", "2021-04-08"),
    ("apples ripen", "Herald", "2021-05-01"),
    ("Bridge opens", "", ""),
    ("Cranes return", "post", "2020-01-02"),
)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Assistant]:
    texts = []
    for number, (title, source, day) in enumerate(ROWS):
        metadata = f"title: {title}\n" + (f"source: {source}\n" if source else "") + (f"date: {day}\n" if day else "")
        texts.append(Upload(f"n{number}.md", f"---\n{metadata}---\nWord{number} stood in the yard.".encode()))
    with assistant(tmp_path) as opened:
        opened.ingest(texts)
        yield opened


@pytest.mark.parametrize(
    ("sort", "initials"),
    [("id", "ZaBC"), ("newest", "aZCB"), ("title", "aBCZ"), ("outlet", "aZCB"), ("added", "CBaZ")],
)
def test_sort_orders_and_pages(archive: Assistant, sort: Sort, initials: str) -> None:
    found = "".join(article.title[0] for article in archive.articles(sort=sort))

    assert sorted(found) == sorted(initials)
    assert sort == "id" or found == initials
    pages = [archive.articles(limit=3, skip=skip, sort=sort) for skip in (0, 3, 6)]
    assert [len(page) for page in pages] == [3, 1, 0]
    assert [article.id for page in pages for article in page] == [article.id for article in archive.articles(sort=sort)]


def test_titles_are_matched_ignoring_case_and_counted(archive: Assistant) -> None:
    assert [article.title for article in archive.articles("R", sort="title")] == [
        "apples ripen",
        "Bridge opens",
        "Cranes return",
        "Zebra runs",
    ]
    assert (archive.count(), archive.count("BRIDGE"), archive.count("none of these")) == (4, 1, 0)


def test_find_searches_texts_and_titles_best_first(archive: Assistant) -> None:
    titles = [archive.article(article_id).title for article_id in archive.find("word2 bridge yard", 10)]

    assert titles[0] == "Bridge opens"
    assert len(titles) == 4
    assert len(archive.find("yard", 2)) == 2


@pytest.mark.parametrize("words", ["", "   ", "!?", "zyxwvu", '"', "AND OR NOT"])
def test_words_that_match_nothing_find_nothing(archive: Assistant, words: str) -> None:
    assert archive.find(words, 5) == ()


COST = Upload("cost.txt", b"The cost of the bridge\n\nThe bridge over the river cost 15 million euros.")


SHIP = Upload("ship.txt", b"The harbour\n\nA ship sank in the harbour on Monday.")


QUESTION = Question("What did the bridge over the river cost?")


def change(archive: Assistant, statement: str) -> None:
    with archive._store.database.transaction():
        archive._store.database.write(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE articles SET text = replace(text, '15', '95')",
        "UPDATE articles SET title = 'The gain of the bridge' WHERE id LIKE 'cost%'",
        "UPDATE articles SET source = 'The Other' WHERE id LIKE 'cost%'",
        "UPDATE articles SET published = '1999' WHERE id LIKE 'cost%'",
        "UPDATE articles SET url = 'https://else.example/x' WHERE id LIKE 'cost%'",
    ],
)
def test_an_altered_article_is_not_quoted(tmp_path: Path, statement: str) -> None:
    with assistant(tmp_path) as archive:
        (article_id,) = archive.ingest([COST]).added
        archive.ingest([SHIP])
        assert "15 million" in archive.ask(QUESTION).hits[0].passage.text
        change(archive, statement)
        with pytest.raises(ArchiveCorrupt, match=f"'{article_id}' is not what was read") as asked:
            archive.ask(QUESTION)
        assert f"nutgraf articles remove {article_id}, then ingest it again; `nutgraf doctor`" in asked.value.hint
        with pytest.raises(ArchiveCorrupt, match=article_id):
            archive.search(QUESTION, 5)


def test_the_hint_about_an_altered_article_repairs_it(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive:
        (article_id,) = archive.ingest([COST]).added
        change(archive, "UPDATE articles SET text = replace(text, '15', '95')")
        archive.remove(article_id)
        archive.ingest([COST])
        assert "15 million" in archive.search(QUESTION, 1)[0].passage.text


def test_an_altered_article_that_is_not_a_hit_does_not_matter(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive:
        archive.ingest([COST, SHIP])
        change(archive, "UPDATE articles SET text = replace(text, 'Monday', 'Sunday')")
        assert len(archive.search(QUESTION, 1)) == 1
