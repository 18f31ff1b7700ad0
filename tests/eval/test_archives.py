"""What an archive of a test collection depends on."""

from __future__ import annotations

from eval.archives import sources


def test_an_archive_depends_on_how_articles_are_read_cut_and_encoded_and_not_on_how_they_are_searched() -> None:
    names = {f"{file.parent.name}/{file.name}" for file in sources()}

    assert {
        "search/ingest.py",
        "search/chunking.py",
        "search/embed.py",
        "search/lexical.py",
        "reading/tables.py",
    } <= names
    assert {"embeddings/encoder.py", "archive/articles.py"} <= names
    assert not {"search/retrieve.py", "rag/prompt.py", "rag/__init__.py"} & names
