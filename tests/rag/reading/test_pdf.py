"""PDF: the text layer as paragraphs; the date from the text alone; scans are rejected."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from rag.reading import pdf as pdfs
from tests.rag.reading import samples
from tests.rag.reading.samples import read, read_file

FILES = Path(__file__).parents[4] / "shared" / "data" / "pdf_files"
STORY = (
    "Old bridge over the Tarn opens",
    "By Ada Holm",
    "8 April 2021",
    "The bridge over the river Tarn opened on Monday after nine years of construc-",
    "tion, and the first to cross it was the mayor, who is well-known for long walks.",
    "Nobody fell.",
    "The next bridge is to be opened in ten years by another mayor, who is not yet well-",
    "known, said the minister of bridges.",
)


def test_lines_and_hyphenated_words_are_joined() -> None:
    (article,), rejected = read(samples.pdf(STORY, info={"CreationDate": "D:20240101000000Z"}), "bridge.pdf")

    assert not rejected
    assert article.title == "Old bridge over the Tarn opens"
    assert (article.author, str(article.published)) == ("Ada Holm", "2021-04-08")
    assert article.text == (
        "The bridge over the river Tarn opened on Monday after nine years of construction, and the first to cross it "
        "was the mayor, who is well-known for long walks. Nobody fell.\n\n"
        "The next bridge is to be opened in ten years by another mayor, who is not yet well-known, said the minister "
        "of bridges."
    )


def test_the_creation_date_is_not_the_publication_date() -> None:
    (article,), _ = read(samples.pdf(["Rain fell.", "It stopped."], info={"CreationDate": "D:20240101"}), "a.pdf")

    assert article.published is None


def test_title_and_author_come_from_the_properties() -> None:
    about = {"Title": "Old bridge over the Tarn opens", "Author": "Jon Berg"}
    (article,), _ = read(samples.pdf(STORY, info=about), "bridge.pdf")

    assert (article.title, article.author) == ("Old bridge over the Tarn opens", "Jon Berg")
    assert article.text.startswith("The bridge over the river"), "the title stands not twice"
    assert dict(article.told_by)["title"] == "the document's properties"


@pytest.mark.parametrize(
    "junk",
    [
        *("Microsoft Word - bridge.doc", "bridge_final.docx", "untitled", "Document1", "Microsoft Word", "PDF", ""),
        *("C:\\\\Users\\\\ada\\\\bridge", "/home/ada/bridge", "scan0012", "Layout 1", "press-release", "  "),
    ],
)
def test_junk_titles_are_ignored(junk: str) -> None:
    (article,), _ = read(samples.pdf(STORY, info={"Title": junk, "Author": "Administrator"}), "bridge.pdf")

    assert (article.title, article.author) == ("Old bridge over the Tarn opens", "Ada Holm")


def test_running_headers_and_page_numbers_are_removed() -> None:
    pages = [
        ("Tarn Post 8.4.2021", f"Rain fell on {day} and in the night.", f"{at}")
        for at, day in enumerate(("Monday", "Tuesday", "Thursday", "Friday"))
    ]
    (article,), _ = read(samples.pdf(*pages), "bridge.pdf")

    assert "Tarn Post" not in article.text
    assert article.text.count("Rain fell") == 4
    assert not article.text.endswith("4")


def test_a_paragraph_continues_on_the_next_page() -> None:
    first = ["The bridge over the river Tarn opened on Monday after nine years", "of building, and the first to cross"]
    assert pdfs.join_lines([first, ["it was the mayor."]]) == [f"{' '.join(first)} it was the mayor."]


def test_joining_takes_linear_time() -> None:
    line = "The bridge over the river Tarn opened on Monday after nine years of work"
    begun = time.monotonic()
    assert pdfs.join_lines([[line] * 22_500]) == [" ".join([line] * 22_500)]
    assert time.monotonic() - begun < 10


def test_a_scanned_pdf_is_rejected() -> None:
    assert read(samples.pdf([]), "a.pdf") == (
        [],
        [": scanned: no text layer (run it through text recognition (OCR) first)"],
    )


def encrypted(password: str, algorithm: str) -> bytes:
    writer = PdfWriter(PdfReader(io.BytesIO(samples.pdf(STORY))))
    writer.encrypt(password, "owner", algorithm=algorithm)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_encryption_without_a_password_is_opened(algorithm: str) -> None:
    (article,), _ = read(encrypted("", algorithm), "a.pdf")
    assert article.title == STORY[0]

    assert read(encrypted("secret", algorithm), "a.pdf") == ([], [": it is encrypted (remove its password)"])


@pytest.mark.parametrize("kids", ["2 0 R", "2 0 R 2 0 R 4 0 R", "99 0 R", "4 0 R " * 3, "null", "(x)"])
def test_an_invalid_page_tree_does_not_loop(kids: str) -> None:
    articles, rejected = read(samples.pdf(STORY, kids=kids), "a.pdf")

    assert articles or rejected


@pytest.mark.parametrize("part", [0.0, 0.01, 0.1, 0.4, 0.7, 0.9, 0.99])
def test_a_truncated_pdf_is_read_or_rejected(part: float) -> None:
    content = samples.pdf(STORY)
    articles, rejected = read(content[: int(len(content) * part)], "a.pdf")

    assert articles or len(rejected) == 1


@pytest.mark.skipif(not FILES.exists(), reason="the PDFs are not here")
def test_unusual_pdfs_are_read_or_rejected_with_a_reason() -> None:
    results = {path.stem: read_file(path) for path in sorted(FILES.glob("*.pdf"))}
    refused = {name: lines[0].partition(": ")[2].partition(" (")[0] for name, (_, lines) in results.items() if lines}

    assert len(results) == 28
    assert refused.pop("libreoffice-writer-password") == "it is encrypted"
    assert set(refused.values()) == {"scanned: no text layer"}
    assert set(refused) == {
        *("cmyk-image", "grayscale-image", "imagemagick-ASCII85Decode", "imagemagick-CCITTFaxDecode"),
        "imagemagick-lzw",
    }
