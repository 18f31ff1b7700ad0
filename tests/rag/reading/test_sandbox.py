"""The sandbox: parsers run within limits, for many files, from any thread, and leave no process behind."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from rag import reading
from rag.reading import Upload, sandbox
from rag.types import Article
from tests.rag.reading.samples import BODY, SPINE, epub, pdf, read, read_file, split_results, word, zipped

# A known way to make striprtf search its whole line again from each field.
HANGING = rb"{\rtf1 " + rb"{\field{\*\fldinst{" * 60_000 + b"}"


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    reading.close()
    yield
    reading.close()


def children() -> list[psutil.Process]:
    """The sandboxes that run: a browser of other tests is a child of this process, too."""
    alive = [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in alive if "rag.reading.sandbox" in " ".join(child.cmdline())]


def test_one_process_reads_many_files_until_closed() -> None:
    before = children()
    for number in range(20):
        (article,), _ = read(pdf(["The storm", f"{BODY} {number}"]), f"{number}.pdf")
        assert article.text == f"{BODY} {number}"
    assert len(children()) == len(before) + 1

    reading.close()
    assert children() == before


def test_a_hang_is_rejected_and_the_next_file_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read(word("Storm", BODY), "warm.docx")
    monkeypatch.setattr(sandbox, "MAX_SECONDS", 1)
    begun = time.monotonic()
    assert read(HANGING, "a.rtf") == ([], [": reading it took more than 1 s (split it)"])
    assert time.monotonic() - begun < 30
    monkeypatch.undo()

    assert children() == []
    (article,), _ = read(word("Storm", BODY), "a.docx")
    assert article.text == BODY


def test_excessive_memory_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "a.epub"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with zipfile.ZipFile(io.BytesIO(epub({"one.xhtml": "<p>Rain.</p>"}))) as small:
            for name in small.namelist():
                if not name.endswith(".xhtml"):
                    archive.writestr(name, small.read(name))
        with archive.open("OEBPS/one.xhtml", "w") as page:
            for _ in range(70):
                page.write(b"<p>Rain.</p>" * 900_000)
    assert path.stat().st_size < 10_000_000

    assert read_file(path) == ([], [": reading it took more than 1 GB of memory (split it)"])


def test_a_zip_bomb_is_rejected_before_unpacking(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("word/document.xml", "w") as part,
    ):
        for _ in range(900):
            part.write(b" " * 1_000_000)
    assert read_file(path) == ([], [": it unpacks to 900 MB (at most 800 MB)"])


def test_a_crash_is_rejected_and_the_next_file_read() -> None:
    read(word("Storm", BODY), "warm.docx")
    (child,) = children()
    child.kill()
    articles, rejected = read(word("Storm", BODY), "a.docx")
    assert not articles
    assert rejected == [": its parser crashed: exit status -9 (the file may be damaged)"]

    (article,), _ = read(word("Storm", BODY), "a.docx")
    assert article.text == BODY


def test_files_are_read_from_several_threads() -> None:
    texts: dict[int, str] = {}

    def some(first: int) -> None:
        for number in range(first, first + 5):
            (article,), _ = read(pdf(["The storm", f"{BODY} {number}"]), f"{number}.pdf")
            texts[number] = article.text

    threads = [threading.Thread(target=some, args=(first,)) for first in (0, 5, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert texts == {number: f"{BODY} {number}" for number in range(15)}


def test_an_abandoned_file_leaves_no_process_behind() -> None:
    chapters = {f"{n}.xhtml": f"<h1>Chapter {n}</h1><p>{BODY}</p>" for n in range(200)}
    found = reading.read(Upload("a.epub", epub(chapters)))
    assert isinstance(next(found), Article)
    other, _ = read(word("Storm", BODY), "a.docx")
    found.close()  # type: ignore[attr-defined]

    assert len(other) == 1
    assert len(children()) == 1
    articles, _ = split_results(reading.read(Upload("a.epub", epub(chapters))), "upload:a.epub")
    assert len(articles) == 200


@pytest.mark.skipif(sys.platform == "win32", reason="process groups")
def test_ctrl_c_does_not_reach_the_sandbox() -> None:
    read(word("Storm", BODY), "a.docx")
    (child,) = children()

    assert os.getpgid(child.pid) != os.getpgid(0)


def test_the_sandbox_ends_with_its_parent(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(word("Storm", BODY))
    script = (
        "import sys, psutil, pathlib; from rag import reading; list(reading.read(pathlib.Path(sys.argv[1])));"
        "print(psutil.Process().children()[0].pid, flush=True); sys.stdin.read()"
    )
    root = str(Path(reading.__file__).parents[2])
    with subprocess.Popen(
        [sys.executable, "-c", script, path],
        env={**os.environ, "PYTHONPATH": root},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    gone, _ = psutil.wait_procs([child], timeout=10)

    assert gone


def test_modules_in_the_current_folder_are_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('taken')")
    (tmp_path / "rag").mkdir()
    (tmp_path / "rag" / "__init__.py").write_text("raise SystemExit('taken')")
    monkeypatch.chdir(tmp_path)
    (article,), _ = read(word("Storm", BODY), "a.docx")

    assert article.text == BODY


def test_member_names_in_a_container_are_not_paths() -> None:
    outside = SPINE.replace("OEBPS/book.opf", "../../../../etc/passwd")
    articles, (line,) = read(zipped({"META-INF/container.xml": outside}), "a.epub")

    assert not articles
    assert "There is no item named" in line
