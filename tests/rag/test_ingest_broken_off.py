"""An ingest that is killed, or finds the disk full, keeps what it had done and goes on from there."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rag import ArchiveError
from tests.rag.making import assistant, files
from tests.rag.test_ingesting import TEXTS, assert_whole, by_id

CHILD = """
import sys, time
from pathlib import Path
from rag.search import ingesting
from tests.fakes import HashEncoder
from tests.rag.making import assistant

class SlowEncoder(HashEncoder):
    def encode(self, texts, progress=None):
        time.sleep(0.1)
        return super().encode(texts, progress)

ingesting._BATCH_ARTICLES = 32
with assistant(Path(sys.argv[1]), encoder=SlowEncoder()) as archive:
    print("ready", flush=True)
    archive.ingest([Path(sys.argv[2])])
    time.sleep(60)
"""
MANY = tuple(f"Headline #{n}\n\nThe word of this one is unique{n}. It is short." for n in range(200))


@pytest.mark.parametrize("seed", range(5))
def test_a_killed_ingest_loses_no_article_and_goes_on(tmp_path: Path, seed: int) -> None:
    paths = files(tmp_path / "in", MANY)
    sources = by_id(paths)
    moment = random.Random(seed).uniform(0.05, 0.9)
    command = [sys.executable, "-c", CHILD, str(tmp_path / "home"), str(tmp_path / "in")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout
        assert child.stdout.readline() == b"ready\n"
        time.sleep(moment)
        child.send_signal(signal.SIGKILL)
        child.wait()
    with assistant(tmp_path / "home") as archive:
        committed = archive.status().articles
        assert committed % 32 == 0 or committed == 200, "a batch is whole or not there"
        assert_whole(archive, sources)
        report = archive.ingest(paths)
        assert (len(report.unchanged), len(report.added)) == (committed, 200 - committed)
        assert_whole(archive, sources)
    with assistant(tmp_path / "home") as again:
        assert_whole(again, sources)


def test_a_full_disk_is_one_clear_line_and_loses_nothing(tmp_path: Path) -> None:
    paths = files(tmp_path / "in", TEXTS)
    with assistant(tmp_path / "home") as archive:
        archive.ingest(paths[:5])
        (pages,) = archive._store.database.rows("PRAGMA page_count")[0]
        archive._store.database.rows(f"PRAGMA max_page_count = {pages + 10}")
        with pytest.raises(ArchiveError, match="cannot grow") as caught:
            archive.ingest(paths)
        assert "free some disk space" in caught.value.hint
        assert archive.count() == 5
        assert_whole(archive, by_id(paths))
        archive._store.database.rows("PRAGMA max_page_count = 1000000")
        assert len(archive.ingest(paths).added) == 75
