"""Atomic replacement: whole or not at all, for the owner alone, through no link, with nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from embeddings.atomic import atomic_write
from tests.disk import no_umask

_DAY = 86_400
_WRITER = """
import sys, pathlib
from embeddings.atomic import atomic_write
with atomic_write(pathlib.Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    print("writing", flush=True)
    sys.stdin.read()
"""


def write(path: Path, content: bytes = b"new") -> None:
    with atomic_write(path) as file:
        file.write(content)


def mode(path: Path) -> int:
    return path.lstat().st_mode & 0o777


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path / "file", b"old")

    with suppress(ZeroDivisionError), atomic_write(tmp_path / "file") as file:
        file.write(b"half" * 100_000)
        raise ZeroDivisionError

    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"old")]


def test_a_new_file_is_for_its_owner_alone_and_a_shared_one_stays_shared(tmp_path: Path) -> None:
    (tmp_path / "shared").touch(0o640)
    (tmp_path / "shared").chmod(0o640)
    with no_umask():
        write(tmp_path / "new")
        write(tmp_path / "shared")

    assert (mode(tmp_path / "new"), mode(tmp_path / "shared")) == (0o600, 0o640)


def test_a_link_is_replaced_and_neither_followed_nor_asked_for_its_mode(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"of the user")
    (tmp_path / "other").chmod(0o666)
    (tmp_path / "link").symlink_to("other")
    write(tmp_path / "link")

    assert (tmp_path / "other").read_bytes() == b"of the user"
    assert ((tmp_path / "link").read_bytes(), mode(tmp_path / "link")) == (b"new", 0o600)


def test_a_pipe_or_device_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(FileExistsError, match="it is not a file"):
        write(tmp_path / "pipe")
    assert (tmp_path / "pipe").is_fifo()


def test_a_link_prepared_for_the_temporary_file_is_not_written_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda _: "guessed")
    (tmp_path / "other").write_bytes(b"of the user")
    for name in (".nutgraf-guessed.tmp", f"file.{os.getpid()}.tmp"):
        (tmp_path / name).symlink_to("other")

    with pytest.raises(FileExistsError):
        write(tmp_path / "file")
    assert (tmp_path / "other").read_bytes() == b"of the user"
    assert not (tmp_path / "file").exists()


def test_what_a_killed_writer_leaves_is_removed_by_the_next_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    strangers = {tmp_path / "notes.tmp", tmp_path / ".nutgraf-notes"}
    for stranger in strangers:
        stranger.touch()
    command = [sys.executable, "-c", _WRITER, str(tmp_path / "index")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        assert writer.stdout.readline()
        (half,) = tmp_path.glob(".nutgraf-*.tmp")
        for path in (half, *strangers):
            os.utime(path, (path.stat().st_mtime - _DAY,) * 2)
        write(tmp_path / "first")
        assert half.read_bytes() == b"half"
        writer.kill()

    write(tmp_path / "second")
    assert {*tmp_path.iterdir()} == {*strangers, tmp_path / "first", tmp_path / "second"}
