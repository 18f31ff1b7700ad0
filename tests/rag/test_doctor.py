"""The doctor on intact and damaged archives."""

from __future__ import annotations

import shlex
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from rag import Done, diagnose, load_settings
from tests.conftest import SEEDS
from tests.rag.conftest import Run
from tests.rag.making import TEXTS, assistant, files


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, filled: Run) -> Path:
    """A real archive of the two samples."""
    return Path(filled("status", "--json").json["archive"])


def edit(database: Path, statement: str) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute(statement)


def states(run: Run) -> dict[str, tuple[str, str]]:
    code, out, _ = run("doctor")
    rows = {line[16:35].strip(): (line[:16].strip(), line[35:]) for line in out.splitlines()}
    assert code == any(state == "needs attention" for state, _ in rows.values())
    return rows


def bad(run: Run) -> dict[str, str]:
    return {name: state for name, (state, _) in states(run).items() if state != "good"}


def test_an_intact_archive_is_good(home: Path, run: Run) -> None:
    found = states(run)
    assert {state for state, _ in found.values()} == {"good"}
    assert found.keys() >= {
        "database",
        "passages",
        "articles",
        "vector index",
        "full-text index",
        "encoder",
        "judge",
        "reader",
    }


def torn_vectors(archive: Path) -> None:
    path = archive / "vectors.faiss"
    path.write_bytes(path.read_bytes()[:-100])


def no_lexical(archive: Path) -> None:
    shutil.rmtree(archive / "lexical")


def stale_both(archive: Path) -> None:
    edit(archive / "archive.sqlite3", "UPDATE settings SET value = value + 1 WHERE name = 'generation'")


@pytest.mark.parametrize(
    ("damage", "names"),
    [
        (torn_vectors, {"vector index"}),
        (no_lexical, {"full-text index"}),
        (stale_both, {"vector index", "full-text index"}),
    ],
)
def test_derived_files_repair_themselves(home: Path, run: Run, damage: Callable[[Path], None], names: set[str]) -> None:
    damage(home)
    assert bad(run) == dict.fromkeys(names, "self-repairing")
    assert run("ask", "Which cities does the gas pipeline join?").code == 0
    assert bad(run) == {}


def test_an_index_of_another_archive_is_not_trusted(home: Path, run: Run, tmp_path: Path) -> None:
    with assistant(tmp_path / "other") as other:
        other.ingest(files(tmp_path / "in", TEXTS[:2]))
    foreign = tmp_path / "other" / "archive"
    for name in ("vectors.faiss", "vectors.faiss.json"):
        shutil.copy(foreign / name, home / name)
    shutil.rmtree(home / "lexical")
    shutil.copytree(foreign / "lexical", home / "lexical")
    assert bad(run) == dict.fromkeys(("vector index", "full-text index"), "self-repairing")
    assert run("ask", "Which cities does the gas pipeline join?", "--json").json["refused"] is False


def overwritten(archive: Path) -> None:
    path = archive / "archive.sqlite3"
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 3_000] = b"\x99" * 3_000
    path.write_bytes(content)


def no_database(archive: Path) -> None:
    (archive / "archive.sqlite3").write_bytes(b"this is no database, but a text of some length\n" * 200)


def altered(archive: Path) -> None:
    edit(archive / "archive.sqlite3", "UPDATE articles SET text = replace(text, 'Pakistan', 'Atlantis')")


def outside(archive: Path) -> None:
    edit(archive / "archive.sqlite3", 'UPDATE passages SET "end" = 10000000 WHERE id = 1')


def shifted(archive: Path) -> None:
    """Give the last word of a passage to the next one."""
    with closing(sqlite3.connect(archive / "archive.sqlite3", isolation_level=None)) as connection:
        query = 'SELECT text, "end" FROM passages JOIN articles a ON a.id = article_id WHERE passages.id = 1'
        text, end = connection.execute(query).fetchone()
        space = text.rindex(" ", 0, end)
        connection.execute('UPDATE passages SET "end" = ? WHERE id = 1', (space,))
        connection.execute("UPDATE passages SET start = ? WHERE id = 2", (space + 1,))


def nowhere(archive: Path) -> None:
    edit(archive / "archive.sqlite3", "UPDATE passages SET vector = zeroblob(length(vector)) WHERE id = 1")


def no_passages(archive: Path) -> None:
    edit(
        archive / "archive.sqlite3",
        "DELETE FROM passages WHERE article_id = (SELECT article_id FROM passages WHERE id = 1)",
    )


def no_date(archive: Path) -> None:
    edit(archive / "archive.sqlite3", "UPDATE articles SET published = '20x2' WHERE published IS NOT NULL")


def no_number(archive: Path) -> None:
    edit(archive / "archive.sqlite3", "UPDATE settings SET value = 'many' WHERE name = 'dimension'")


def dangling(archive: Path) -> None:
    edit(archive / "archive.sqlite3", "UPDATE passages SET article_id = 'nobody' WHERE id = 1")


@pytest.mark.parametrize(
    ("damage", "name", "detail"),
    [
        (overwritten, "database", "restore it from a backup"),
        (no_database, "database", "not an archive"),
        (altered, "articles", "not what was read"),
        (outside, "passages", "nutgraf convert --again"),
        (shifted, "passages", "do not match the text of 1 articles ("),
        (nowhere, "passages", "nutgraf convert --again"),
        (no_passages, "passages", "do not match the text of 1 articles ("),
        (no_date, "database", "is damaged in the database"),
        (no_number, "database", "its dimension is 'many'"),
        (dangling, "database", "1 rows of passages refer to no row of articles"),
    ],
)
def test_damage_that_needs_attention_is_named(
    home: Path, run: Run, damage: Callable[[Path], None], name: str, detail: str
) -> None:
    damage(home)
    found = states(run)
    assert found[name][0] == "needs attention"
    assert detail in found[name][1]


@pytest.mark.parametrize("damage", [outside, shifted, no_passages])
def test_the_suggested_command_repairs_passages(home: Path, run: Run, damage: Callable[[Path], None]) -> None:
    damage(home)
    assert run("convert", "--again").code == 0
    assert bad(run) == {}


def test_a_changed_setting_is_named_with_both_values(home: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUTGRAF_PASSAGE_WORDS", "90")
    state, detail = states(run)["made by chunking"]
    assert state == "needs attention"
    assert "/60" in detail
    assert "/90" in detail
    assert run("convert").code == 0
    assert bad(run) == {}


def test_an_archive_of_an_older_chunking_is_not_called_damaged(home: Path, run: Run) -> None:
    shifted(home)
    edit(home / "archive.sqlite3", "UPDATE settings SET value = 'sentences-4/60' WHERE name = 'chunking'")
    assert set(bad(run)) == {"made by chunking", "vector index"}
    assert run("ask", "Which cities does the gas pipeline join?").code == 0
    assert set(bad(run)) == {"made by chunking"}
    outside(home)
    assert set(bad(run)) == {"made by chunking", "passages"}


def test_a_check_reports_its_progress(home: Path) -> None:
    reported: list[Done] = []
    list(diagnose(load_settings(), reported.append))
    assert reported == [Done(0.5, 1), Done(1.0, 2)]


def test_an_open_archive_is_named_with_the_command_that_closes_it(home: Path, run: Run) -> None:
    (home / "archive.sqlite3").chmod(0o644)
    assert states(run)["access"] == ("good", "for you alone"), "its folder is closed"
    home.chmod(0o755)
    state, detail = states(run)["access"]
    assert (state, detail.endswith(f": chmod go= {home}")) == ("needs attention", True)
    home.chmod(0o750)
    assert states(run)["access"] == ("good", f"files are open to their group: chmod go= {home}")
    subprocess.run(shlex.split(detail.partition(": ")[2]), check=True)
    assert states(run)["access"] == ("good", "for you alone")


def test_a_file_system_without_permissions_needs_no_attention(
    home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.chmod(0o777)
    (home / "archive.sqlite3").chmod(0o777)
    monkeypatch.setattr("os.fstat", lambda _: (home / "archive.sqlite3").stat())
    assert states(run)["access"][0] == "good"


@pytest.mark.parametrize("left", ["vectors.faiss", "vectors.faiss.json", "lexical"])
@pytest.mark.parametrize("state", ["empty", "missing"])
def test_a_lost_database_is_not_a_new_archive(home: Path, run: Run, state: str, left: str) -> None:
    for suffix in ("", "-wal", "-shm"):
        (home / f"archive.sqlite3{suffix}").unlink(missing_ok=True)
    if state == "empty":
        (home / "archive.sqlite3").write_bytes(b"")
    for name in {"vectors.faiss", "vectors.faiss.json"} - {left}:
        (home / name).unlink()
    if left != "lexical":
        shutil.rmtree(home / "lexical")
    for command in (("ingest", SEEDS), ("ask", "Who came?"), ("doctor",), ("status",), ("articles",), ("chats",)):
        done = run(*command)
        assert done.code == 1
        assert f"is {state}, but there was an archive" in done.err + done.out
    assert state == "missing" or not (home / "archive.sqlite3").stat().st_size
