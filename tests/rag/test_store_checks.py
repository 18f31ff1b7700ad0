"""What was changed in the database since it was read is never quoted."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import ArchiveCorrupt, Assistant, Question, Upload
from rag.archive import checks
from tests.rag.making import assistant

COST = Upload("cost.txt", b"The cost of the bridge\n\nThe bridge over the river cost 15 million euros.")
SHIP = Upload("ship.txt", b"The harbour\n\nA ship sank in the harbour on Monday.")
QUESTION = Question("What did the bridge over the river cost?")


def change(archive: Assistant, statement: str) -> None:
    with archive._store.database.writing():
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
def test_an_article_that_is_not_what_was_read_is_not_quoted(tmp_path: Path, statement: str) -> None:
    with assistant(tmp_path) as archive:
        (article_id,) = archive.ingest([COST]).added
        archive.ingest([SHIP])
        assert "15 million" in archive.ask(QUESTION).hits[0].passage.text
        change(archive, statement)
        with pytest.raises(ArchiveCorrupt, match=f"'{article_id}' is not what was read") as asked:
            archive.ask(QUESTION)
        assert f"nutgraf remove {article_id}, and ingest it again; `nutgraf doctor`" in asked.value.hint
        with pytest.raises(ArchiveCorrupt, match=article_id):
            archive.search(QUESTION, 5)


def test_what_the_error_says_to_do_mends_it(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive:
        (article_id,) = archive.ingest([COST]).added
        change(archive, "UPDATE articles SET text = replace(text, '15', '95')")
        archive.remove(article_id)
        archive.ingest([COST])
        assert "15 million" in archive.search(QUESTION, 1)[0].passage.text


def test_an_article_that_is_no_hit_keeps_no_question_from_its_answer(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive:
        archive.ingest([COST, SHIP])
        change(archive, "UPDATE articles SET text = replace(text, 'Monday', 'Sunday')")
        assert len(archive.search(QUESTION, 1)) == 1


def test_an_article_that_has_words_and_no_passage_is_found(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive:
        (article_id,) = archive.ingest([COST]).added
        archive.ingest([SHIP])
        assert checks.without_passages(archive._store) == ()
        change(archive, "DELETE FROM passages WHERE article_id LIKE 'cost%'")
        assert checks.without_passages(archive._store) == (article_id,)
