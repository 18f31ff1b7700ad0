"""The write lock: one writer at a time, waiters learn who holds it, and a dead holder releases it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rag.archive import ArchiveLock
from rag.archive import lock as lock_module
from rag.errors import ArchiveError, ArchiveLocked

HOLD = """
import sys
from pathlib import Path
from rag.archive import ArchiveLock
with ArchiveLock(Path(sys.argv[1])).{call}:
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_module, "_TIMEOUT_SECONDS", 0.2)


@contextmanager
def holder(folder: Path, call: str = "hold('adding articles')") -> Iterator[subprocess.Popen[str]]:
    """Hold the lock in another process until its standard input closes."""
    command = [sys.executable, "-c", HOLD.format(call=call), str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        yield other


def test_a_second_process_learns_who_holds_it(tmp_path: Path) -> None:
    with holder(tmp_path) as other:
        with pytest.raises(ArchiveLocked) as caught, ArchiveLock(tmp_path).hold("removing x"):
            pytest.fail("it is held")
        assert f"process {other.pid} (adding articles)" in caught.value.message
        assert "try again" in caught.value.hint


def test_a_holder_by_try_hold_is_named_too(tmp_path: Path) -> None:
    with ArchiveLock(tmp_path).hold("an earlier task"):
        pass
    with holder(tmp_path, "try_hold('rebuilding the indexes')") as other:
        with pytest.raises(ArchiveLocked) as caught, ArchiveLock(tmp_path).hold("removing x"):
            pytest.fail("it is held")
        assert f"process {other.pid} (rebuilding the indexes)" in caught.value.message


def test_try_hold_does_not_wait(tmp_path: Path) -> None:
    with holder(tmp_path), ArchiveLock(tmp_path).try_hold("x") as held:
        assert not held


def test_it_is_free_when_the_holder_ends(tmp_path: Path) -> None:
    with holder(tmp_path):
        pass
    with ArchiveLock(tmp_path).try_hold("x") as held:
        assert held


def test_a_killed_holder_releases_it(tmp_path: Path) -> None:
    with holder(tmp_path) as other:
        other.send_signal(signal.SIGKILL)
        other.wait()
        with ArchiveLock(tmp_path).hold("going on"):
            pass


def test_hold_waits_until_it_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_module, "_TIMEOUT_SECONDS", 30)
    with holder(tmp_path) as other:
        assert other.stdin
        threading.Timer(0.2, other.stdin.close).start()
        with ArchiveLock(tmp_path).hold("x"):
            pass


def test_it_is_reentrant_in_one_thread(tmp_path: Path) -> None:
    lock = ArchiveLock(tmp_path)
    with lock.hold("adding articles"):
        with lock.try_hold("building") as held, lock.hold("removing"):
            assert held
        assert "adding articles" in (tmp_path / "write.lock.json").read_text(), "the outer task is the one to name"
        with ArchiveLock(tmp_path).try_hold("x") as also:
            assert not also, "the inner release keeps it"


def test_another_thread_must_wait(tmp_path: Path) -> None:
    lock = ArchiveLock(tmp_path)
    seen: list[object] = []

    def other() -> None:
        with lock.try_hold("x") as held:
            seen.append(held)
        try:
            with lock.hold("x"):
                seen.append("held")
        except ArchiveLocked as error:
            seen.append(f"process {os.getpid()} (adding articles)" in str(error))

    with lock.hold("adding articles"):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert seen == [False, True]


def test_an_error_releases_it(tmp_path: Path) -> None:
    lock = ArchiveLock(tmp_path)
    with pytest.raises(ValueError, match="inside"), lock.hold("x"):
        raise ValueError("inside")
    with ArchiveLock(tmp_path).try_hold("x") as held:
        assert held


@pytest.mark.parametrize("said", ["", "[]", "null", "{", '{"process": 1}', '"adding"'])
def test_a_damaged_record_of_the_holder_is_harmless(tmp_path: Path, said: str) -> None:
    with holder(tmp_path):
        (tmp_path / "write.lock.json").write_text(said)
        with pytest.raises(ArchiveLocked, match="another process"), ArchiveLock(tmp_path).hold("x"):
            pytest.fail("it is held")


def test_a_missing_folder_is_a_clear_error(tmp_path: Path) -> None:
    lock = ArchiveLock(tmp_path / "file" / "folder")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ArchiveError, match="cannot be written"), lock.hold("x"):
        pytest.fail("there is no folder")
    with lock.try_hold("x") as held:
        assert not held
